"""Which rows of a phone are facts, which are counted, and which say the same: each limit from both sides."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.in_parts import in_parts
from ucdiag.model.observations import Http, RepeatedChecks, UpdateAnswer, UpdateFile
from ucdiag.server_logs import log_facts
from ucdiag.server_logs.audit_log import AuditRow, LoggedModule
from ucdiag.server_logs.iis_log import IisRow
from ucdiag.server_logs.logged_rows import LogEntry
from ucdiag.update_service.names import INTERNAL_PATH

MAC = "00:04:f2:aa:bb:cc"


def requested(target: str = INTERNAL_PATH, status: int = 200, error: int | None = None) -> LogEntry:
    row = IisRow(
        client="10.0.0.7", server="10.0.0.20", port=80, method="POST", target=target, status=status, system_error=error
    )
    return LogEntry(server="POOL01", iis=row)


def audited(serial: str) -> LogEntry:
    names = ("client", "mac", "serial", "vendor", "model", "revision", "locale", "user")
    known = {name: None for name in names if name in AuditRow.__annotations__}
    row: Any = {**known, "client": "10.0.0.7", "mac": MAC, "serial": serial, "requested": (), "offered": ()}
    return LogEntry(server="POOL01", audit=AuditRow(**row))


ENTRIES = {
    "a": audited("A"),  # both logs may have it
    "b": audited("B"),
    "p": requested(),
    "g": requested("/DeviceUpdateFiles_Int/x/CPE.nbt"),
    "e": requested(status=399),
    "r": requested(status=400),
    "l": requested(error=64),
    "m": requested(error=1236),
    "n": requested(error=65),
    **{letter: requested(error=error) for letter, error in zip("stuv", (121, 995, 10053, 10060), strict=True)},
}


@pytest.mark.parametrize(("name", "shown"), [("POOL01", "POOL01"), (None, "the server"), ("", "the server")])
@pytest.mark.parametrize("entry", [requested(), audited("A")], ids=["iis", "audit"])
def test_a_server_without_a_name_is_the_server(entry: LogEntry, name: str | None, shown: str) -> None:
    book: Any = SimpleNamespace(entries=[replace(entry, server=name)])
    facts = list(log_facts.facts_of(book, [(1_000_000, 0)]))
    assert {fact.server for fact in facts} == {shown}  # type: ignore[attr-defined]


def facts_of(entry: LogEntry, time: int = 5_000_000) -> list[Any]:
    book: Any = SimpleNamespace(entries=[entry])
    return list(log_facts.facts_of(book, [(time, 0)]))


AUDIT = AuditRow(client="10.0.0.7", mac=MAC, serial="A", requested=(), offered=())
ASKED = Http(
    time=5_000_000,
    client="10.0.0.7",
    client_mac=MAC,
    server="POOL01",
    port=0,
    method="POST",
    target=INTERNAL_PATH,
    status=200,
    complete=True,
    purpose="update",
)
TOLD = {"time": 5_000_000, "client": "10.0.0.7", "client_mac": MAC, "server": "POOL01", "port": 0, "asked_as": MAC}


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        ((), UpdateAnswer(form="none_offered", downloads=0, **TOLD)),  # type: ignore[arg-type]
        (
            (LoggedModule("CPE.nbt", None, None), LoggedModule("EBOOT.nbt", "1.24", "EBOOT.cat")),
            UpdateAnswer(
                form="offered",
                downloads=2,
                version="1.24",
                files=(
                    UpdateFile(name="CPE.nbt", signature=None, version=None),
                    UpdateFile(name="EBOOT.nbt", signature="EBOOT.cat", version="1.24"),
                ),
                **TOLD,  # type: ignore[arg-type]
            ),
        ),
    ],
)
def test_all_that_a_row_of_the_audit_log_says(offered: tuple[LoggedModule, ...], answer: UpdateAnswer) -> None:
    assert facts_of(LogEntry(server="POOL01", audit=replace(AUDIT, offered=offered))) == [ASKED, answer]


@pytest.mark.parametrize(
    ("modules", "text"),
    [
        ((), None),
        ((LoggedModule("CPE.nbt", "1.0.522.101"),), 'fileName="CPE.nbt" version="1.0.522.101"'),
        ((LoggedModule("CPE.nbt", None), LoggedModule(None, "1.23")), 'fileName="CPE.nbt"\nversion="1.23"'),
        ((LoggedModule('a"<&b', 'c"<&d'),), 'fileName="ab" version="cd"'),
        ((LoggedModule(None, None),), None),
    ],
)
def test_what_the_audit_log_says_of_the_request(modules: tuple[LoggedModule, ...], text: str | None) -> None:
    (asked, _) = facts_of(LogEntry(server="POOL01", audit=replace(AUDIT, requested=modules)))
    assert asked == replace(ASKED, request_text=text)


ROW = IisRow(
    client="10.0.0.7",
    server="FE1",
    address="10.0.0.20",
    port=443,
    method="POST",
    target=INTERNAL_PATH,
    status=401,
    substatus=2,
    host="ucupdates-r2.contoso.com",
    user_agent="OCPhone/1.0",
    sent=1293,
    system_error=5,
)
SEEN = Http(
    time=5_000_000,
    client="10.0.0.7",
    server="POOL01",
    port=443,
    method="POST",
    host="ucupdates-r2.contoso.com",
    target=INTERNAL_PATH,
    status=401,
    complete=True,
    answer_bytes=1293,
    user_agent="OCPhone/1.0",
    scheme="https",
    reason="(401.2, Win32 error 5)",
    purpose="update",
)
FILE = "/DeviceUpdateFiles_Int/x/CPE.nbt"


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        ({}, {}),
        ({"port": 80}, {"port": 80, "scheme": "http"}),
        ({"port": None}, {"port": 0, "scheme": "http"}),
        ({"sent": None}, {"answer_bytes": 0}),
        ({"target": FILE}, {"target": FILE, "purpose": "file"}),
        ({"substatus": 0}, {"reason": "(Win32 error 5)"}),
        ({"substatus": None, "system_error": None}, {"reason": None}),
        ({"substatus": None, "system_error": 0, "reason": "AppOffline"}, {"reason": "(AppOffline)"}),
        ({"reason": "AppOffline"}, {"reason": "(401.2, Win32 error 5, AppOffline)"}),
        (
            {"status": None, "substatus": None},
            {
                "status": None,
                "complete": False,
                "failure": "closed",
                "closed_by": "server",
                "reason": "(Win32 error 5)",
            },
        ),
        (
            {"system_error": 64},
            {
                "complete": False,
                "failure": "closed",
                "closed_by": "client",
                "reason": "(401.2, Win32 error 64)",
            },
        ),
    ],
)
def test_all_that_a_row_of_iis_says(row: dict[str, Any], fact: dict[str, Any]) -> None:
    assert facts_of(LogEntry(server="POOL01", iis=replace(ROW, **row))) == [replace(SEEN, **fact)]


def told(rows: str) -> str:
    """The facts of these rows, each of them its letter and its second: a row of the audit log is two facts."""
    numbers = {letter: number for number, letter in enumerate(ENTRIES)}
    book: Any = SimpleNamespace(entries=list(ENTRIES.values()))
    timed = [(round(float(row[1:]) * 1_000_000), numbers[row[0]]) for row in rows.split()]
    said = []
    for fact in log_facts.facts_of(book, timed):
        if isinstance(fact, RepeatedChecks):
            times = ",".join(f"{time / 1e6:g}" for time in fact.times)
            said.append(f"{fact.count}:{fact.time / 1e6:g}-{fact.last_time / 1e6:g}[{times}]")
        elif isinstance(fact, UpdateAnswer):
            assert said[-1] == f"H{fact.time / 1e6:g}"
            said[-1] = f"a{fact.time / 1e6:g}"
        else:
            assert isinstance(fact, Http)
            audit = fact.port == 0
            kind = "H" if audit else "g" if fact.purpose == "file" else "r" if fact.status >= 400 else "p"  # type: ignore[operator]
            said.append(f"{kind if fact.failure is None else fact.failure[0]}{fact.time / 1e6:g}")
    return " ".join(said)


def every(seconds: float, count: int, rows: str, begin: float = 0) -> str:
    return " ".join(
        f"{row[0]}{begin + number * seconds + float(row[1:]):g}" for number in range(count) for row in rows.split()
    )


@in_parts(
    "rows, facts",
    [
        ("a0", "a0"),
        ("p0", "p0"),
        ("g0", "g0"),
        # Both logs have a request: five seconds are the limit.
        ("a10 p5", "a10"),
        ("p5 a10", "a10"),
        ("p4.9 a10", "p4.9 a10"),
        ("a10 p15", "a10"),
        ("a10 p15.1", "a10 p15.1"),
        ("a10 e12", "a10 p12"),
        ("a10 r12", "a10 r12"),
        ("a10 g12", "a10 g12"),
        ("a10 l12", "a10"),
        # The handler writes its row before the answer is sent: what could not be sent is no success.
        *((f"a10 {row}12", "c12") for row in "stuv"),
        ("s5 a10", "c5"),
        ("s4.9 a10", "c4.9 a10"),
        ("a10 s11 a13 p14", "c11 a13"),
        ("a10 p11 a13 s14", "a10 c14"),
        ("a10 s11 g20", "c11 g20"),
        ("s10", "c10"),
        ("a10 a20 a30 p26", "a10 a20 a30"),
        # So many alike are counted but for the first two and the last three.
        (every(1000, 5, "a0"), "a0 a1000 a2000 a3000 a4000"),
        (every(1000, 6, "a0"), "a0 a1000 1:2000-2000[2000] a3000 a4000 a5000"),
        (every(1000, 8, "p0"), "p0 p1000 3:2000-4000[2000,3000,4000] p5000 p6000 p7000"),
        (every(1000, 3, "a0 b500"), "a0 a500 a1000 a1500 a2000 a2500"),
        # What was refused is never counted; nor is what could not be sent. An answer whose phone has only left is.
        (every(1000, 8, "r0"), "r0 r1000 r2000 r3000 r4000 r5000 r6000 r7000"),
        (every(1000, 7, "s0"), "c0 c1000 c2000 c3000 c4000 c5000 c6000"),
        (every(1000, 7, "l0"), "p0 p1000 2:2000-3000[2000,3000] p4000 p5000 p6000"),
        (every(1000, 7, "m0"), "p0 p1000 2:2000-3000[2000,3000] p4000 p5000 p6000"),
        (every(1000, 7, "n0"), "p0 p1000 2:2000-3000[2000,3000] p4000 p5000 p6000"),
        (every(1000, 7, "e0"), "p0 p1000 2:2000-3000[2000,3000] p4000 p5000 p6000"),
        # Requests within five minutes are one check, and within five seconds of an answer.
        (every(1000, 6, "p0 p300"), "p0 p300 p1000 p1300 1:2000-2000[2000] p3000 p3300 p4000 p4300 p5000 p5300"),
        (
            every(1000, 6, "p0 p301"),
            "p0 p301 1:1000-1000[1000]".replace(" 1:1000-1000[1000]", "")
            + " 7:1000-4000[1000,1301,2000,2301,3000,3301,4000] p4301 p5000 p5301",
        ),
        (every(1000, 6, "a0 a5"), "a0 a5 a1000 a1005 1:2000-2000[2000] a3000 a3005 a4000 a4005 a5000 a5005"),
        (every(1000, 6, "a0 a6"), "a0 a6 7:1000-4000[1000,1006,2000,2006,3000,3006,4000] a4006 a5000 a5006"),
        # A file that it then fetches belongs to its check.
        (every(1000, 6, "p0 g400"), "p0 g400 p1000 g1400 1:2000-2000[2000] p3000 g3400 p4000 g4400 p5000 g5400"),
        (every(1000, 7, "g0"), "g0 g1000 g2000 g3000 g4000 g5000 g6000"),
        # Several checks in one are not counted where the phone was refused at some time.
        ("r0 " + every(1000, 6, "p0 p300", 1000), "r0 " + every(1000, 6, "p0 p300", 1000)),
        (
            "r0 " + every(1000, 6, "p0 g300", 1000),
            "r0 p1000 g1300 p2000 g2300 1:3000-3000[3000] p4000 g4300 p5000 g5300 p6000 g6300",
        ),
    ],
    ids=lambda case: str(case[0]),
)
def test_rows_are_facts_or_counted(rows: str, facts: str) -> None:
    assert told(rows) == facts


@pytest.mark.parametrize(
    ("room", "facts"),
    [
        (7, "a0 a1000 p2000 a3000 p4000 a5000 p6000"),
        (6, "a0 a1000 p2000 a3000 p4000 a5000 p6000"),
        (5, "2:0-2000[] p2000 a3000 p4000 a5000 p6000"),
        (1, "6:0-6000[] p6000"),
    ],
)
def test_of_more_rows_than_are_judged_the_oldest_are_counted(
    room: int, facts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_facts, "_JUDGED", room)
    assert told("a0 a1000 p2000 a3000 p4000 a5000 p6000") == facts


def test_requests_for_files_alone_count_as_no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_facts, "_JUDGED", 1)
    assert told("g0 g1000 p2000 g2100 a3000") == "1:0-3000[] a3000"
