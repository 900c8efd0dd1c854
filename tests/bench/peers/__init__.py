"""Create and get by id as they are built elsewhere: small, fair, and with fewer checks.

Each module has a `handler` for API Gateway's proxy events. They run beside their libraries alone, so they
import each other by bare names.
"""
