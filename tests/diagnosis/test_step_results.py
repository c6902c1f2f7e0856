"""How each step stands in the report, by what the judge concluded: status and sentence, a line for each case."""

from typing import Any

import pytest

from tests.diagnosis.story import PHONE, POOL, START
from ucdiag.diagnosis.attempts import Attempt
from ucdiag.diagnosis.judgement import Judgement
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.sign_in import SignInAttempts
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.step_results import step_results
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.observations import Connect, Dhcp, Http, Lease, Observation, Tls, UpdateAnswer
from ucdiag.model.report import Evidence, Identity
from ucdiag.model.steps import STEPS, Level, Step

WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions(domain="contoso.com")
LOGGED = DiagnosisOptions(from_capture=True, from_logs=True)
OTHER = "10.0.0.21"
CHANNEL, SECURE, ELSEWHERE = (POOL, 80), (POOL, 443), (OTHER, 80)


def event(step: Step, ok: bool | None = True, **more: Any) -> Event:
    return Event(**{"step": step, "ok": ok, "time": START, "summary": f"the {step} happened", **more})


def root(step: Step = Step.CONNECT, ok: bool | None = False, **more: Any) -> Event:
    return event(step, ok, **{"code": "connect-refused", "summary": "it broke", **more})


def judgement(
    *events: Event, setting: DiagnosisOptions = WATCHED, facts: tuple[Observation, ...] = (), **more: Any
) -> Judgement:
    """``root`` and ``seen`` are of the path's result; ``traffic`` and the others of the judgement."""
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    decides = more.pop("root", None)
    last = {one.step: one for one in (*events, *([decides] if decides else []))}
    result = PathResult(root=decides, last=last, seen=more.pop("seen", set()), channels=more.pop("channels", {}))
    more.setdefault("traffic", Traffic())
    return Judgement(setting=setting, history=history, result=result, **more)


def shown(step: Step, case: Judgement, warned: set[Step] | None = None) -> tuple[str, str]:
    results = step_results(case, warned or set())
    assert [result.step for result in results] == list(STEPS)
    result = results[step.number - 1]
    return result.status.value, result.summary or ""


EARLIER = {"time": START - 1}


