"""Customer notes: one file an endpoint."""
