"""Tenant authentication: the token endpoint and the authorizer."""
