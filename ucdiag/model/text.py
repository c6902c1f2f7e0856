"""Texts as several packages write and read them: lists in a sentence, names and beginnings of files. Pure text."""

from collections.abc import Iterable, Sequence
from errno import EINVAL

from ucdiag.model.patterns import pattern

_WILDCARDS = frozenset("*?")
_NUMBERS = pattern(r"(\d+)")
_POWERSHELL_QUOTES = pattern("['\u2018\u2019\u201a\u201b]")  # any of them ends what another began

#: Standard input, as the name of a file.
STANDARD_INPUT = "-"
#: How a pcap file begins, in either byte order and with microseconds or nanoseconds, and a pcapng file.
CAPTURE_MARKS = (
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
)
_REPORT_MARK = b'"ucdiag.report/'


def decode_bytes(data: bytes) -> str:
    """Text of unknown encoding: UTF-8 where it is, which proves itself, else Latin-1, which any bytes are."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_report(first: bytes) -> bool:
    """Whether a file that begins so is a report of this program."""
    return first.lstrip()[:1] == b"{" and _REPORT_MARK in first[:100]


def file_title(name: str) -> str:
    """What a file is called in a sentence: its name, or ``standard input``."""
    return "standard input" if name == STANDARD_INPUT else name


def unmatched_text(error: BaseException) -> str | None:
    """The reason for a file that cannot be opened since its name is a pattern that no file fits; None for any other.

    To Windows, ``*`` and ``?`` make an invalid name (EINVAL), and its shells leave patterns to the program.
    """
    if isinstance(error, OSError) and error.errno == EINVAL and not _WILDCARDS.isdisjoint(str(error.filename)):
        return "no file fits this pattern"
    return None


def listed(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; each item once."""
    unique = list(dict.fromkeys(items))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def first_listed(items: Sequence[str], most: int) -> str:
    """``a, b and c and 3 more``: the first ``most`` of them, and how many are left."""
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return f"{listed(items[:most])}{more}"


def counted(count: int, noun: str) -> str:
    """``1 packet``, ``1,234 packets``, of a noun whose plural ends in s; none is ``0 packets``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_natural_order(name: str) -> list[tuple[int, str]]:
    """A key to sort names by, which takes numbers in them as numbers: ``u_ex2`` before ``u_ex10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in _NUMBERS.split(name)]


def powershell_literal(word: str) -> str:
    """A word in the quotes between which PowerShell takes everything as it is."""
    return "'" + _POWERSHELL_QUOTES.sub(r"\g<0>\g<0>", word) + "'"
