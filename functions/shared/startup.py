"""The end of a function's start."""

import gc
from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def lambda_handler(handler: Handler) -> Handler:
    """`handler`, with garbage collection, which `functions` turns off, on again from here on."""
    gc.freeze()
    gc.enable()
    return handler
