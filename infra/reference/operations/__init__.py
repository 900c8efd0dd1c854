"""What the reference says of each endpoint beside its routes, docstring and request type."""
