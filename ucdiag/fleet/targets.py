"""Reads whom to ask from a file: a table (comma, semicolon or tab, with a head or without), or words in a line.

A line stands for one target. A line that cannot be one is reported with its number and never guessed at.
"""

import csv
import json
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path

from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone import parse_firmware, parse_mac, parse_serial
from ucdiag.model.urls import url_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.update_service.names import parse_phones_domain

LARGEST = 64 << 20  # bytes of a file of targets
_LONGEST = 10_000  # characters of a line
_MOST_NAMESERVERS = 8
# What may stand between nameservers in one cell, as blanks.
_BETWEEN = "+|,;"
_BLANKS = str.maketrans(_BETWEEN, " " * len(_BETWEEN))

# The columns of a table without a head, for each command.
PROBE = ("mac", "serial", "vendor", "model", "revision", "locale", "firmware", "domain", "url", "site")
CHECK_DNS = ("domain", "nameservers", "site")
# What people and other programs call them.
_NAMES = {
    "macaddress": "mac",
    "hardwareaddress": "mac",
    "serialnumber": "serial",
    "sn": "serial",
    "manufacturer": "vendor",
    "type": "model",
    "rev": "revision",
    "language": "locale",
    "version": "firmware",
    "firmwareversion": "firmware",
    "dhcpdomain": "domain",
    "dnsdomain": "domain",
    "server": "url",
    "branch": "site",
    "location": "site",
    "resolver": "nameservers",
    "resolvers": "nameservers",
    "nameserver": "nameservers",
    "dns": "nameservers",
    "dnsserver": "nameservers",
    "dnsservers": "nameservers",
}


@record(frozen=True, slots=True, kw_only=True)
class Target:
    """One line: whom to play, and where. What the line leaves open is None, and the options of the run say it.

    ``nameservers`` are (address, port) pairs.
    """

    line: int
    mac: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    revision: str | None = None
    locale: str | None = None
    firmware: str | None = None
    domain: str | None = None
    url: str | None = None
    site: str | None = None
    nameservers: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> str:
        """What makes it this target, wherever it stands in the file: all that it says, as JSON."""
        said = {name: getattr(self, name) for name in (*PROBE, "nameservers")}
        return json.dumps({name: value for name, value in said.items() if value}, sort_keys=True)


_SAID = attrgetter(*PROBE, "nameservers")


@record(frozen=True, slots=True)
class BadLine:
    """A line that is no target of its own, and why, as a clause."""

    line: int
    why: str


@record(slots=True)
class Targets:
    """All of a file, in its order. ``repeated`` are the lines that say the same as an earlier one, which is asked
    once; ``unused`` are names of columns that mean nothing here."""

    targets: list[Target]
    bad: list[BadLine]
    unused: list[str]
    repeated: list[BadLine]


def read_targets(name: str, columns: tuple[str, ...]) -> Targets:
    """The targets of a file; ``columns`` are those of a table without a head.

    Raises OSError, and ValueError for a file that is no text.
    """
    with Path(name).open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    return parse_targets(decode_text(data), columns)


