"""What a person reads."""

import dataclasses
import re
import subprocess
import sys
import textwrap

import pytest

from tests.views.reports import COMMAND, START, broken_phone, report, steps, whole_phone
from tests.views.shown import (
    Stream,
    shown,
)
from ucdiag.model.report import Evidence, Finding, Problem, Verdict
from ucdiag.model.steps import Level, StepStatus, VerdictStatus
from ucdiag.views import FORMATS, load
from ucdiag.views.output_target import Screen, screen_of
from ucdiag.views.text_view import duration

OK, WARNING, FAILED = StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED
NOT_TESTED, NOT_REACHED = StepStatus.NOT_TESTED, StepStatus.NOT_REACHED
HOSTILE = "\x1b[2J\x1b[31m[bold]x[/bold]\u202e\r\nwhole: \ud800"


def test_a_line_per_step_then_why_then_what_to_change_and_the_verdict_last() -> None:
    lines = shown(report()).splitlines()
    assert lines[:3] == [
        "✓ 1 dhcp     what dhcp says  (21 ms)",
        "✗ 2 dns      what dns says",
        "– 3 connect  what connect says",
    ]
    assert lines[6] == "– 7 download what download says"
    rest = "\n".join(lines[7:])
    why = rest.index("Why: ucupdates-r2.contoso.com does not exist")
    seen = rest.index("seen: frame 12: 10.0.0.53 answered NXDOMAIN")
    change = rest.index("What to change (whoever runs DNS): Create an A record ucupdates-r2.")
    assert why < seen < change < rest.index(COMMAND)
    assert lines[-1] == "The path breaks at DNS: only the old name exists."


def test_each_step_is_printed_once_as_soon_as_it_is_settled() -> None:
    stream = Stream()
    view = load("text", screen_of(stream, {}))
    view.begin("check")
    first = broken_phone(steps=steps(OK, *[NOT_TESTED] * 6))
    view.progress(first)
    assert stream.getvalue() == ""
    view.progress(broken_phone())
    assert stream.getvalue() == "✓ 1 dhcp     what dhcp says  (21 ms)\n"
    view.progress(broken_phone())
    assert stream.getvalue().count("\n") == 1
    view.end(report())
    for name in ("dhcp", "dns", "connect", "tls", "request", "response", "download"):
        assert stream.getvalue().count(f"what {name} says") == 1
    marks = re.findall(r"^\S+ (\d) ", stream.getvalue(), re.MULTILINE)
    assert marks == list("1234567")


def test_a_settled_step_that_changes_is_told_again() -> None:
    changed = broken_phone(steps=steps(OK, WARNING, OK, dns="servers disagree"))
    text = shown(report(changed), broken_phone(steps=steps(OK, OK, OK, *[NOT_TESTED] * 4)))
    assert text.index("✓ 2 dns      what dns says") < text.index("! 2 dns      servers disagree")
    assert text.count("what dhcp says") == 1


def test_quiet_is_the_verdict_alone() -> None:
    assert shown(report(), broken_phone(), quiet=True) == "The path breaks at DNS: only the old name exists.\n"


def test_nothing_wrong_says_nothing_of_mending() -> None:
    text = shown(report(whole_phone()))
    assert text.count("✓") == 7
    for word in ("Why", "change", "Not tested", "✗", "seen"):
        assert word not in text
    assert text.splitlines()[-1] == "The path is whole."


def test_problems_come_after_findings_and_before_the_verdict() -> None:
    text = shown(report(problems=(Problem(code="no-privilege", text="Run it as root."),)))
    assert text.index("What to change") < text.index("Not tested: Run it as root. [no-privilege]")
    assert text.splitlines()[-1] == "The path breaks at DNS: only the old name exists."


@pytest.mark.parametrize("code", ["frames-of-copy", "behind-router", "several-files", "body-cut", "packets-cut"])
def test_what_the_reader_has_to_know_is_no_test_that_was_left_out(code: str) -> None:
    text = shown(report(problems=(Problem(code=code, text="So it is."),)))
    assert f"Note: So it is. [{code}]" in text
    assert "Not tested" not in text
    unheard = shown(report(problems=(Problem(code="no-interface", text="There is none."),)))
    assert "Not tested: There is none. [no-interface]" in unheard


