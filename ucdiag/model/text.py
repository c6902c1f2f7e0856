"""Words for several things in one sentence. Pure text."""

from collections.abc import Iterable

from ucdiag.model.patterns import pattern

_NUMBERS = pattern(r"(\d+)")


#: Standard input, as the name of a file.
STANDARD_INPUT = "-"


def file_title(name: str) -> str:
    """What a file is called in a sentence: its name, or ``standard input``."""
    return "standard input" if name == STANDARD_INPUT else name


def listed(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; each item once."""
    unique = list(dict.fromkeys(items))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def counted(count: int, noun: str) -> str:
    """``1 packet``, ``1,234 packets``, of a noun whose plural ends in s; none is ``0 packets``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_natural_order(name: str) -> list[tuple[int, str]]:
    """A key to sort names by, which takes numbers in them as numbers: ``u_ex2`` before ``u_ex10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in _NUMBERS.split(name)]
