"""What step 7 says: of an active command's attempt, and of each thing that a phone does to get a file."""

from typing import Any

import pytest

from tests.diagnosis.story import PHONE, POOL, RESOLVER, SECOND, START
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import download
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Lookup, Tls, Transfer, UpdateAnswer, UpdateFile
from ucdiag.model.steps import Level

WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions()
HOST, STORE, FILE = "files.contoso.com", "10.0.0.30", "http://files.contoso.com/CPE.nbt"
THE_HOST = f"the host of the file, {HOST},"


def lookup(rcode: str | None = "NXDOMAIN", *addresses: str, **more: Any) -> Lookup:
    more = {"time": START, "frame": 4, "name": HOST, "type": "A", "server": RESOLVER, **more}
    return Lookup(rcode=rcode, addresses=addresses, **more)


def connect(outcome: Any = "refused", **more: Any) -> Connect:
    more = {"time": START, "frame": 5, "client": PHONE, "server": STORE, "port": 80, "client_port": 4, **more}
    return Connect(outcome=outcome, **more)


def tls(outcome: Any = "complete", **more: Any) -> Tls:
    more = {"time": START, "frame": 6, "client": PHONE, "server": STORE, "port": 443, "server_name": HOST, **more}
    return Tls(outcome=outcome, **more)


def http(**more: Any) -> Http:
    more = {"time": START, "frame": 7, "client": PHONE, "server": STORE, "port": 80, "client_port": 4, **more}
    return Http(**more)


def get(**more: Any) -> Http:
    return http(
        **{
            "method": "GET",
            "target": "/CPE.nbt",
            "host": HOST,
            "status": 200,
            "complete": True,
            "answer_bytes": 5000,
            **more,
        }
    )


def offer(seconds: float = -1, form: Any = "offered", **more: Any) -> UpdateAnswer:
    more = {"internal_url": f"https://{HOST}/fw", "files": (UpdateFile(name="CPE.nbt"),), **more}
    return UpdateAnswer(time=START + round(seconds * SECOND), frame=2, server=POOL, port=80, form=form, **more)


def watched(after: float = 60, **facts: Any) -> list[Event]:
    """By the lists of `Traffic`, without ``file_``."""
    lists = {name if name in ("answers", "requests") else f"file_{name}": list(those) for name, those in facts.items()}
    return download.events(Traffic(**lists), WATCHED, START + round(after * SECOND))


def said(events: list[Event]) -> list[tuple[str, str]]:
    words = {True: "good", False: "bad", None: "?"}
    return [(event.code or words[event.ok], event.summary) for event in events]


def transfer(outcome: Any = "whole", **more: Any) -> Transfer:
    return Transfer(**{"time": START, "url": FILE, "outcome": outcome, "received_bytes": 900, "seconds": 0.5, **more})


def asked(fact: Transfer, *lookups: Lookup) -> Event:
    (event,) = download.events(Traffic(transfers=[fact], file_lookups=list(lookups)), ASKED, START)
    return event


CANNOT = f"{FILE} cannot be fetched:"
STOPPED = f"{FILE} stopped coming while the connection stayed open after 900 bytes"


