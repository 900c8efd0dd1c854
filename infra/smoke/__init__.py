"""`uv run smoke`: what only a deployed stage can tell, tried on one."""
