"""The canary is tested in `tests/deployed`: it flies where an API is."""
