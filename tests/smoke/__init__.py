"""Tests of `uv run smoke` stand in `tests/deployed`: it needs a stage."""
