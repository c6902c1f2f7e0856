"""The rules of the root cause, on events alone."""

from typing import Any

import pytest

from tests.diagnosis.story import command_texts
from ucdiag.diagnosis.root_cause import PathResult, judge_addresses, judge_events, warning_findings
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.model.observations import Lookup, RepeatedChecks
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step

SECOND = 1_000_000
HTTP = ("10.0.0.1", 80)
HTTPS = ("10.0.0.1", 443)


def event(step: Step, ok: bool | None = True, seconds: float = 0, **more: Any) -> Event:
    more.setdefault("summary", f"{step} at {seconds}")
    return Event(step=step, ok=ok, time=round(seconds * SECOND), **more)


def dns(ok: bool | None = True, seconds: float = 0, **more: Any) -> Event:
    more.setdefault("code", None if ok else "dns-no-answer")
    return event(Step.DNS, ok, seconds, **more)


def request(ok: bool | None = True, seconds: float = 0, **more: Any) -> Event:
    more.setdefault("code", None if ok else "http-not-found")
    more.setdefault("channel", HTTP)
    return event(Step.REQUEST, ok, seconds, **more)


def file(ok: bool | None, key: str, seconds: float = 0, **more: Any) -> Event:
    more.setdefault("code", None if ok else "download-truncated")
    return event(Step.DOWNLOAD, ok, seconds, key=key, **more)


def answer(seconds: float = 0, **more: Any) -> Event:
    return event(Step.RESPONSE, True, seconds, **more)


def root_of(*events: Event, from_capture: bool = True) -> int | None:
    """Which of the events decides."""
    result = judge_events(events, from_capture)
    if result.root is None:
        return None
    return next(number for number, seen in enumerate(events) if seen.time == result.root.time)


@pytest.mark.parametrize(
    ("events", "root", "active_root"),
    [
        ([dns(False)], 0, 0),
        ([dns(False), dns(True, 1)], None, None),
        ([dns(True), dns(False, 1)], 1, 1),
        ([dns(False), request(True, 1)], None, 0),
        ([dns(False), request(False, 1)], 0, 0),
        ([dns(None), request(True, 1)], None, 0),
        ([request(False), dns(True, 1)], 0, 0),
        ([dns(False, level=Level.WARNING)], None, None),
        ([dns(None, level=Level.WARNING)], 0, 0),
        ([dns(False, superseded=True)], None, None),
    ],
)
def test_the_first_step_whose_last_word_is_no_success_decides(
    events: list[Event], root: int | None, active_root: int | None
) -> None:
    assert root_of(*events) == root
    assert root_of(*events, from_capture=False) == active_root


@pytest.mark.parametrize(
    ("events", "root"),
    [
        ([file(True, "a"), file(False, "b", 1)], 1),
        ([file(False, "a"), file(True, "b", 1)], 0),
        ([file(False, "a"), file(True, "a", 1)], None),
        ([file(False, "a"), file(False, "b", 1)], 1),
        ([file(None, "a"), file(False, "b", 1), file(None, "c", 2)], 1),
        ([file(False, "a", superseded=True), file(True, "b", 1)], None),
        ([file(False, "a", level=Level.WARNING), file(True, "b", 1)], None),
    ],
)
def test_each_file_must_arrive(events: list[Event], root: int | None) -> None:
    assert root_of(*events) == root


def test_the_last_file_that_arrived_is_shown() -> None:
    files = [file(True, "a"), file(True, "b", 1)]
    assert judge_events(files, from_capture=True).last[Step.DOWNLOAD] is files[1]


@pytest.mark.parametrize(
    ("before", "decides"),
    [
        ([], True),
        ([dns(False)], True),
        ([request(False)], False),
        ([request(False), request(True, 1)], True),
        ([file(False, "a")], False),
        ([request(False, level=Level.WARNING)], True),
    ],
)
def test_what_did_not_follow_decides_where_nothing_came_as_far_and_failed(before: list[Event], decides: bool) -> None:
    missing = request(None, 9, code="request-not-sent", missing_next=True)
    opened = event(Step.CONNECT, True, 8)
    root = judge_events([*before, opened, missing], from_capture=True).root
    assert (root is missing) is decides


