"""Files as they come: unpacked within limits, opened as tables, documents, pages or lines."""
