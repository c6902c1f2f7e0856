"""The part of a story that other phones may share, and the facts of another phone with the same story."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ucdiag.diagnosis.alike_stories import (
    Own,
    PhoneJudgement,
    Story,
    Within,
    contrasting_phones,
    mac_spellings,
    story_of,
)
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls, UnreadDhcp, UpdateAnswer
from ucdiag.model.report import Identity, PhoneReport, Verdict
from ucdiag.model.steps import VerdictStatus

MAC, IP = "00:04:f2:aa:bb:cc", "10.0.0.7"
SECOND = 1_000_000
START = 1_700_000_000 * SECOND
BODY = "<MacAddress>00-04-F2-AA-BB-CC</MacAddress><SerialNumber>P12345678</SerialNumber>"
WHO: dict[str, Any] = {"client": IP, "client_mac": MAC}

BOOT: tuple[Observation, ...] = (
    Dhcp(
        time=START,
        frame=3,
        type="request",
        client=MAC,
        address=IP,
        client_address=IP,
        source_address=IP,
        server="10.0.0.1",
        client_id=f"01:{MAC}",
        hostname="CX700-0004F2AABBCC",
        transaction=77,
    ),
    Lookup(
        time=START + 100,
        frame=5,
        answer_frame=6,
        **WHO,
        client_port=50_000,
        server="10.0.0.2",
        name="ucupdates-r2.contoso.com",
        type="A",
        rcode="NOERROR",
        ttl=300,
        seconds=0.5,
        last_time=START + 200,
        last_but_one=START + 150,
    ),
    Connect(
        time=START + SECOND,
        frame=8,
        **WHO,
        server="10.0.0.20",
        port=80,
        outcome="open",
        client_port=50_001,
        seconds=0.25,
        last_time=START + SECOND + 20,
        last_but_one=START + SECOND + 10,
    ),
    Http(
        time=START + 2 * SECOND,
        frame=9,
        answer_frame=10,
        last_frame=11,
        **WHO,
        server="10.0.0.20",
        port=80,
        method="POST",
        client_port=50_001,
        seconds=2.0,
        request_text=BODY,
        user_agent="phone 0004f2aabbcc",
        last_time=START + 3 * SECOND,
    ),
    UpdateAnswer(
        time=START + 4 * SECOND,
        frame=10,
        **WHO,
        server="10.0.0.20",
        port=80,
        client_port=50_001,
        form="none_offered",
    ),
)
OFFSETS = (0, 100, 150, 200, 500_100, SECOND, SECOND + 10, SECOND + 20, SECOND + 250_000)
MOMENTS = [START + offset for offset in (*OFFSETS, 2 * SECOND, 3 * SECOND, 4 * SECOND)]
OTHER_MAC, OTHER_IP = "00:04:f2:01:02:0a", "10.0.9.8"
LONG = Within(START, START + 1000 * SECOND, START + 1010 * SECOND)


def story_with(facts: tuple[Observation, ...] = BOOT) -> Story:
    story = story_of(facts, MAC, IP)
    assert story is not None
    return story


def lookup(number: int = 0, **more: Any) -> Lookup:
    more = {"time": START + number, "name": "time.contoso.com", "type": "A", **more}
    return Lookup(**more)


def test_what_is_a_phones_own() -> None:
    assert story_with().own == Own(
        mac=MAC,
        ip=IP,
        serial="P12345678",
        times=MOMENTS,
        frames=[3, 5, 6, 8, 9, 10, 11],
        numbers=[("transaction", 77), ("client_port", 50_000), ("ttl", 300), ("client_port", 50_001)],
    )


def test_durations_are_spans_between_two_times() -> None:
    assert story_with().spans == ((1, 4), (5, 8), (9, 11))
    assert story_with((lookup(seconds=1.0),)).spans == ((0, 1),)


def test_the_shape_has_the_rest() -> None:
    prefix, first, second, parts, moments, frames, pauses = story_with().shape
    assert (prefix, first, second) == ("00:04:f2", "10", "0")
    assert moments == ((0,), (1, 3, 2, 4), (5, 7, 6, 8), (9, 10, 11), (11,))
    assert frames == ((0,), (1, 2), (3,), (4, 5, 6), (5,))
    assert pauses == (1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2)
    assert [part[0] for part in parts] == [Dhcp, Lookup, Connect, Http, UpdateAnswer]
    assert [part[2:] for part in parts] == [
        ((1, 2, 2, 2), ("01:\x000", "CX700-\x005"), (0,)),
        ((2, 1), (), (1, 2)),
        ((2, 1), (), (3,)),
        ((2, 1), ("<MacAddress>\x004</MacAddress><SerialNumber>\x003s</SerialNumber>", "phone \x002"), (3,)),
        ((2, 1), (), (3,)),
    ]
    assert "ucupdates-r2.contoso.com" in parts[1][1]
    assert "10.0.0.1" in parts[0][1]


def another(fact: Observation, times: dict[int, int], frames: dict[int, int], numbers: dict[int, int]) -> Observation:
    """The same fact of the other phone, made by hand."""
    known: dict[str, dict[int, int]] = {
        **dict.fromkeys(("time", "last_time", "last_but_one"), times),
        **dict.fromkeys(("frame", "answer_frame", "last_frame"), frames),
        **dict.fromkeys(("transaction", "client_port", "ttl"), numbers),
    }
    changes: dict[str, Any] = {
        name: getattr(fact, name) and there[getattr(fact, name)] for name, there in known.items() if hasattr(fact, name)
    }
    for name in ("client", "client_mac", "address", "client_address", "source_address"):
        if hasattr(fact, name):
            changes[name] = {MAC: OTHER_MAC, IP: OTHER_IP}[getattr(fact, name)]
    return replace(fact, **changes)


def test_the_same_story_of_another_phone() -> None:
    times = {time: START + 7 + 3 * (time - START) for time in MOMENTS}
    frames = {frame: 100 + 2 * frame for frame in story_with().own.frames}
    numbers = {number: number + 5_000 for _, number in story_with().own.numbers}
    own = Own(
        OTHER_MAC,
        OTHER_IP,
        "ZK1000456",
        list(times.values()),
        list(frames.values()),
        [(name, numbers[number]) for name, number in story_with().own.numbers],
    )
    expected = [another(fact, times, frames, numbers) for fact in BOOT]
    body = "<MacAddress>00-04-F2-01-02-0A</MacAddress><SerialNumber>ZK1000456</SerialNumber>"
    more: list[dict[str, Any]] = [
        {"client_id": f"01:{OTHER_MAC}", "hostname": "CX700-0004F201020A"},
        {"seconds": 1.5},
        {"seconds": 0.75},
        {"seconds": 6.0, "request_text": body, "user_agent": "phone 0004f201020a"},
        {},
    ]
    assert story_with().facts_of(own) == [
        replace(fact, **changes) for fact, changes in zip(expected, more, strict=True)
    ]


def test_the_facts_of_a_storys_own_phone_are_the_same() -> None:
    assert story_with().facts_of(story_with().own) == list(BOOT)


def test_what_is_not_known_is_not_known_of_the_other_one_either() -> None:
    facts = (lookup(), Dhcp(time=START + 1, type="ack", client="00:04:f2:00:00:01"))
    story = story_with(facts)
    own = Own(OTHER_MAC, OTHER_IP, None, [START + 5, START + 9], [], [])
    assert story.facts_of(own) == [replace(facts[0], time=START + 5), replace(facts[1], time=START + 9)]
    assert story.spans == ()
    assert story.shape[3][0][4] == (None, None)


def test_a_serial_number_stays_where_the_other_one_has_none() -> None:
    own = replace(story_with().own, serial=None)
    assert story_with().facts_of(own) == list(BOOT)
    facts = (Dhcp(time=START, type="ack", hostname="CX700"),)
    assert story_with(facts).facts_of(replace(story_with(facts).own, serial="ZK1000456")) == list(facts)


@pytest.mark.parametrize("name", ["times", "frames", "numbers"])
def test_a_phone_of_which_less_is_known_did_not_do_the_same(name: str) -> None:
    own = story_with().own
    with pytest.raises(ValueError, match="zip"):
        story_with().facts_of(replace(own, **{name: [*getattr(own, name), *getattr(own, name)[:1]]}))


def test_a_message_that_nobody_read_is_read() -> None:
    class Unread(UnreadDhcp):
        __slots__ = ()

        def whole_message(self) -> Dhcp:
            return whole

    whole = Dhcp(time=START, type="ack", client=MAC, hostname="CX700")
    fact = Unread(time=START, type="ack", client=MAC)
    object.__setattr__(fact, "unread", b"")
    assert story_with((fact,)).shape == story_with((whole,)).shape


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({}, {"frame": 7}, False),
        ({"frame": 7}, {"frame": 8}, True),
        ({"client_port": 2000}, {"client_port": 3000}, True),
        ({"client_port": 1024}, {"client_port": 65535}, True),
        ({"ttl": 1}, {"ttl": 86_400}, True),
        ({"seconds": 1.0}, {"seconds": 2.0}, True),
        ({"seconds": 0.000001}, {"seconds": 0.5}, True),
        ({"seconds": 0.0}, {"seconds": 0.5}, False),
        ({"seconds": None}, {"seconds": 0.5}, False),
        ({"name": "a.contoso.com"}, {"name": "b.contoso.com"}, False),
        ({"server": IP}, {"server": "10.0.0.8"}, False),
        ({"client": IP}, {"client": "10.0.0.8"}, False),
        ({"client": IP}, {"client": MAC}, False),
        ({"attempts": 2, "last_time": START + 5}, {"attempts": 2, "last_time": START + 6}, True),
        ({"attempts": 2, "last_time": START + 5}, {"attempts": 3, "last_time": START + 5}, False),
    ],
)
def test_which_facts_are_alike(one: dict[str, Any], other: dict[str, Any], alike: bool) -> None:
    assert (story_with((lookup(**one),)).shape == story_with((lookup(**other),)).shape) is alike


@pytest.mark.parametrize(
    ("pause", "kind"),
    [(1, 1), (899_999, 1), (900_000, 2), (8_999_999, 2), (9_000_000, 3), (59_999_999, 3), (60_000_000, None)],
)
def test_pauses_are_of_three_kinds(pause: int, kind: int | None) -> None:
    story = story_of((lookup(), lookup(pause)), MAC, IP)
    assert (story and story.shape[-1]) == (kind and (kind,))


def test_a_long_pause_between_short_ones_is_too_long() -> None:
    assert story_of((lookup(), lookup(1), lookup(60_000_001), lookup(60_000_002)), MAC, IP) is None


@pytest.mark.parametrize(("count", "is_story"), [(0, False), (1, True), (64, True), (65, False)])
def test_a_story_has_some_facts(count: int, is_story: bool) -> None:
    assert (story_of([lookup(number) for number in range(count)], MAC, IP) is not None) is is_story


@pytest.mark.parametrize("ip", ["fe80::1", "10.0.0", "10.0.0.0.7"])
def test_an_address_that_is_no_ipv4_address_is_not_taken_apart(ip: str) -> None:
    assert story_of(BOOT, MAC, ip) is None


@pytest.mark.parametrize(
    "fact",
    [
        Tls(time=START, server="10.0.0.20", port=443, outcome="complete"),
        lookup(client_port=1023),
        lookup(ttl=0),
        lookup(seconds=-1.0),
        lookup(seconds=0.0000015),
        Dhcp(time=START, type="ack", transaction=0),
        Dhcp(time=START, type="ack", hostname="a\0b"),
        Http(time=START, server="10.0.0.20", port=80, request_text="\0"),
        Http(time=START, server="10.0.0.20", port=80, user_agent="\0003s"),
    ],
)
def test_what_cannot_be_the_story_of_another_phone(fact: Observation) -> None:
    assert story_of((lookup(), fact), MAC, IP) is None
    assert story_of((fact, lookup(1)), MAC, IP) is None


@pytest.mark.parametrize(
    ("text", "shared", "serial"),
    [
        ("<SerialNumber>ABC123</SerialNumber> ABC123", "<SerialNumber>\x003s</SerialNumber> \x003s", "ABC123"),
        ("<SerialNumber>ABC12</SerialNumber>", "<SerialNumber>ABC12</SerialNumber>", None),
        ("no number", "no number", None),
        (" ".join(mac_spellings(MAC)), "\x000 \x001 \x002 \x003 \x004 \x005", None),
    ],
)
def test_what_of_a_text_is_the_phones_own(text: str, shared: str, serial: str | None) -> None:
    story = story_with((Http(time=START, server="10.0.0.20", port=80, request_text=text),))
    assert story.shape[3][0][3] == (shared, None)
    assert story.own.serial == serial


def test_a_second_serial_number_is_no_other_name_of_the_phone() -> None:
    texts = [f"<SerialNumber>{serial}</SerialNumber>" for serial in ("ABC123", "XYZ789", "ABC123")]
    facts = [
        Http(time=START + number, server="10.0.0.20", port=80, request_text=text) for number, text in enumerate(texts)
    ]
    story = story_with(tuple(facts))
    assert [part[3][0] for part in story.shape[3]] == [
        "<SerialNumber>\x003s</SerialNumber>",
        "<SerialNumber>XYZ789</SerialNumber>",
        "<SerialNumber>\x003s</SerialNumber>",
    ]
    assert story.own.serial == "ABC123"


def test_the_spellings_of_a_mac_address() -> None:
    assert mac_spellings(MAC) == (
        "00:04:f2:aa:bb:cc",
        "00-04-f2-aa-bb-cc",
        "0004f2aabbcc",
        "00:04:F2:AA:BB:CC",
        "00-04-F2-AA-BB-CC",
        "0004F2AABBCC",
    )


def test_two_other_phones_are_as_unlike_as_the_story_allows() -> None:
    story = story_with(
        (BOOT[0], lookup(950_000, client_port=2000, ttl=5, frame=8), lookup(20_000_000, client_port=2001))
    )
    end = START + 100 * SECOND
    quick, slow = contrasting_phones(story, Within(START, end, end)) or (None, None)
    assert quick == Own(
        mac="00:04:f2:fd:01:e7",
        ip="10.0.251.249",
        serial=None,
        times=[START + 1, START + 900_102, START + 9_900_210],
        frames=[910_000_007, 910_000_018],
        numbers=[("transaction", 1_000_003), ("client_port", 51_210), ("ttl", 1_000_017), ("client_port", 51_224)],
    )
    assert slow == Own(
        mac="00:04:f2:03:b9:5d",
        ip="10.0.3.201",
        serial=None,
        times=[end - 68_999_985, end - 59_999_986, end],
        frames=[920_000_009, 920_000_012],
        numbers=[
            ("transaction", 4_000_000_019),
            ("client_port", 63_015),
            ("ttl", 4_000_000_045),
            ("client_port", 63_041),
        ],
    )


def test_they_have_serial_numbers_where_the_phone_has_one() -> None:
    quick, slow = contrasting_phones(story_with(), LONG) or (None, None)
    assert quick is not None
    assert slow is not None
    assert (quick.serial, slow.serial) == ("Q7311902", "ZK100045671")


@pytest.mark.parametrize("is_late", [False, True], ids=["steady", "late"])
@pytest.mark.parametrize("phone", [0, 1])
@pytest.mark.parametrize("end", [LONG.steady, START + 24 * SECOND], ids=["long", "short"])
def test_what_they_did_has_the_same_shape(phone: int, is_late: bool, end: int) -> None:
    within = Within(START, end, end + 10 * SECOND)
    others = contrasting_phones(replace(story_with(), is_late=is_late), within)
    assert others is not None
    own = others[phone]
    again = judgement(mac=own.mac, ips=[own.ip], facts=story_with().facts_of(own), within=within).story()
    assert again is not None
    assert (again.shape, again.own, again.spans, again.is_late) == (
        story_with().shape,
        own,
        story_with().spans,
        is_late,
    )


def test_what_they_did_in_a_short_capture_takes_as_long_as_that_allows() -> None:
    # Nine pauses of less than 0.9 s and two of less than 9 s would take 26 s.
    quick, slow = contrasting_phones(story_with(), Within(START, START + 24 * SECOND, START + 30 * SECOND)) or (
        None,
        None,
    )
    assert quick is not None
    assert slow is not None
    pauses = [after - before for before, after in pairwise(slow.times)]
    assert len({*pauses}) == len(pauses)
    assert 23.9 * SECOND < sum(pauses) <= 24 * SECOND
    assert 0.8 * SECOND < min(pauses) < 0.9 * SECOND
    assert 8 * SECOND < max(pauses) < 9 * SECOND


def test_a_story_is_late_that_ends_when_patience_is_not_over() -> None:
    late, steady = (contrasting_phones(replace(story_with(), is_late=is_late), LONG) for is_late in (True, False))
    assert late is not None
    assert steady is not None
    assert [own.times[-1] for own in late] == [LONG.end - 101, LONG.steady + 1]
    assert (steady[0].times[0], steady[1].times[-1]) == (LONG.start + 1, LONG.steady)


PAIR = (lookup(), lookup(5))


@pytest.mark.parametrize(
    ("facts", "is_late", "room", "there_is_time"),
    [
        # The slow one takes 211 microseconds at least, the quick one 102 and begins one later.
        (PAIR, False, 212, True),
        (PAIR, False, 211, False),
        (PAIR, True, 211, True),
        (PAIR, True, 210, False),
        # Of two pauses the second one of the slow one is 17 longer at least.
        ((*PAIR, lookup(10)), False, 457, True),
        ((*PAIR, lookup(10)), False, 456, False),
        ((lookup(), lookup(SECOND)), False, 900_211, True),
        ((lookup(), lookup(SECOND)), False, 900_210, False),
        # Of a single moment the slow one is at the end itself, the quick one a microsecond after the start.
        (PAIR[:1], False, 1, True),
        (PAIR[:1], False, 0, False),
        (PAIR[:1], True, 0, True),
        (PAIR[:1], True, -2, False),
    ],
)
def test_there_is_time_for_both(facts: Any, is_late: bool, room: int, there_is_time: bool) -> None:
    within = Within(START, START + room, START + room + SECOND)
    assert (contrasting_phones(replace(story_with(facts), is_late=is_late), within) is not None) is there_is_time


def test_the_quick_one_of_a_late_story_begins_within_the_capture() -> None:
    story = replace(story_with((lookup(), lookup(SECOND))), is_late=True)
    # The quick one takes 900,101 microseconds and ends 101 before the end; the slow one has the same time but for one.
    assert contrasting_phones(story, Within(START, START + 900_300, START + 900_202)) is not None
    assert contrasting_phones(story, Within(START, START + 900_300, START + 900_201)) is None


def judged(mac: str | None, ips: Any, facts: Any) -> PhoneReport:
    """A report that names what it was made of."""
    text = f"{mac} {list(ips)} {list(facts)}"
    return PhoneReport(
        phone=Identity(mac=mac), verdict=Verdict(status=VerdictStatus.UNKNOWN, summary=text), steps=(), findings=()
    )


def judgement(**more: Any) -> PhoneJudgement:
    whole: dict[str, Any] = {
        "mac": MAC,
        "ips": [IP],
        "facts": BOOT,
        "within": Within(MOMENTS[0], MOMENTS[-1], MOMENTS[-1]),
        **more,
    }
    return PhoneJudgement(judged, **whole)


def test_a_judgement_makes_the_report_of_its_phone() -> None:
    assert judgement()() == judged(MAC, [IP], BOOT)


def test_a_judgement_makes_the_report_of_another_phone() -> None:
    own = replace(story_with().own, mac=OTHER_MAC, ip=OTHER_IP)
    assert judgement().report_of(story_with(), own) == judged(OTHER_MAC, [OTHER_IP], story_with().facts_of(own))


@pytest.mark.parametrize(
    ("more", "is_story"),
    [
        ({}, True),
        ({"within": Within(MOMENTS[0] - 1, MOMENTS[-1] + 1, MOMENTS[-1] + 1)}, True),
        ({"within": Within(MOMENTS[0] + 1, MOMENTS[-1], MOMENTS[-1])}, False),
        ({"within": Within(MOMENTS[0], MOMENTS[-1] - 2, MOMENTS[-1] - 1)}, False),
        ({"within": None}, False),
        ({"mac": None}, False),
        ({"ips": []}, False),
        ({"ips": [IP, OTHER_IP]}, False),
        ({"facts": ()}, False),
    ],
)
def test_which_phone_has_a_story(more: dict[str, Any], is_story: bool) -> None:
    story = judgement(**more).story()
    assert (story is not None) is is_story
    assert story is None or story == story_with()


def test_a_phone_whose_patience_was_not_over_has_a_late_story() -> None:
    late = judgement(within=Within(MOMENTS[0], MOMENTS[-1] - 1, MOMENTS[-1])).story()
    assert late == replace(story_with(), is_late=True)
