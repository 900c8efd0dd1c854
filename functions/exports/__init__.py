"""Exports: rules, requests, reads and writes; one file an endpoint, and the worker that writes the files."""
