"""Customers in and out of the API as one of its callers: what `uv run customers` does over HTTP."""
