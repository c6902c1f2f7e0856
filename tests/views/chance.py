"""What the views make of facts and reports that chance put together: most conditions of which one part decides.

Of small parts the text, of whole reports how long each format is and a digest of it.
``python -m tests.views.chance`` writes ``chance.txt`` anew; read the difference before you commit it.
"""

import functools
import hashlib
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.recorded_texts import read_texts, write_cases
from tests.views.facts import FACTS, R2, SERVER, hints_of, values_of
from tests.views.messages import said
from tests.views.reports import START, broken_phone, report
from tests.views.shown import Stream, shown
from tests.views.variants import BESIDE, checks, levels, phone, readable, statuses, unaffected
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Evidence, Identity, PhoneReport, Problem, Report, Source
from ucdiag.views import FORMATS
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen, screen_of
from ucdiag.views.status_line import StatusLine
from ucdiag.views.text_head import phone_word, report_subject
from ucdiag.views.wireshark import display_filter

FILE = Path(__file__).with_name("chance.txt")
ALL: tuple[Observation, ...] = tuple(FACTS.values()) + tuple(BESIDE)
# Values that make facts belong together, by the name of a field.
ALIKE: dict[str, Sequence[Any]] = {
    "time": [START + number * 700_000 for number in range(9)],
    "frame": (None, *range(1, 30)),
    "answer_frame": (None, 31, 32),
    "server": (SERVER, "10.0.0.2", "10.0.0.53", "10.0.0.21", None),
    "port": (80, 443, 4443),
    "server_port": (None, 53, 5353),
    "client": ("10.0.0.7", None),
    "client_port": (50000, 50001, None),
    "name": (R2, "ucupdates.a.example", "files.example", "_ntp._udp.a.example", "Other.a.example"),
    "domain": ("a.example", "B.example.", "", "a..b", "two words", None, "x" * 600),
    "tag": (None, 7),
    "vlan": (None, 7),
    "lease_seconds": (None, 0, 59, 60, 119, 120, 3600, 7200, 172_800, 172_801, 0xFFFFFFFF, 0xFFFFFFFE),
    "options": ((), (6,), (119, 3), (42, 4, 120, 6)),
    "search": ((), ("a.example", "b.example"), tuple(f"d{number}.example" for number in range(40))),
    "resolvers": ((), ("10.0.0.2",), tuple(f"10.0.1.{number}" for number in range(33))),
    "vendor_class": (None, "MSFT 5.0", "CPE-OCPHONE"),
    "vendor_options": ((), ("1=a", "2=b")),
    "certificate_service": (None, "", "https://cert.example/x"),
    "url": ("http://files.example/a/CPE.nbt", "https://out.contoso.com/b"),
    "purpose": ("update", "other", "file", "other-side", "compare", "host", None),
    "asked_as": (None, "00:04:f2:00:00:99"),
    "expires": (None, START),
    "unknown": ((), ("domain",), ("resolvers",)),
    "ttl": (None, 0, 300),
}


def varied(rng: random.Random, fact: Any) -> Any:
    """The fact with other values in some of its fields."""
    hints = hints_of(type(fact))
    changes = {}
    for field in fields(fact):
        if not field.init or field.name == "kind" or rng.random() > (0.6 if field.name in ALIKE else 0.12):
            continue
        given = list(values_of(hints[field.name]))
        alike = list(ALIKE.get(field.name, ()))
        if (field.name == "server" and None not in given) or field.name == "purpose":
            alike = [value for value in alike if value in given or (field.name == "server" and value is not None)]
        if choices := alike or given:
            changes[field.name] = rng.choice(choices)
    return replace(fact, **changes)


def some(rng: random.Random, kinds: tuple[str, ...] = (), most: int = 9) -> list[Any]:
    """Facts of these kinds, or of any."""
    pool = [fact for fact in ALL if not kinds or fact.kind in kinds]
    found = [varied(rng, rng.choice(pool)) for _ in range(rng.randrange(1, most))]
    return [replace(fact, transaction=rng.choice((1, 1, 2))) if fact.kind == "dhcp" else fact for fact in found]


_PROBLEMS: Any = ("interrupted", "not-sent", "output", "tls-newer-only", "bug")


class Marked(LineWriter):
    """Writes styles by their names."""

    def _write_parts(self, parts: Any) -> None:
        texts = (part if isinstance(part, str) else f"{{{part[1]}}}{part[0]}{{}}" for part in parts)
        self.screen.stream.write("".join(texts) + "\n")


def _part(module: str, name: str, *kinds: str, mac: bool = False) -> Callable[[random.Random], str]:
    show = getattr(import_module(f"ucdiag.views.{module}"), name)

    def made(rng: random.Random) -> str:
        stream = io.StringIO()
        writer = Marked(screen_of(stream, {"COLUMNS": rng.choice(("60", "100"))}))
        words = (rng.choice((None, "00:04:f2:00:00:01")),) if mac else ()
        show(writer, some(rng, kinds), *words)
        return stream.getvalue()

    return made


def _filtered(rng: random.Random) -> str:
    facts = some(rng, ("lookup", "http", "transfer", "connect"), 30)
    evidence = [Evidence(text="x", time=fact.time, frame=fact.frame) for fact in facts if rng.random() < 0.7]
    if rng.random() < 0.5:
        evidence = [replace(one, frame=rng.randrange(1, 99)) for one in evidence]
    finding = replace(broken_phone().findings[0], evidence=tuple(evidence))
    return f"{display_filter(finding, facts)}\n{display_filter(finding)}"


