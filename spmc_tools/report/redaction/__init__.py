"""The redacted edition, and the checks that nothing leaks from it."""
