"""A file in blocks, so that its size takes no memory."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

BLOCK_BYTES = 1024 * 1024

Advance = Callable[[int], None]
"""Told how many bytes more are done; fewer, where some have to be done again."""


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of `file`, a block at a time."""
    while block := file.read(BLOCK_BYTES):
        yield block
