"""From a received file to a batch of a case: the catalogue of formats, and the import itself."""
