"""The cage: what was received is parsed in a child process with limits, never in the process that keeps the case."""
