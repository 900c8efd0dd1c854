"""Bulk uploads: rules, requests, reads and writes; one file an endpoint, and the worker that imports."""
