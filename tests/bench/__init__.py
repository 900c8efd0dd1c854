"""What `uv run bench` measures: nothing here is a test, and no test asserts a time."""
