"""Python's warnings, silenced for a few lines, also where other threads do the same.

``warnings.catch_warnings`` keeps one list for the whole process. Two threads that enter and leave it out of order
bring back each other's list, so a warning appears that was silenced, and the list stays changed (Python's library
reference, "warnings", says that it is not thread-safe; before Python 3.14). One lock makes them take turns.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = threading.RLock()


@contextmanager
def silenced(category: type[Warning] = Warning) -> Iterator[None]:
    """No warning of that category within, in any thread. For a few lines that do not wait for anybody."""
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        yield
