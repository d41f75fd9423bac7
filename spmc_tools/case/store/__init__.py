"""The store of a case: imports as batches, tables read out of them, search, retention."""