@pytest.mark.parametrize(
    ("fact", "code", "summary"),
    [
        (transfer(), None, f"{FILE} arrived whole (900 bytes)"),
        (transfer("partial"), "download-truncated", f"{FILE} came only in part"),
        (transfer("partial", reason="why"), "download-truncated", f"{FILE} came only in part: why"),
        (
            transfer("partial", reason="the server closed it"),
            "download-truncated",
            f"{FILE} came only in part: the server closed it",
        ),
        (transfer("truncated"), "download-truncated", f"{FILE} broke off after 900 bytes"),
        (
            transfer("truncated", announced_bytes=9000, reason="why"),
            "download-truncated",
            f"{FILE} broke off after 900 bytes of 9,000: why",
        ),
        # A reason that says no more than the sentence.
        (
            transfer("truncated", reason="the server closed it"),
            "download-truncated",
            f"{FILE} broke off after 900 bytes",
        ),
        (
            transfer("truncated", reason="the server reset it"),
            "download-truncated",
            f"{FILE} broke off after 900 bytes",
        ),
        (transfer("stalled", reason="nothing came for 5 s"), "download-stalled", STOPPED),
        (transfer("stalled", reason="why"), "download-stalled", f"{STOPPED}: why"),
        (
            transfer("html", reason="an HTML page came"),
            "download-not-firmware",
            f"{FILE} is an HTML page, not a firmware file",
        ),
        (
            transfer("text", reason="an HTML page came"),
            "download-not-firmware",
            f"{FILE} is a message in plain text, not a firmware file: an HTML page came",
        ),
        (transfer("empty", announced_bytes=9), "download-empty", f"{FILE} came without a single byte"),
        (transfer("connect_failed"), "download-connect-failed", f"{CANNOT} no connection to its host"),
        (transfer("host_missing"), "download-host-missing", f"{CANNOT} its host does not resolve"),
        (transfer("host_missing", reason="why"), "download-host-missing", f"{CANNOT} why"),
        (transfer("status", status=404), "download-not-found", f"{FILE} is not there (404)"),
        (transfer("status", status=404, reason="why"), "download-not-found", f"{FILE} is not there (404): why"),
        (
            transfer("status"),
            "download-status",
            f"{FILE} is answered with status 0, not with the file",
        ),
        (transfer("not_tried", reason="why"), "download-not-tried", f"{FILE} was not fetched: why"),
        (
            transfer("limited"),
            "download-not-tried",
            f"the first 900 bytes of {FILE} arrived; the rest was not asked for",
        ),
        (transfer("not_sent", reason="why"), None, f"this machine could not fetch {FILE}: why"),
    ],
)
def test_an_attempt_to_fetch_the_file(fact: Transfer, code: str | None, summary: str) -> None:
    event = asked(fact)
    unknown = fact.outcome in ("not_tried", "limited", "not_sent")
    assert (event.ok, event.code, event.summary) == (None if unknown else code is None, code, summary)
    assert event.seconds == (None if fact.outcome == "not_sent" else 0.5)
    if not event.ok:
        assert event.values["url"] == FILE


@pytest.mark.parametrize("outcome", ["stalled", "truncated"])
@pytest.mark.parametrize("came", [900, 1_000_000])
def test_a_file_of_which_much_came_is_not_blamed_on_the_size_of_packets(came: int, outcome: str) -> None:
    event = asked(transfer(outcome, received_bytes=came))
    assert (event.values.get("variant") == "large-passed") == (came > 900 and outcome == "stalled")


THERE_80 = {"address": STORE, "port": "80"}


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        ([], {}),
        ([connect("no_answer")], THERE_80),
        ([connect("refused")], {**THERE_80, "variant": "refused"}),
        ([connect("open"), tls("closed", port=80, closed_by="server")], {**THERE_80, "variant": "hung-up"}),
        ([connect("open"), tls("no_answer", port=80)], {**THERE_80, "variant": "tls"}),
        ([connect("open"), tls(port=80)], {}),
        # Of another address, of another port, and of an attempt before.
        ([connect("refused", server=POOL)], {}),
        ([connect("refused", port=8080)], {}),
        ([connect("refused", time=START - 1)], {}),
        ([connect("refused", time=START - 1), connect("no_answer")], THERE_80),
        # The next attempt has a transfer of its own.
        ([connect("refused", time=START + 1), connect("no_answer")], THERE_80),
        ([connect("no_answer", time=START + 1), tls("no_answer", port=80)], {**THERE_80, "variant": "tls"}),
    ],
)
def test_the_advice_is_about_the_connection_on_which_the_attempt_failed(
    facts: list[Connect | Tls], known: dict[str, str]
) -> None:
    failed = transfer("connect_failed", server=STORE, port=80)
    connects = [fact for fact in facts if isinstance(fact, Connect)]
    handshakes = [fact for fact in facts if isinstance(fact, Tls)]
    traffic = Traffic(transfers=[failed], file_connects=connects, file_handshakes=handshakes)
    (event,) = [event for event in download.events(traffic, ASKED, START) if event.code == "download-connect-failed"]
    values = {name: event.values[name] for name in ("address", "port", "variant") if name in event.values}
    assert values == {"address": STORE, **known}


