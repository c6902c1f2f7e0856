import threading
import warnings
from pathlib import Path

import pytest

from ucdiag.runtime import silenced_warnings
from ucdiag.runtime.silenced_warnings import silenced


def warn() -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_a_warning_is_silent_within() -> None:
    with silenced(DeprecationWarning):
        warn()


def test_it_is_heard_again_afterwards() -> None:
    with silenced(DeprecationWarning):
        pass
    with pytest.warns(DeprecationWarning, match="old"):
        warn()


def test_another_kind_is_heard_within() -> None:
    with pytest.warns(UserWarning, match="new"), silenced(DeprecationWarning):
        warnings.warn("new", UserWarning, stacklevel=1)


def test_threads_take_turns() -> None:
    inside, leave, second = threading.Event(), threading.Event(), threading.Event()
    before = list(warnings.filters)

    def first() -> None:
        with silenced():
            inside.set()
            leave.wait(60)

    def after() -> None:
        with silenced():
            second.set()

    threads = [threading.Thread(target=work) for work in (first, after)]
    threads[0].start()
    assert inside.wait(60)
    threads[1].start()
    # The first one is still within, so the second is not.
    assert not second.wait(0.2)
    leave.set()
    for thread in threads:
        thread.join(60)
    assert second.is_set()
    assert warnings.filters == before


def test_nothing_else_silences_warnings() -> None:
    package = Path(silenced_warnings.__file__).parents[1]
    found = {path.name for path in package.rglob("*.py") if "catch_warnings" in path.read_text(encoding="utf-8")}
    assert found == {"silenced_warnings.py"}
