"""What becomes of stored reports: joined, merged, judged again, compared, and beside what is expected, as text.

``python -m tests.stored_reports.joins`` writes ``joins.txt`` anew; read the difference before you commit it.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED
from tests.recorded_texts import one_in, read_texts, write_cases
from tests.views.reports import START, broken_phone, report, steps, whole_phone
from ucdiag.model.checks import Check, Checks
from ucdiag.model.codec import to_json
from ucdiag.model.observations import (
    Certificate,
    Extent,
    Http,
    Lookup,
    Pause,
    Tls,
    UpdateAnswer,
)
from ucdiag.model.report import Finding, Fix, Identity, PhoneReport, Source, Verdict
from ucdiag.model.steps import STEPS, Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.stored_reports.expectations import parse_expectations, unmet_expectations
from ucdiag.stored_reports.judge_again import _conclusion_time, _diagnosis_options, judged_again
from ucdiag.stored_reports.merging import Change, LatestPhones, key_of, latest_verdicts, moment_of, phone_changes
from ucdiag.stored_reports.report_files import NoReport, StoredReport, stored_reports
from ucdiag.stored_reports.wire_and_log import Coverage, join_wire_and_logs, unlogged_requests

FILE = Path(__file__).with_name("joins.txt")
_SECOND = 10**6
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
STATUSES = tuple(VerdictStatus)


def verdict(status: VerdictStatus, step: Step | None = None, code: Any = None) -> Verdict:
    return Verdict(status=status, step=step, code=code, summary=f"It is {status.value}.")


def check(minutes: float, result: Any = "offered", **more: Any) -> Check:
    more = {"offered": "3.5.6907.35" if result in ("offered", "downloaded") else None, **more}
    return Check(time=START + round(minutes * _MINUTE), result=result, **more)


def checks(*history: Check) -> Checks | None:
    if not history:
        return None
    return Checks(count=len(history), last=history[-1].time, history=history)


def extent(first: float, last: float, **more: Any) -> Extent:
    """A capture from one minute to another."""
    return Extent(time=START + round(first * _MINUTE), end=START + round(last * _MINUTE), **more)


def watched(status: VerdictStatus, *history: Check, seen: tuple[Any, ...] = (), **more: Any) -> PhoneReport:
    """A phone with checks, whose steps and findings belong to the status."""
    base = broken_phone() if status is VerdictStatus.BROKEN else whole_phone()
    usual = {"phone": Identity(mac="00:04:f2:aa:bb:cc", ip="10.0.0.7"), "checks": checks(*history)}
    own = base.verdict if status is not VerdictStatus.UNKNOWN else verdict(status)
    return replace(base, **{**usual, "verdict": own, "observations": seen, **more})


def said(phone: PhoneReport) -> Iterator[str]:
    """What a report says, in lines."""
    known = phone.verdict
    yield f"{known.status.value} {known.step.value if known.step else '-'} {known.code or '-'}: {known.summary}"
    yield " ".join(f"{step.number}:{step.status.value}" for step in phone.steps)
    yield from (f"  {step.summary}" for step in phone.steps if not step.summary.startswith("what "))
    yield f"findings: {', '.join(finding.code for finding in phone.findings) or '-'}"
    yield f"phone: {' '.join(f'{name}={value}' for name, value in to_json(phone.phone).items() if value)}"
    yield f"facts: {len(phone.observations)}"


def of_joined(wire: PhoneReport, logs: PhoneReport, coverage: Coverage, *logged: int) -> str:
    both, texts = join_wire_and_logs(wire, logs, coverage, logged)
    return "\n".join([*said(both), *(f"! {text}" for text in texts)])


ALL_DAY = Coverage(START - 24 * _HOUR, START + 24 * _HOUR)
OVERDUE = Finding(
    code="check-overdue",
    level=Level.WARNING,
    step=Step.REQUEST,
    summary="late",
    fix=Fix(text="", commands=(), who=Who.PHONE),
    evidence=(),
)
LONG = extent(-600, 600)


def verdicts_of_both() -> str:
    """Of every two verdicts, checked at the same time, one later, or at an unknown time."""
    lines = []
    whens: tuple[tuple[float | None, float | None], ...] = ((0, 0), (0, 1), (0, 1.01), (1.01, 0), (None, 1), (0, None))
    for one, other, (of_wire, of_logs) in product(STATUSES, STATUSES, whens):
        wire = watched(one, *([check(of_wire)] if of_wire is not None else []))
        logs = watched(other, *([check(of_logs)] if of_logs is not None else []))
        both, _ = join_wire_and_logs(wire, logs, ALL_DAY)
        codes = ",".join(finding.code for finding in both.findings) or "-"
        marks = " ".join(step.status.value for step in both.steps)
        lines.append(f"{one.value}+{other.value} {of_wire} {of_logs}: {both.verdict.status.value} {codes}: {marks}")
    return "\n".join(lines)


def steps_of_both() -> str:
    """Of every two results of a step, where neither is later, the wire, and the logs, which are whole or broken."""
    lines: dict[str, list[str]] = {}
    whens = ((0, 0), (5, 0), (0, 5))
    for one, other, (of_wire, of_logs), whole in product(StepStatus, StepStatus, whens, (True, False)):
        status = VerdictStatus.WHOLE if whole else VerdictStatus.BROKEN
        wire = watched(status, check(of_wire), steps=steps(*[one] * 7))
        logs = watched(status, check(of_logs), steps=steps(*[other] * 7))
        both, _ = join_wire_and_logs(wire, logs, ALL_DAY)
        made = " ".join(f"{step.status.value}{'' if step.summary.startswith('what') else '*'}" for step in both.steps)
        where = f"{one.value}+{other.value}{' whole' if whole else ''} {of_wire - of_logs}"
        lines.setdefault(made, []).append(where)
    return "\n".join(f"{made}\n  <- {'; '.join(those)}" for made, those in lines.items())


def findings_of_both() -> str:
    """Findings of a void verdict, overdue ones, and the same in both."""
    broken = replace(broken_phone().findings[0], code="http-status")
    lines = []
    for one, other, (of_wire, of_logs) in product(STATUSES, STATUSES, ((0, 0), (5, 0), (0, 5))):
        wire = watched(one, check(of_wire))
        wire = replace(wire, findings=(*wire.findings, OVERDUE))
        logs = watched(other, check(of_logs), findings=(broken, OVERDUE))
        if other is VerdictStatus.BROKEN:
            logs = replace(logs, verdict=verdict(other, Step.REQUEST, "http-status"))
        both, _ = join_wire_and_logs(wire, logs, ALL_DAY)
        codes = ", ".join(finding.code for finding in both.findings)
        lines.append(f"{one.value}+{other.value} {of_wire - of_logs}: {both.verdict.code}: {codes}")
    return "\n".join(lines)


_WATCH = (LONG,)
WHOLE = VerdictStatus.WHOLE
JOINS: dict[str, Callable[[], str]] = {
    "alike": lambda: of_joined(watched(WHOLE, check(0), seen=_WATCH), watched(WHOLE, check(0.5)), ALL_DAY),
    "no check on the wire, the log's after it": lambda: of_joined(
        watched(WHOLE, seen=(extent(-10, -2),)), watched(WHOLE, check(0)), ALL_DAY
    ),
    "no check on the wire, the log's a minute after it": lambda: of_joined(
        watched(WHOLE, seen=(extent(-10, -1),)), watched(WHOLE, check(0)), ALL_DAY
    ),
    "what the wire does not know": lambda: of_joined(
        watched(WHOLE, check(0), phone=Identity(ip="10.0.0.7", model="CX600")),
        watched(
            WHOLE,
            check(0),
            phone=Identity(mac="m", serial="AB37", vendor="Polycom", model="CX700", firmware="1.0", domain="x"),
        ),
        ALL_DAY,
    ),
    "earlier steps of a phone that got through later": lambda: of_joined(
        watched(VerdictStatus.BROKEN, check(0)), watched(WHOLE, check(30)), ALL_DAY
    ),
}


def _histories() -> dict[str, tuple[list[Check], list[Check]]]:
    day = 24 * 60
    return {
        "one is not in the log": ([check(0), check(100)], [check(0)]),
        "two are not in the log": ([check(0), check(100), check(200)], [check(0)]),
        "failed and not in the log": ([check(0), check(100, "failed", code="http-status")], [check(0)]),
        "a download failed and not in the log": ([check(0), check(100, "failed", code="download-cut")], [check(0)]),
        "unknown and not in the log": ([check(0), check(100, "unknown")], [check(0)]),
        "one is not on the wire": ([check(0)], [check(0), check(100)]),
        "three are not on the wire": ([check(0)], [check(0), check(100), check(150), check(200)]),
        "not on the wire, before the capture": ([check(0)], [check(-700), check(0)]),
        "a minute apart": ([check(0)], [check(1)]),
        "more than a minute apart": ([check(0)], [check(1.001)]),
        "other versions": ([check(0)], [check(0, offered="4.0")]),
        "offered and nothing": ([check(0)], [check(0, "nothing-newer")]),
        "nothing and offered": ([check(0, "nothing-newer")], [check(0)]),
        "failed on the wire": ([check(0, "failed", code="http-status")], [check(0, "downloaded")]),
        "failed without a code": ([check(0, "failed")], [check(0, "nothing-newer")]),
        "failed in the log": ([check(0, "downloaded")], [check(0, "failed", code="http-status")]),
        "failed in both": ([check(0, "failed", code="a")], [check(0, "failed", code="b")]),
        "failed and unknown": ([check(0, "failed", code="http-status")], [check(0, "unknown")]),
        "failed and offered": ([check(0, "failed", code="download-cut")], [check(0)]),
        "another client": ([check(0, client="10.0.0.7")], [check(0, client="10.9.9.9")]),
        "the client is not known": ([check(0)], [check(0, client="10.9.9.9")]),
        "the same client": ([check(0, client="10.0.0.7")], [check(0, client="10.0.0.7")]),
        "an hour later": ([check(0), check(100)], [check(60), check(160)]),
        "an hour and a half earlier": ([check(0), check(100)], [check(-90), check(10)]),
        "30 minutes later": ([check(0), check(100)], [check(30), check(130)]),
        "14 hours later": ([check(0), check(100)], [check(14 * 60), check(14 * 60 + 100)]),
        "more than 14 hours later": ([check(0), check(100)], [check(14 * 60 + 1), check(14 * 60 + 101)]),
        "only one, an hour later": ([check(0)], [check(60)]),
        "one of two an hour later": ([check(0), check(100)], [check(60), check(200)]),
        "two ways, the smaller": ([check(0), check(100)], [check(-50), check(50), check(150)]),
        "of days": ([check(0), check(day)], [check(120), check(day + 120)]),
        "the nearest of two": ([check(0)], [check(-0.9), check(0.1, offered="4.0")]),
        "nothing in the log": ([check(0)], []),
        "nothing on the wire": ([], [check(0)]),
    }


EXTENTS: dict[str, tuple[Any, ...]] = {
    "the whole time": (LONG,),
    "nothing": (),
    "packets lost": (replace(LONG, lost=1),),
    "packets dropped": (replace(LONG, dropped=1),),
    "just before": (extent(-600, 101),),
    "a little longer": (extent(-600, 101.001),),
    "just after": (extent(99, 600),),
    "a little earlier": (extent(98.999, 600),),
    "a pause": (replace(LONG, pauses=(Pause(time=START + 95 * _MINUTE, end=START + 105 * _MINUTE),)),),
    "a pause before": (replace(LONG, pauses=(Pause(time=START + 80 * _MINUTE, end=START + 99 * _MINUTE),)),),
    "a pause long before": (replace(LONG, pauses=(Pause(time=START + 80 * _MINUTE, end=START + 98 * _MINUTE),)),),
    "a pause after": (replace(LONG, pauses=(Pause(time=START + 101 * _MINUTE, end=START + 110 * _MINUTE),)),),
    "a pause long after": (replace(LONG, pauses=(Pause(time=START + 102 * _MINUTE, end=START + 110 * _MINUTE),)),),
    "two captures": (extent(-600, 50), extent(90, 600)),
}


def watching() -> str:
    """Whether a request of the log that the wire lacks is missed."""
    lines = []
    for name, seen in EXTENTS.items():
        wire, logs = watched(WHOLE, check(0), seen=seen), watched(WHOLE, check(0), check(100))
        lines.append(f"{name}: {' '.join(join_wire_and_logs(wire, logs, ALL_DAY)[1]) or '-'}")
    return "\n".join(lines)


def reaching() -> str:
    """Requests that the logs lack, by how far these reach; and where another server's log has them."""
    lines = []
    for mac, ip in (("00:04:f2:aa:bb:cc", None), (None, "10.0.0.7"), (None, None)):
        wire = watched(WHOLE, check(0), check(10), phone=Identity(mac=mac, ip=ip))
        lines.append("; ".join(unlogged_requests(wire, ALL_DAY)))
    wire = watched(WHOLE, check(0), check(10))
    for first, last in product((-1, 0, 1, 1.001, 10, 11), (4, 5, 5.001, 9, 14, 15, 15.001, 30)):
        coverage = Coverage(START + round(first * _MINUTE), START + round(last * _MINUTE))
        lines.append(f"{first} to {last}: {'; '.join(unlogged_requests(wire, coverage)) or '-'}")
    for logged in ([0], [1], [1.001], [0, 10], [-1, 11], [9, 10]):
        times = [START + round(minutes * _MINUTE) for minutes in logged]
        lines.append(f"logged {logged}: {'; '.join(unlogged_requests(wire, ALL_DAY, times)) or '-'}")
    return "\n".join(lines)