@pytest.mark.parametrize(
    ("before", "silent"),
    [
        (dns(False, values={"nameserver": "a"}), True),
        (dns(False, values={"nameserver": "b"}), False),
        (dns(False, values={"nameserver": "a"}, code="dns-refused"), False),
        (dns(False, values={"nameserver": "a"}, code="dns-refused", silent=True), True),
        (dns(True, values={"nameserver": "a"}), False),
        (request(True, values={"nameserver": "a"}), False),
        (dns(None, values={"nameserver": "a"}, waiting=True), False),
    ],
)
def test_a_silence_that_goes_on_decides_nothing_new(before: Event, silent: bool) -> None:
    waiting = dns(None, 9, code="capture-too-short", values={"nameserver": "a"}, waiting=True)
    events = [before, waiting]
    assert (judge_events(events, from_capture=True).last[Step.DNS] is before) is silent


@pytest.mark.parametrize(
    ("code", "seconds", "from_capture", "warned"),
    [
        ("dns-no-answer", 15, True, False),
        ("dns-no-answer", 15.1, True, True),
        ("dns-no-answer", 15, False, True),
        ("dns-refused", 1, True, True),
    ],
)
def test_a_question_repeated_soon_is_no_failure(code: Any, seconds: float, from_capture: bool, warned: bool) -> None:
    failed = dns(False, code=code)
    assert judge_events([failed, dns(True, seconds)], from_capture).warnings == [failed] * warned


@pytest.mark.parametrize("step", [Step.DHCP, Step.CONNECT])
def test_another_step_that_holds_soon_does_not_forgive(step: Step) -> None:
    failed = dns(False)
    events = [failed, event(step, True, 1), dns(True, 20)]
    assert judge_events(events, from_capture=True).warnings == [failed]


def test_a_failure_of_the_protocol_leaves_nothing_once_it_recovered() -> None:
    first = request(False, code="http-auth-required", expected=True)
    result = judge_events([first, request(True, 1)], from_capture=True)
    assert (result.root, result.warnings, result.tally) == (None, [], "")
    assert judge_events([first], from_capture=True).root is first


def test_failures_like_the_root_are_reported_with_it_and_what_follows_is_not() -> None:
    earlier, root = dns(False), dns(False, 2)
    behind, before = request(False, 1), event(Step.DHCP, False, 0, code="dhcp-nak", level=Level.WARNING)
    result = judge_events([before, earlier, behind, root], from_capture=True)
    assert result.root is root
    assert result.alike == [earlier]
    assert result.warnings == [before]
    assert result.seen == {Step.DHCP, Step.DNS, Step.REQUEST}


@pytest.mark.parametrize(
    ("outcomes", "tally"),
    [
        ([True, True], ""),
        ([False], ""),
        ([True, False], "1 of 2 requests to 10.0.0.1 succeeded"),
        ([False, True], "1 of 2 requests to 10.0.0.1 succeeded"),
        ([True, False, True], "2 of 3 requests to 10.0.0.1 succeeded"),
        ([True, False, False, True], "2 of 4 requests to 10.0.0.1 succeeded"),
        (
            [False, True, False],
            "1 of 3 requests to 10.0.0.1 succeeded, which is typical of one bad member of a pool behind one address",
        ),
        (
            [True, False, True, False, True],
            "3 of 5 requests to 10.0.0.1 succeeded, which is typical of one bad member of a pool behind one address",
        ),
    ],
)
def test_the_tally_of_requests(outcomes: list[bool], tally: str) -> None:
    events = [request(ok, number) for number, ok in enumerate(outcomes)]
    result = judge_events(events, from_capture=True)
    assert result.tally == tally
    if result.root is not None:
        assert result.root.summary == f"request at {len(outcomes) - 1}" + (f"; {tally}" if tally else "")
    assert judge_events(events).tally == ""


def test_the_tally_is_of_the_address_that_was_asked_last() -> None:
    elsewhere = request(True, 0, channel=("10.0.0.9", 80))
    events = [elsewhere, request(False, 1), request(True, 2, channel=HTTPS), request(None, 3)]
    assert judge_events(events, from_capture=True).tally == "1 of 2 requests to 10.0.0.1 succeeded"


@pytest.mark.parametrize(
    ("after", "root"),
    [
        (dns(None, 9, code="dns-not-asked"), False),
        (request(None, 9, code="request-not-sent"), False),
        (request(None, 9, code="external-sign-in-needed", expected=True), True),
        (dns(False, 9), True),
    ],
)
def test_what_came_to_nothing_after_a_whole_path_decides_nothing(after: Event, root: bool) -> None:
    whole = [request(True, 1), answer(2, terminal=True)]
    assert (judge_events([*whole, after], from_capture=True).root is after) is root
    # A path that was not seen whole goes on.
    assert judge_events([request(True, 1), answer(2), after], from_capture=True).root is after


