"""A capture that does not know how many packets it lost concludes nothing from a silence inside a connection."""

from collections.abc import Callable

import pytest

from tests.diagnosis.story import Story, codes, verdict

Play = Callable[[Story], Story]

SILENT: dict[str, tuple[str, Play]] = {
    "http-no-answer": ("request", lambda story: story.found().connects().posts(None)),
    "tls-no-answer": ("tls", lambda story: story.found().connects(port=443).shakes("no_answer")),
    "download-stalled": (
        "download",
        lambda story: story.found().connects().posts().offers().connects().gets(complete=False).fetches("stalled"),
    ),
}
# Nothing of these is a silence inside a connection: it was refused, closed, or asked again and again.
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


@pytest.mark.parametrize("code", SURE)
def test_all_else_is_judged_where_packets_were_lost(code: str) -> None:
    step, play = SURE[code]
    assert verdict(watched(play, counts_loss=True, lost=7).report()) == ("broken", step, code)