def test_a_problem_that_is_the_verdict_is_not_told_twice() -> None:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="no-domain", summary="No domain is known.")
    problem = Problem(code="no-domain", text="No domain is known.")
    made = report(verdict=verdict, phones=(), problems=(problem,))
    assert shown(made) == "No domain is known.\n"


def test_errors_come_before_warnings_before_notes() -> None:
    finding = broken_phone().findings[0]
    warning = dataclasses.replace(finding, level=Level.WARNING, summary="second")
    note = dataclasses.replace(finding, level=Level.INFORMATION, summary="third")
    error = dataclasses.replace(finding, summary="first")
    text = shown(report(broken_phone(findings=(note, warning, error))))
    assert text.index("Why: first") < text.index("Warning: second") < text.index("Note: third")


def test_much_evidence_is_counted() -> None:
    finding = dataclasses.replace(
        broken_phone().findings[0], evidence=tuple(Evidence(text=f"fact {number}") for number in range(9))
    )
    phone = broken_phone(findings=(finding,))
    text = shown(report(phone))
    assert "fact 4" in text
    assert "fact 5" not in text
    assert "4 more (-v shows them)" in text
    assert "fact 8" in shown(report(phone), verbose=1)


def test_verbose_shows_what_was_seen_with_bodies_line_by_line() -> None:
    text = shown(report(), verbose=1)
    assert "lookup" in text
    assert "rcode=NXDOMAIN" in text
    assert "        | <html>\n        | \\x1b[2Jgone</html>\n" in text
    assert "rcode=NXDOMAIN" not in shown(report())
    assert text.splitlines()[-1] == "The path breaks at DNS: only the old name exists."