def test_so_after_a_file_that_arrived() -> None:
    whole = [answer(1), file(True, "a", 2)]
    missing = event(Step.DOWNLOAD, None, 9, code="download-not-tried", missing_next=True)
    assert judge_events([*whole, missing], from_capture=True).root is None
    assert judge_events([*whole, file(None, "b", 9)], from_capture=True).root is not None


def test_a_file_that_arrived_at_last_did_not_fail() -> None:
    missing = event(Step.DOWNLOAD, None, 9, code="download-not-tried", missing_next=True)
    recovered = [file(False, "a"), file(True, "a", 1)]
    void = [file(False, "a"), file(True, "a", 1, superseded=True)]
    assert judge_events([*void, missing], from_capture=True).root is missing
    assert (
        judge_events([file(False, "a"), file(True, "b", 1, superseded=True), missing], from_capture=True).root
        is not missing
    )
    asked = dns(None, 9, code="dns-not-asked")
    whole = [answer(-1, terminal=True)]
    assert judge_events([*whole, *recovered, asked], from_capture=True).root is None
    assert judge_events([*whole, file(False, "a"), asked], from_capture=True).root is asked


@pytest.mark.parametrize(
    ("events", "root"),
    [
        # What could not be read was enough for the phone, which came to a later step.
        ([dns(None, problem="dns-malformed"), request(None, 1, code="request-not-sent")], 1),
        ([dns(None, problem="dns-malformed"), request(None, 1, code="request-not-sent", missing_next=True)], 0),
        ([request(None, code="request-not-sent"), dns(None, 1, problem="dns-malformed")], 1),
        ([dns(None), request(None, 1, code="request-not-sent")], 0),
        ([dns(None, problem="dns-malformed"), dns(None, 1, problem="dns-malformed")], 1),
        ([dns(None, problem="dns-malformed"), event(Step.DHCP, None, 1, problem="a")], 1),
    ],
)
def test_what_could_not_be_read_and_did_not_hold_the_phone_up(events: list[Event], root: int) -> None:
    assert root_of(*events) == root
    assert root_of(*events, from_capture=False) == min(
        range(len(events)), key=lambda number: (events[number].step.number, -number)
    )


@pytest.mark.parametrize(
    ("before", "waiting", "silent"),
    [
        ({"channel": HTTP}, {"channel": HTTP}, True),
        ({"channel": HTTP}, {"channel": HTTPS}, False),
        ({"values": {"address": "a", "port": "1"}}, {"values": {"address": "a", "port": "1"}}, True),
        ({"values": {"address": "a", "port": "1"}}, {"values": {"address": "a", "port": "2"}}, False),
        ({"values": {"address": "a", "port": "1"}}, {"values": {"address": "b", "port": "1"}}, False),
        ({"values": {"nameserver": "a", "port": "1"}}, {"values": {"nameserver": "a", "port": "2"}}, True),
    ],
)
def test_who_was_asked_once_more(before: dict[str, Any], waiting: dict[str, Any], silent: bool) -> None:
    first = event(Step.CONNECT, False, 1, code="connect-no-answer", **before)
    again = event(Step.CONNECT, None, 9, code="capture-too-short", waiting=True, **waiting)
    assert (judge_events([first, again], from_capture=True).last[Step.CONNECT] is first) is silent
    # Something else in between, of an earlier step or of another one who was asked, changes nothing.
    other = event(Step.CONNECT, False, 5, code="connect-refused", channel=("10.0.0.9", 1))
    assert (judge_events([first, other, dns(True, 6), again], from_capture=True).root is again) is not silent
    # An answer, of this step or of a later one, ends the silence.
    for answered in (event(Step.CONNECT, True, 5), event(Step.REQUEST, True, 5), event(Step.TLS, False, 5)):
        assert again in judge_events([first, answered, again], from_capture=True).last.values()


@pytest.mark.parametrize("code", ["dns-no-answer", "dns-answer-from-elsewhere", "connect-no-answer"])
def test_what_says_that_nobody_answered(code: Any) -> None:
    first = dns(False, 1, code=code)
    again = dns(None, 9, code="capture-too-short", waiting=True)
    assert judge_events([first, again], from_capture=True).root is first


