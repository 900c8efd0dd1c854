"""Customer notes: their rules, requests, reads and writes; one file an endpoint."""