def test_sixty_columns_wrap_prose_and_never_a_command() -> None:
    text = shown(report(), environment={"COLUMNS": "60"}, verbose=1)
    assert any(line.strip() == COMMAND for line in text.splitlines())
    assert all(len(line) <= 60 for line in text.splitlines() if COMMAND not in line)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_text_reaches_nothing(format_: str, terminal: bool) -> None:
    finding = dataclasses.replace(
        broken_phone().findings[0],
        summary=HOSTILE,
        evidence=(Evidence(text=HOSTILE, time=START),),
        fix=dataclasses.replace(broken_phone().findings[0].fix, text=HOSTILE, commands=(HOSTILE,)),
    )
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="odd", summary=HOSTILE)
    identity = dataclasses.replace(broken_phone().phone, domain=HOSTILE, vendor=HOSTILE)
    bad = broken_phone(
        phone=identity,
        findings=(finding,),
        steps=steps(OK, OK, FAILED, dhcp=HOSTILE, dns=HOSTILE),
        verdict=verdict,
        observations=(dataclasses.replace(broken_phone().observations[1], answer_text=HOSTILE, host=HOSTILE),),
    )
    made = report(bad, bad, problems=(Problem(code="odd", text=HOSTILE),), verdict=verdict)
    stream = Stream(terminal=terminal)
    text = shown(made, bad, format_=format_, stream=stream, color=False, verbose=1)
    text = re.sub(r"\x1b\[(\?25[lh]|\d*[AK]|[0-9;]*m|1A)", "", text)  # what the live display itself writes
    text = text.replace("\r", "") if terminal else text
    assert "\x1b" not in text
    assert all(line.isprintable() for line in text.split("\n"))
    assert "[bold]" in text
    assert re.search(r"\\(x|u00)1b\[2J", text), "it is shown, as an escape of the format"
    assert not any(line.startswith("whole:") for line in text.splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_stream_without_the_marks_gets_ascii_ones(encoding: str, format_: str) -> None:
    phone = broken_phone(steps=steps(OK, WARNING, FAILED, StepStatus.NOT_SEEN, NOT_TESTED, dhcp="Zürich 東京"))
    text = shown(report(phone), format_=format_, stream=Stream(encoding))
    text.encode(encoding)
    if format_ == "text":
        assert text.splitlines()[0].startswith("[ok]   1 dhcp     Z")
        assert [line.split()[0] for line in text.splitlines()[:7]] == [
            "[ok]",
            "[warn]",
            "[FAIL]",
            "[?]",
            "[-]",
            "[-]",
            "[-]",
        ]
        assert "\\u6771" in text


class Test_on_a_terminal:  # noqa: N801
    def test_steps_fill_in_and_stay_once(self) -> None:
        text = shown(report(), broken_phone(steps=steps(OK, *[NOT_TESTED] * 6)), stream=Stream(terminal=True))
        assert "\x1b[?25h" in text, "the cursor was not given back"
        assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
        settled = text[text.rindex("\x1b[?25h") :]
        assert settled.count("what dhcp says") == 1
        assert settled.rstrip().endswith("\x1b[0m")

    def test_the_cursor_comes_back_without_an_end(self) -> None:
        stream = Stream(terminal=True)
        view = load("text", screen_of(stream, {"TERM": "xterm"}))
        view.begin("check")
        view.progress(broken_phone())
        view.close()
        assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")

    @pytest.mark.parametrize(
        ("environment", "color"),
        [({"TERM": "xterm", "NO_COLOR": "1"}, True), ({"TERM": "xterm"}, False)],
    )
    def test_no_colour_when_asked(self, environment: dict[str, str], color: bool) -> None:
        text = shown(report(), stream=Stream(terminal=True), environment=environment, color=color)
        assert not re.search(r"\x1b\[[0-9;]*3[0-7][;m]", text)
        colored = shown(report(), stream=Stream(terminal=True))
        assert re.search(r"\x1b\[[0-9;]*3[0-7][;m]", colored)

    @pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "dumb", "COLUMNS": "40"}])
    def test_a_dumb_one_gets_plain_lines(self, environment: dict[str, str]) -> None:
        text = shown(report(), broken_phone(), stream=Stream(terminal=True), environment=environment)
        assert "\x1b" not in text
        assert "\r" not in text

    def test_narrow_lines_hang_under_the_claim(self) -> None:
        phone = broken_phone(steps=steps(OK, dhcp="a claim with many words that goes on and on"))
        text = shown(report(phone), stream=Stream(terminal=True), environment={"TERM": "xterm", "COLUMNS": "40"})
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        assert "✓ 1 dhcp     a claim with many words\n             that goes on" in plain


def test_several_phones() -> None:
    other = broken_phone(phone=dataclasses.replace(broken_phone().phone, mac="00:04:f2:00:00:99"))
    verdict = Verdict(status=VerdictStatus.BROKEN, code="x", step=other.verdict.step, summary="2 of 3 are broken.")
    text = shown(report(broken_phone(), whole_phone(), other, verdict=verdict))
    assert "Phone 00:04:f2:aa:bb:cc, in the domain contoso.com" in text
    assert "Phone 00:04:f2:00:00:99, in the domain contoso.com" in text
    assert "✓ phone 00:04:f2:aa:bb:cc, in the domain contoso.com: The path is whole." in text
    assert text.count("2 dns") == 2
    assert text.splitlines()[-1] == "2 of 3 are broken."


def test_what_holds_for_many_phones_is_said_once_and_summed_up() -> None:
    macs = [f"00:04:f2:00:00:{number:02x}" for number in range(20)]
    same = [broken_phone(phone=dataclasses.replace(broken_phone().phone, mac=mac)) for mac in macs]
    lost = Verdict(status=VerdictStatus.UNKNOWN, code="capture-too-short", step=None, summary="It cannot be told.")
    unknown = dataclasses.replace(whole_phone(), verdict=lost)
    made = report(*same, unknown, whole_phone())
    text = shown(made, stream=Stream(), environment={"COLUMNS": "400"})
    (finding,) = same[0].findings
    assert text.count(finding.fix.text) == 1
    assert text.count("What to change (whoever runs DNS): as said for 00:04:f2:00:00:00 above.") == 19
    assert text.count(COMMAND) == 1
    assert text.count("seen: frame 12") == 20
    assert text.splitlines()[-4:-1] == [
        f"20 broken at step 2 (dns), dns-legacy-only: {', '.join(macs[:12])} and 8 more",
        "1 not known, capture-too-short: 00:04:f2:aa:bb:cc",
        "",
    ]
    assert shown(made, verbose=True).count(textwrap.shorten(finding.fix.text, 30, placeholder="")) == 20