@pytest.mark.parametrize(("status", "behind"), [(500, False), (502, True), (503, False), (504, True)])
def test_who_gave_the_file_s_status_decides_the_advice(status: int, behind: bool) -> None:
    event = asked(transfer("status", status=status))
    assert event.code == "download-server-error"
    assert (event.values.get("variant") == "gateway", "behind a proxy" in event.summary) == (behind, behind)


OTHER_STORE = "10.0.0.31"
SHOT = transfer(server=OTHER_STORE, port=80, time=START + SECOND)


def passed_over(came: Transfer, *attempts: Connect | Tls) -> list[tuple[str, str]]:
    """What is said beside the file itself."""
    traffic = Traffic(
        transfers=[came],
        file_connects=[attempt for attempt in attempts if isinstance(attempt, Connect)],
        file_handshakes=[attempt for attempt in attempts if isinstance(attempt, Tls)],
    )
    found = download.events(traffic, ASKED, START)
    assert all((event.ok, event.level) == (False, Level.WARNING) for event in found[:-1])
    return said(found[:-1])


@pytest.mark.parametrize(
    ("came", "attempt", "why"),
    [
        (SHOT, connect(name=HOST), f"{STORE} refused the connection to port 80 (SYN answered by RST)"),
        (
            SHOT,
            connect(name=HOST, time=START + 2 * SECOND),
            f"{STORE} refused the connection to port 80 (SYN answered by RST)",
        ),
        (SHOT, connect("no_answer", name=f"{HOST.upper()}."), f"{STORE} did not answer on port 80 (SYN not answered)"),
        (
            replace(SHOT, port=443),
            tls("expired"),
            f"{STORE} port 443 has a certificate that has expired",
        ),
    ],
)
def test_an_address_of_the_files_host_that_did_not_open_is_reported(
    came: Transfer, attempt: Connect | Tls, why: str
) -> None:
    # A phone may take any of the addresses, and the next one is what some do.
    assert passed_over(came, attempt) == [
        ("download-connect-failed", f"for the file, {why}; {OTHER_STORE}, another address of {HOST}, gave it")
    ]


@pytest.mark.parametrize(
    ("came", "attempt"),
    [
        (SHOT, connect("open", name=HOST)),
        (SHOT, connect("not_sent", name=HOST)),
        (replace(SHOT, port=443), tls("complete")),
        (replace(SHOT, port=443), connect(name=HOST)),
        (SHOT, connect(name="other.contoso.com")),
        (replace(SHOT, server=STORE), connect(name=HOST)),
        # Where no address gave it, the attempt itself says why.
        (replace(SHOT, outcome="connect_failed"), connect(name=HOST)),
        (replace(SHOT, outcome="status", status=404), connect(name=HOST)),
    ],
)
def test_no_other_attempt_is_an_address_passed_over(came: Transfer, attempt: Connect | Tls) -> None:
    assert passed_over(came, attempt) == []


@pytest.mark.parametrize(
    ("fact", "line", "values"),
    [
        (transfer("truncated", announced_bytes=0), f"GET {FILE}: truncated, 900 bytes of 0", {"host": HOST}),
        (transfer("host_missing"), f"GET {FILE}: host missing, 900 bytes", {"host": HOST}),
        (
            transfer("empty", status=200, server=STORE, received_bytes=1),
            f"GET {FILE}: 200, 1 byte",
            {"host": HOST, "address": STORE, "status": "200"},
        ),
        (transfer("empty", url="nonsense"), "GET nonsense: empty, 900 bytes", {"url": "nonsense"}),
    ],
)
def test_the_evidence_and_values_of_an_attempt(fact: Transfer, line: str, values: dict[str, str]) -> None:
    event = asked(fact)
    assert [evidence.text for evidence in event.evidence] == [line]
    assert event.values == {"url": FILE, "status": "", **values}


UNKNOWN = "so whether it has an address is not known"
ABSENT = f"the DNS server {RESOLVER} was asked, and the answer came from 10.9.9.9"