@pytest.mark.parametrize(
    ("case", "step", "warned", "expected"),
    [
        # A step that holds.
        (judgement(event(Step.DNS)), Step.DNS, set(), ("ok", "The dns happened.")),
        (judgement(event(Step.DNS)), Step.DNS, {Step.DNS}, ("warning", "The dns happened.")),
        (judgement(event(Step.DNS)), Step.DNS, {Step.DHCP}, ("ok", "The dns happened.")),
        (judgement(event(Step.DNS, level=Level.WARNING)), Step.DNS, set(), ("warning", "The dns happened.")),
        (
            judgement(event(Step.DNS, False)),
            Step.DNS,
            set(),
            ("ok", "The dns happened; it went on all the same."),
        ),
        (judgement(event(Step.DNS, False, level=Level.WARNING)), Step.DNS, set(), ("warning", "The dns happened.")),
        (
            judgement(event(Step.DOWNLOAD, False, superseded=True)),
            Step.DOWNLOAD,
            set(),
            ("ok", "The download happened; an answer after that offers it no more."),
        ),
        (judgement(event(Step.DOWNLOAD, superseded=True)), Step.DOWNLOAD, set(), ("ok", "The download happened.")),
        # The one that decides.
        (judgement(root=root()), Step.CONNECT, set(), ("failed", "It broke.")),
        (judgement(root=root(), setting=ASKED), Step.CONNECT, set(), ("failed", "It broke.")),
        (judgement(root=root(ok=None)), Step.CONNECT, set(), ("warning", "It broke.")),
        (judgement(root=root(ok=None), setting=ASKED), Step.CONNECT, set(), ("warning", "It broke.")),
        (
            judgement(root=root(ok=None, problem="not-sent", code=None), setting=ASKED),
            Step.CONNECT,
            set(),
            ("not-tested", "It broke."),
        ),
        (
            judgement(root=root(ok=None, problem="not-sent", code=None)),
            Step.CONNECT,
            set(),
            ("warning", "It broke."),
        ),
        *(
            (judgement(root=root(ok=None, code=code), setting=ASKED), Step.CONNECT, set(), ("not-tested", "It broke."))
            for code in (
                "dns-not-asked",
                "connect-not-tried",
                "request-not-sent",
                "download-not-tried",
                "capture-too-short",
            )
        ),
        *(
            (judgement(root=root(ok=None, code=code)), Step.CONNECT, set(), ("not-seen", "It broke."))
            for code in (
                "dns-not-asked",
                "connect-not-tried",
                "request-not-sent",
                "download-not-tried",
                "capture-too-short",
            )
        ),
        (
            judgement(root=root(ok=None, code="dns-not-asked", evidence=(Evidence(text="a"),))),
            Step.CONNECT,
            set(),
            ("warning", "It broke."),
        ),
        (
            judgement(root=root(ok=None, code="dns-not-asked"), seen={Step.CONNECT}),
            Step.CONNECT,
            set(),
            ("warning", "It broke."),
        ),
        (
            judgement(root=root(ok=None, code="dns-not-asked"), seen={Step.DNS}),
            Step.CONNECT,
            set(),
            ("not-seen", "It broke."),
        ),
        # What lies behind it.
        (judgement(root=root()), Step.TLS, set(), ("not-reached", "Not reached: step 3 (connect) failed.")),
        (
            judgement(event(Step.TLS), root=root()),
            Step.TLS,
            set(),
            ("not-reached", "Not reached: step 3 (connect) failed."),
        ),
        (
            judgement(root=root(), setting=ASKED),
            Step.TLS,
            set(),
            ("not-reached", "Not reached: step 3 (connect) failed."),
        ),
        (
            judgement(root=root(), setting=DiagnosisOptions(command="probe", tested=frozenset({Step.CONNECT}))),
            Step.TLS,
            set(),
            ("not-reached", "Not part of probe."),
        ),
        (judgement(root=root(ok=None), setting=ASKED), Step.TLS, set(), ("not-tested", "Not tested.")),
        (
            judgement(event(Step.TLS), root=root(ok=None), setting=ASKED),
            Step.TLS,
            set(),
            ("not-tested", "Not tested."),
        ),
        (
            judgement(root=root(ok=None), setting=DiagnosisOptions(command="probe", tested=frozenset({Step.CONNECT}))),
            Step.TLS,
            set(),
            ("not-tested", "Not part of probe."),
        ),
        (
            judgement(root=root(ok=None), setting=DiagnosisOptions(stopped="it was interrupted")),
            Step.TLS,
            set(),
            ("not-tested", "Not tested: it was interrupted."),
        ),
        (
            judgement(root=root(ok=None)),
            Step.REQUEST,
            set(),
            ("not-seen", "Not seen: no update request in clear."),
        ),
        (judgement(event(Step.TLS), root=root(ok=None)), Step.TLS, set(), ("ok", "The tls happened.")),
        (
            judgement(event(Step.TLS, **EARLIER), root=root(ok=None)),
            Step.TLS,
            set(),
            ("ok", "The tls happened (earlier)."),
        ),
        (
            judgement(event(Step.TLS, **EARLIER), root=root(ok=None)),
            Step.TLS,
            {Step.TLS},
            ("warning", "The tls happened (earlier)."),
        ),
        (
            judgement(event(Step.TLS, False, **EARLIER), root=root(ok=None)),
            Step.TLS,
            set(),
            ("warning", "The tls happened (earlier)."),
        ),
        # And before it.
        (judgement(event(Step.DNS), root=root()), Step.DNS, set(), ("ok", "The dns happened.")),
        # A phone whose firmware needs a sign-in goes another way than the one that was tested.
        (
            judgement(event(Step.CONNECT, False), root=root(Step.DNS, code="firmware-needs-sign-in")),
            Step.CONNECT,
            set(),
            ("warning", "The connect happened."),
        ),
        (
            judgement(event(Step.CONNECT), root=root(Step.DNS, code="firmware-needs-sign-in")),
            Step.CONNECT,
            set(),
            ("ok", "The connect happened."),
        ),
        (
            judgement(root=root(Step.DNS, code="firmware-needs-sign-in")),
            Step.REQUEST,
            set(),
            ("not-seen", "Not seen: no update request in clear."),
        ),
    ],
)
def test_how_a_step_stands(case: Judgement, step: Step, warned: set[Step], expected: tuple[str, str]) -> None:
    assert shown(step, case, warned) == expected