def test_one_phone_that_does_not_get_through_needs_no_summary() -> None:
    assert "1 broken" not in shown(report(broken_phone(), whole_phone()))
    assert "1 broken" not in shown(report(broken_phone()))


def test_another_fix_for_the_same_finding_is_said() -> None:
    first = broken_phone()
    (finding,) = first.findings
    fix = dataclasses.replace(finding.fix, commands=("dig @10.0.0.99 ucupdates-r2.contoso.com",))
    second = broken_phone(
        phone=dataclasses.replace(first.phone, mac="00:04:f2:00:00:99"),
        findings=(dataclasses.replace(finding, fix=fix),),
    )
    text = shown(report(first, second))
    assert COMMAND in text
    assert "dig @10.0.0.99" in text
    assert "as said for" not in text


def test_commands_that_only_name_the_phone_are_the_same() -> None:
    phones = []
    for mac in ("00:04:f2:00:00:01", "00:04:f2:00:00:02"):
        phone = broken_phone()
        (finding,) = phone.findings
        fix = dataclasses.replace(finding.fix, commands=(f"ucdiag check-dns --mac {mac}",))
        phones.append(
            dataclasses.replace(
                phone,
                phone=dataclasses.replace(phone.phone, mac=mac),
                findings=(dataclasses.replace(finding, fix=fix),),
            )
        )
    assert shown(report(*phones)).count("ucdiag check-dns") == 1


def test_short_is_a_line_per_finding_and_the_verdict() -> None:
    made = report(problems=(Problem(code="no-privilege", text="Run it as root."),))
    assert shown(made, format_="short").splitlines() == [
        "error dns-legacy-only (00:04:f2:aa:bb:cc in contoso.com): ucupdates-r2.contoso.com does not exist and "
        "ucupdates.contoso.com does. Seen: frame 12: 10.0.0.53 answered NXDOMAIN. "
        "Fix (dns): Create an A record ucupdates-r2.",
        "  Wireshark: frame.number == 12",
        f"  {COMMAND}",
        "problem no-privilege: Run it as root.",
        "broken at step 2 dns [dns-legacy-only]: The path breaks at DNS: only the old name exists.",
    ]
    assert shown(report(whole_phone()), format_="short") == "whole: The path is whole.\n"
    assert shown(made, format_="short", quiet=True).count("\n") == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "0.0 ms"),
        (0.0004, "0.4 ms"),
        (0.0214, "21 ms"),
        (0.9994, "999 ms"),
        (5.0213, "5.02 s"),
        (float("nan"), ""),
        (float("inf"), ""),
        (-1.0, ""),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_width_survives_nonsense() -> None:
    for columns in ("0", "-5", "many", "9" * 50, "٣"):
        assert 20 <= screen_of(Stream(), {"COLUMNS": columns}).width <= 1000
    stream = Stream()
    stream.close()
    assert isinstance(screen_of(stream, {"TERM": "xterm"}), Screen)


def test_plain_output_does_not_pay_for_rich() -> None:
    code = """
        import sys
        from tests.views.reports import report, broken_phone
        from ucdiag.views import load
        from ucdiag.views.output_target import screen_of
        before = "rich" in sys.modules
        view = load("text", screen_of(sys.stdout))
        view.begin("check"), view.progress(broken_phone()), view.end(report())
        assert not before and "rich" not in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_finding_tells_what_it_means() -> None:
    from ucdiag.diagnosis.catalogue import CATALOGUE

    text = shown(report(), environment={"COLUMNS": "1000"})
    assert CATALOGUE["dns-legacy-only"].meaning in text
    unknown: Finding = dataclasses.replace(broken_phone().findings[0], code="not-in-the-catalogue")
    assert "What it means" not in shown(report(broken_phone(findings=(unknown,))))