@pytest.mark.parametrize(
    ("fact", "clause", "values"),
    [
        (lookup("NXDOMAIN"), "does not resolve: NXDOMAIN", {}),
        (lookup("NOERROR"), "does not resolve: no such record (NOERROR)", {}),
        (
            lookup("NOERROR", referred=True),
            f"could not be looked up: the DNS server {RESOLVER} referred elsewhere (the server does not recurse), "
            f"{UNKNOWN}",
            {"variant": "nameserver-failed"},
        ),
        (
            lookup("SERVFAIL", server_port=99),
            f"could not be looked up: the DNS server {RESOLVER} failed (SERVFAIL), {UNKNOWN}",
            {"variant": "nameserver-failed", "dns_port": "99", "nameservers": f"{RESOLVER}:99"},
        ),
        (
            lookup("REFUSED"),
            f"could not be looked up: the DNS server {RESOLVER} refuses to answer (REFUSED), {UNKNOWN}",
            {"variant": "nameserver-refused"},
        ),
        (
            lookup(None),
            f"could not be looked up: no answer from the DNS server {RESOLVER}, {UNKNOWN}",
            {"variant": "nameserver-silent"},
        ),
        (
            lookup(None, server=None),
            f"could not be looked up: no answer from the DNS server, {UNKNOWN}",
            {"variant": "nameserver-silent", "nameserver": None, "nameservers": None},
        ),
        (
            lookup(None, failure="elsewhere", answer_from="10.9.9.9"),
            f"could not be looked up: {ABSENT}",
            {"variant": "nameserver-silent"},
        ),
    ],
)
def test_a_host_without_an_address(fact: Lookup, clause: str, values: dict[str, str | None]) -> None:
    expected = {"host": HOST, "nameserver": RESOLVER, "nameservers": RESOLVER, **values}
    expected = {name: value for name, value in expected.items() if value is not None}
    assert download.unresolved_host(fact) == (clause, expected)
    (event,) = watched(lookups=[fact])
    assert (event.ok, event.code, event.summary) == (False, "download-host-missing", f"{THE_HOST} {clause}")
    assert event.silent == (fact.rcode is None)
    assert (event.values, len(event.evidence)) == (expected, 1)
    # What an active command tells with it.
    own = asked(transfer("host_missing", reason="why"), fact)
    said_of_it = f"{HOST} {clause}" if "variant" in values else "why"
    assert own.summary == f"{CANNOT} {said_of_it}"
    assert [line.text.split()[0] for line in own.evidence] == ["question", "GET"]
    assert own.values == {"url": FILE, "status": "", **expected}


def test_of_several_lookups_the_last_one_of_the_host_counts() -> None:
    fact = transfer("host_missing")
    assert asked(fact, lookup("SERVFAIL"), lookup("NXDOMAIN")).summary == f"{CANNOT} its host does not resolve"
    assert len(asked(fact, lookup("SERVFAIL"), lookup("NXDOMAIN", name=HOST.upper())).evidence) == 2
    assert len(asked(fact, lookup("SERVFAIL"), lookup("NOERROR", STORE)).evidence) == 1
    assert len(asked(fact, lookup("SERVFAIL", name="other.contoso.com")).evidence) == 1


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (lookup("NOERROR", STORE), []),
        (lookup("NOERROR", "127.0.0.1", STORE), []),
        (lookup(None, STORE, failure="lost"), []),
        (
            lookup("NOERROR", "127.0.0.1"),
            [f"{THE_HOST} has no usable address: 127.0.0.1 (it is a loopback address: each phone would call itself)"],
        ),
    ],
)
def test_a_host_with_addresses(fact: Lookup, expected: list[str]) -> None:
    events = watched(lookups=[fact])
    assert [event.summary for event in events] == expected
    for event in events:
        values = {"host": HOST, "nameserver": RESOLVER, "nameservers": RESOLVER}
        assert (event.code, event.values) == ("download-host-missing", values)
    # Whoever was reached there was no fault of the address.
    assert watched(lookups=[fact], connects=[connect("open", server="127.0.0.1")]) == []


