"""Tests of `uv run restore`; its drill on the emulator is in `tests/deployed`."""