# Merging.

KINDS: tuple[Any, ...] = ("file", "live", "logs", "active")


def stored(kind: Any, phone: PhoneReport, site: str = "north", *, finished: int = 0, **more: Any) -> StoredReport:
    source = Source(kind=kind, name="a.pcap" if kind == "file" else None)
    more = {"command": {"logs": "logs", "active": "check"}.get(kind, "capture"), **more}
    made = report(phone, source=source, finished=START + finished * _MINUTE, **more)
    return StoredReport(made, f"{site}.json", site)


def keys() -> str:
    lines = []
    people = (
        Identity(mac="m1", ip="10.0.0.7", serial="s", domain="d.example", site="west"),
        Identity(ip="10.0.0.7"),
        Identity(),
    )
    for kind, person in product(KINDS, people):
        one = stored(kind, broken_phone(phone=person))
        name = next(iter(latest_verdicts([one]).values()))[0]
        lines.append(f"{kind} {person.mac} {person.ip}: {key_of(one, one.report.phones[0])!r}, called {name!r}")
    asked = Source(kind="active", name="a.example")
    for person, source, site in product(people, (asked, Source(kind="active")), ("north", "")):
        one = replace(stored("active", broken_phone(phone=person), site), site=site)
        one = replace(one, report=replace(one.report, command="check-dns", source=source))
        name = next(iter(latest_verdicts([one]).values()))[0]
        lines.append(f"check-dns {source.name} {site}: {key_of(one, one.report.phones[0])!r}, called {name!r}")
    return "\n".join(lines)


