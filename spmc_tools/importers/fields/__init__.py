"""Single fields of a record, read exactly or not at all: ids, times, amounts."""
