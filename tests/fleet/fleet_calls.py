"""What spares servers, hears answers and reads targets, step by step: what stands there after each is recorded.

``python -m tests.fleet.fleet_calls`` writes ``fleet_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import itertools
import random
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, made
from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.observations import Connect, Http, Lookup, Tls
from ucdiag.runtime.context import Context

FILE = Path(__file__).with_name("fleet_calls.txt")
pacing: Any = import_module("ucdiag.fleet.pacing")
heard: Any = import_module("ucdiag.fleet.heard")
exchanges: Any = import_module("ucdiag.fleet.exchanges")
names: Any = import_module("ucdiag.fleet.name_exchange")
usual: Any = import_module("ucdiag.fleet.usual")
targets: Any = import_module("ucdiag.fleet.targets")
shapes: Any = import_module("ucdiag.fleet.shapes")
templates: Any = import_module("ucdiag.fleet.templates")
Patch = pytest.MonkeyPatch
SERVERS = ("10.0.0.1", "10.0.0.2")


def connect(server: str, outcome: str = "open") -> Any:
    return Connect(time=1, server=server, port=80, outcome=outcome)  # type: ignore[arg-type]


def http(server: str = SERVERS[0], **values: Any) -> Any:
    given = {
        "time": 1,
        "server": server,
        "port": 80,
        "purpose": "update",
        "complete": True,
        "status": 200,
        "seconds": 0.1,
    }
    return Http(**{**given, **values})


# Pacing


def _trace(seed: int, steps: int = 100) -> Call:
    """A run of a few jobs against two servers that bear it badly."""

    def examine(patch: Patch) -> Any:
        rng = random.Random(seed)
        now = [100.0]
        hosts = pacing.Hosts(rng.choice((2, 4)), pause=rng.choice((0.5, 1.0)), monotonic=lambda: now[0])
        opened: list[tuple[str, float]] = []
        lines = []
        for _ in range(steps):
            address = rng.choice(SERVERS)
            now[0] += rng.choice((0.0, 0.25, 1.5))
            what = rng.choice(("open", "open", "close", "good", "slow", "bad", "503", "refused", "usual"))
            said: Any = None
            if what == "open":
                said = hosts.enter_at_once(address)
                if said is not None:
                    opened.append((address, said))
            elif what == "close" and opened:
                address, since = opened.pop(rng.randrange(len(opened)))
                said = hosts.note_closed(address, since)
            elif address in hosts._hosts:
                crowded = set(rng.sample(SERVERS, rng.randrange(3)))
                if what == "usual":
                    hosts.note_usual(address, 80, rng.choice((0.01, 0.5, 2.0)))
                elif what == "503":
                    said = hosts.note_walk(
                        [http(address, status=503, retry_after=rng.choice((None, "2", "99", "x")))], crowded
                    )
                elif what == "refused":
                    said = hosts.note_walk([connect(address, rng.choice(("refused", "no_answer")))], crowded)
                else:
                    seconds = {"good": 0.1, "slow": 1.0, "bad": 3.0}.get(what, 0.1)
                    said = hosts.note_walk([http(address, seconds=seconds)] * 4, crowded)
            host = hosts._hosts.get(address)
            stand = (
                [] if host is None else [getattr(host, part) for part in host.__dataclass_fields__ if part != "times"]
            )
            times = "" if host is None else f"{len(host.times)}/{sum(host.times):.2f}"
            why = (hosts.slowed.get(address) or "-")[:14]
            said = [said, *(sorted(part) if isinstance(part, set) else part for part in stand), times, why]
            lines.append(f"{what} {address[-1]}: {' '.join(map(str, said))}")
        return lines

    return examine


def _paced() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {f"paced {seed}": _trace(seed) for seed in range(14)}
    for text in (None, "", "0", "5", " 7 ", "999999", "1000000", "-1", "1.5", "x", "\u0663"):
        found[f"retry after {text!r}"] = lambda patch, t=text: pacing._retry_after_seconds(t)
    for outcome in ("open", "refused", "no_answer", "unreachable"):
        found[f"refused connect {outcome}"] = lambda patch, o=outcome: pacing._is_refusal(connect("x", o))
    for outcome in ("complete", "closed", "no_answer", "alert"):
        fact: Any = Tls(time=1, server="x", port=443, outcome=outcome)  # type: ignore[arg-type]
        found[f"refused tls {outcome}"] = lambda patch, f=fact: pacing._is_refusal(f)
    for failure, size, status in itertools.product(
        (None, "closed", "reset", "no_answer", "incomplete"), (0, 1), (None, 200)
    ):
        fact = http(failure=failure, answer_bytes=size, status=status)
        found[f"refused http {failure} {size} {status}"] = lambda patch, f=fact: pacing._is_refusal(f)

    def other(**values: Any) -> Call:
        def examine(patch: Patch) -> Any:
            hosts = pacing.Hosts(2, monotonic=lambda: 5.0)
            hosts.enter_at_once(SERVERS[0])
            said = [hosts.note_walk([http(**values)] * count, set()) for count in (1, 9, 9)]
            host = hosts._hosts[SERVERS[0]]
            return said, list(host.times), host.unavailable, hosts.slowed

        return examine

    for name, values in {
        "download": {"purpose": "download", "status": 503},
        "incomplete": {"complete": False, "status": 503},
        "unavailable": {"status": 503},
        "no time": {"seconds": None},
        "unknown server": {"server": "10.9.9.9", "status": 503},
    }.items():
        found[f"noted, {name}"] = other(**values)
    for rate, times in itertools.product((None, 0, 4, 0.5), ((0.0,), (100.0, 100.0, 100.1, 100.25, 103.0))):

        def rated(patch: Patch, rate: float | None = rate, times: tuple[float, ...] = times) -> Any:
            clock = iter(times)
            paced = pacing.Rate(rate, lambda: next(clock))
            return [round(paced.seconds_to_next(), 6) for _ in times]

        found[f"rate {rate} {len(times)}"] = rated

    def gate(patch: Patch) -> Any:
        hosts = pacing.Hosts(3, monotonic=lambda: 5.0)
        first, second = hosts.new_gate(), hosts.new_gate()
        leave = first.enter("a")
        other = second.enter("a")
        leave()
        leave()
        left = hosts._hosts["a"].open
        other()
        return left, hosts._hosts["a"].open, first.crowded, second.crowded

    found["gate"] = gate
    return found


# Exchanges


class Sock:
    """A socket that gives and takes what it is told to."""

    def __init__(self, opens: Any, sends: list[Any], gives: list[Any], error: int = 0) -> None:
        self.notes: list[Any] = []
        self.opens, self.sends, self.gives, self.error = opens, sends, gives, error

    def __call__(self, *words: Any) -> "Sock":
        self.notes.append(("socket", *map(int, words)))
        if isinstance(self.opens, Exception):
            raise self.opens
        return self

    def setblocking(self, on: bool) -> None:
        self.notes.append(("blocking", on))

    def connect_ex(self, where: Any) -> int:
        self.notes.append(("connect", where))
        return int(self.opens)

    def connect(self, where: Any) -> None:
        self.notes.append(("connect", where))

    def getsockopt(self, *words: Any) -> int:
        return self.error

    def getsockname(self) -> tuple[str, int]:
        return "10.0.0.9", 1234

    def send(self, data: bytes) -> int:
        self.notes.append(("send", data[-12:]))
        count = self.sends.pop(0) if self.sends else len(data)
        if isinstance(count, Exception):
            raise count
        return int(count)

    def recv(self, size: int) -> bytes:
        data = self.gives.pop(0) if self.gives else BlockingIOError(errno.EAGAIN, "later")
        if isinstance(data, Exception):
            raise data
        return bytes(data)

    def close(self) -> None:
        self.notes.append("close")


LATER = BlockingIOError(errno.EAGAIN, "later")
NOT_YET = OSError(errno.ENOTCONN, "not connected")
BROKEN = OSError(errno.ECONNRESET, "reset")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _post(  # noqa: PLR0917 - what may be different
    opens: Any = 0,
    sends: tuple[Any, ...] = (),
    gives: tuple[Any, ...] = (ANSWER,),
    error: int = 0,
    requests: tuple[bytes, ...] = (b"first request",),
    address: str = "10.0.0.1",
    enters: tuple[Any, ...] = (7.0, 8.0),
    crowded: bool = False,
) -> Call:
    def examine(patch: Patch) -> Any:
        clock = itertools.count(100)
        sock = Sock(opens, list(sends), list(gives), error)
        entered = list(enters)
        hosts = Noted(None, enter_at_once=lambda where: entered.pop(0), note_closed=crowded, note_usual=None)
        readiness = Noted(None, watch_socket=None, watch_for_reading=None, forget_socket=None)
        shape = SimpleNamespace(
            requests_for=lambda target: requests,
            patience=5.0,
            knows_answer=lambda answer: answer == b"known",
            outcome_by_template=lambda *words: "outcome",
        )
        patch.setattr(exchanges, "time", SimpleNamespace(monotonic=lambda: float(next(clock)), time_ns=lambda: 9_000))
        patch.setattr(exchanges.socket, "socket", sock)
        plan = SimpleNamespace(address=address, port=80)
        exchange = exchanges.PostExchange("target", shape, (address, 8080), plan, readiness, hosts)
        said: list[Any] = []
        try:
            said.append(exchange.begin())
            exchange.leave_out_pause(0.5)
            for _ in range(6):
                if exchange._sock is not None:
                    said.append(exchange.go_on())
        except OSError as raised:
            said.append(f"{raised.errno} {raised}")
        told = exchange.heard_so_far(strict=True)
        posts = [] if told is None else told._posts
        if posts:
            said.append(exchange.outcome_without_walk())
        exchange.close()
        exchange.close()
        watched = [(words[0], *words[3:]) for words in readiness.notes]
        return said, posts, exchange.until, exchange.crowded, sock.notes, [note[:3] for note in hosts.notes], watched

    return examine


def _exchanged() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {"post": _post(), "post, IPv6": _post(address="2001:db8::1")}
    for code in (0, errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN, 10035, errno.ECONNREFUSED):
        found[f"post, connect {code}"] = _post(code)
    found["post, no socket"] = _post(OSError(errno.EMFILE, "too many"), crowded=True)
    found["post, no entry"] = _post(enters=(None,))
    found["post, no second entry"] = _post(enters=(7.0, None), requests=(b"one", b"two"))
    found["post, two"] = _post(gives=(ANSWER, ANSWER), requests=(b"one", b"two"), crowded=True)
    for name, sends in {
        "later": (LATER,),
        "not yet": (NOT_YET,),
        "in pieces": (5, 4),
        "broken": (BROKEN,),
        "not yet, late": (3, NOT_YET),
    }.items():
        found[f"post, sends {name}"] = _post(sends=sends)
        found[f"post, sends {name}, error"] = _post(sends=sends, error=errno.ECONNREFUSED)
    for name, gives in {
        "later": (LATER, ANSWER),
        "in pieces": (ANSWER[:9], ANSWER[9:30], ANSWER[30:]),
        "ended": (b"HTTP/1.0 200 OK\r\n\r\nbody", b""),
        "nothing": (b"",),
        "known": (b"known",),
        "much": (b"x" * 16384,) * 80,
        "broken": (BROKEN,),
        "unavailable": (ANSWER.replace(b"200", b"503"),),
    }.items():
        found[f"post, gives {name}"] = _post(gives=gives)
    for connected, answered, count in itertools.product((0.0, 0.8, 0.9, 1.0), (0.1, 0.9, 0.95), (1, 2)):

        def outcome(patch: Patch, connected: float = connected, answered: float = answered, count: int = count) -> Any:
            post = SimpleNamespace(
                connected=connected, answered=connected + answered, answer=ANSWER, address="a", port=80
            )
            hosts = Noted(None, note_usual=None)
            results = []
            for outcome in ("outcome", None):
                shape = SimpleNamespace(outcome_by_template=lambda *words, said=outcome: said)
                self = SimpleNamespace(_posts=[post] * count, began=0.0, wall=1, shape=shape, target="t", _hosts=hosts)
                results.append(exchanges.PostExchange.outcome_without_walk(self))
            return results, hosts.notes

        found[f"post, outcome {connected} {answered} {count}"] = outcome
    head = b"HTTP/1.1 200 OK\r\nServer: x"
    for name, answer in {
        "empty": b"",
        "no end": head,
        "no HTTP": b"ICY 200 OK\r\ncontent-length: 0\r\n\r\n",
        "no length": head + b"\r\n\r\nabc",
        "length": head + b"\r\nContent-LENGTH: \t3 \t\r\n\r\nabc",
        "too short": head + b"\r\nContent-Length: 3\r\n\r\nab",
        "longer": head + b"\r\nContent-Length: 3\r\n\r\nabcd",
        "two lengths": head + b"\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "odd length": head + b"\r\nContent-Length: +3\r\n\r\nabc",
        "no number": head + b"\r\nContent-Length: \r\n\r\nabc",
        "nine digits": head + b"\r\nContent-Length: 000000003\r\n\r\nabc",
        "ten digits": head + b"\r\nContent-Length: 0000000003\r\n\r\nabc",
        "chunks": head + b"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "chunks, no end": head + b"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "length in the body": head + b"\r\n\r\n\r\nContent-Length: 1\r\n",
    }.items():
        found[f"whole, {name}"] = lambda patch, a=answer: exchanges._is_whole(a)
    return found


def _names() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    questions = (
        ("a.example", "A", "update", ("10.0.0.2", 53), ("10.0.0.2", 53)),
        ("b.example", "SRV", "other", ("10.0.0.2", 53), ("10.0.0.2", 53)),
        ("c.example", "A", "other", ("2001:db8::2", 53), ("2001:db8::2", 5353)),
    )

    def asked(*wires: Any, impossible: int | None = None, unread: int | None = None) -> Call:
        def examine(patch: Patch) -> Any:
            clock, made_up = itertools.count(100), itertools.count(1)
            sock = Sock(0, [], list(wires))
            readiness = Noted(None, watch_socket=None, forget_socket=None)
            read = itertools.count()
            answer = SimpleNamespace(
                rcode="NOERROR",
                addresses=("10.0.0.7",),
                aliases=("x",),
                records=("r",),
                ttl=60,
                referred=True,
                zone="z",
            )
            asked = itertools.count()
            patch.setattr(
                exchanges, "time", SimpleNamespace(monotonic=lambda: float(next(clock)), time_ns=lambda: 9_000)
            )
            patch.setattr(names, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
            patch.setattr(names.os, "urandom", lambda count: bytes([count, next(made_up)]))
            patch.setattr(names.socket, "socket", sock)
            patch.setattr(
                names,
                "question_of",
                lambda name, kind: None if next(asked) == impossible else f"{name} {kind}".encode(),
            )
            patch.setattr(names, "is_reply", lambda wire, mark: wire == mark)
            patch.setattr(names, "answer_of", lambda *words: None if next(read) == unread else answer)
            shape = SimpleNamespace(patience=6.0)
            wanted = SimpleNamespace(questions=questions, label="nothing")
            exchange = names.NameExchange("target", shape, ("10.0.0.2", 53), wanted, readiness)
            said: list[Any] = []
            try:
                said.append(exchange.begin())
                exchange.leave_out_pause(0.25)
                said += [exchange.go_on() for _ in range(2) if exchange._sock is not None]
            except OSError as raised:
                said.append(str(raised))
            until = exchange.until
            told = exchange.heard_so_far(strict=False)
            lookups = [] if told is None else list(told._lookups.values())
            if told is not None:
                said += [told.label, told._strict]
            exchange.close()
            watched = [words[0] for words in readiness.notes]
            return said, until, [_short(one) for one in lookups], sock.notes, watched, exchange.outcome_without_walk()

        return examine

    first, second, third = (bytes([2, number]) for number in (1, 2, 3))
    found["names"] = asked(first, second, third)
    found["names, others between"] = asked(b"no", first, b"no", LATER, second, third)
    found["names, one"] = asked(first)
    found["names, none"] = asked()
    for number in range(3):
        found[f"names, impossible {number}"] = asked(first, second, third, impossible=number)
        found[f"names, unread {number}"] = asked(first, second, third, unread=number)
    return found


def _short(lookup: Lookup) -> str:
    parts = ((name, getattr(lookup, name)) for name in lookup.__dataclass_fields__)
    return " ".join(f"{name}={value}" for name, value in parts if value not in (None, (), False, 0))


def _told() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    post = heard.HeardPost(
        address="10.0.0.1",
        port=80,
        client="10.0.0.9",
        client_port=1234,
        began=100.5,
        connected=101.0,
        answered=102.0,
        sent=b"sent",
        answer=b"answer",
        ended=True,
    )
    lookup = Lookup(time=2_500_000, name="x", type="A", server="10.0.0.2", server_port=53, seconds=0.25)
    found: dict[str, Call] = {}
    for strict, ended, sent in itertools.product((True, False), (True, False), (b"sent", None)):
        changed = heard.HeardPost(
            **{name: getattr(post, name) for name in post.__dataclass_fields__} | {"ended": ended, "sent": sent}
        )

        def told(patch: Patch, strict: bool = strict, changed: Any = changed) -> Any:
            patch.setattr(heard.time, "time_ns", lambda: 77_000)
            patch.setattr(heard.time, "monotonic", lambda: 77.0)
            said: list[Any] = []
            heard_now = heard.Heard(1_000_000, 100.0, posts=(changed,), lookups=(lookup,), label="label", strict=strict)
            clock = heard_now.clock

            def note(call: Callable[[], Any]) -> Any:
                try:
                    result = call()
                except heard.UnheardError:
                    result = "unheard"
                said.append(
                    (
                        result if isinstance(result, (bytes, str, type(None))) else type(result).__name__,
                        clock.now(),
                        clock.monotonic(),
                    )
                )
                return result

            note(lambda: heard_now.lookup("x", "A", ("10.0.0.2", 53)))
            again = note(lambda: heard_now.connection("10.0.0.1", 80))
            stream = note(again)
            note(lambda: stream.send(b"sent", 1.0))
            note(lambda: stream.send(b"other", 1.0))
            for _ in range(4):
                note(lambda: stream.recv(3, 1.0))
            said.append((stream.client, stream.client_port, stream.closed, stream.close()))
            note(lambda: heard_now.connection("10.0.0.1", 80))
            note(lambda: heard_now.lookup("x", "A", ("10.0.0.2", 53)))
            note(lambda: heard_now.known_files("files"))
            clock.move_to(5.0)
            said.append(clock.monotonic())
            return said

        found[f"told {strict} {ended} {sent}"] = told
    for strict, address, port in itertools.product((True, False), ("10.0.0.1", "10.0.0.2"), (80, 81)):

        def another(patch: Patch, strict: bool = strict, address: str = address, port: int = port) -> Any:
            return heard.Heard(1, 100.0, posts=(post,), strict=strict).connection(address, port) is not None

        found[f"told another {strict} {address} {port}"] = another

    def files(patch: Patch) -> Any:
        memory = SimpleNamespace(known_file={"a": ["fact"]}.get)
        known = heard.KnownFiles(memory)
        return list(known.once("a", lambda: iter(()))), list(known.once("b", lambda: iter(())))

    found["told files"] = files
    return found


# What is usual


def _usual() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    goal = SimpleNamespace(name="contoso.com", scheme="http", addresses=("10.0.0.1",), port=80)

    def posts(plan: dict[str, Any] | None = None, goals: Any = None, **context: Any) -> Call:
        def examine(patch: Patch) -> Any:
            server = {"repeat": 1, "compare": None, "host": None}
            values: dict[str, Any] = {"side_checks": False, "has_start": True, **(plan or {})}
            given = SimpleNamespace(
                server=SimpleNamespace(**{name: values.pop(name, value) for name, value in server.items()}), **values
            )
            patch.setattr(usual, "targets_of", lambda plan: goals or [goal])
            patch.setattr(usual, "_usual_requests", lambda *words: words[2])
            result = usual.usual_posts(given, Context(**context))
            return None if result is None else (result.address, result.port, result.endpoint, result.requests())

        return examine

    def like(**values: Any) -> Any:
        return [SimpleNamespace(**{**vars(goal), **values})]

    found["usual"] = posts()
    for name, plan in {
        "repeat": {"repeat": 2},
        "compare": {"compare": "x"},
        "side": {"side_checks": True},
        "start": {"has_start": False},
    }.items():
        found[f"usual, {name}"] = posts(plan)
    found["usual, proxy"] = posts(proxy="http://proxy:8080")
    found["usual, account"] = posts(account="account")
    found["usual, two goals"] = posts(goals=like() * 2)
    found["usual, TLS"] = posts(goals=like(scheme="https"))
    found["usual, two addresses"] = posts(goals=like(addresses=("a", "b")))
    found["usual, no address"] = posts(goals=like(addresses=()))
    route = {("contoso.com", 80): ("127.0.0.1", 8080), ("10.0.0.1", 80): ("127.0.0.1", 9090)}
    found["usual, led elsewhere"] = posts(connect_to=route)
    found["usual, an address led elsewhere"] = posts(goals=like(name="10.0.0.1"), connect_to=route)

    def asked(domain: str | None, servers: tuple[Any, ...], sip: str | None = None, **context: Any) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr("ucdiag.probe.dns.impossible_label", lambda: "nothing")
            result = usual.usual_names(Context(nameservers=servers, **context), domain, sip)
            return None if result is None else (result.label, list(result.questions))

        return examine

    one, two = ("10.0.0.2", 53), ("10.0.0.3", 53)
    found["usual names"] = asked("contoso.com", (one, two), "sip.example")
    found["usual names, no domain"] = asked(None, (one,))
    found["usual names, no server"] = asked("contoso.com", ())
    found["usual names, twice the same"] = asked("contoso.com", (one, one))
    found["usual names, led elsewhere"] = asked("contoso.com", (one,), connect_to={one: ("127.0.0.1", 5353)})
    found["usual names, assumed"] = asked("contoso.com", (one,), assumed={"ucupdates-r2.contoso.com": ("10.0.0.1",)})
    found["usual names, others assumed"] = asked("contoso.com", (one,), assumed={"other.example": ("10.0.0.1",)})
    return found


# Targets


def _table(seed: int) -> str:
    rng = random.Random(seed)
    cells = [
        "00:04:f2:aa:bb:cc",
        "0004F2AABBCD",
        "contoso.com",
        "10.0.0.2",
        "[::1]:53",
        "http://10.0.0.7/x",
        "AB37",
        "",
        "a b",
        "x" * 70,
        "3.5.6907.35",
        '"q, r"',
        '"open',
    ]
    words = [
        "mac",
        "MAC address",
        "domain",
        "serial",
        "url",
        "site",
        "nameserver",
        "nameservers",
        "colour",
        "model",
        "firmware",
        "",
    ]
    mark = rng.choice((",", ";", "\t", " "))
    lines = [mark.join(rng.choice(words) for _ in range(rng.randrange(1, 5)))] if rng.random() < 0.6 else []
    lines += [mark.join(rng.choice(cells) for _ in range(rng.randrange(1, 6))) for _ in range(6)]
    lines += rng.sample(["# note", "", lines[-1], "contoso.com"], 2)
    return rng.choice(("\n", "\r\n", "\r")).join(lines)


def _targets() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def parsed(text: str) -> Call:
        def shown(columns: Any) -> Any:
            read = targets.parse_targets(text, columns)
            those = []
            for one in read.targets:
                values = {name: getattr(one, name) for name in one.__dataclass_fields__}
                those.append(" ".join(f"{name}={value}" for name, value in values.items() if value not in (None, ())))
            return [
                *those,
                *(f"{one.line}: {one.why}" for one in read.bad),
                *(f"{one.line} {one.why}" for one in read.repeated),
                read.unused,
            ]

        return lambda patch: {"probe": shown(targets.PROBE), "check-dns": shown(targets.CHECK_DNS)}

    for seed in range(60):
        found[f"targets {seed}"] = parsed(_table(seed))
    for length in (targets._LONGEST - 1, targets._LONGEST, targets._LONGEST + 1):
        found[f"targets, a line of {length}"] = parsed("a,b".ljust(length, "x"))
    comments = "# to; be; asked;\n#x;y\n; \n"
    found["targets, marks in comments"] = parsed(f"{comments}00:04:f2:aa:bb:cc,S1\n# z;\n00:04:f2:aa:bb:cd,S2\n")
    found["targets, many nameservers"] = parsed(
        "contoso.com,"
        + "+".join(f"10.0.0.{n}" for n in range(1, targets._MOST_NAMESERVERS + 1))
        + "\nb.example,10.0.0.1|10.0.0.2 10.0.0.1\n"
        + "c.example,"
        + "|".join(f"10.0.0.{n}" for n in range(1, targets._MOST_NAMESERVERS + 2))
    )
    for text in ("", "a", "a" * 64, "a" * 65, "a\tb", "\u00e9"):
        found[f"targets, word {text[:3]!r} {len(text)}"] = lambda patch, t=text: targets._parse_word(t)
    for text in ("a:b", "0004f2aabbcc", "0004f2aabbc", "0004f2aabbcg", "00-04-f2-aa-bb-cc", "contosocoms1", ""):
        found[f"targets, mac {text!r}"] = lambda patch, t=text: (targets._is_mac(t), targets._is_nameserver(t))
    for text in ("10.0.0.2", "::1", "[::1]:53", "abc", "a.b", "a.g", "1", ""):
        found[f"targets, nameserver {text!r}"] = lambda patch, t=text: (targets._is_nameserver(t), targets._is_mac(t))
    for name, data in {
        "utf-8": "m\u00fcller.de".encode(),
        "mark": "m\u00fcller.de".encode("utf-8-sig"),
        "cp1252": "m\u00fcller.de".encode("cp1252"),
        "undefined": b"a\x81b\xff",
        "utf-16": "m\u00fcller.de".encode("utf-16"),
        "utf-16 be": b"\xfe\xff" + "m\u00fc".encode("utf-16-be"),
        "zero": b"a\0b",
    }.items():
        found[f"targets, text in {name}"] = lambda patch, d=data: targets.decode_text(d)
    found["spellings"] = lambda patch: templates.mac_spellings("00:04:f2:aa:bb:cc")
    for answer in (
        b"",
        b"HTTP/1.1 200 OK\r\nDate: x\r\nServer: y\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nDate: x\r\n y\r\n\r\nb",
        b"HTTP/1.1 200 OK\r\nDate: x\r\n\ty\r\n\r\nb",
        b"no end\r\nDate: x",
    ):
        found[f"read part {answer!r}"] = lambda patch, a=answer: shapes._read_part(a)
    return found


CALLS: dict[str, Call] = {**_paced(), **_exchanged(), **_names(), **_told(), **_usual(), **_targets()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