def moments() -> str:
    lines = []
    seen: tuple[Any, ...] = (extent(0, 30), extent(0, 20))
    for kind, history, facts in product(KINDS, ((), (check(7),)), ((), seen)):
        one = stored(kind, watched(WHOLE, *history, seen=facts), finished=99)
        known, finished = moment_of(one.report, one.report.phones[0])
        said_ = f"{(known - START) / _MINUTE:g} {(finished - START) / _MINUTE:g}"
        lines.append(f"{kind}, {len(history)} checks, {len(facts)} captures: {said_}")
    return "\n".join(lines)


def latest(*given: StoredReport) -> str:
    """Which reports count, and as whom."""
    found = LatestPhones()
    for number, one in enumerate(given):
        found.add_report(number, one)
    found.finish()
    lines = [f"both: {found.has_both}, replaced: {found.replaced}"]
    if found.coverage is not None:
        first, last = found.coverage.first, found.coverage.last
        lines.append(f"logs from {(first - START) / _MINUTE:g} to {(last - START) / _MINUTE:g}")
    for number, one in enumerate(given):
        for place, phone in enumerate(one.report.phones):
            key = found.matched_key(one, phone)
            times = [(time - START) / _MINUTE for time in found.request_times(key_of(one, phone))]
            counts = "counts" if found.is_latest(number, place, key) else "does not count"
            lines.append(f"{number}: {key!r} {counts}, in both: {found.in_both(key)}, requests: {times}")
    return "\n".join(lines)


