"""The reference: the OpenAPI document, made from the route table and the request types, and its page."""
