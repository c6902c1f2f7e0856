"""A plugin of pytest for ``--collect-only``: imports each file of tests, which compiles it, and makes no test of it.

``pytest --collect-only -p tests.compile_only``: ``tests/run`` does it before the workers, for each would compile all.
"""

from typing import Any

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: Any) -> list[pytest.Item]:
    """Nothing, whatever it is."""
    return []