def _phone(mac: str | None, ip: str | None, *history: Check, serial: str | None = None, **more: Any) -> PhoneReport:
    return watched(WHOLE, *history, phone=Identity(mac=mac, ip=ip, serial=serial), **more)


PRIVATE, PUBLIC = "10.0.0.7", "203.0.114.5"
LATEST: dict[str, list[StoredReport]] = {
    "none": [],
    "one": [stored("file", _phone("m", PRIVATE))],
    "one twice": [stored("file", _phone("m", PRIVATE)), stored("file", _phone("m", PRIVATE))],
    "the older later": [
        stored("file", _phone("m", PRIVATE), finished=9),
        stored("live", _phone("m", PRIVATE), finished=5),
    ],
    "wire and logs": [stored("file", _phone("m", PRIVATE, check(3))), stored("logs", _phone("m", None, check(4)))],
    "logs of two servers": [
        stored("logs", _phone("m", None, check(4), check(9))),
        stored("logs", _phone("m", None, check(2), check(6))),
        stored("logs", _phone("m", None)),
    ],
    "an address that is everybody's": [
        stored("file", _phone("m", PRIVATE, check(3))),
        stored("logs", _phone(None, PRIVATE, check(90))),
    ],
    "an address, and the same request": [
        stored("file", _phone("m", PRIVATE, check(3))),
        stored("logs", _phone(None, PRIVATE, check(4))),
    ],
    "an address, and a request a little later": [
        stored("file", _phone("m", PRIVATE, check(3))),
        stored("logs", _phone(None, PRIVATE, check(4.001))),
    ],
    "an address that is one phone's": [
        stored("live", _phone("m", PUBLIC, check(3))),
        stored("logs", _phone(None, PUBLIC, check(90))),
    ],
    "another serial number": [
        stored("file", _phone("m", PUBLIC, check(3), serial="a")),
        stored("logs", _phone(None, PUBLIC, check(3), serial="b")),
    ],
    "the serial number": [
        stored("file", _phone("m", PRIVATE, check(3), serial="a")),
        stored("logs", _phone(None, PRIVATE, check(90), serial="a")),
    ],
    "two with the address": [
        stored("file", _phone("m", PUBLIC, check(3))),
        stored("file", _phone("n", PUBLIC, check(3)), "south"),
        stored("logs", _phone(None, PUBLIC, check(3))),
    ],
    "two in the logs": [
        stored("file", _phone("m", PUBLIC, check(3))),
        stored("logs", _phone(None, PUBLIC, check(3))),
        stored("logs", _phone(None, PUBLIC, check(3)), "south"),
    ],
    "in the logs by its name too": [
        stored("file", _phone("m", PUBLIC, check(3))),
        stored("logs", _phone("m", PUBLIC, check(3))),
        stored("logs", _phone(None, PUBLIC, check(3)), "south"),
    ],
    "played, not captured": [
        stored("active", _phone("m", PUBLIC)),
        stored("logs", _phone(None, PUBLIC, check(3))),
    ],
    "no address at all": [
        stored("file", _phone("m", "not an address", check(3))),
        stored("logs", _phone(None, "not an address", check(90))),
    ],
}


