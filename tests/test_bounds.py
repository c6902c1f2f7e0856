"""Whatever grows with what comes from outside has a bound: caches, and the tables of who reads packets and facts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ucdiag

ROOT = Path(ucdiag.__file__).parent
GROWING = ("wire", "capture", "runtime", "server_logs", "fleet", "probe", "masking")
_CONTAINERS = {"dict", "set", "list", "deque", "OrderedDict", "defaultdict", "Counter", "bytearray"}
_SHRINKS = {"pop", "popitem", "popleft", "clear", "discard", "remove"}
_GROWS = {"append", "add", "extend", "insert", "setdefault", "update", "appendleft"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def is_unbounded_cache(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return name_of(decorator) == "cache"
    sizes = [word.value for word in decorator.keywords if word.arg == "maxsize"] or decorator.args[:1]
    none = bool(sizes) and isinstance(sizes[0], ast.Constant) and sizes[0].value is None
    return name_of(decorator.func) == "lru_cache" and none


def takes_from_outside(function: ast.FunctionDef) -> bool:
    """Whether it takes anything but classes, of which a program has so many."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(word.annotation is None or not ast.unparse(word.annotation).startswith("type") for word in given)


# What is asked of these is a word of our own, or a field.
CACHES = {
    "lab/certificates.py: _new_key",
    "model/codec.py: _value_builder",
    "server_logs/audit_zones.py: seconds_of",  # of one call, which asks for a sample
}


def unbounded_caches(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and is_unbounded_cache(node.func):
            yield name_of(node.args[0])
        if not isinstance(node, ast.FunctionDef) or not takes_from_outside(node):
            continue
        if any(map(is_unbounded_cache, node.decorator_list)):
            yield node.name


@pytest.mark.slow
def test_every_cache_has_a_bound() -> None:
    found = {f"{place}: {name}" for place, tree in modules() for name in unbounded_caches(tree)}
    assert found == CACHES


@pytest.mark.parametrize(
    "text",
    [
        "@cache\ndef f(x: int): ...",
        "@functools.cache\ndef f(x): ...",
        "@lru_cache(maxsize=None)\ndef f(x: str): ...",
        "@lru_cache(None)\ndef f(x: str): ...",
        "def f(x: str): ...\ng = lru_cache(maxsize=None)(f)",
        "def f(x: str): ...\ng = cache(f)",
    ],
)
def test_a_cache_without_one_is_found(text: str) -> None:
    assert list(unbounded_caches(ast.parse(text))) == ["f"]


def made_container(value: ast.expr | None) -> bool:
    """Whether it makes an empty container that has no bound of its own."""
    if isinstance(value, ast.Dict | ast.List | ast.Set):
        return not (value.keys if isinstance(value, ast.Dict) else value.elts)
    if not isinstance(value, ast.Call):
        return False
    if name_of(value.func) == "field":
        factories = [word.value for word in value.keywords if word.arg == "default_factory"]
        return bool(factories) and name_of(factories[0]) in _CONTAINERS
    bounded = any(word.arg == "maxlen" for word in value.keywords)
    return name_of(value.func) in _CONTAINERS and not value.args and not bounded


def attributes(node: ast.ClassDef) -> Iterator[str]:
    """The names of the containers that a class makes for itself."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign | ast.AnnAssign) and made_container(inner.value):
            targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and name_of(target.value) == "self":
                    yield target.attr
                elif isinstance(target, ast.Name) and inner in node.body:
                    yield target.id


def uses(tree: ast.AST, attribute: str, words: set[str]) -> bool:
    """Whether one of these methods of the attribute is called."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in words
        and name_of(node.func.value) == attribute
        for node in ast.walk(tree)
    )


def grows(tree: ast.AST, attribute: str) -> bool:
    """Whether anything is put into it."""
    if uses(tree, attribute, _GROWS):
        return True
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Subscript) and name_of(target.value) == attribute:
                return True
            if isinstance(node, ast.AugAssign) and name_of(target) == attribute:
                return True
    return False


def shrinks(tree: ast.AST, attribute: str) -> bool:
    """Whether anything goes from it again, or its length is looked at."""
    if uses(tree, attribute, _SHRINKS):
        return True
    for node in ast.walk(tree):
        deleted = node.targets if isinstance(node, ast.Delete) else []
        if any(isinstance(target, ast.Subscript) and name_of(target.value) == attribute for target in deleted):
            return True
        if isinstance(node, ast.Compare):
            for side in ast.walk(node):
                if isinstance(side, ast.Call) and name_of(side.func) == "len" and name_of(side.args[0]) == attribute:
                    return True
    return False


