"""The ladder, as a person sees it, and what it promises whatever it is given."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.story import POOL, Story
from tests.examples import examples
from tests.views.reports import TEXT, broken_phone, instances, report
from tests.views.shown import (
    Stream,
    shown,
    texts,
)
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.model.observations import KINDS, Dhcp, Extent, Lookup, Observation
from ucdiag.model.report import Evidence, Finding, PhoneReport, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.views.ladder import ladder_lines
from ucdiag.views.ladder_messages import Direction, message_exchanges
from ucdiag.views.text_width import display_width, fit_text

BREAKS = "the path breaks here"


def drawn(phone: PhoneReport, width: int = 80, unicode: bool = False, verbose: bool = False) -> list[str]:
    lines = texts(ladder_lines(phone, width, unicode, verbose))
    assert all(display_width(line) < width for line in lines), lines
    return lines


def legacy_only() -> Story:
    story = Story(from_capture=True).leased().wait(1).asks(rcode="NXDOMAIN")
    return story.asks("ucupdates.contoso.com", "NOERROR", POOL).wait(10).lost(0)


def test_a_missing_record_in_ascii() -> None:
    assert drawn(legacy_only().report()) == [
        "  phone 00:04:f2:00:00:01; DHCP 10.0.0.1; DNS 10.0.0.2",
        "    time frame phone    DHCP server  resolver",
        "   0.000     1   |---------->|           |   DISCOVER",
        "   0.100     2   |<----------|           |   OFFER 10.0.0.7, domain contoso.com",
        "   0.200     3   |---------->|           |   REQUEST",
        "   0.300     4   |<----------|           |   ACK 10.0.0.7, domain contoso.com",
        "X  1.400     5   |---------------------->|   A ucupdates-r2.contoso.com?",
        "X  1.410         |<----------------------|   NXDOMAIN",
        "X ---- the path breaks here: dns-legacy-only ------------",
        "   1.500     6   |---------------------->|   A ucupdates.contoso.com?",
        "   1.510         |<----------------------|   10.0.0.20",
        "  11.600         |           |           |   (the capture ends)",
    ]


def test_with_room_the_columns_have_their_full_names_and_addresses() -> None:
    story = Story(from_capture=True).found().connects("no_answer", attempts=3).wait(20).lost(3)
    phone = story.report()
    phone = dataclasses.replace(phone, phone=dataclasses.replace(phone.phone, ip="10.0.0.7"))
    assert drawn(phone, 120, unicode=True) == [
        "    time frame phone          resolver       update server",
        "               10.0.0.7       10.0.0.2         10.0.0.20",
        "   0.000     1   │───────────────►│                │   A ucupdates-r2.contoso.com?",
        "   0.010         │◄───────────────│                │   10.0.0.20",
        "✗  0.100     2   │────────────────────────────────✗│   SYN to port 80 (3 tries), no answer",
        "✗ ──── the path breaks here: connect-no-answer ────────────",
        "  20.200         │                │                │   (the capture ends; it lost 3 packets)",
    ]


def test_where_there_is_no_room_for_columns_the_host_is_named() -> None:
    story = Story(from_capture=True).leased().found().connects().posts(404).wait(20)
    assert drawn(story.report(), 40) == [
        "  phone 00:04:f2:00:00:01",
        "  DHCP 10.0.0.1; DNS 10.0.0.2",
        "  update 10.0.0.20",
        "  0.000 -> DHCP   DISCOVER",
        "  0.100 <- DHCP   OFFER 10....ntoso.com",
        "  0.200 -> DHCP   REQUEST",
        "  0.300 <- DHCP   ACK 10.0....ntoso.com",
        "  0.400 -> DNS    A ucupdat...toso.com?",
        "  0.410 <- DNS    10.0.0.20",
        "  0.500 -> update SYN to port 80",
        "  0.510 <- update SYN ACK: open",
        "X 0.600 -> update POST /Req...evice.upx",
        "X 0.600 <- update 404 Not Found",
        "X ---- here: http-not-found -----------",
    ]


def test_a_whole_download_by_way_of_a_first_refusal_and_an_offer() -> None:
    story = Story(from_capture=True).found().connects().posts(401, challenges=("NTLM", "Negotiate"))
    story.posts(answer_bytes=512).offers().asks("pool01.contoso.com", "NOERROR", POOL)
    lines = drawn(story.gets(answer_bytes=5_000_000, announced_bytes=5_000_000).report(), 120)
    assert lines[1] == "   time frame phone         DNS        update        files"
    assert [line.rpartition("|   ")[2] for line in lines[2:]] == [
        "A ucupdates-r2.contoso.com?",
        "10.0.0.20",
        "SYN to port 80",
        "SYN ACK: open",
        "POST /RequestHandler/ucdevice.upx",
        "401 (NTLM, Negotiate)",
        "POST /RequestHandler/ucdevice.upx",
        "200 OK, 512 bytes",
        lines[10],
        "A pool01.contoso.com?",
        "10.0.0.20",
        "GET CPE.nbt of pool01.contoso.com",
        "200 OK, 5,000,000 bytes",
    ]
    assert lines[10].startswith("  0.400     5   | it says: an update is offered: http://pool01.")
    assert lines[10].endswith("3.5.6907.35/CPE")
    assert not any(line.startswith(("X", "!", "?")) or BREAKS in line for line in lines)


@pytest.mark.parametrize(
    ("story", "broken", "code"),
    [
        (Story(from_capture=True).dhcp("discover").wait(9), ["DISCOVER: no answer"], "dhcp-no-answer"),
        (
            Story(from_capture=True).leased(domain=None),
            ["ACK 10.0.0.7, no domain"],
            "dhcp-no-domain",
        ),
        (
            Story(from_capture=True).found().connects("refused").wait(9),
            ["SYN to port 80", "RST: refused"],
            "connect-refused",
        ),
        (
            Story(from_capture=True)
            .found()
            .connects(port=443)
            .shakes("alert", alert=48, alert_from="client", stage="certificate", versions=("TLS 1.0",))
            .wait(9),
            ["ClientHello (TLS 1.0)", "certificate", "TLS alert 48 (unknown CA)"],
            "tls-untrusted",
        ),
        (
            Story(from_capture=True).found().connects().posts(None, failure="closed").wait(9),
            ["POST /RequestHandler/ucdevice.upx", "closes without an answer"],
            "http-closed",
        ),
        (
            Story(from_capture=True).found().connects().posts(None).wait(9),
            ["POST /RequestHandler/ucdevice.upx: no answer"],
            "http-no-answer",
        ),
        (
            Story(from_capture=True).found().connects().posts().offers("", "").wait(9),
            ["it says: an update is offered, its URLs blank"],
            "response-urls-blank",
        ),
        (
            Story(from_capture=True).found().connects().posts().offers().gets(404).wait(9),
            ["GET CPE.nbt of pool01.contoso.com", "404 Not Found"],
            "download-not-found",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_break_is_marked_at_the_messages_that_show_it(story: Story, broken: list[str], code: str) -> None:
    lines = drawn(story.report(), 120)
    at = next(number for number, line in enumerate(lines) if BREAKS in line)
    assert lines[at].startswith(f"X ---- {BREAKS}: {code} ")
    marked = lines[at - len(broken) : at]
    assert [line for line in lines[:at] if line.startswith("X")] == marked
    for line, label in zip(marked, broken, strict=True):
        assert line.endswith(f"|   {label}"), line
    assert sum(BREAKS in line for line in lines) == 1


def test_the_arrow_of_an_alert_leaves_from_who_sent_it() -> None:
    for sender, arrow in (("client", "-->|"), ("server", "|<--")):
        story = Story(from_capture=True).found().connects(port=443)
        story.shakes("alert", alert=40, alert_from=sender, stage="client_hello").wait(9)
        line = next(line for line in drawn(story.report(), 100) if "TLS alert 40 (handshake failure)" in line)
        assert arrow in line


def test_a_failure_that_recovered_is_marked_and_not_as_the_break() -> None:
    story = Story(from_capture=True).found(POOL, "10.0.0.22").connects("refused").wait(20)
    lines = drawn(story.updated("10.0.0.22").report(), 120)
    assert lines[1].endswith("update server 1  update server 2")
    assert [line.rpartition("|   ")[2] for line in lines if line.startswith("!")] == ["SYN to port 80", "RST: refused"]
    assert sum(line.endswith("SYN to port 80") for line in lines) == 2
    assert not any(line.startswith("X") for line in lines)


def test_an_unknown_verdict_says_where_the_story_stops() -> None:
    lines = drawn(Story(from_capture=True).leased().found().wait(9).lost(0).report())
    assert lines[-2:] == [
        "? ---- what came next is not known: connect-not-tried ------------",
        "  9.500         |           |           |   (the capture ends)",
    ]


def test_what_is_not_about_the_update_is_counted_and_shown_with_verbose() -> None:
    story = Story(from_capture=True).found()
    for number in range(5):
        story.asks(f"sip{number}.contoso.com", "NXDOMAIN")
    phone = story.updated().report()
    lines = drawn(phone)
    assert sum("... 5 not about the update" in line for line in lines) == 1
    assert not any("sip" in line for line in lines)
    assert sum("A sip" in line for line in drawn(phone, verbose=True)) == 5


def test_repetitions_are_folded_and_the_last_attempt_stays() -> None:
    story = Story(from_capture=True).leased()
    for _ in range(30):
        story.found().connects().posts(404).wait(300)
    lines = drawn(story.report())
    folds = [line for line in lines if "..." in line and "more" in line]
    assert len(folds) == 1
    assert folds[0].endswith("... 28 more lookups, 28 connections, 28 requests")
    assert sum("404 Not Found" in line for line in lines) == 2
    assert len(lines) < 25
    assert lines[-1].startswith(f"X ---- {BREAKS}: http-not-found")


def test_a_failure_in_the_middle_of_a_long_story_is_not_folded_away() -> None:
    story = Story(from_capture=True)
    for number in range(40):
        story.found().connects()
        story.posts(503 if number == 20 else 200).answers("none_offered")
        story.wait(300)
    lines = drawn(story.report(), 100)
    assert [line[-23:] for line in lines if line.startswith("!")][-1] == "503 Service Unavailable"
    assert len(lines) < 40


def test_however_long_the_story_the_ladder_is_bounded() -> None:
    story = Story(from_capture=True)
    for number in range(900):
        story.asks(f"ucupdates-r2.site{number}.contoso.com", "NXDOMAIN")
    phone = story.report()
    lines = drawn(phone)
    assert 60 < len(lines) < 170
    assert lines[-1].startswith("X")
    assert "site899" in lines[-3]
    assert len(drawn(phone, verbose=True)) < 1000


def test_nobody_is_accused_of_silence_where_the_capture_hears_no_server() -> None:
    phone = Story(from_capture=True).dhcp("request").found().updated().report()
    assert not any("no answer" in line for line in drawn(phone))
    alone = Story(from_capture=True).dhcp("request").wait(9).report()
    assert any("REQUEST: no answer" in line for line in drawn(alone))


def test_an_opening_that_is_not_in_the_capture_is_not_drawn_as_seen() -> None:
    def lines(**more: str) -> str:
        return "\n".join(drawn(Story(from_capture=True).found().connects(**more).posts().wait(9).report()))

    assert "SYN ACK: open" in lines()
    assert "not seen" not in lines()
    assert "(SYN ACK not seen) open" in lines(lacking="syn_ack")
    assert "SYN ACK: open" not in lines(lacking="syn_ack")
    assert "(SYN to port 80 not seen)" in lines(lacking="syn")


def test_a_syn_ack_that_did_not_arrive_is_reported() -> None:
    story = Story(from_capture=True).leased().found(POOL).connects()
    lost = story.wait(1).connects("no_answer", attempts=3, lacking="ack").wait(20)
    assert any("SYN again (3 tries): its SYN ACK is lost" in line for line in drawn(lost.report(), 120))


def test_the_vlan_is_reported_where_it_changes() -> None:
    one = Story(from_capture=True).leased(tag=20).report()
    tagged = Story(from_capture=True).dhcp("discover", tag=20).dhcp("offer", tag=20).report()
    assert not any("(VLAN" in line for line in drawn(tagged))
    assert any("OFFER 10.0.0.7, domain contoso.com (VLAN 20)" in line for line in drawn(one, 120))


def test_active_observations_make_a_ladder_without_frames() -> None:
    lines = drawn(Story().lease().found().connects().posts(500).report(), 100)
    assert "frame" not in lines[1]
    assert [line.rpartition("|   ")[2] for line in lines if line.startswith("X")] == [
        "POST /RequestHandler/ucdevice.upx",
        "500 Internal Server Error",
        f"X ---- {BREAKS}: http-server-error ------------",
    ]
    assert "option 15 of the lease of eth0: domain contoso.com" in lines[2]


def test_nothing_is_drawn_of_nothing() -> None:
    assert ladder_lines(broken_phone(observations=()), 80) == []
    assert ladder_lines(broken_phone(observations=(Extent(time=1, end=2),)), 80) == []


def test_the_time_of_day_with_verbose() -> None:
    lines = drawn(legacy_only().report(), 100, verbose=True)
    assert lines[1].split()[:2] == ["UTC", "frame"]
    assert lines[2].startswith("  22:13:20.000     1")


def test_over_several_days_the_time_of_day_is_dated() -> None:
    report = Story(from_capture=True).found().wait(86_400).found().wait(3600).found().report()
    lines = [line.strip() for line in drawn(report, 100, verbose=True)]
    dates = [number for number, line in enumerate(lines) if "2023-11-" in line]
    assert [lines[number].strip(" -") for number in dates] == ["2023-11-15"]
    assert lines[dates[0] + 1].startswith("22:13:20.100")
    assert not any("2023-11-" in line for line in drawn(report, 100))


def test_long_stories_are_timed_in_hours_and_days() -> None:
    story = Story(from_capture=True).found().wait(4000).found().wait(500_000).found()
    starts = [line[2:10].strip() for line in drawn(story.report()) if "ucupdates-r2" in line]
    assert starts == ["0.000", "1:06:40", "5d 20h"]


def test_text_is_cut_in_the_middle_and_by_the_columns_it_takes() -> None:
    assert fit_text("abcdefghij", 10, True) == "abcdefghij"
    assert fit_text("abcdefghij", 7, True) == "abc…hij"
    assert fit_text("abcdefghij", 7, False) == "ab...ij"
    assert fit_text("日本語の名前です", 8, True) == "日本…す"
    assert display_width("日本…す") == 7
    assert display_width("e\u0301") == 1
    assert fit_text("日本", 20, False) == "\\u65e5\\u672c"
    assert fit_text("a\x1b[2J\r\nb", 40, True) == "a\\x1b[2J\\r\\nb"
    assert fit_text("abc", 0, True) == ""


# In the views.


def test_the_text_view_draws_it_of_a_capture_with_v_or_where_it_is_asked_for() -> None:
    one, two = report(command="capture"), report(broken_phone(), broken_phone(), command="capture")
    assert BREAKS not in shown(one)
    assert BREAKS in shown(one, verbose=1)
    assert BREAKS in shown(one, ladder=True)
    assert BREAKS not in shown(two)
    assert shown(two, ladder=True).count(BREAKS) == 2
    assert BREAKS not in shown(one, ladder=False, verbose=1)
    assert BREAKS not in shown(one, quiet=True, ladder=True)
    assert BREAKS not in shown(report(command="check"), verbose=1)
    assert BREAKS in shown(report(command="check"), ladder=True)


def test_on_a_stream_that_carries_ascii_only_it_is_drawn_in_ascii() -> None:
    text = shown(report(command="capture"), stream=Stream("ascii"), ladder=True)
    assert text.isascii()
    assert f"X ---- {BREAKS}: dns-legacy-only" in text


def test_each_finding_with_frames_has_its_display_filter() -> None:
    phone = legacy_only().report()
    observations = tuple(
        dataclasses.replace(lookup, answer_frame=lookup.frame + 100)
        if isinstance(lookup, Lookup) and lookup.frame
        else lookup
        for lookup in phone.observations
    )
    phone = dataclasses.replace(phone, observations=observations)
    for format_ in ("text", "short"):
        text = shown(report(phone, command="capture"), format_=format_, verbose=1)
        assert "Wireshark: frame.number in {5, 6, 105, 106}\n" in text
    assert "Wireshark: frame.number == 12\n" in shown(report(broken_phone(observations=())), verbose=1)
    active = Story().found().connects("refused").report()
    assert "Wireshark" not in shown(report(active), verbose=1)


# Whatever it is given.

OBSERVATIONS = st.lists(
    st.one_of(*[instances(KINDS[kind]) for kind in ("dhcp", "lookup", "connect", "tls", "http", "answer", "transfer")]),
    min_size=1,
    max_size=12,
)


@st.composite
def phones(draw: st.DrawFn) -> PhoneReport:
    """Any observations, and a break that rests on one of them."""
    observations: list[Observation] = draw(OBSERVATIONS)
    seen = draw(st.sampled_from(observations))
    code = draw(st.sampled_from(sorted(CATALOGUE)))
    step = draw(st.sampled_from(Step))
    finding = dataclasses.replace(
        broken_phone().findings[0],
        code=code,
        step=step,
        evidence=(Evidence(text=draw(TEXT), time=seen.time, frame=seen.frame),),
    )
    status = draw(st.sampled_from(VerdictStatus))
    others: tuple[Finding, ...] = tuple(draw(st.lists(instances(Finding), max_size=2)))
    verdict = Verdict(status=status, step=step, code=code, summary="summary")
    return broken_phone(verdict=verdict, findings=(finding, *others), observations=tuple(observations))


@settings(max_examples=examples(80), deadline=None)
@given(phones(), st.integers(20, 200), st.booleans(), st.booleans())
def test_whatever_was_seen_the_lines_fit_are_clean_and_the_break_is_marked(
    phone: PhoneReport, width: int, unicode: bool, verbose: bool
) -> None:
    lines = texts(ladder_lines(phone, width, unicode, verbose))
    assert lines
    for line in lines:
        assert display_width(line) < width
        assert line.isprintable()
        assert unicode or line.isascii()
    cross = "✗" if unicode else "X"
    marked = [line for line in lines if line.startswith(cross)]
    if phone.verdict.status is VerdictStatus.BROKEN:
        # A line for the code, and at least one for a message that shows it.
        assert len(marked) >= 2
        assert width < 40 or any(str(phone.verdict.code) in line for line in marked)
    else:
        assert not marked


@settings(max_examples=examples(50), deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60), st.integers(0, 70), st.booleans())
def test_any_text_fits_and_is_clean(text: str, width: int, unicode: bool) -> None:
    cut = fit_text(text, width, unicode)
    assert display_width(cut) <= width
    assert cut.isprintable()
    assert unicode or cut.isascii()


@settings(max_examples=examples(50), deadline=None)
@given(OBSERVATIONS)
def test_every_observation_is_reported_once(observations: list[Observation]) -> None:
    exchanges = message_exchanges(tuple(observations))
    assert sorted(id(exchange.observation) for exchange in exchanges) == sorted(map(id, observations))
    for exchange in exchanges:
        directions = [message.direction for message in exchange.messages]
        # Only a DHCP answer and a server's hang-up come without a question, and what was lost has no answer.
        alone = isinstance(exchange.observation, Dhcp) or "before any request" in exchange.messages[0].text
        assert directions[0] is not Direction.BACK or alone
        assert Direction.LOST not in directions or len(directions) == 1


# From that width on the first message looks so: the names of the hosts in words, then columns, then wider ones.
WIDTHS = {
    35: "0.000 -> DHCP   DISCOVER",
    46: "0.000   |----->|      |   DISCOVER",
    56: "0.000     1   |----->|      |   DISCOVER",
    72: "0.000     1   |------>|       |   DISCOVER",
    74: "0.000     1   |------->|        |   DISCOVER",
    80: "0.000     1   |---------->|           |   DISCOVER",
    88: "0.000     1   |-------------->|               |   DISCOVER",
    90: "0.000     1   |--------------->|                |   DISCOVER",
}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_ladder_takes_the_room_that_there_is(width: int) -> None:
    phone = legacy_only().report()
    assert WIDTHS[width] in [line.strip() for line in drawn(phone, width)]
    assert WIDTHS[width] not in [line.strip() for line in drawn(phone, width - 1)]
    assert WIDTHS[90] in [line.strip() for line in drawn(phone, 200)]


@pytest.mark.parametrize(("hosts", "columns"), [(3, 3), (4, 1)])
def test_more_than_three_hosts_of_one_kind_share_a_column(hosts: int, columns: int) -> None:
    addresses = [f"10.0.0.{20 + number}" for number in range(hosts)]
    story = Story(from_capture=True).found(*addresses)
    for address in addresses:
        story.connects("refused", server=address)
    lines = drawn(story.wait(10).lost(0).report(), 160)
    assert next(line for line in lines if "(the capture ends)" in line).count("|") == 2 + columns


@pytest.mark.parametrize(("count", "folded"), [(3, False), (4, True)])
def test_four_repetitions_are_folded(count: int, folded: bool) -> None:
    story = Story(from_capture=True)
    for _ in range(count):
        story.asks(rcode="NXDOMAIN").wait(60)
    assert ("... 2 more lookups" in "\n".join(drawn(story.lost(0).report(), 120))) == folded


@pytest.mark.parametrize(
    ("verbose", "most"), [(False, 40), pytest.param(True, 400, marks=[pytest.mark.slow, pytest.mark.short])]
)
def test_so_many_exchanges_are_shown(verbose: bool, most: int) -> None:
    for count in (most, most + 1):
        story = Story(from_capture=True)
        for number in range(count):
            story.asks(f"ucupdates-r2.d{number}.example", "NXDOMAIN").wait(60)
        lines = drawn(story.lost(0).report(), 120, verbose=verbose)
        assert sum("NXDOMAIN" in line for line in lines) == most
