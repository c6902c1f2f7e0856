"""A broken phone's text fits a terminal: who, the verdict and what to change; nothing is said twice."""

from tests.diagnosis.reports import STORIES, judged
from tests.in_parts import in_parts
from tests.views.reports import broken_phone, report
from tests.views.shown import rows, said_twice, short_report, shown
from ucdiag.model.report import PhoneReport, Problem, Report, Source
from ucdiag.model.steps import VerdictStatus
from ucdiag.views.words import split_sentences

LINES = 24


def of_command(name: str, phone: PhoneReport) -> Report:
    """A story as the report of the command that it is of."""
    active = name.startswith("active")
    source = Source(kind="active") if active else Source(kind="file", name="site.pcapng", packets=1204)
    return report(phone, source=source, command="check" if active else "capture")


@in_parts("name", STORIES)
def test_a_broken_phone_fits_a_terminal_with_its_verdict_and_what_to_change(name: str) -> None:
    phone = judged(name)
    text = short_report(of_command(name, phone))
    assert not said_twice(text), text
    if phone.verdict.status is not VerdictStatus.BROKEN:
        return
    assert rows(text) < LINES, text  # the last row is the prompt's
    head = "\n".join(text.splitlines()[:7])
    assert phone.phone.mac is None or phone.phone.mac in head
    assert "FAILED at step" in head
    assert f"[{phone.verdict.code}]" in " ".join(text.split())
    assert "Change (" in text


@in_parts("name", STORIES)
def test_advice_that_is_cut_says_where_the_rest_is(name: str) -> None:
    phone = judged(name)
    if phone.verdict.status is not VerdictStatus.BROKEN:
        return
    fix = next(finding.fix for finding in phone.findings if finding.code == phone.verdict.code)
    text = short_report(of_command(name, phone))
    joined, squeezed = " ".join(text.split()), "".join(text.split())
    cut = any("".join(sentence.split()) not in squeezed for sentence in split_sentences(fix.text))
    lines = {line.strip() for line in text.splitlines()}
    bare = bool(fix.commands) and not any(command.text in lines for command in fix.commands)
    assert ("More of this" in joined) is cut, text
    assert (" commands: -v." in joined) is bare, text


def test_all_is_said_where_there_is_room_and_with_verbose() -> None:
    assert "dnscmd /recordadd" in shown(report())
    problems = tuple(Problem(code="packets-lost", text=f"The capture lost {number} packets.") for number in range(12))
    crowded = report(broken_phone(), problems=problems)
    short, verbose = short_report(crowded), shown(crowded, verbose=1)
    assert "dnscmd /recordadd" not in short
    assert "dnscmd /recordadd" in verbose
    assert "lost 11 packets" in verbose