def all_changes() -> str:
    states = [None, *(verdict(status, code=code) for status in STATUSES for code in (None, "dns-no-answer"))]
    lines = []
    for old, new in product(states, states):
        if old or new:
            before, after = (one and (one.status.value, one.code) for one in (old, new))
            lines.append(f"{before} {after}: {Change('', '', old, new).kind}")
    first = {"a": ("A", verdict(WHOLE)), "b": ("B", verdict(WHOLE))}
    second = {"c": ("C", verdict(WHOLE)), "b": ("B now", verdict(VerdictStatus.BROKEN, Step.DNS, "x"))}
    lines += [f"{change.key} {change.name} {change.kind}" for change in phone_changes(first, second)]
    return "\n".join(lines)


# Files.


def _json(**changes_: Any) -> str:
    return json.dumps(to_json(replace(report(), **changes_)))


def _zip(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return data.getvalue()


_LARGE = json.dumps({**json.loads(_json()), "phones": 7})
FILES: dict[str, bytes] = {
    "north/report.json": _json().encode(),
    "north/branch.07.json": _json().encode("utf-16"),
    "north/site.JSON": b"\xef\xbb\xbf" + _json().encode(),
    "indented.json": json.dumps(json.loads(_json()), indent=2).encode(),
    "journal.ndjson": f"{_json()}\n\n{_json()}\n{{}}\n{_json()[:-9]}\n".encode(),
    "a2.jsonl": f"{_json()}\n".encode(),
    "a10.jsonl": f"{_json()}".encode(),
    "others.jsonl": b'{"level": 1}\n{"level": 2}\n',
    "empty.json": b"",
    "blank.json": b" \n",
    "text.json": b"hello",
    "deep.json": b"[" * 100_000,
    "list.json": b"[]",
    "phones.json": _LARGE.encode(),
    "schema.json": json.dumps({**json.loads(_json()), "schema": "ucdiag.report/2"}).encode(),
    "two.zip": _zip(report__json=_json(), b10__json=_json(), b9__ndjson=_json(), c__jsonl=_json(), note__txt="x"),
    "none.zip": _zip(note__txt="x"),
    "no.zip": b"PK\x03\x04 and no more",
    "note.txt": b"not looked at",
    ".json": _json().encode(),
}


def files(brief: bool) -> str:
    """What is found in a folder, and by single names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in FILES.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(data)
        (folder / "link.json").symlink_to(folder / "a2.jsonl")
        (folder / "folder.json").mkdir()
        names = [name, str(folder / "north" / "report.json"), str(folder / "note.txt"), str(folder / "absent.json")]
        lines = []
        for one in stored_reports([*names, "-"], brief=brief, standard_input=io.BytesIO(_json().encode())):
            where = one.file.replace(name, "FOLDER")
            if isinstance(one, NoReport):
                lines.append(f"{where}: {one.why}".replace(name, "FOLDER"))
            else:
                facts = [len(phone.observations) for phone in one.report.phones]
                site = one.site.replace(folder.name, "FOLDER")
                lines.append(f"{where}: site {site}, {facts} facts")
    return "\n".join(lines)


# Expectations.

TOMLS = (
    "",
    "domain = 'Contoso.COM.'",
    "domain = 7",
    "address = '10.0.0.20'",
    "address = ['10.0.0.20', '10.0.0.21']",
    "address = 7",
    "address = [7]",
    "version = '1.0'",
    "version = ['1.0', '2.0']",
    "certificate_until = 2027-06-30",
    "certificate_until = '2027-06-30'",
    "certificate_until = 'soon'",
    "certificate_until = 2027-06-30T00:00:00Z",
    "certificate_until = 7",
    "versions = '1.0'",
    "quux = 1",
    "site = 7",
    "sites = 7",
    "site = {a = 7}",
    "domain =",
    "domain = 'a.example'\nversion = '1'\n[site.north]\ndomain = 'b.example'\n[site.south]\naddress = '10.0.0.1'",
    "[site.north]\nsite = 'x'",
    "[site.north]\ncolour = 'x'",
)


def expected() -> str:
    lines = []
    for text in TOMLS:
        try:
            made = parse_expectations(text)
        except ValueError as error:
            lines.append(f"{text!r}: {error}")
            continue
        lines.append(f"{text!r}: {_shown(made.everywhere)}")
        lines += [
            f"  {sites}: {_shown(made.for_site(*sites))}" for sites in (("north",), ("x", "south", "north"), (None,))
        ]
    return "\n".join(dict.fromkeys(lines))


def _shown(value: Any) -> str:
    given = {name: getattr(value, name) for name in ("domain", "addresses", "versions", "certificate_until")}
    return repr({name: sorted(item) if isinstance(item, frozenset) else item for name, item in given.items()})


def _chain(days: float | None) -> Tls:
    end = None if days is None else START + round(days * 24 * _HOUR)
    leaf = Certificate(subject="CN=x", issuer="CN=y", not_after=end)
    return Tls(time=START, server="10.0.0.20", port=443, outcome="complete", chain=(leaf,))


def _asked(*addresses: str, name: str = "ucupdates-r2.contoso.com", type_: str = "A") -> Lookup:
    return Lookup(time=START, name=name, type=type_, rcode="NOERROR", addresses=addresses, server="10.0.0.2")


def _offer(version: str | None) -> UpdateAnswer:
    return UpdateAnswer(time=START, server="10.0.0.20", port=80, form="offered", version=version)


SEEN: dict[str, tuple[Any, ...]] = {
    "nothing": (),
    "the address": (_asked("10.0.0.20"),),
    "another address": (_asked("10.0.0.20", "10.0.0.22"), _asked("10.0.0.23", "10.0.0.22")),
    "of another name": (_asked("10.0.0.22", name="ucupdates.contoso.com"),),
    "of another type": (_asked("2001:db8::1", type_="AAAA"),),
    "the version": (_offer("1.0"),),
    "another version": (_offer("1.0"), _offer("3.0")),
    "another version before": (_offer("3.0"), _offer("1.0")),
    "no version": (_offer(None),),
    "a certificate that ends": (_chain(10),),
    "one that ends by its name": (replace(_chain(10), server_name="pool.example"),),
    "one that does not end": (_chain(None), _chain(2000)),
    "one that ends on that day": (
        replace(_chain(0), chain=(replace(_chain(0).chain[0], not_after=1814313600000000),)),
    ),
    "no certificate": (replace(_chain(1), chain=()), _chain(10)),
}
WANTED = (
    "address = ['10.0.0.20', '10.0.0.21']\nversion = ['1.0', '2.0']\ncertificate_until = 2027-06-30\n"
    "domain = 'contoso.com'"
)


def differing() -> str:
    wanted = parse_expectations(WANTED).everywhere
    lines = []
    for name, seen in SEEN.items():
        lines += [f"{name}: {text}" for text in unmet_expectations(broken_phone(observations=seen), wanted)] or [
            f"{name}: -"
        ]
    for domain in ("CONTOSO.com.", "other.example", None):
        phone = broken_phone(observations=(), phone=Identity(domain=domain))
        lines.append(f"{domain}: {', '.join(unmet_expectations(phone, wanted)) or '-'}")
    nothing = parse_expectations("").everywhere
    for name, seen in SEEN.items():
        lines += [
            f"{name}, nothing expected: {text}" for text in unmet_expectations(broken_phone(observations=seen), nothing)
        ]
    return "\n".join(lines)


# Judged again.

COMMANDS: tuple[Any, ...] = ("check", "check-dns", "check-dhcp", "probe", "capture", "logs")


def settings() -> str:
    """What the judge is told of a stored report."""
    lines = []
    http = Http(time=START, server="10.0.0.20", port=80, target="/RequestHandler/ucdevice.upx", purpose="update")
    outside = replace(http, target="/RequestHandlerExt/ucdevice.upx")
    facts: dict[str, tuple[Any, ...]] = {
        "nothing": (),
        "a lookup": (_asked("10.0.0.20"), replace(_asked("10.0.0.20"), purpose="update")),
        "a request": (http,),
        "a request outside": (outside,),
        "one outside, of no purpose": (replace(outside, purpose=None),),
        "one outside, of another purpose": (replace(outside, purpose="file"),),
        "a row of a log": (replace(http, port=0),),
    }
    people = (
        Identity(),
        Identity(mac="00:04:f2:00:00:01", serial="s", vendor="v", model="m", firmware="f", domain="d"),
    )
    for kind, command, person, (name, seen) in product(
        ("active", "file", "live", "logs"), COMMANDS, people, facts.items()
    ):
        watched_ = {"file": "capture", "live": "capture", "logs": "logs"}.get(kind)
        if (watched_ or command) != command or (watched_ is None and command in ("capture", "logs")):
            continue
        phone = replace(whole_phone(), observations=seen, phone=person, update_servers=("10.0.0.20",))
        made = _diagnosis_options(report(phone, command=command, source=Source(kind=kind)), phone)
        told = {
            "tested": " ".join(step.value for step in STEPS if step in made.tested),
            "capture": made.from_capture,
            "logs": (made.from_logs, made.logs_files),
            "external": made.external,
            "file": made.whole_file,
            "domain": (made.domain, made.domain_from),
            "command": made.command,
            "phone": made.phone and (made.phone.mac, made.phone.serial, made.phone.model, made.phone.firmware),
            "posted": sorted(made.servers.posted) if made.servers is not None else None,
        }
        lines.append(f"{kind} {command}, {name}: {told}")
    return "\n".join(lines)


def again(kind: Any, name: str) -> str:
    """A story's report, judged again as if it had been stored."""
    story = (ACTIVE if kind == "active" else CAPTURED)[name][0]
    phone = story.report()
    phone = replace(phone, phone=replace(phone.phone, site="north"))
    command: Any = "check" if kind == "active" else "capture"
    made = judged_again(report(phone, command=command, source=Source(kind=kind, name="a.pcap")), phone)
    same = "the same verdict" if made.verdict == phone.verdict else f"before: {phone.verdict.summary}"
    return "\n".join([*said(made), same])


def ends() -> str:
    """When the judge concludes, in minutes."""
    lines = []
    seen: dict[str, tuple[Any, ...]] = {
        "captures": (extent(0, 30), extent(0, 20), _asked()),
        "facts": (replace(_asked(), time=START + 5 * _MINUTE), _asked()),
    }
    for kind, (name, facts) in product(KINDS, seen.items()):
        made = report(source=Source(kind=kind), finished=START + 99 * _MINUTE)
        lines.append(f"{kind}, {name}: {(_conclusion_time(facts, made) - START) / _MINUTE:g}")
    return "\n".join(lines)


_EVERY = 9


def _cases() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "verdicts of both", verdicts_of_both
    yield "steps of both", steps_of_both
    yield "findings of both", findings_of_both
    yield from JOINS.items()
    for name, (wire, logs) in _histories().items():
        seen = watched(WHOLE, *wire, seen=_WATCH)
        yield f"checks: {name}", partial(of_joined, seen, watched(WHOLE, *logs), ALL_DAY)
    yield "while watching", watching
    yield "how far the logs reach", reaching
    yield "keys", keys
    yield "moments", moments
    for name, given in LATEST.items():
        yield f"latest: {name}", partial(latest, *given)
    yield "changes", all_changes
    yield "files", partial(files, False)
    yield "files, briefly", partial(files, True)
    yield "expectations", expected
    yield "differences", differing
    yield "settings", settings
    yield "ends", ends
    for name in one_in(_EVERY, ACTIVE):
        yield f"judged again: {name}", partial(again, "active", name)
    for name in one_in(_EVERY, CAPTURED):
        yield f"judged again, captured: {name}", partial(again, "file", name)
    nobody = replace(whole_phone(), observations=())
    yield "judged again: nothing", lambda: str(judged_again(report(nobody), nobody) == nobody)


CASES: dict[str, Callable[[], str]] = dict(_cases())


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
