"""What should have come next and did not: each condition of the rule, and each sentence."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, URL
from ucdiag.diagnosis.attempts import Attempt
from ucdiag.diagnosis.missing_next import missing_next, with_circumstances
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls, UpdateAnswer
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Step
from ucdiag.update_service.modules import OfferedVersions, Pair

SECOND = 1_000_000
OFFER = UpdateAnswer(time=SECOND, server=POOL, port=80, form="offered", internal_url=URL)
HELD = OfferedVersions(OFFER, (Pair("CPE.nbt", "1.0.522.101", "1.0.522.101"),), complete=True)
NOTHING = UpdateAnswer(time=SECOND, server=POOL, port=80, form="none_offered")


def event(step: Step, time: float = 0, ok: bool | None = True) -> Event:
    return Event(step=step, time=int(time * SECOND), ok=ok, summary="a clause")


def attempt(server: str = "10.0.0.30", port: int | None = 443) -> Attempt:
    return Attempt(
        time=0,
        frame=1,
        server=server,
        port=port,
        name=None,
        reached=True,
        summary=f"{server} was reached",
        evidence=Evidence(text=server),
    )


def missed(*events: Event, at: float = 60, more: Any = None, **traffic: Any) -> Event | None:
    setting = DiagnosisOptions(**{"from_capture": True, **(more or {}).get("setting", {})})
    rest = {name: value for name, value in (more or {}).items() if name != "setting"}
    found = missing_next(list(events), Traffic(**traffic), setting, int(at * SECOND), **rest)
    assert len(found) < 2
    return found[0] if found else None


def nothing(code: Any, step: Step, text: str, time: int = 0, **more: Any) -> Event:
    return Event(step=step, time=time, ok=None, code=code, summary=text, missing_next=True, **more)


NO_NAME = "the phone has a lease and asked for no update server"
NO_CONNECTION = "DNS gave a good address, and no connection of the phone to it followed in the capture"
NO_REQUEST = "the phone connected and sent no request"
NO_FILE = "an update was offered, and the phone asked for no file of it"


@pytest.mark.parametrize(
    ("events", "traffic", "expected"),
    [
        ([], {}, None),
        ([event(Step.DHCP)], {}, nothing("dns-not-asked", Step.DNS, NO_NAME)),
        # A renewal later changes nothing of what was missing.
        (
            [event(Step.DHCP, 1), event(Step.DNS)],
            {},
            nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION),
        ),
        ([event(Step.DHCP, 1), event(Step.DNS, ok=False)], {}, None),
        ([event(Step.DNS), event(Step.DHCP)], {}, nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION)),
        ([event(Step.DNS)], {}, nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION)),
        ([event(Step.CONNECT)], {}, nothing("request-not-sent", Step.REQUEST, NO_REQUEST)),
        (
            [event(Step.CONNECT)],
            {"only_logs": True},
            nothing(
                "request-not-sent",
                Step.REQUEST,
                "the phone connected and sent what looks like a log, and no update request",
            ),
        ),
        (
            [event(Step.CONNECT)],
            {"only_others": True},
            nothing(
                "request-not-sent",
                Step.REQUEST,
                "the phone connected and sent requests for something else, and no update request",
            ),
        ),
        # Whether a request followed can only be told of a connection that could be read.
        ([event(Step.TLS)], {}, None),
        (
            [event(Step.TLS)],
            {"handshakes": [Tls(time=0, server=POOL, port=443, outcome="complete", decrypted=True)]},
            nothing("request-not-sent", Step.REQUEST, NO_REQUEST),
        ),
        (
            [event(Step.TLS)],
            {"handshakes": [Tls(time=0, server=POOL, port=443, outcome="complete", decrypted=False)]},
            None,
        ),
        (
            [event(Step.TLS)],
            {
                "handshakes": [
                    Tls(time=0, server=POOL, port=443, outcome="complete", decrypted=decrypted)
                    for decrypted in (True, None)
                ]
            },
            None,
        ),
        ([event(Step.REQUEST)], {}, None),
        ([event(Step.DOWNLOAD)], {"answers": [OFFER]}, None),
        ([event(Step.RESPONSE)], {"answers": [OFFER]}, nothing("download-not-tried", Step.DOWNLOAD, NO_FILE)),
        ([event(Step.RESPONSE)], {"answers": [NOTHING]}, None),
        ([event(Step.RESPONSE)], {}, None),
        ([event(Step.RESPONSE)], {"answers": [OFFER, NOTHING]}, None),
        (
            [event(Step.RESPONSE)],
            {"answers": [NOTHING, OFFER]},
            nothing("download-not-tried", Step.DOWNLOAD, NO_FILE),
        ),
        # What the phone has it need not fetch.
        (
            [event(Step.RESPONSE)],
            {"answers": [OFFER], "offers": [HELD]},
            None,
        ),
        # The last event decides; where it is none that held, nothing is missing behind it.
        (
            [event(Step.CONNECT), event(Step.DNS, 1)],
            {},
            nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION, SECOND),
        ),
        ([event(Step.CONNECT, ok=False)], {}, None),
        ([event(Step.CONNECT, ok=None)], {}, None),
        (
            [event(Step.DNS, 1), event(Step.CONNECT, ok=False)],
            {},
            nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION, SECOND),
        ),
    ],
)
def test_what_did_not_follow(events: list[Event], traffic: dict[str, Any], expected: Event | None) -> None:
    assert missed(*events, **traffic) == expected


@pytest.mark.parametrize(
    ("step", "answers", "waited"),
    [
        (Step.DHCP, [], "the lease"),
        (Step.DNS, [], "the DNS answer"),
        (Step.CONNECT, [], "the connection opened"),
        (Step.RESPONSE, [OFFER], "the offer"),
    ],
)
@pytest.mark.parametrize(("after", "shown"), [(0, "0.0"), (0.19, "0.1"), (1.25, "1.2"), (4.99, "4.9")])
def test_where_the_capture_ends_too_soon_it_cannot_be_reported(
    step: Step, answers: list[UpdateAnswer], waited: str, after: float, shown: str
) -> None:
    found = missed(event(step, 1), at=1 + after, answers=answers)
    assert found is not None
    text = f"the capture ends {shown} s after {waited}, too short to know what came next"
    assert found == nothing("capture-too-short", found.step, text, SECOND)
    assert found.step.number > step.number


@pytest.mark.parametrize(("after", "short"), [(4.999, True), (5, False)])
def test_five_seconds_are_enough(after: float, short: bool) -> None:
    found = missed(event(Step.DNS), at=after)
    assert found is not None
    assert (found.code == "capture-too-short") is short


def test_where_the_phone_went_instead_is_reported() -> None:
    instead = [attempt(), attempt("10.0.0.31", None)]
    text = "10.0.0.30 was reached and 10.0.0.31 was reached"
    assert missed(event(Step.DHCP), more={"instead": instead}) == nothing(
        "dns-not-asked", Step.DNS, f"{NO_NAME}; {text}"
    )
    assert missed(event(Step.DNS), more={"instead": instead}) == nothing(
        "connect-not-tried",
        Step.CONNECT,
        f"{NO_CONNECTION}; {text}",
        evidence=(Evidence(text="10.0.0.30"), Evidence(text="10.0.0.31")),
        values={"variant": "went-elsewhere", "address": "10.0.0.31", "port": "80"},
    )
    assert missed(event(Step.DNS), more={"instead": instead[:1]}) == nothing(
        "connect-not-tried",
        Step.CONNECT,
        f"{NO_CONNECTION}; 10.0.0.30 was reached",
        evidence=(Evidence(text="10.0.0.30"),),
        values={"variant": "went-elsewhere", "address": "10.0.0.30", "port": "443"},
    )
    assert missed(event(Step.CONNECT), more={"instead": instead}) == nothing(
        "request-not-sent", Step.REQUEST, NO_REQUEST
    )


def test_a_phone_that_signed_in_needs_no_name() -> None:
    told = f"{NO_NAME}; it learns its server at sign-in: 10.0.0.30 was reached"
    assert missed(event(Step.DHCP), more={"signed_in": attempt()}) == nothing(
        "dns-not-asked", Step.DNS, told, values={"variant": "signed-in"}
    )
    assert missed(event(Step.DNS), more={"signed_in": attempt()}) == nothing(
        "connect-not-tried", Step.CONNECT, NO_CONNECTION
    )


@pytest.mark.parametrize(
    ("ports", "answer", "port"),
    [
        (None, OFFER, None),
        (frozenset({80}), OFFER, None),
        (frozenset({443}), OFFER, 80),
        (frozenset({443}), UpdateAnswer(time=0, server=POOL, port=80, form="offered", internal_url=""), None),
        (
            frozenset({80, 443}),
            UpdateAnswer(time=0, server=POOL, port=80, form="offered", internal_url="http://a:8080/x"),
            8080,
        ),
    ],
)
def test_a_file_at_a_port_that_is_not_watched(
    ports: frozenset[int] | None, answer: UpdateAnswer, port: int | None
) -> None:
    found = missed(event(Step.RESPONSE), answers=[answer], more={"setting": {"ports": ports}})
    text = (
        f"whether the phone fetched the file is not known: it is at port {port}, not watched; "
        f"capture with --port {port}"
    )
    unwatched = nothing(None, Step.DOWNLOAD, text, problem="port-not-watched")
    assert found == (nothing("download-not-tried", Step.DOWNLOAD, NO_FILE) if port is None else unwatched)


def test_the_url_for_the_outside_is_that_of_a_phone_outside() -> None:
    offer = UpdateAnswer(
        time=0, server=POOL, port=80, form="offered", internal_url="http://a/", external_url="https://b:4443/"
    )
    asked = Http(time=0, server=POOL, port=80, target="/RequestHandlerExt/ucdevice.upx")
    setting = {"setting": {"ports": frozenset({80})}}
    found = missed(event(Step.RESPONSE), answers=[offer], requests=[asked], more=setting)
    assert found is not None
    assert found.summary.endswith("capture with --port 4443")
    assert missed(event(Step.RESPONSE), answers=[offer], more=setting) == nothing(
        "download-not-tried", Step.DOWNLOAD, NO_FILE
    )


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (
            False,
            "an update was offered, and the audit log does not show whether the phone fetched the file: add the IIS "
            "logs",
        ),
        (True, "an update was offered, and these logs have no request of the phone for its file"),
    ],
)
def test_the_logs_of_a_server(files: bool, text: str) -> None:
    setting = {"setting": {"from_logs": True, "logs_files": files, "ports": frozenset({443})}}
    assert missed(event(Step.RESPONSE, 3), answers=[OFFER], more=setting) == nothing(
        "download-not-tried", Step.DOWNLOAD, text, 3 * SECOND
    )
    assert missed(event(Step.RESPONSE, 3), answers=[NOTHING], more=setting) is None


# A connection to another host.
BESIDE = Connect(time=0, server="10.0.0.30", port=443, outcome="refused")
NOT_TRIED = nothing("connect-not-tried", Step.CONNECT, NO_CONNECTION)
NOT_ASKED = nothing("dns-not-asked", Step.DNS, NO_NAME)
ONLY_NEAR = "; its lease names no router (option 3), so it reaches {} only inside its own subnet"


def ack(*options: int, **more: Any) -> Dhcp:
    more = {"address": "10.0.1.7", "resolvers": ("10.0.0.53",), "server": "10.0.1.1", **more}
    return Dhcp(time=0, type="ack", client="00:04:f2:aa:bb:cc", options=options, **more)


def less(transaction: int) -> list[Observation]:
    """A question for the options of the certificate service alone, and its answer."""
    asked = Dhcp(time=0, type="request", client="00:04:f2:aa:bb:cc", requested=(43, 120), transaction=transaction)
    return [asked, ack(43, 120, transaction=transaction)]


def found(*addresses: str, **more: Any) -> Lookup:
    more = {"time": 0, "type": "A", "server": "10.0.0.53", "name": NAME, **more}
    return Lookup(rcode="NOERROR", addresses=addresses, **more)


def told(missing: Event, *facts: Observation, mac: str | None = None) -> tuple[str, dict[str, Any]]:
    """What is said beyond the sentence of the missing action, and the values."""
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    event = with_circumstances(missing, history, mac)
    return event.summary.removeprefix(missing.summary), dict(event.values)


DAY = 86_400_000_000
NO_ROUTER = {"variant": "no-router", "dhcp_server": "10.0.1.1"}
AT_POOL = {"address": POOL}
SLOW = {**AT_POOL, "variant": "slow-answer", "nameserver": "10.0.0.53", "name": NAME}
ANEW = "; the answer took 1.4 s, and each time the phone had asked anew before it came"


@pytest.mark.parametrize(
    ("missing", "facts", "expected"),
    [
        (NOT_TRIED, [], ("", {})),
        (NOT_TRIED, [found(POOL)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL), ack(1, 6, 15)], (ONLY_NEAR.format(POOL), {**AT_POOL, **NO_ROUTER})),
        # With a router or a route, near the phone, or where the options are not known.
        *((NOT_TRIED, [found(POOL), ack(1, way, 15)], ("", AT_POOL)) for way in (3, 33, 121, 249)),
        (NOT_TRIED, [found(POOL), ack(1, 6, address="10.0.0.7")], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL), ack()], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL), ack(1, 6, truncated=True)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL), ack(1, 6), ack(1, 3)], ("", AT_POOL)),
        # Who extends the lease, or asks as a second class, may ask for less.
        (NOT_TRIED, [found(POOL), ack(1, 3, transaction=1), *less(2)], ("", AT_POOL)),
        (
            NOT_TRIED,
            [found(POOL), ack(1, 6, transaction=1), *less(2)],
            (ONLY_NEAR.format(POOL), {**AT_POOL, **NO_ROUTER}),
        ),
        (NOT_TRIED, [found(POOL), *less(2)], ("", AT_POOL)),
        (
            NOT_TRIED,
            [found(POOL), ack(1, 3, address="10.0.2.7"), ack(1, 6)],
            (ONLY_NEAR.format(POOL), {**AT_POOL, **NO_ROUTER}),
        ),
        # What answers INFORM is no lease.
        (NOT_TRIED, [found(POOL), ack(1, 3), ack(43, address=None)], ("", AT_POOL)),
        (
            NOT_TRIED,
            [found(POOL), ack(1, 6), ack(43, address=None)],
            (ONLY_NEAR.format(POOL), {**AT_POOL, **NO_ROUTER}),
        ),
        (
            NOT_TRIED,
            [found(POOL, seconds=2.55)],
            ("; the answer took 2.5 s, and the phone may have given up before it came", SLOW),
        ),
        (NOT_TRIED, [found(POOL, seconds=1.99)], ("", AT_POOL)),
        # The server that was asked last is the one to look at.
        (
            NOT_TRIED,
            [found(POOL, seconds=2.55, server="10.0.0.54"), found(POOL, seconds=2.55, time=1)],
            ("; the answer took 2.5 s, and the phone may have given up before it came", SLOW),
        ),
        # The last check counts, and of its answers the fastest.
        (NOT_TRIED, [found(POOL, seconds=3), found(POOL, seconds=0.1, time=DAY)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL, seconds=0.1), found(POOL, seconds=3)], ("", AT_POOL)),
        (
            NOT_TRIED,
            [found(POOL, seconds=0.1), found(POOL, seconds=3, time=DAY)],
            ("; the answer took 3.0 s, and the phone may have given up before it came", SLOW),
        ),
        # The phone shows how long it waits.
        (NOT_TRIED, [found(POOL, seconds=1.4), found(POOL, seconds=1.4, time=1_000_000)], (ANEW, SLOW)),
        (
            NOT_TRIED,
            [found(POOL, seconds=0.6), found(POOL, seconds=0.6, time=500_000)],
            ("; the answer took 0.6 s, and each time the phone had asked anew before it came", SLOW),
        ),
        (NOT_TRIED, [found(POOL, seconds=0.6), found(POOL, seconds=0.6, time=499_999)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL, seconds=1), found(POOL, seconds=1, time=1_000_000)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL, seconds=0.9), found(POOL, seconds=1.4, time=1_000_000)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL, seconds=1.4), found(POOL, seconds=0.1, time=2_000_000)], ("", AT_POOL)),
        (NOT_TRIED, [found(POOL, seconds=1.4), found(POOL, seconds=1.4, time=400_000)], ("", AT_POOL)),
        (
            NOT_TRIED,
            [found(POOL, seconds=1.4), found(POOL, seconds=1.4, time=1_000_000, server="10.0.0.54")],
            ("", AT_POOL),
        ),
        (NOT_ASKED, [ack(1, 3, 6)], ("", {})),
        (NOT_ASKED, [ack(1, 6)], (ONLY_NEAR.format("10.0.0.53"), NO_ROUTER)),
        (NOT_ASKED, [ack(1, 6, resolvers=("10.0.1.53", "10.0.0.53"))], ("", {})),
        (NOT_ASKED, [ack(1, 6, resolvers=())], ("", {})),
        (nothing("request-not-sent", Step.REQUEST, NO_REQUEST), [found(POOL), ack(1, 6)], ("", {})),
    ],
)
def test_what_the_capture_tells_of_the_reason(
    missing: Event, facts: list[Observation], expected: tuple[str, dict[str, Any]]
) -> None:
    assert told(missing, BESIDE, *facts) == expected


ALONE = "; it has no connection of the phone at all, as one that is taken at the DNS server"
NO_PHONE = ", and nothing else that shows a phone: somebody may have looked the name up on a computer"


@pytest.mark.parametrize(
    ("facts", "alone"),
    [
        ([], True),
        ([ack(1, 3)], True),
        ([replace(BESIDE, port=53)], True),
        ([BESIDE], False),
        ([Tls(time=0, server=POOL, port=5061, outcome="complete")], False),
        ([Http(time=0, server="10.0.0.30", port=80)], False),
    ],
)
def test_a_capture_with_dns_alone_does_not_say_that_the_phone_stays_there(
    facts: list[Observation], alone: bool
) -> None:
    more, values = told(NOT_TRIED, found(POOL), *facts)
    assert (more, values.get("variant")) == ((ALONE + NO_PHONE, "perhaps-no-phone") if alone else ("", None))


@pytest.mark.parametrize(
    ("mac", "vendor_class", "known"),
    [
        ("00:04:f2:00:00:01", None, True),
        (None, "CPE-OCPHONE", True),
        ("02:77:00:00:00:50", "MS-UC-Client", True),
        ("02:77:00:00:00:50", "MSFT 5.0", False),
        ("02:77:00:00:00:50", None, False),
        (None, None, False),
    ],
)
def test_a_host_that_a_question_alone_makes_a_phone_may_be_none(
    mac: str | None, vendor_class: str | None, known: bool
) -> None:
    """As an administrator's computer on which nslookup ran. It stays a finding."""
    facts = [found(POOL), replace(ack(1, 3), vendor_class=vendor_class)]
    more, values = told(NOT_TRIED, *facts, mac=mac)
    assert more == (ALONE if known else ALONE + NO_PHONE)
    assert values == {**AT_POOL, "variant": "no-connections" if known else "perhaps-no-phone"}


