"""Regular expressions that are compiled when they are first used: a run uses few of the program's hundred and more, and
to compile them all takes longer than to read a small capture."""

import re
from typing import Any, AnyStr, cast


class _Uncompiled:
    """Takes the methods of the compiled pattern, each when it is first called."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As ``re.compile``, but what is wrong with ``text`` is raised by the first use."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))
