"""A capture that does not know how many packets it lost concludes nothing from a silence inside a connection."""

from collections.abc import Callable

import pytest

from tests.diagnosis.story import POOL, RESOLVER, Story, codes, verdict

Play = Callable[[Story], Story]
OTHER = "10.0.0.21"

SILENT: dict[str, tuple[str, Play]] = {
    "http-no-answer": ("request", lambda story: story.found().connects().posts(None)),
    "tls-no-answer": ("tls", lambda story: story.found().connects(port=443).shakes("no_answer")),
    "download-stalled": (
        "download",
        lambda story: story.found().connects().posts().offers().connects().gets(complete=False).fetches("stalled"),
    ),
}
# Nothing of these is a silence inside a connection.
SURE: dict[str, tuple[str, Play]] = {
    "dns-r2-missing": ("dns", lambda story: story.asks(rcode="NXDOMAIN")),
    "dns-no-answer": ("dns", lambda story: story.asks(rcode=None)),
    "connect-refused": ("connect", lambda story: story.found().connects("refused")),
    "connect-no-answer": ("connect", lambda story: story.found().connects("no_answer")),
    "http-not-found": ("request", lambda story: story.found().connects().posts(404)),
    "http-closed": ("request", lambda story: story.found().connects().posts(None, failure="closed")),
}


def watched(play: Play, *, counts_loss: bool, lost: int = 0) -> Story:
    return play(Story(from_capture=True, counts_loss=counts_loss, lost=lost).leased()).wait(30)


@pytest.mark.parametrize("code", SILENT)
def test_silence_inside_a_connection_proves_nothing(code: str) -> None:
    step, play = SILENT[code]
    report = watched(play, counts_loss=False).report()
    assert verdict(report) == ("unknown", step, "loss-not-counted")
    assert code not in codes(report)
    assert "which nothing counts here" in report.verdict.summary


@pytest.mark.parametrize("code", SILENT)
def test_it_does_where_losses_are_counted(code: str) -> None:
    step, play = SILENT[code]
    report = watched(play, counts_loss=True).report()
    assert verdict(report) == ("broken", step, code)


@pytest.mark.parametrize("code", SURE)
def test_all_else_is_judged_as_ever(code: str) -> None:
    step, play = SURE[code]
    assert verdict(watched(play, counts_loss=False).report()) == ("broken", step, code)


def test_a_path_that_worked_is_whole() -> None:
    report = watched(lambda story: story.found().updated(), counts_loss=False).report()
    assert verdict(report) == ("whole", None, "no-update-offered")


@pytest.mark.parametrize(("lost", "said"), [(1, "the packet that"), (1200, "the 1,200 packets that")])
@pytest.mark.parametrize("code", SILENT)
def test_nor_does_it_where_packets_were_lost(code: str, lost: int, said: str) -> None:
    step, play = SILENT[code]
    report = watched(play, counts_loss=True, lost=lost).report()
    assert verdict(report) == ("unknown", step, "capture-gap")
    assert code not in codes(report)
    assert f"is among {said} the capture lost" in report.verdict.summary


@pytest.mark.parametrize("code", [code for code in SURE if code not in ("dns-no-answer", "connect-no-answer")])
def test_an_answer_that_was_seen_is_judged_where_packets_were_lost(code: str) -> None:
    step, play = SURE[code]
    assert verdict(watched(play, counts_loss=True, lost=7).report()) == ("broken", step, code)


def _offered(story: Story) -> Story:
    return story.leased().found().connects().posts().offers()


# What a phone sends once, and again where it gets no answer.
ASKED: dict[str, tuple[str, str, Play, Play]] = {
    "DISCOVER": ("dhcp", "dhcp-no-answer", lambda story: story, lambda story: story.dhcp("discover")),
    "DISCOVER in the voice VLAN": (
        "dhcp",
        "dhcp-voice-vlan-silent",
        lambda story: story.leased(vlan=20).dhcp("release"),
        lambda story: story.dhcp("discover", tag=20),
    ),
    "question": ("dns", "dns-no-answer", Story.leased, lambda story: story.asks(rcode=None)),
    "ARP for the resolver": (
        "dns",
        "dns-no-answer",
        Story.leased,
        lambda story: story.connects("unreachable", RESOLVER, 53, client_port=None, reason="ARP was not answered"),
    ),
    "SYN": (
        "connect",
        "connect-no-answer",
        lambda story: story.leased().found(),
        lambda story: story.connects("no_answer", client_port=40000),
    ),
    "question for the file's host": (
        "download",
        "download-host-missing",
        _offered,
        lambda story: story.asks("pool01.contoso.com", None, purpose="file"),
    ),
    "SYN to the file's host": (
        "download",
        "download-connect-failed",
        lambda story: _offered(story).asks("pool01.contoso.com", "NOERROR", "10.0.0.31", purpose="file"),
        lambda story: story.connects("no_answer", "10.0.0.31", client_port=40001),
    ),
}


def _asked(which: str, times: int, lost: int) -> Story:
    _, _, before, ask = ASKED[which]
    story = before(Story(from_capture=True, lost=lost))
    for _ in range(times):
        ask(story).wait(3)
    return story.wait(30)


