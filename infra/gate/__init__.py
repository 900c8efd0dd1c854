"""`uv run gate`: what in a change of the stacks would lose data, fail half way or let a function do more."""
