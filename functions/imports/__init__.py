"""Imports of files of any size: rules, requests, reads and writes; one file an endpoint, and the worker."""
