"""`uv run local`: the same stack on this machine."""
