"""Bulk uploads: one file an endpoint."""
