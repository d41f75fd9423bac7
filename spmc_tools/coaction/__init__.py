"""Who touched the same object at nearly the same time."""
