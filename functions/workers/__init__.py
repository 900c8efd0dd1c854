"""Functions that queues, streams and buses call; no URL reaches them."""