def test_of_many_bad_addresses_some_are_named() -> None:
    (event,) = watched(lookups=[lookup("NOERROR", *(f"127.0.0.{number}" for number in range(1, 7)))])
    assert "127.0.0.4 (" in event.summary
    assert "127.0.0.5 (" not in event.summary


def test_an_answer_for_the_host_that_the_capture_lacks() -> None:
    (event,) = watched(lookups=[lookup(None, failure="lost")])
    assert (event.ok, event.code) == (None, "capture-gap")
    assert event.summary.startswith(f"the capture lacks packets of {RESOLVER}, and with them perhaps the answer for")


REFUSED = f"{STORE} refused the connection to port 80 (SYN answered by RST)"


@pytest.mark.parametrize(
    ("fact", "clause"),
    [
        (connect(), REFUSED),
        (connect("no_answer"), f"{STORE} did not answer on port 80 (SYN not answered)"),
        (connect("unfinished"), f"{STORE} had not answered on port 80 when the capture ended"),
        (connect("unreachable", reason="why"), f"{STORE} cannot be reached on port 80: why"),
        # ARP alone does not say which port was meant.
        (connect("unreachable", reason="why", client_port=None), f"{STORE} cannot be reached: why"),
        (connect(client_port=None), REFUSED),
        (connect(name=HOST), REFUSED),
    ],
)
def test_a_connection_to_the_host_that_did_not_open(fact: Connect, clause: str) -> None:
    (event,) = watched(connects=[fact, connect("open")])
    assert (event.ok, event.code, event.summary) == (False, "download-connect-failed", f"for the file, {clause}")
    refused = {"variant": "refused"} if fact.outcome == "refused" else {}
    assert event.values == {"host": fact.name or STORE, "address": STORE, "port": "80", **refused}
    line = f"TCP to {STORE} port 80: {fact.outcome.replace('_', ' ')}"
    assert [(evidence.text, evidence.frame) for evidence in event.evidence] == [(line, 5)]
    assert event.silent == (fact.outcome in ("no_answer", "unfinished"))


@pytest.mark.parametrize(
    ("facts", "summary"),
    [
        ({"lookups": [lookup(None)]}, f"the capture ends while the answer for {HOST} was awaited"),
        ({"lookups": [lookup(None, failure="no_answer")]}, f"the capture ends while the answer for {HOST} was awaited"),
        ({"lookups": [lookup(None, failure="malformed")]}, None),
        ({"lookups": [lookup(None, failure="unreachable")]}, None),
        ({"lookups": [lookup(None, failure="elsewhere")]}, None),
        ({"lookups": [lookup("SERVFAIL")]}, None),
        ({"connects": [connect("no_answer")]}, f"the capture ends while the connection to {STORE} was being opened"),
        ({"connects": [connect("unfinished")]}, f"the capture ends while the connection to {STORE} was being opened"),
        ({"connects": [connect()]}, None),
        ({"connects": [connect("unreachable")]}, None),
    ],
)
def test_the_way_to_the_host_at_the_end_of_a_capture(facts: dict[str, Any], summary: str | None) -> None:
    (event,) = watched(after=4.999999, **facts)
    assert (event.code == "capture-too-short") == (summary is not None)
    if summary is not None:
        assert (event.summary, event.waiting) == (summary, True)
    (event,) = watched(after=5, **facts)
    assert event.ok is False
    assert event.code != "capture-too-short"


HALF_WAY = f"the handshake with {STORE} port 443 stopped half-way"