def connect(server: str = OTHER, port: int = 80, outcome: Any = "refused") -> Connect:
    return Connect(time=START, client=PHONE, server=server, port=port, outcome=outcome)


def http(port: int = 80, **more: Any) -> Http:
    return Http(time=START, client=PHONE, server=POOL, port=port, **{"method": "POST", **more})


def answer(form: Any = "offered", server: str = POOL, port: int = 80, **more: Any) -> UpdateAnswer:
    return UpdateAnswer(time=START, server=server, port=port, form=form, **more)


PLAIN = ("not-needed", "Plain http: no TLS on this path.")
NO_TLS = ("not-seen", "Not seen: no TLS handshake with the update server.")
NO_FILE = ("not-needed", "No file was offered.")
IN_BAND = Identity(vendor="AudioCodes")
REACHED = Attempt(
    time=START,
    frame=1,
    server=POOL,
    port=5061,
    name=None,
    reached=True,
    summary="it reached its pool",
    evidence=Evidence(text="a"),
)
SHAKEN = Tls(time=START, client=PHONE, server=POOL, port=443, outcome="complete")


@pytest.mark.parametrize(
    ("case", "step", "expected"),
    [
        (judgement(), Step.DHCP, "no DHCP message of this phone in the capture"),
        (
            judgement(facts=(Dhcp(time=START, type="release", client="a"),)),
            Step.DHCP,
            "of DHCP, only RELEASE is in the capture",
        ),
        (
            judgement(facts=tuple(Dhcp(time=START, type=kind, client="a") for kind in ("offer", "release", "offer"))),  # type: ignore[arg-type]
            Step.DHCP,
            "of DHCP, only OFFER and RELEASE are in the capture",
        ),
        (
            judgement(),
            Step.DNS,
            "it asked for no update server (a phone that signed in before does not need to)",
        ),
        (
            judgement(sign_in=SignInAttempts(all=(REACHED,))),
            Step.DNS,
            "it asked for no update server; it learns its server at sign-in: it reached its pool",
        ),
        (
            judgement(sign_in=SignInAttempts(all=(REACHED,)), identity=IN_BAND),
            Step.DNS,
            "it asked for no update server; it learns its server at sign-in: it reached its pool",
        ),
        (
            judgement(identity=IN_BAND),
            Step.DNS,
            "it asked for no update server, which such a phone learns at its sign-in alone",
        ),
        (judgement(), Step.CONNECT, "no connection to an update server"),
        (
            judgement(event(Step.TLS, channel=CHANNEL)),
            Step.CONNECT,
            "the opening of the connection is not in the capture",
        ),
        (
            judgement(event(Step.REQUEST, channel=CHANNEL)),
            Step.CONNECT,
            "the opening of the connection is not in the capture",
        ),
        (
            judgement(event(Step.RESPONSE, channel=CHANNEL)),
            Step.CONNECT,
            "the opening of the connection is not in the capture",
        ),
        (judgement(event(Step.TLS)), Step.CONNECT, "no connection to an update server"),
        (judgement(event(Step.DOWNLOAD, channel=CHANNEL)), Step.CONNECT, "no connection to an update server"),
        (
            judgement(traffic=Traffic(other_connects=[connect(), connect(port=443), connect()])),
            Step.CONNECT,
            f"no connection to an update server; the phone tried {OTHER} port 80 and {OTHER} port 443",
        ),
        (
            judgement(
                traffic=Traffic(
                    other_connects=[connect(f"10.0.1.{number}") for number in range(4)],
                    host_names={"10.0.1.3": "pool.contoso.com"},
                )
            ),
            Step.CONNECT,
            "no connection to an update server; the phone tried 10.0.1.1 port 80, 10.0.1.2 port 80 and "
            "pool.contoso.com port 80",
        ),
        (judgement(), Step.TLS, "no TLS handshake with the update server"),
        (judgement(event(Step.DNS)), Step.TLS, "no TLS handshake with the update server"),
        (judgement(event(Step.REQUEST, False)), Step.TLS, "no TLS handshake with the update server"),
        (
            judgement(event(Step.REQUEST), traffic=Traffic(handshakes=[SHAKEN])),
            Step.TLS,
            "no TLS handshake with the update server",
        ),
        (
            judgement(traffic=Traffic(requests=[http(scheme="https")])),
            Step.TLS,
            "no TLS handshake with the update server",
        ),
        (
            judgement(traffic=Traffic(requests=[http(method="CONNECT")])),
            Step.TLS,
            "no TLS handshake with the update server",
        ),
        (judgement(), Step.REQUEST, "no update request in clear"),
        (judgement(), Step.RESPONSE, "no answer in clear"),
        (judgement(), Step.DOWNLOAD, "no file"),
        (judgement(event(Step.REQUEST)), Step.DOWNLOAD, "no file"),
        (judgement(setting=LOGGED), Step.REQUEST, "no update request in clear"),
    ],
)
def test_what_a_capture_does_not_show(case: Judgement, step: Step, expected: str) -> None:
    assert shown(step, case) == ("not-seen", f"Not seen: {expected}.")


