"""Tables of many small cases, some dozens of them in a test.

A test of its own costs pytest a millisecond (tests/batches.py), which is more than most recorded texts take.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

SIZE = 32
_SHOWN = 100  # characters of a case that has no name

_Check = Callable[..., None]


def in_parts(
    names: str, cases: Iterable[Any], *, ids: Callable[[Any], str] = str, size: int = SIZE
) -> Callable[[_Check], _Check]:
    """As ``pytest.mark.parametrize``, for a check that takes nothing but its case.

    All cases of a part are tried. The part raises the error of the case that failed, or a group of those of several;
    each has its case as a note.
    """
    table, several = list(cases), "," in names
    parts = [table[start : start + size] for start in range(0, len(table), size)]

    def decorate(check: _Check) -> _Check:
        def check_part(part: list[Any]) -> None:
            __tracebackhide__ = True
            errors = []
            for case in part:
                try:
                    check(*case) if several else check(case)
                except Exception as error:  # noqa: BLE001 - of a check, which may raise anything
                    error.add_note(f"case: {ids(case)[:_SHOWN]}")
                    errors.append(error)
            if len(errors) == 1:
                raise errors[0]
            if errors:
                raise ExceptionGroup(f"{len(errors)} of {len(part)} cases failed", errors)

        for name in ("__name__", "__qualname__", "__doc__", "__module__"):
            setattr(check_part, name, getattr(check, name))
        labels = [f"{ids(part[0])[:_SHOWN]} and {len(part) - 1} more" for part in parts]
        return pytest.mark.parametrize("part", parts, ids=labels)(check_part)

    return decorate
