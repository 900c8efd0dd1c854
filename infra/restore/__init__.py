"""`uv run restore`: a stage's data as it was at one second, without those who were deleted since."""