@pytest.mark.parametrize(
    ("code", "forgiven"),
    [("dns-no-answer", True), ("dhcp-no-answer", True), ("dhcp-nak", True), ("dhcp-no-domain", False)],
)
def test_what_is_repeated_by_itself(code: Any, forgiven: bool) -> None:
    first = event(Step.DHCP, False, code=code)
    result = judge_events([first, event(Step.DHCP, True, 15)], from_capture=True)
    assert result.warnings == ([] if forgiven else [first])
    assert judge_events([first, event(Step.DHCP, True, 15.000001)], from_capture=True).warnings == [first]


def test_a_warning_that_recovered_stays_one() -> None:
    first = dns(False, level=Level.WARNING)
    assert judge_events([first, dns(True, 1)], from_capture=True).warnings == [first]


def addresses(*events: Event) -> PathResult:
    return judge_addresses(list(events))


def good(channel: tuple[str, int]) -> list[Event]:
    return [request(True, 0, channel=channel), answer(1, channel=channel)]


def test_one_good_port_of_an_address_is_enough() -> None:
    failed = request(False, 0, channel=HTTP, code="http-unavailable")
    result = addresses(failed, *good(HTTPS))
    assert result.root is None
    assert result.warnings == [failed]
    # The first port speaks first of equals.
    assert addresses(*good(HTTP), request(False, 0, channel=HTTPS)).warnings == []


def test_of_two_bad_ports_the_one_that_got_further_decides() -> None:
    connect = event(Step.CONNECT, False, 0, code="connect-refused", channel=HTTP)
    failed = request(False, 0, channel=HTTPS)
    assert addresses(connect, failed).root is failed
    assert addresses(failed, connect).root is failed
    told = request(None, 0, channel=HTTPS)
    assert addresses(connect, told).root is told


def test_a_port_whose_test_came_to_no_end_decides_last() -> None:
    opened = event(Step.CONNECT, True, 0, channel=HTTP)
    failed = event(Step.CONNECT, False, 0, code="connect-refused", channel=HTTPS)
    assert addresses(opened, failed).root is failed


def test_one_bad_address_breaks_the_path() -> None:
    other = ("10.0.0.9", 80)
    failed = request(False, 0, channel=other)
    unknown = request(None, 0, channel=("10.0.0.8", 80))
    connect = event(Step.CONNECT, False, 0, code="connect-refused", channel=("10.0.0.7", 80))
    result = addresses(*good(HTTP), failed)
    assert result.root is failed
    assert result.last[Step.REQUEST] is failed
    assert addresses(*good(HTTP), unknown, failed).root is failed
    assert addresses(*good(HTTP), unknown).root is unknown
    result = addresses(failed, connect)
    assert (result.root, result.warnings) == (connect, [failed])
    same = request(False, 1, channel=HTTP)
    assert addresses(failed, same).alike == [same]
    assert set(addresses(failed, same).channels) == {other, HTTP}


@pytest.mark.parametrize(
    ("summaries", "text"),
    [(["a"], "a"), (["a", "a"], "a (2 times)"), (["a", "b"], "b"), (["a", "b", "b"], "b")],
)
def test_a_warning_counts_what_is_the_same(summaries: list[str], text: str) -> None:
    events = [dns(False, number, summary=summary) for number, summary in enumerate(summaries)]
    (warning,) = warning_findings([*events, dns(None, code=None)], {})
    assert (warning.code, warning.level, warning.summary) == ("dns-no-answer", Level.WARNING, text)


def test_a_warning_has_all_evidence_once_and_the_last_values() -> None:
    lines = [Evidence(text="one"), Evidence(text="two")]
    events = [
        dns(False, evidence=(lines[0],), values={"nameserver": "10.0.0.1"}),
        dns(False, evidence=(lines[0], lines[1]), values={"nameserver": "10.0.0.2"}),
    ]
    (warning,) = warning_findings(events, {"domain": "contoso.com"})
    assert warning.evidence == tuple(lines)
    commands = "\n".join(command_texts(warning))
    assert "10.0.0.2" in commands
    assert "10.0.0.1" not in commands


