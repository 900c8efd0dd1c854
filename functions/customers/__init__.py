"""Customers: one file an endpoint."""