@pytest.mark.parametrize(
    ("fact", "clause", "early"),
    [
        (tls(), None, None),
        (tls("alert", alert=40), f"the handshake with {STORE} port 443 failed, alert 40 from the None", True),
        (tls("no_answer"), f"{STORE} port 443 did not answer the ClientHello", True),
        (tls("unfinished"), HALF_WAY, False),
        (tls("unfinished", server_name=None), HALF_WAY, False),
        (tls("unfinished", reason="bytes are missing"), None, None),
        (
            tls("closed", closed_by="server"),
            f"{STORE} port 443 opened the connection and closed it before the phone sent a byte",
            True,
        ),
    ],
)
def test_a_handshake_with_the_host_that_failed(fact: Tls, clause: str | None, early: bool | None) -> None:
    events = watched(handshakes=[fact])
    assert said(events) == ([("download-connect-failed", f"for the file, {clause}")] if clause else [])
    for event in events:
        variant = "hung-up" if fact.outcome == "closed" else "tls"
        assert event.values == {"host": fact.server_name or STORE, "address": STORE, "port": "443", "variant": variant}
        line = f"TLS with {STORE} port 443: {fact.outcome.replace('_', ' ')}"
        assert [evidence.text for evidence in event.evidence] == [line]
    assert bool(watched(after=4.999999, handshakes=[fact])) is bool(early)


def test_a_host_that_hangs_up() -> None:
    gone = http(failure="closed", closed_by="server")
    text = f"{STORE} opened the connection on port 80 and closed it, before any request"
    (event,) = watched(hang_ups=[gone])
    assert (event.code, event.summary, event.time) == ("download-connect-failed", f"for the file, {text}", START)
    assert event.values == {"host": STORE, "address": STORE, "port": "80", "variant": "hung-up"}
    assert [line.text for line in event.evidence] == [text]
    (event,) = download.events(Traffic(file_hang_ups=[gone], host_names={STORE: HOST}), WATCHED, START + 60 * SECOND)
    assert event.values == {"host": HOST, "address": STORE, "port": "80", "variant": "hung-up"}
    # On that connection something was asked after all, and on another one not.
    for port, count in ((4, 1), (5, 2)):
        traffic = Traffic(file_hang_ups=[gone], file_requests=[get(client_port=port)])
        assert len(download.events(traffic, WATCHED, START + 60 * SECOND)) == count
    traffic = Traffic(file_hang_ups=[gone], file_requests=[get(server=POOL)])
    assert len(download.events(traffic, WATCHED, START + 60 * SECOND)) == 2


# Over TLS nobody sees what is fetched.


def hidden(where: str = f"{HOST} ({STORE} port 443)", why: str = "", side: str = "") -> str:
    told = f"the phone's connection to {where} for the file is encrypted, so whether it arrived is not known{why}"
    return f"{told}; test the file with ucdiag probe{side}"


UNENDED = (
    f"the TLS handshake with {HOST} ({STORE} port 443) for the file does not end in the capture; test the file with "
)
INTO = "; the phone asked inside and took the external URL"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"handshakes": [tls()]}, [hidden()]),
        ({"handshakes": [tls(server_name=HOST.upper())]}, [hidden()]),
        ({"handshakes": [tls(not_decrypted="no key")]}, [hidden(why=" (no key)")]),
        ({"handshakes": [tls(decrypted=True)]}, []),
        ({"handshakes": [tls(server_name=None)]}, []),
        ({"handshakes": [tls(server_name="other.contoso.com")]}, []),
        ({"handshakes": [tls(server_name=None)], "lookups": [lookup("NOERROR", STORE)]}, [hidden()]),
        ({"handshakes": [tls(server_name=None)], "lookups": [lookup("NOERROR", STORE, name="b.example")]}, []),
        ({"handshakes": [tls(time=START - SECOND)]}, [hidden()]),
        ({"handshakes": [tls(time=START - SECOND - 1)]}, []),
        ({"handshakes": [tls("unfinished", reason="bytes are missing")]}, [f"{UNENDED}ucdiag probe"]),
        ({"handshakes": [tls("unfinished")]}, [f"for the file, {HALF_WAY}"]),
        ({"handshakes": [tls("no_answer")]}, [f"for the file, {STORE} port 443 did not answer the ClientHello"]),
        ({"handshakes": [tls(), tls(time=START + 1)]}, [hidden(), hidden()]),
        ({"handshakes": [tls()], "requests_": [get()]}, [f"{FILE} arrived whole (5,000 bytes)"]),
        ({"handshakes": [tls()], "answers": [offer(internal_url=f"http://{HOST}/fw")]}, []),
        ({"handshakes": [tls()], "answers": [offer(internal_url="no url")]}, []),
        ({"handshakes": [tls()], "answers": [offer(form="none_offered")]}, []),
        (
            {"handshakes": [tls(server_name=None)], "answers": [offer(internal_url=f"https://{STORE}/fw")]},
            [hidden(f"{STORE} port 443")],
        ),
        # The URL of the other side, where that of its own shows nothing.
        ({"handshakes": [tls()], "answers": [offer(internal_url="", external_url=f"https://{HOST}/fw")]}, [hidden()]),
        (
            {"handshakes": [tls()], "answers": [offer(internal_url="https://b/", external_url=f"https://{HOST}/fw")]},
            [hidden(side=INTO)],
        ),
        (
            {"handshakes": [tls()], "answers": [offer(internal_url="https://b/"), offer(-0.5)]},
            [hidden()],
        ),
    ],
)
def test_a_file_over_tls(facts: dict[str, Any], expected: list[str]) -> None:
    facts = {"answers": [offer()], **facts}
    requests = facts.pop("requests_", [])
    lists = {name if name == "answers" else f"file_{name}": those for name, those in facts.items()}
    events = download.events(Traffic(**lists, file_requests=requests), WATCHED, START + 60 * SECOND)
    assert [event.summary for event in events] == expected
    for event in events:
        if "ucdiag probe" in event.summary:
            why = ("capture-gap", None) if "does not end" in event.summary else (None, "tls-not-decrypted")
            assert (event.ok, event.code, event.problem, event.values) == (None, *why, {})