def decode_text(data: bytes) -> str:
    """The text of a file as Windows, spreadsheets and others write it. Raises ValueError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise ValueError("it is no text")
    return text


def parse_targets(text: str, columns: tuple[str, ...]) -> Targets:
    """The targets of a text."""
    found = Targets([], [], [], [])
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    split = _line_splitter([line for line in lines if line and not line.startswith("#")])
    head: list[str | None] | None = None
    seen: dict[tuple[object, ...], int] = {}
    first = True
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        try:
            cells = split(line)
            if first:
                first = False
                head = _read_head(cells, found.unused)
                if head is not None:
                    continue
            target = _read_target(number, cells, head, columns)
        except ValueError as error:
            found.bad.append(BadLine(number, str(error)))
            continue
        if target is None:
            continue
        known = seen.setdefault(_SAID(target), number)
        if known != number:
            found.repeated.append(BadLine(number, f"it says the same as line {known}"))
        else:
            found.targets.append(target)
    return found


def _line_splitter(lines: list[str]) -> Callable[[str], list[str]]:
    """How the lines are divided: by the mark that most of the first ones have, else by blanks."""
    some = lines[:50]
    counts = {mark: sum(mark in line for line in some) for mark in ("\t", ";", ",")}
    mark = max(counts, key=lambda mark: counts[mark])
    if not counts[mark]:
        return str.split

    def split_line(line: str) -> list[str]:
        if len(line) > _LONGEST:
            raise ValueError(f"it is longer than {_LONGEST:,} characters")
        if '"' not in line:
            return [cell.strip() for cell in line.split(mark)]
        try:
            # A line by itself: a quotation mark that is never closed must not swallow the lines behind it.
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, strict=True))]
        except csv.Error as error:
            raise ValueError(f"it is no line of a table ({error})") from None

    return split_line


def _read_head(cells: list[str], unused: list[str]) -> list[str | None] | None:
    """The columns that a first line names; None where it is a target itself."""
    known: list[str | None] = []
    for cell in cells:
        word = "".join(letter for letter in cell.lower() if letter.isalnum())
        name = _NAMES.get(word, word)
        known.append(name if name in (*PROBE, "nameservers") else None)
    if not any(known) or any("." in cell or ":" in cell or len(cell) > 64 for cell in cells):
        return None
    unused += [cell for cell, name in zip(cells, known, strict=True) if name is None and cell]
    return known


def _read_target(
    number: int, cells: list[str], head: list[str | None] | None, columns: tuple[str, ...]
) -> Target | None:
    """The target of a line; None where every cell is empty. Raises ValueError."""
    if not any(cells):
        return None
    values: dict[str, object] = {}
    for name, cell in _named_cells(cells, head, columns):
        if not cell:
            continue
        if name == "nameservers":
            values[name] = (*values.get(name, ()), *_parse_nameservers(cell))  # type: ignore[misc]
        elif name in values:
            raise ValueError(f"it has two values for {name}")
        else:
            values[name] = _PARSE[name](cell)
    if not values:
        return None
    if not values.keys() & ({"mac", "domain", "url"} if columns == PROBE else {"domain"}):
        wanted = "MAC address, domain or URL" if columns == PROBE else "domain"
        raise ValueError(f"it names no {wanted}")
    return Target(line=number, **values)  # type: ignore[arg-type]


def _named_cells(
    cells: list[str], head: list[str | None] | None, columns: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Each cell with the name of its column."""
    if head is not None:
        if any(cells[len(head) :]):
            raise ValueError(f"it has {len(cells)} columns, and the head has {len(head)}")
        yield from ((name, cell) for name, cell in zip(head, cells, strict=False) if name is not None)
    elif columns == CHECK_DNS:
        # A domain, then any number of resolvers, then perhaps the site.
        for place, cell in enumerate(cells):
            yield ("domain" if place == 0 else "nameservers" if _is_nameserver(cell) else "site"), cell
    elif len(cells) == 1:
        yield ("url" if "://" in cells[0] else "mac" if _is_mac(cells[0]) else "domain"), cells[0]
    else:
        if any(cells[len(columns) :]):
            raise ValueError(f"it has {len(cells)} columns, and {len(columns)} are known: {', '.join(columns)}")
        yield from zip(columns, cells, strict=False)


def _is_mac(text: str) -> bool:
    letters = [letter for letter in text if letter.isalnum()]
    return ":" in text or (len(letters) == 12 and all(letter in "0123456789abcdefABCDEF" for letter in letters))


def _is_nameserver(text: str) -> bool:
    known = "0123456789abcdefABCDEF.:[] " + _BETWEEN
    return bool(text) and all(letter in known for letter in text) and ("." in text or ":" in text)


def _parse_nameservers(text: str) -> tuple[tuple[str, int], ...]:
    from ucdiag.probe.dns import parse_nameserver

    found = tuple(dict.fromkeys(map(parse_nameserver, text.translate(_BLANKS).split())))
    if len(found) > _MOST_NAMESERVERS:
        raise ValueError(f"it names more than {_MOST_NAMESERVERS} nameservers")
    return found


def _parse_url(text: str) -> str:
    flaw = url_flaw(text)
    if flaw:
        raise ValueError(f"{quoted(text[:200])} cannot be used: {flaw}")
    return text


def _parse_word(text: str) -> str:
    if len(text) > 64 or not text.isprintable():
        raise ValueError(f"{quoted(text[:100])} is not usable: give 1 to 64 printable characters")
    return text


_PARSE: dict[str, Callable[[str], object]] = {
    "mac": parse_mac,
    "serial": parse_serial,
    "vendor": _parse_word,
    "model": _parse_word,
    "revision": _parse_word,
    "locale": _parse_word,
    "firmware": parse_firmware,
    "domain": parse_phones_domain,
    "url": _parse_url,
    "site": _parse_word,
}
