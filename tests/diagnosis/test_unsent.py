"""What this machine could not send is no finding; what came back is one, at once."""

import pytest

from tests.diagnosis.story import NAME, POOL, URL, Story, codes, verdict
from ucdiag.diagnosis.unsent import problem_of
from ucdiag.model.observations import Lookup, Transfer
from ucdiag.model.steps import StepStatus

UNSENT = ("unknown", None, "not-sent")
WHY = {"reason": "Network is unreachable (ENETUNREACH); check the cable"}


def active() -> Story:
    return Story().lease()


STORIES = {
    "dns": active().asks(NAME, None, failure="not_sent", **WHY),
    "connect": active().asks(NAME, "NOERROR", POOL).connects("not_sent", **WHY),
    "tls": active().asks(NAME, "NOERROR", POOL).connects(port=443).shakes("not_sent", **WHY),
    "request": active().asks(NAME, "NOERROR", POOL).connects().posts(None, failure="not_sent", complete=False, **WHY),
    "download": active().asks(NAME, "NOERROR", POOL).connects().posts().offers().fetches("not_sent", **WHY),
}


@pytest.mark.parametrize("step", STORIES)
def test_the_verdict_says_where_this_machine_failed(step: str) -> None:
    story = STORIES[step]
    report = story.report()
    assert verdict(report) == ("unknown", step, "not-sent")
    assert not {code for code in codes(report) if code.startswith(("dns-", "connect-", "tls-", "http-", "download-"))}
    assert WHY["reason"] in report.verdict.summary
    assert {result.status for result in report.steps if result.step == step} == {StepStatus.NOT_TESTED}
    (problem,) = [problem for problem in map(problem_of, story.fed) if problem is not None]
    assert problem.code == "not-sent"
    assert problem.text.startswith("This machine could not ")
    assert WHY["reason"] in problem.text


@pytest.mark.parametrize(
    ("server", "port", "whom"),
    [
        ("10.0.0.2", 53, "the nameserver 10.0.0.2"),
        ("10.0.0.2", 54, "the nameserver 10.0.0.2 port 54"),
        (None, None, "a nameserver"),
        (None, 53, "a nameserver"),
    ],
)
def test_which_nameserver_could_not_be_asked(server: str | None, port: int | None, whom: str) -> None:
    lookup = Lookup(time=0, name=NAME, type="A", server=server, server_port=port, failure="not_sent", reason="why")
    problem = problem_of(lookup)
    assert problem is not None
    assert problem.text == f"This machine could not ask {whom}: why."


def test_another_nameserver_that_answers_decides() -> None:
    story = active().asks(NAME, None, failure="not_sent", server="10.0.0.3", **WHY).asks(NAME, "NXDOMAIN")
    assert verdict(story.report()) == ("broken", "dns", "dns-r2-missing")


def test_another_nameserver_that_is_silent_does_not_decide() -> None:
    story = (
        active().asks(NAME, None, failure="not_sent", server="10.0.0.3", **WHY).asks(NAME, None, failure="no_answer")
    )
    report = story.report()
    assert verdict(report) == ("unknown", "dns", "not-sent")
    assert [(finding.code, finding.level) for finding in report.findings] == [("dns-no-answer", "warning")]


def test_one_port_that_is_good_is_enough() -> None:
    story = active().asks(NAME, "NOERROR", POOL).connects("not_sent", **WHY).updated(port=443)
    assert verdict(story.report())[0] == "whole"


def test_a_port_that_could_not_be_tried_may_be_the_good_one() -> None:
    story = active().asks(NAME, "NOERROR", POOL).connects("not_sent", **WHY).connects("refused", port=443)
    assert verdict(story.report()) == ("unknown", "connect", "not-sent")


def test_an_address_that_could_not_be_tried_is_not_in_order() -> None:
    story = active().asks(NAME, "NOERROR", POOL, "10.0.0.21").updated().connects("not_sent", server="10.0.0.21", **WHY)
    assert verdict(story.report()) == ("unknown", "connect", "not-sent")


def test_an_address_that_is_broken_breaks_the_path_whatever_could_not_be_tried() -> None:
    story = active().asks(NAME, "NOERROR", POOL, "10.0.0.21").connects("refused")
    report = story.connects("not_sent", server="10.0.0.21", **WHY).report()
    assert verdict(report) == ("broken", "connect", "connect-refused")


@pytest.mark.parametrize("order", [("whole", "not_sent"), ("not_sent", "whole")])
def test_of_two_files_one_that_could_not_be_asked_for(order: tuple[str, str]) -> None:
    story = active().asks(NAME, "NOERROR", POOL).connects().posts().offers()
    for number, outcome in enumerate(order):
        story.add(Transfer(time=0, url=f"{URL}/{number}", outcome=outcome, **WHY))
    assert verdict(story.report()) == ("unknown", "download", "not-sent")


ICMP = [
    "ICMP port unreachable, said 10.0.0.2",
    "ICMP host unreachable, said 10.0.0.1",
    "ICMP host prohibited, said 10.0.0.1",
]


@pytest.mark.parametrize("reason", ICMP)
def test_in_a_capture_a_question_that_icmp_answered_is_not_awaited(reason: str) -> None:
    story = Story(from_capture=True).leased().asks(NAME, None, failure="unreachable", reason=reason)
    report = story.report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    assert codes(report) == {"dns-no-answer"}
    assert reason in report.verdict.summary
    assert reason in report.findings[0].evidence[0].text
    assert "awaited" not in report.verdict.summary


def test_in_a_capture_a_question_without_any_answer_is_awaited() -> None:
    report = Story(from_capture=True).leased().asks(NAME, None, failure=None).report()
    assert verdict(report) == ("unknown", "dns", "capture-too-short")


def test_in_a_capture_what_was_unreachable_and_then_answered_is_got_over() -> None:
    story = Story(from_capture=True).leased().asks(NAME, None, failure="unreachable", reason=ICMP[1])
    assert verdict(story.asks(NAME, "NOERROR", POOL).updated().report())[0] == "whole"
