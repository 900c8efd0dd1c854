"""The reference: the OpenAPI document and the page, as the stage serves them."""