def unbounded(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for attribute in dict.fromkeys(attributes(node)):
                if grows(tree, attribute) and not shrinks(tree, attribute):
                    yield f"{node.name}.{attribute}"


# What bounds those that never shrink and of which no length is looked at where they are.
BOUNDED = {
    "capture/census.py: Census.hosts": "it looks at the first 50,000 packets alone",
    "capture/census.py: Census.kinds": "it looks at the first 50,000 packets alone",
    "capture/census.py: Census.ports": "the ports that are watched",
    "capture/file_reader.py: CaptureFileReader.unread": "one or two a file, and a command line names the files",
    "capture/file_reader.py: CaptureFileReader.gaps": "one or two a file",
    "capture/file_reader.py: CaptureFileReader._pauses": "one a file",
    "capture/filtered_copy.py: FilteringCopier._links": "link types are numbers of 16 bits",
    "capture/pcapng.py: PcapNg.links": "link types are numbers of 16 bits",
    "capture/phone_packets.py: _PhoneCopier.frames": "what is forwarded of the phones of a report",
    "diagnosis/phone_tracker.py: _Group.share": "what is kept of the hosts, divided",
    "fleet/exchanges.py: Exchange.crowded": "one target's addresses",
    "fleet/loop.py: Loop._outcomes": "those that ended since it was last looked, of as many as are under way",
    "fleet/loop.py: Loop._servers": "the nameserver or server of a target, and the targets are held",
    "fleet/pacing.py: Gate.crowded": "one target's addresses",
    "fleet/pacing.py: Hosts._hosts": "a few a target, and the targets are held",
    "masking/mask.py: Mask._branches": "what is masked is held",
    "masking/mask.py: Mask._taken": "what is masked is held",
    "masking/mask.py: Mask.addresses": "what is masked is held",
    "masking/mask.py: Mask.bound": "what is masked is held",
    "masking/mask.py: Mask.macs": "what is masked is held",
    "masking/mask.py: Mask.words": "what is masked is held",
    "masking/packets.py: PacketMasker._askers": "the packets that are masked are held",
    "masking/packets.py: PacketMasker._layers": "the packets that are masked are held",
    "masking/packets.py: PacketMasker._opened": "the packets that are masked are held",
    "masking/packets.py: PacketMasker._streams": "the packets that are masked are held",
    "masking/packets.py: PacketMasker.changed": "our own words",
    "masking/packets.py: PacketMasker.left_out": "our own words",
    "probe/beside_path.py: BesidePath._answered": "the addresses of one walk",
    "probe/beside_path.py: BesidePath._offers": "the addresses of one walk",
    "probe/dhcp_exchange.py: Answers.seen": "answers beyond MOST_ANSWERS are not read",
    "probe/dns.py: Resolver._failing": "the nameservers, which the user or this machine names",
    "probe/domain_comparison.py: OfferedDomains.domains": "answers beyond MOST_ANSWERS are not read",
    "probe/path.py: PathWalk._urls": "the addresses of one walk",
    "probe/path.py: _TlsVersionCheck.newer": "the addresses of one walk",
    "probe/path.py: _TlsVersionCheck.without": "the addresses of one walk",
    "probe/tls_stream.py: TlsStream.first_flight": "as many bytes as _FLIGHT_MOST",
    "probe/tls_stream.py: TlsStream.own_flight": "as many bytes as _FLIGHT_MOST",
    "runtime/bpf.py: Program._lines": "the lines of our own filter",
    "runtime/bpf.py: Program._labels": "the labels of our own filter",
    "server_logs/audit_zones.py: _Votes.agreed": "zones there are",
    "server_logs/log_book.py: LogBook._numbers": "rows of logs that differ in more than their time",
    "server_logs/log_book.py: LogBook.unclear": "the phones of the logs",
    "server_logs/log_book.py: LogBook.entries": "rows of logs that differ in more than their time",
    "server_logs/log_book.py: _Seconds._quarters": "a row of a log makes one at most",
    "server_logs/same_places.py: SamePlaces._links": "pairs of servers whose logs were named",
    "server_logs/same_places.py: SamePlaces._offers": "times of rows of the logs",
    "server_logs/log_reader.py: LogReader.others": "one a file",
    "server_logs/log_reader.py: LogReader._guessed": "one a file",
    "server_logs/log_reader.py: LogReader._known_others": "our own kinds, with one a file",
    "server_logs/log_reader.py: LogReader._places": "one a file",
    "wire/packet_tracker.py: PacketTracker.tunnels_unread": "the kinds of tunnels that are known",
    "wire/tls/decryption.py: DecryptingTracker._early": "as many bytes as _EARLY_MOST",
    "wire/tls/decryption.py: Decryption.unread": "our own reasons",
    "wire/tls/decryption.py: Decryption.examples": "our own reasons",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def __init__(self): self.seen = {}\n def f(self, key): self.seen[key] = 1", True),
        ("def __init__(self): self.seen = set()\n def f(self, key): self.seen.add(key)", True),
        ("seen: dict = field(default_factory=dict)\n def f(self, key): self.seen.setdefault(key, 1)", True),
        ("def __init__(self): self.seen = deque(maxlen=9)\n def f(self, key): self.seen.append(key)", False),
        ("def __init__(self): self.seen = {}\n def f(self, key):\n  if len(self.seen) < 9: self.seen[key] = 1", False),
        (
            "def __init__(self): self.seen = []\n def f(self, key):\n  self.seen.append(key)\n  del self.seen[:-9]",
            False,
        ),
    ],
)
def test_a_table_without_one_is_found(text: str, found: bool) -> None:
    assert list(unbounded(ast.parse(f"class A:\n {text}"))) == (["A.seen"] if found else [])


@pytest.mark.slow
def test_every_table_of_what_comes_from_outside_has_a_bound() -> None:
    found = {
        f"{place}: {name}"
        for place, tree in modules()
        if place.split("/")[0] in GROWING or place == "diagnosis/phone_tracker.py"
        for name in unbounded(tree)
    }
    assert found == BOUNDED.keys()
