"""The Python package: the engine inside the process of its user."""
