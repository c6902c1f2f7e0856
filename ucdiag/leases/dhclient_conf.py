"""What dhclient.conf makes of a lease: dhclient writes into its lease file what is left after these statements.

``supersede``, ``append``, ``prepend`` and ``default`` change what the server sent before it is written (manual page
dhclient.conf(5); seen with 4.4.3-P1). So a value that such a statement shaped is no witness of what the server sent.
A statement counts only where the lease's value can have come from it: the file may have been changed since.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ucdiag.leases.dhclient import TOKEN, unquoted_string
from ucdiag.leases.system_files import SystemFiles, whole_number
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lease
from ucdiag.model.text import decode_bytes

_PLACES = ("/etc/dhcp", "/etc", "/etc/dhcp3", "/usr/local/etc")
_BY_NETWORKMANAGER = ("/var/lib/NetworkManager", "/run/NetworkManager")
_PIDS = ("/run", "/var/run", "/run/NetworkManager")
_VERBS = (b"supersede", b"append", b"prepend", b"default")
_FIELDS = {b"domain-name": "domain", b"domain-name-servers": "resolvers"}
_DEEPEST = 3  # files that include each other
_MOST_RULES = 256
_MOST_NAMED, _LONGEST = 4, 300  # statements in a reason, characters of each


@record(frozen=True, slots=True)
class _Rule:
    """One statement: what it does to which field, for which interface (``None``: all), and where it stands."""

    verb: str
    field: str
    values: tuple[str, ...]
    interface: str | None
    place: str

    @property
    def text(self) -> str:
        option = next(decode_bytes(name) for name, field in _FIELDS.items() if field == self.field)
        return f"{self.verb} {option} {', '.join(self.values)} in {self.place}"


def with_rewritten(files: SystemFiles, leases: Iterable[Lease]) -> list[Lease]:
    """The leases, each with the names of the fields that a statement of its client's configuration shaped."""
    marked: list[Lease] = []
    rules: dict[tuple[str, ...], list[_Rule]] = {}
    for lease in leases:
        if "dhclient" not in lease.source:
            marked.append(lease)
            continue
        paths = tuple(_configuration_paths(files, lease))
        if paths not in rules:
            rules[paths] = [rule for path in paths for rule in _read_rules(files, path)]
        mine = [
            rule for rule in rules[paths] if rule.interface in (None, lease.interface) and _may_have_shaped(rule, lease)
        ]
        fields = tuple(dict.fromkeys(rule.field for rule in mine))
        reason = "; ".join(dict.fromkeys(rule.text[:_LONGEST] for rule in mine[:_MOST_NAMED]))
        marked.append(replace(lease, rewritten=fields, rewritten_by=reason) if mine else lease)
    return marked


def _configuration_paths(files: SystemFiles, lease: Lease) -> Iterator[str]:
    """The configuration files of the client that holds this lease."""
    name = lease.interface or ""
    if lease.source.startswith("NetworkManager"):
        yield from (f"{folder}/dhclient-{name}.conf" for folder in _BY_NETWORKMANAGER)
        return
    started = _of_running(files, name)
    if started:
        yield from started
        return
    for folder in _PLACES:
        for file in ("dhclient.conf", f"dhclient-{name}.conf"):
            if re.fullmatch(r"[A-Za-z0-9_.:@-]+", file):
                yield f"{folder}/{file}"


def _of_running(files: SystemFiles, interface: str) -> list[str]:
    """The files that running clients of this interface were started with (``-cf``)."""
    named: list[str] = []
    for folder in _PIDS:
        for file in files.list_folder(folder):
            if not (file.startswith("dhclient") and file.endswith(".pid")):
                continue
            pid = whole_number(files.read_text(f"{folder}/{file}").strip())
            words = files.read_text(f"/proc/{pid}/cmdline").split("\0") if pid is not None else []
            serves = interface in words[1:]
            if words and words[0].rpartition("/")[2] == "dhclient" and serves and "-cf" in words[:-1]:
                named.append(words[words.index("-cf") + 1])
    return list(dict.fromkeys(path for path in named if path.startswith("/")))


def _read_rules(files: SystemFiles, path: str, depth: int = 0) -> list[_Rule]:
    data = files.read(path) if depth < _DEEPEST else None
    rules: list[_Rule] = []
    for interface, words in _parse_statements(data or b""):
        match words:
            case [b"include", included, *_]:
                rules += _read_rules(files, decode_bytes(included), depth + 1)
            case [verb, option, *given] if verb in _VERBS and option in _FIELDS:
                values = tuple(decode_bytes(word) for word in given)
                rules.append(_Rule(decode_bytes(verb), _FIELDS[option], values, interface, path))
        if len(rules) > _MOST_RULES:
            break
    return rules


def _parse_statements(data: bytes) -> Iterator[tuple[str | None, list[bytes]]]:
    """(The interface whose block it stands in, ``None`` for all; the words) of each statement that counts."""
    blocks: list[str | None] = []
    words: list[bytes] = []
    for token in TOKEN.finditer(data):
        text, mark, word = token.groups()
        if mark == b"{":
            # ``None``: a block of another kind (alias, lease, key), whose statements are no settings.
            named = decode_bytes(words[1]) if len(words) == 2 and words[0] == b"interface" else None
            blocks.append(named)
            words = []
        elif mark == b"}":
            if blocks:
                blocks.pop()
            words = []
        elif mark == b";":
            if words and len(blocks) < 2 and None not in blocks:
                yield (blocks[0] if blocks else None), words
            words = []
        elif word is not None:
            words.append(word)
        elif text is not None:
            words.append(unquoted_string(text))


def _may_have_shaped(rule: _Rule, lease: Lease) -> bool:
    """Whether the lease's value can be the work of this statement; one that computes its value always can."""
    if rule.field == "domain":
        whole, given = lease.domain or "", "".join(rule.values)
        if len(rule.values) != 1:
            return True
        tests = {"append": whole.endswith(given), "prepend": whole.startswith(given)}
        return bool(given) and tests.get(rule.verb, whole == given)
    ours, theirs = rule.values, lease.resolvers
    tests = {"append": theirs[-len(ours) :] == ours, "prepend": theirs[: len(ours)] == ours}
    return bool(ours) and tests.get(rule.verb, theirs == ours)
