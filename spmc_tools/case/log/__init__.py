"""The custody log, the settings of a case, and the key of its pseudonyms."""