@pytest.mark.parametrize("which", ASKED)
def test_one_packet_without_an_answer_proves_nothing_where_packets_were_lost(which: str) -> None:
    step, code, _, _ = ASKED[which]
    report = _asked(which, 1, lost=7).report()
    assert verdict(report) == ("unknown", step, "capture-gap")
    assert code not in codes(report)
    assert "or what came is among the 7 packets that the capture lost" in report.verdict.summary


@pytest.mark.parametrize("which", ASKED)
def test_one_that_was_sent_again_does(which: str) -> None:
    step, code, _, _ = ASKED[which]
    if "ARP" in which:
        story = Story.leased(Story(from_capture=True, lost=7))
        again = {"attempts": 3, "last_time": story.time + 3_000_000}
        story.connects("unreachable", RESOLVER, 53, client_port=None, reason="ARP was not answered", **again).wait(30)
    else:
        story = _asked(which, 2, lost=7)
    assert verdict(story.report()) == ("broken", step, code)


@pytest.mark.parametrize("which", ASKED)
def test_a_single_one_does_where_nothing_was_lost(which: str) -> None:
    step, code, _, _ = ASKED[which]
    assert verdict(_asked(which, 1, lost=0).report()) == ("broken", step, code)


@pytest.mark.parametrize("lost", [0, 7])
@pytest.mark.parametrize("ask", [lambda story: story.dhcp("discover"), lambda story: story.asks(rcode=None)])
def test_the_end_of_the_capture_leaves_open_what_it_left_open_before(ask: Play, lost: int) -> None:
    story = Story(from_capture=True, lost=lost).leased().found().connects().posts(500, request_bytes=300).wait(86400)
    assert verdict(ask(story).wait(0.5).report())[::2] == ("unknown", "capture-too-short")


def test_a_phone_that_sends_nothing_in_the_voice_vlan_is_judged_where_packets_were_lost() -> None:
    # It would repeat its DISCOVER there: so many packets are not lost.
    story = Story(from_capture=True, lost=7).leased(vlan=20).dhcp("release").wait(60)
    assert verdict(story.report()) == ("broken", "dhcp", "dhcp-voice-vlan-silent")


@pytest.mark.parametrize(
    ("times", "lost", "code"), [(1, 7, "capture-gap"), (2, 7, "other-server-failed"), (1, 0, "other-server-failed")]
)
def test_nor_does_one_syn_to_a_host_of_unknown_purpose(times: int, lost: int, code: str) -> None:
    story = Story(from_capture=True, lost=lost).leased()
    for _ in range(times):
        story.connects("no_answer", "10.0.0.99", client_port=40000 + story.frame).wait(30)
    report = story.wait(30).report()
    assert (verdict(report), codes(report)) == (("unknown", "connect", code), {code})


@pytest.mark.parametrize(("times", "lost", "warned"), [(1, 7, False), (2, 7, True), (1, 0, True)])
def test_one_renewal_without_an_answer_is_no_warning_there(times: int, lost: int, warned: bool) -> None:
    story = Story(from_capture=True, lost=lost).leased().wait(43200)
    for _ in range(times):
        story.dhcp("request").wait(4)
    report = story.found().updated().wait(30).report()
    assert verdict(report)[0] == "whole"
    assert ("dhcp-no-answer" in codes(report)) is warned


FAILED_BEFORE: dict[str, tuple[tuple[str, str, str], Play]] = {
    "500": (
        ("broken", "request", "http-server-error"),
        lambda story: story.leased().found().connects().posts(500, request_bytes=300).wait(86400).asks(rcode=None),
    ),
    "500, and a new lease": (
        ("broken", "request", "http-server-error"),
        lambda story: story.leased().found().connects().posts(500, request_bytes=300).wait(86400).dhcp("discover"),
    ),
    "NXDOMAIN": (
        ("broken", "dns", "dns-r2-missing"),
        lambda story: story.leased().asks(rcode="NXDOMAIN").wait(20).asks(rcode=None),
    ),
    "refused": (
        ("broken", "connect", "connect-refused"),
        lambda story: story.leased().found().connects("refused").wait(3600).found().connects("no_answer"),
    ),
    "refused at another address of this check": (
        ("unknown", "connect", "capture-gap"),
        lambda story: story.leased().found(POOL, OTHER).connects("refused").connects("no_answer", OTHER),
    ),
    "nothing newer": (
        ("whole", "", "no-update-offered"),
        lambda story: story.leased().found().updated().wait(86400).asks(rcode=None),
    ),
    "500, and then an answer": (
        ("whole", "", "no-update-offered"),
        lambda story: story.leased().found().connects().posts(500).wait(86400).updated().wait(86400).asks(rcode=None),
    ),
}


@pytest.mark.parametrize("name", FAILED_BEFORE)
def test_one_packet_without_an_answer_undoes_no_failure_before_it(name: str) -> None:
    expected, play = FAILED_BEFORE[name]
    status, step, code = verdict(play(Story(from_capture=True, lost=7)).wait(60).report())
    assert (status, step or "", code) == expected
