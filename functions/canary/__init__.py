"""The canary: a synthetic tenant that uses the API as a retailer would, every few minutes."""

TENANT = "canary"
"""The synthetic tenant's key; followers of events may leave its customers out."""