def test_a_capture_with_dns_alone_that_shows_a_reason_says_that() -> None:
    assert told(NOT_TRIED, found(POOL), ack(1, 6)) == (ONLY_NEAR.format(POOL), {**AT_POOL, **NO_ROUTER})
    assert told(NOT_TRIED, found(POOL, seconds=2.55))[1] == SLOW


def test_who_went_elsewhere_gets_the_advice_for_that() -> None:
    values = {"variant": "went-elsewhere", "address": "10.0.0.30", "port": "443"}
    assert told(replace(NOT_TRIED, values=values), found(POOL), ack(1, 6))[1] == {"dhcp_server": "10.0.1.1", **values}


ACTIVE = {"from_capture": False}
TOLD = "an update is offered, and the file was not asked for"


@pytest.mark.parametrize(
    ("setting", "answers", "events", "text"),
    [
        ({}, [OFFER], [], None),
        ({"whole_file": False}, [OFFER], [], TOLD),
        ({"whole_file": False}, [OFFER, NOTHING], [], TOLD),
        ({"whole_file": False}, [NOTHING], [], None),
        ({"whole_file": False}, [], [], None),
        ({"whole_file": False}, [OFFER], [event(Step.RESPONSE)], TOLD),
        ({"whole_file": False}, [OFFER], [event(Step.DOWNLOAD)], None),
        (
            {"stopped": "time was up"},
            [OFFER],
            [],
            "an update is offered, and its file was not tested, because time was up",
        ),
        ({"stopped": "time was up"}, [OFFER], [event(Step.DOWNLOAD)], None),
    ],
)
def test_an_active_command_that_may_not_fetch(
    setting: dict[str, Any], answers: list[UpdateAnswer], events: list[Event], text: str | None
) -> None:
    found = missed(*events, answers=answers, more={"setting": {**ACTIVE, **setting}})
    assert found == (None if text is None else nothing("download-not-tried", Step.DOWNLOAD, text, SECOND))
