"""Orders: their rules and writes, and the worker that counts them among figures of customers."""
