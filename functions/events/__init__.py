"""Events: what the stream says happened to a customer, and the worker that puts it on the bus."""