def _headed(rng: random.Random) -> str:
    kind: Any = rng.choice(("file", "live", "active", "logs"))
    extent = Extent(time=START, end=START + rng.choice((0, 10**6, 10**11)), packets=7)
    seen = tuple(some(rng, (), 3)) + ((extent,) if rng.random() < 0.5 else ())
    made = report(
        replace(broken_phone(), observations=seen),
        command=rng.choice(("capture", "logs", "check", "probe")),
        started=rng.choice((START, -(10**18), 10**18)),
        source=Source(kind=kind, name=rng.choice((None, "a.pcap")), packets=rng.choice((None, 0, 1, 12_345))),
    )
    known = Identity(mac=rng.choice((None, "00:04:f2:00:00:01", "00:04:f2:00:00:00")), ip="10.0.0.7")
    with patch("ucdiag.views.text_head._machine_name", lambda: "this machine"):
        return f"{report_subject(made)}\n{phone_word(made, known)}"


PARTS: dict[str, Callable[[random.Random], str]] = {
    "DHCP": _part("dhcp", "show_dhcp", "dhcp", "lease", "lookup"),
    "domains": _part("dhcp", "show_domains", "dhcp", "lease", "lookup"),
    "names": _part("names", "show_names", "lookup"),
    "URLs": _part("beside_path", "show_urls", "answer", "lookup", "connect"),
    "comparison": _part("beside_path", "show_comparison", "answer", mac=True),
    "side checks": _part("beside_path", "show_side_checks", "side-check"),
    "chains": _part("chain", "show_chains", "tls"),
    "messages": lambda rng: said(some(rng, (), 6), known=rng.random() < 0.7),
    "filter": _filtered,
    "head": _headed,
}


def of_part(name: str) -> str:
    """The first texts whole, of more their digests."""
    lines = []
    for seed in range(8):
        lines.append(f"{seed}: {PARTS[name](random.Random(f'{name} {seed}')).strip()}")
    digests = []
    for seed in range(8, 88):
        text = PARTS[name](random.Random(f"{name} {seed}"))
        digests.append(f"{seed} {hashlib.sha256(text.encode()).hexdigest()[:6]}")
    rows = ["  ".join(digests[at : at + 10]) for at in range(0, len(digests), 10)]
    return "\n".join([*lines, *rows])


def reported(rng: random.Random) -> Report:
    """A report of one phone or several, with whatever may be in it."""
    if rng.random() < 0.1:
        return rng.choice((levels, statuses))()
    phones: list[PhoneReport] = []
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 5))):
        made = phone(rng.randrange(1, 40), observations=tuple(some(rng, (), 25)))
        if rng.random() < 0.5:
            seen = rng.choice((0, 1, 2, 6, 30))
            made = replace(made, checks=checks(seen, rng.choice((None, 0, 3))) if seen else None)
        phones.append(made)
    problems = tuple(
        Problem(
            code=rng.choice(("interrupted", "not-sent", "output", "tls-newer-only", "bug")), text=f"It is {number}."
        )
        for number in range(rng.choice((0, 0, 1, 3)))
    )
    command: Any = rng.choice(("check", "check-dns", "check-dhcp", "probe", "capture", "capture", "logs"))
    kind: Any = {"capture": "file", "logs": "logs"}.get(command, "active")
    source = Source(kind=kind, name="site.pcapng" if kind != "active" else None, packets=9 if kind == "file" else None)
    verdict = phones[0].verdict if phones else broken_phone().verdict
    made_ = report(broken_phone(), command=command, source=source, problems=problems, verdict=verdict)
    return replace(made_, phones=tuple(phones), profile=rng.choice((None, "branches")))


def of_report(seed: int) -> str:
    """Every format of one report, each under options by chance."""
    lines = []
    for format_ in FORMATS:
        rng = random.Random(f"{format_} {seed}")
        made = reported(rng)
        terminal = rng.random() < 0.5
        options: dict[str, Any] = {"verbose": rng.choice((0, 0, 1, 2)), "quiet": rng.random() < 0.1}
        options["ladder"] = rng.choice((None, None, True, False))
        environment = {"TERM": "xterm-256color", "COLUMNS": rng.choice(("44", "80", "120"))}
        stream = Stream(rng.choice(("utf-8", "utf-8", "ascii")), terminal)
        text = readable(shown(made, format_=format_, stream=stream, environment=environment, **options))
        lines.append(f"{format_}: {len(text.splitlines())} {hashlib.sha256(text.encode()).hexdigest()[:8]}")
    return "\n".join(lines)


def status_line() -> str:
    """The line beside a report, with a clock that is set."""
    lines: list[str] = []
    for columns in (1, 20, 60):
        now = [100.0]
        stream = Stream(terminal=True)
        screen = Screen(stream=stream, terminal=True, color=True, width=columns)
        line = StatusLine(screen, lambda now=now: now[0])  # type: ignore[misc]
        dues = []
        for at in (100.0, 100.2, 100.25, 100.3, 100.49, 100.5, 100.75):
            now[0] = at
            dues.append((at, line.is_due()))
        lines.append(f"{columns} {dues} {line.fitted_line('what is waited for now, and for how long it may take' * 2)}")
        line.show_text("first")
        line.show_text("second")
        line.close()
        lines.append(repr(readable(stream.getvalue())))
    return "\n".join(lines)


_SEEDS = 13
_CASES: dict[str, Callable[[], str]] = {
    **{f"part, {name}": functools.partial(of_part, name) for name in PARTS},
    **{f"report {seed}": functools.partial(of_report, seed) for seed in range(_SEEDS)},
    "status line": status_line,
}
CASES: dict[str, Callable[[], str]] = {name: functools.partial(unaffected, case) for name, case in _CASES.items()}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