def test_the_builder_gives_all_events_what_they_have_in_common() -> None:
    seen = Lookup(time=5, frame=7, name="a", type="A")
    evidence = evidence_of("line", None, seen)
    assert evidence == Evidence(text="line", time=5, frame=7)
    assert evidence_of("line", None) == Evidence(text="line")
    builder = StepEventBuilder(
        step=Step.DNS, time=5, evidence=(evidence,), values={"name": "a"}, channel=HTTP, seconds=0.5
    )
    common = {"step": Step.DNS, "time": 5, "evidence": (evidence,), "channel": HTTP, "seconds": 0.5}
    assert builder.ok("good") == Event(ok=True, summary="good", **common)
    assert builder.failed("dns-refused", "bad", level=Level.WARNING, expected=True) == Event(
        ok=False,
        code="dns-refused",
        summary="bad",
        values={"name": "a"},
        level=Level.WARNING,
        expected=True,
        **common,
    )
    assert builder.unknown("who knows") == Event(ok=None, summary="who knows", values={"name": "a"}, **common)
    cut = Event(ok=None, code="capture-too-short", summary="end", values={"name": "a"}, waiting=True, **common)
    assert builder.cut_off("end") == cut
    assert not builder.cut_off("end", waiting=False).waiting
    assert builder.with_values(name="b", label="c").values == {"name": "b", "label": "c"}
    assert builder.with_evidence(Evidence(text="more")).evidence == (evidence, Evidence(text="more"))


def repeated(count: int, seconds: float, times: tuple[int, ...] = (1,)) -> RepeatedChecks:
    return RepeatedChecks(time=int(seconds * SECOND), count=count, last_time=0, times=times)


@pytest.mark.parametrize(
    ("repeats", "tally"),
    [
        ([], "1 of 2 requests to 10.0.0.1 succeeded"),
        ([repeated(5, 0.5)], "6 of 7 requests to 10.0.0.1 succeeded"),
        ([repeated(5, 1.5)], "1 of 7 requests to 10.0.0.1 succeeded"),
        ([repeated(1000, 0.5), repeated(2000, 1.5)], "1,001 of 3,002 requests to 10.0.0.1 succeeded"),
        # Nobody knows what they were like, or nothing came before them.
        ([repeated(5, 0.5, ())], "1 of 2 requests to 10.0.0.1 succeeded"),
        ([repeated(5, 0)], "1 of 2 requests to 10.0.0.1 succeeded"),
        ([repeated(5, -1)], "1 of 2 requests to 10.0.0.1 succeeded"),
    ],
)
def test_what_was_only_counted_went_as_the_request_before_it(repeats: list[RepeatedChecks], tally: str) -> None:
    result = judge_events([request(True, 0), request(False, 1)], from_capture=True, repeats=repeats)
    assert result.tally == tally


def test_counted_requests_to_another_address_do_not_count() -> None:
    events = [request(True, 0, channel=("10.0.0.9", 80)), request(True, 2), request(False, 3)]
    assert judge_events(events, from_capture=True, repeats=[repeated(5, 1)]).tally.startswith("1 of 2 ")
    without = [request(True, 0, channel=None), request(True, 2), request(False, 3)]
    assert judge_events(without, from_capture=True, repeats=[repeated(5, 1)]).tally.startswith("1 of 2 ")


@pytest.mark.parametrize(
    ("events", "from_capture", "warned"),
    [
        ([request(False), dns(None, 9, code="capture-too-short")], True, ["http-not-found"]),
        ([request(False), dns(None, 9, code="capture-gap")], True, ["http-not-found"]),
        ([file(False, "a"), dns(None, 9, code="capture-too-short")], True, ["download-truncated"]),
        # A failure of now may be why the later step fails, and what is behind it follows from it.
        ([request(False), dns(False, 9)], True, []),
        ([request(False), dns(None, 9, code="firmware-needs-sign-in")], True, []),
        ([dns(None, 0, code="capture-gap"), request(False, 9)], True, []),
        ([request(False, 9), dns(None, 9, code="capture-gap")], True, []),
        ([request(False, expected=True), dns(None, 9, code="capture-too-short")], True, []),
        ([request(False), dns(None, 9, code="capture-too-short")], False, []),
    ],
)
def test_a_failure_before_what_the_end_of_a_capture_cuts_off_is_named(
    events: list[Event], from_capture: bool, warned: list[str]
) -> None:
    result = judge_events(events, from_capture)
    assert [event.code for event in result.warnings] == warned