@pytest.mark.parametrize(
    ("case", "step", "expected"),
    [
        (judgement(event(Step.REQUEST)), Step.TLS, PLAIN),
        (judgement(traffic=Traffic(requests=[http()])), Step.TLS, PLAIN),
        (judgement(event(Step.RESPONSE)), Step.DOWNLOAD, NO_FILE),
        (judgement(setting=LOGGED), Step.TLS, ("not-seen", "The server's logs do not show this step.")),
        (judgement(setting=LOGGED), Step.RESPONSE, ("not-seen", "The server's logs do not show this step.")),
        (
            judgement(event(Step.RESPONSE), setting=LOGGED),
            Step.DHCP,
            ("not-seen", "The server's logs do not show this step."),
        ),
        (judgement(event(Step.RESPONSE), setting=ASKED), Step.DOWNLOAD, NO_FILE),
        (judgement(event(Step.REQUEST), setting=ASKED), Step.DOWNLOAD, ("not-tested", "Not tested.")),
        (judgement(event(Step.REQUEST), setting=ASKED), Step.TLS, PLAIN),
        (
            judgement(
                event(Step.REQUEST, channel=SECURE),
                setting=ASKED,
                traffic=Traffic(requests=[http(443, scheme="https")]),
            ),
            Step.TLS,
            ("not-tested", "Not tested: the proxy gave no way to it."),
        ),
        (
            judgement(
                event(Step.REQUEST, channel=CHANNEL),
                setting=ASKED,
                traffic=Traffic(requests=[http(443, scheme="https"), http()]),
            ),
            Step.TLS,
            PLAIN,
        ),
        (judgement(event(Step.CONNECT), setting=ASKED), Step.TLS, ("not-tested", "Not tested.")),
        (judgement(setting=ASKED), Step.DNS, ("not-tested", "Not tested.")),
        (judgement(setting=ASKED), Step.CONNECT, ("not-tested", "Not tested: no address to connect to.")),
        (
            judgement(setting=DiagnosisOptions(tested=frozenset(STEPS) - {Step.DNS})),
            Step.DNS,
            ("not-tested", "Not tested: the server was given."),
        ),
        (
            judgement(setting=DiagnosisOptions(tested=frozenset({Step.RESPONSE}))),
            Step.DNS,
            ("not-tested", "Not tested."),
        ),
        (
            judgement(setting=DiagnosisOptions(command="check-dns", tested=frozenset({Step.DNS}))),
            Step.RESPONSE,
            ("not-tested", "Not part of check-dns."),
        ),
        (
            judgement(setting=DiagnosisOptions(command="check-dns", tested=frozenset({Step.DNS}))),
            Step.DNS,
            ("not-tested", "Not tested."),
        ),
        (
            judgement(setting=DiagnosisOptions(stopped="it was interrupted")),
            Step.DNS,
            ("not-tested", "Not tested: it was interrupted."),
        ),
        (
            judgement(setting=ASKED),
            Step.DHCP,
            ("not-tested", "The domain is contoso.com, from the command line; DHCP was not tested."),
        ),
        (
            judgement(setting=DiagnosisOptions(domain="contoso.com", domain_from="the lease")),
            Step.DHCP,
            ("not-tested", "The domain is contoso.com, from the lease; DHCP was not tested."),
        ),
        (judgement(setting=DiagnosisOptions()), Step.DHCP, ("not-tested", "No DHCP domain is known.")),
        (
            judgement(setting=DiagnosisOptions(tested=frozenset(STEPS) - {Step.DNS})),
            Step.DHCP,
            ("not-tested", "Not tested: the server was given."),
        ),
        (
            judgement(setting=DiagnosisOptions(tested=frozenset(STEPS) - {Step.DNS}, domain="contoso.com")),
            Step.DHCP,
            ("not-tested", "The domain is contoso.com, from the command line; DHCP was not tested."),
        ),
    ],
)
def test_a_step_without_anything_seen_of_it(case: Judgement, step: Step, expected: tuple[str, str]) -> None:
    assert shown(step, case) == expected