def test_a_handshake_that_may_go_on_after_the_capture() -> None:
    (event,) = watched(after=4.999999, answers=[offer()], handshakes=[tls("unfinished")])
    assert (event.summary, event.code) == (f"{UNENDED}ucdiag probe", "capture-too-short")


# Which answer an attempt belongs to, and which file matters.


def fetched(*requests: Http, answers: list[UpdateAnswer], after: float = 60) -> list[Event]:
    traffic = Traffic(file_requests=list(requests), answers=answers)
    return download.events(traffic, WATCHED, START + round(after * SECOND))


NAMED = UpdateFile(name="CPE.nbt", signature="CPE.cat")
OTHER_URL = {"internal_url": "https://other/fw"}


@pytest.mark.parametrize(
    ("answers", "void"),
    [
        ([], False),
        ([offer()], False),
        ([offer(), offer(1)], False),
        ([offer(), offer(1, **OTHER_URL)], True),
        ([offer(), offer(1, external_url="https://other/fw")], True),
        ([offer(), offer(1, files=(NAMED, NAMED))], True),
        ([offer(), offer(1, version="9.9")], False),
        # It was under way when the later answer came, which is no reason to leave it.
        ([offer(), offer(0, **OTHER_URL)], False),
        ([offer(), offer(0.5, **OTHER_URL)], False),
        ([offer(), offer(0.6, **OTHER_URL)], True),
        ([offer(), offer(1, form="none_offered")], True),
        ([offer(form="none_offered"), offer(1)], False),
        ([offer(1)], False),
        ([offer(1, form="none_offered")], True),
        ([offer(), offer(1, form="not_xml")], False),
        ([offer(), offer(1, **OTHER_URL), offer(2)], False),
    ],
)
def test_an_attempt_that_a_later_answer_made_void(answers: list[UpdateAnswer], void: bool) -> None:
    events = fetched(get(status=404, last_time=START + SECOND // 2), answers=answers)
    assert [event.superseded for event in events] == [void]


@pytest.mark.parametrize(
    ("files", "first", "second", "level"),
    [
        ((NAMED,), "/CPE.nbt", "/extra.bin", Level.WARNING),
        ((NAMED,), "/CPE.nbt", "/CPE.cat", None),
        ((NAMED,), "/extra.nbt", "/extra.bin", None),
        ((UpdateFile(name="CPE.nbt"),), "/CPE.nbt", "/extra.bin", None),
        ((NAMED, UpdateFile(name="b.nbt")), "/CPE.nbt", "/extra.bin", None),
        ((NAMED, UpdateFile(signature="b.cat")), "/CPE.nbt", "/b.cat", Level.WARNING),
        ((NAMED, UpdateFile(name="b.nbt", signature="b.cat")), "/CPE.nbt", "/b.nbt", None),
    ],
)
def test_a_file_that_no_offer_named(
    files: tuple[UpdateFile, ...], first: str, second: str, level: Level | None
) -> None:
    events = fetched(get(target=first), get(target=second, status=404), answers=[offer(files=files)])
    assert [(event.ok, event.level) for event in events] == [(True, None), (False, level)]
    # None that failed itself lets another one go.
    events = fetched(get(target=first, status=404), get(target=second, status=404), answers=[offer(files=files)])
    assert [event.level for event in events] == [None, None]


SIGNED = (NAMED, UpdateFile(name="b.nbt", signature="b.cat"))
ALONE = "the phone fetched CPE.cat and did not ask for CPE.nbt and b.nbt, the file itself"


@pytest.mark.parametrize(
    ("targets", "files", "expected"),
    [
        (["/CPE.cat"], (NAMED,), "the phone fetched CPE.cat and did not ask for CPE.nbt, the file itself"),
        (["/CPE.cat"], SIGNED, ALONE),
        (
            ["/b.CAT", "/CPE.cat"],
            SIGNED,
            "the phone fetched b.cat and CPE.cat and did not ask for CPE.nbt and b.nbt, the file itself",
        ),
        (["/CPE.xml"], (NAMED,), "the phone fetched CPE.xml and did not ask for CPE.nbt, the file itself"),
        (["/other.sig"], (NAMED,), "the phone fetched other.sig and did not ask for CPE.nbt, the file itself"),
        (["/CPE.xml", "/CPE.nbt"], (NAMED,), None),
        (["/CPE.xml"], (UpdateFile(name="CPE.nbt"),), None),
        (["/CPE.xml"], (UpdateFile(name="CPE.xml"),), None),
        (["/CPE.xml.bin"], (NAMED,), None),
        (["/CPE.cat", "/b.nbt"], SIGNED, None),
        (["/CPE.cat", "/other"], SIGNED, None),
        (["/CPE.nbt"], SIGNED, None),
        (["/CPE.cat"], (UpdateFile(signature="CPE.cat"),), None),
        (["/CPE.cat"], (), None),
        ([], SIGNED, None),
    ],
)
def test_who_fetched_signatures_alone(targets: list[str], files: tuple[UpdateFile, ...], expected: str | None) -> None:
    asked_for = [get(target=target, last_time=START + SECOND) for target in targets]
    found = fetched(*asked_for, answers=[offer(files=files)], after=6)[len(targets) :]
    assert said(found) == ([("download-not-tried", expected)] if expected else [])
    for event in found:
        names = " and ".join(file.name for file in files if file.name)
        assert [(line.text, line.frame) for line in event.evidence] == [(f"the offer of {POOL} names {names}", 2)]
        assert event.time == START
    early = fetched(*asked_for, answers=[offer(files=files)], after=5.999999)[len(targets) :]
    assert [event.code for event in early] == ["capture-too-short"] * (expected is not None)
    for event in early:
        fetched_alone = (expected or "").removeprefix("the phone fetched ").partition(" ")[0]
        assert event.summary.startswith(f"the capture ends while only {fetched_alone}")
        assert event.summary.endswith(" had been fetched")


def test_a_signature_that_failed_tells_nothing_of_the_file() -> None:
    events = fetched(get(target="/CPE.cat", status=404), answers=[offer(files=(NAMED,))])
    assert [event.code for event in events] == ["download-not-found"]
    void = [offer(-2, files=(NAMED,), **OTHER_URL), offer(1, files=(NAMED,))]
    events = fetched(get(target="/CPE.cat", status=404), answers=void)
    assert [(event.code, event.superseded) for event in events] == [
        ("download-not-found", True),
        ("download-not-tried", True),
    ]


def test_what_happened_comes_by_time() -> None:
    late, early = connect(time=START + 2), lookup(time=START + 1)
    events = watched(lookups=[early], connects=[late], hang_ups=[http(failure="closed")])
    assert [event.time for event in events] == [START, START + 1, START + 2]
