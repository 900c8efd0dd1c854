"""What several functions share: one concept a module."""
