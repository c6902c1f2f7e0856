"""How much memory of Python's own is taken."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept(most: int) -> Iterator[None]:
    """What is done within keeps less than so many bytes."""
    tracemalloc.start()
    try:
        yield
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < most


@contextmanager
def peak(most: int) -> Iterator[None]:
    """What is done within never has as many bytes."""
    tracemalloc.start()
    try:
        yield
        _, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert highest < most