def test_a_lease_that_names_no_domain() -> None:
    def lease(chosen: bool, provenance: str) -> Lease:
        return Lease(time=START, interface="eth0", source="a", provenance=provenance, chosen=chosen, authority="dhcp")

    case = judgement(setting=DiagnosisOptions(), facts=(lease(False, "another"), lease(True, "the lease of eth0")))
    assert shown(Step.DHCP, case) == ("not-tested", "No DHCP domain is known (the lease of eth0).")


@pytest.mark.parametrize("from_capture", [False, True])
def test_a_version_that_the_phone_has_is_not_fetched(from_capture: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = DiagnosisOptions(from_capture=from_capture, domain="contoso.com")
    case = judgement(event(Step.RESPONSE, channel=CHANNEL), setting=setting, traffic=Traffic(answers=[answer()]))
    assert shown(Step.DOWNLOAD, case) == NO_FILE
    monkeypatch.setattr(Traffic, "is_held", lambda traffic, offer: offer is traffic.answers[0])
    held = "The phone has the version that is offered: nothing to fetch."
    assert shown(Step.DOWNLOAD, case) == ("not-needed", held)


# The other addresses and ports of an active command.

TO_ALL = Traffic(
    connects=[
        connect(POOL, 80, "open"),
        connect(POOL, 443, "no_answer"),
        connect(OTHER, 80, "refused"),
        connect(OTHER, 80, "unreachable"),
        connect(OTHER, 443, "not_sent"),
        connect("10.0.0.22", 80, "open"),
        connect("10.0.0.22", 443, "unfinished"),
    ]
)
OTHERS = (
    f"; {POOL} port 443 does not answer, {OTHER} port 80 cannot be reached, {OTHER} port 443 was not tested, "
    "10.0.0.22 port 80 is open too and 10.0.0.22 port 443 unfinished."
)


def test_each_other_address_is_reported_of_a_connection() -> None:
    opened = event(Step.CONNECT, channel=CHANNEL)
    assert shown(Step.CONNECT, judgement(opened, setting=ASKED, traffic=TO_ALL))[1] == f"The connect happened{OTHERS}"
    broken = judgement(root=root(channel=CHANNEL), setting=ASKED, traffic=TO_ALL)
    assert shown(Step.CONNECT, broken)[1] == f"It broke{OTHERS}"
    alone = Traffic(connects=[connect(POOL, 80, "open")])
    assert shown(Step.CONNECT, judgement(opened, setting=ASKED, traffic=alone))[1] == "The connect happened."
    assert shown(Step.CONNECT, judgement(opened, traffic=TO_ALL))[1] == "The connect happened."


def channel(*events: Event, root: Event | None = None) -> PathResult:
    return PathResult(root=root, last={one.step: one for one in events})


@pytest.mark.parametrize("step", [Step.TLS, Step.REQUEST, Step.RESPONSE])
def test_each_other_address_is_reported_of_a_later_step(step: Step) -> None:
    own, other = event(step, channel=CHANNEL), event(step, False, channel=ELSEWHERE, summary="that one failed")
    channels = {CHANNEL: channel(own), ELSEWHERE: channel(other, root=other), SECURE: channel(event(Step.CONNECT))}
    case = judgement(own, setting=ASKED, channels=channels)
    assert shown(step, case)[1] == f"The {step} happened; but that one failed."
    # The one that decides is not told twice.
    case = judgement(root=replaced(other), setting=ASKED, channels={ELSEWHERE: channel(other, root=other)})
    assert shown(step, case)[1] == "That one failed."
    good = judgement(
        root=replaced(other), setting=ASKED, channels={CHANNEL: channel(own), ELSEWHERE: channel(other, root=other)}
    )
    in_order = "That one failed." if step is Step.RESPONSE else f"That one failed; but {POOL} port 80 is in order."
    assert shown(step, good)[1] == in_order
    # Of two that hold none is told, nor what failed at another step.
    behind = channel(event(step, channel=ELSEWHERE), root=event(Step.DOWNLOAD, False, summary="later"))
    case = judgement(own, setting=ASKED, channels={CHANNEL: channel(own), ELSEWHERE: behind})
    assert shown(step, case)[1] == f"The {step} happened."
    watched = judgement(own, channels=channels)
    assert shown(step, watched)[1] == f"The {step} happened."


def replaced(other: Event) -> Event:
    return event(other.step, False, channel=other.channel, summary=other.summary, code="connect-refused")


def test_a_path_in_clear_beside_one_over_tls() -> None:
    failed = event(Step.TLS, False, channel=SECURE, summary="the handshake failed")
    case = judgement(
        event(Step.REQUEST, channel=CHANNEL), setting=ASKED, channels={SECURE: channel(failed, root=failed)}
    )
    text = "Plain http: no TLS on this path; but the handshake failed."
    assert shown(Step.TLS, case) == ("not-needed", text)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (answer("none_offered", OTHER), f"; but {OTHER} port 80 offers nothing newer"),
        (answer("offered", OTHER, internal_url="b"), f"; but {OTHER} port 80 offers an update of its own"),
        (
            answer("offered", OTHER, internal_url="a", version="2"),
            f"; but {OTHER} port 80 offers an update of its own",
        ),
        (answer("empty", OTHER), f"; but {OTHER} port 80 empty"),
        (answer("offered", OTHER, internal_url="a", version="1"), ""),
        (answer("offered", OTHER, internal_url="a", version="1", external_url="c"), ""),
        (answer("none_offered", OTHER, 443), ""),
    ],
)
def test_another_address_with_another_answer(other: UpdateAnswer, told: str) -> None:
    own = answer(internal_url="a", version="1")
    channels = {one: channel(event(Step.RESPONSE, channel=one)) for one in (CHANNEL, ELSEWHERE)}
    case = judgement(
        event(Step.RESPONSE, channel=CHANNEL),
        setting=ASKED,
        channels=channels,
        traffic=Traffic(answers=[own, answer("not_xml", OTHER), other] if other.port == 80 else [own, other]),
    )
    assert shown(Step.RESPONSE, case)[1] == f"The response happened{told}."


def test_another_address_beside_an_answer_that_was_not_read() -> None:
    case = judgement(
        root=event(Step.RESPONSE, False, channel=CHANNEL, code="response-unknown", summary="it is too large"),
        setting=ASKED,
        channels={ELSEWHERE: channel(event(Step.RESPONSE, channel=ELSEWHERE))},
        traffic=Traffic(answers=[answer("none_offered", OTHER)]),
    )
    assert shown(Step.RESPONSE, case)[1] == f"It is too large; but {OTHER} port 80 offers nothing newer."


def test_the_time_of_a_step_is_that_of_its_event() -> None:
    results = step_results(judgement(event(Step.DNS, seconds=0.5), root=root(seconds=2.5)), set())
    assert [result.seconds for result in results[:4]] == [None, 0.5, 2.5, None]
