"""The picture of the architecture, drawn from the route table, the tables, the queues and the workers."""
