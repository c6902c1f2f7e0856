"""What a person reads."""

import dataclasses
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.in_parts import in_parts
from tests.views.reports import COMMAND, COMMANDS, START, broken_phone, report, steps, whole_phone
from tests.views.shown import (
    Stream,
    shown,
)
from ucdiag.model.observations import Extent
from ucdiag.model.phone import Phone
from ucdiag.model.report import Evidence, Finding, Problem, Source, StepResult, Verdict
from ucdiag.model.steps import STEPS, Level, Step, StepStatus, VerdictStatus
from ucdiag.views import FORMATS, load_view
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.density import Density
from ucdiag.views.output_target import Screen, screen_of
from ucdiag.views.text_head import report_subject
from ucdiag.views.text_view import step_line
from ucdiag.views.words import duration_text

OK, WARNING, FAILED = StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED
NOT_TESTED, NOT_REACHED = StepStatus.NOT_TESTED, StepStatus.NOT_REACHED
HOSTILE = "\x1b[2J\x1b[31m[bold]x[/bold]\u202e\r\nwhole: \ud800"

WITHOUT_FREE_TEXT: frozenset[str] = frozenset()  # formats that show no text from outside


VERDICT = "FAILED at step 2 (DNS): Only the old name exists. [dns-legacy-only]"


@in_parts(
    "name, variable, said",
    [
        ("pc7", "PC8", "pc7"),
        ("", "PC8", "this machine"),
        (None, "PC8", "PC8"),
        (None, "", "this machine"),
        (None, None, "this machine"),
    ],
    ids=str,
)
def test_the_machine_is_named_as_its_system_names_it(name: str | None, variable: str | None, said: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPUTERNAME", variable or "")
        if variable is None:
            patch.delenv("COMPUTERNAME")
        patch.delattr(os, "uname", raising=False)
        if name is not None:
            patch.setattr(os, "uname", lambda: SimpleNamespace(nodename=name), raising=False)
        assert report_subject(report()) == f"check on {said}, 2026-01-31 09:00:00 UTC"


def test_identity_then_verdict_then_steps_then_what_to_change() -> None:
    lines = shown(report()).splitlines()
    assert re.fullmatch(r"ucdiag 0\.1\.0, check on \S+, 2026-01-31 09:00:00 UTC", lines[0])
    assert lines[1:] == [
        "Phone 00:04:f2:aa:bb:cc, domain contoso.com",
        "",
        VERDICT,
        "",
        "✓ 1 DHCP     what dhcp says  (21 ms)",
        "✗ 2 DNS      what dns says",
        "– 3 to 7     Not reached.",
        "",
        "Error: ucupdates-r2.contoso.com does not exist and ucupdates.contoso.com does",
        "    [dns-legacy-only]",
        "Change (DNS administrator): Create an A record ucupdates-r2.",
        "  Change, on the DNS server, PowerShell:",
        f"      {COMMAND}",
        "  Or, on the DNS server, Command Prompt:",
        "      dnscmd /recordadd",
        "      ipconfig /flushdns",
        "  Verify, on this machine, PowerShell:",
        "      ucdiag check-dns contoso.com",
        "",
        "Evidence: -v. More: ucdiag explain dns-legacy-only.",
    ]


def test_what_the_verdict_says_is_not_said_again() -> None:
    (finding,) = broken_phone().findings
    summary = f"The path breaks at step 2 (dns): {finding.summary}."
    verdict = dataclasses.replace(broken_phone().verdict, summary=summary)
    phone = broken_phone(verdict=verdict, steps=steps(OK, FAILED, dns=f"{finding.summary}."))
    text = " ".join(shown(report(phone)).split())
    assert text.count(finding.summary) == 1
    assert "✗ 2 DNS frame 12: 10.0.0.53 answered NXDOMAIN" in text
    assert "Error:" not in text


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        ((), "See above."),
        ((Evidence(text="{0}", frame=12),), "frame 12, see above."),
        ((Evidence(text="{0}", frame=12), Evidence(text="NXDOMAIN")), "NXDOMAIN"),
    ],
    ids=["none", "the-same", "another-one"],
)
def test_the_line_of_the_step_that_decides_adds_what_was_seen(evidence: tuple[Evidence, ...], claim: str) -> None:
    (finding,) = broken_phone().findings
    evidence = tuple(dataclasses.replace(seen, text=seen.text.format(finding.summary)) for seen in evidence)
    verdict = dataclasses.replace(
        broken_phone().verdict, summary=f"The path breaks at step 2 (dns): {finding.summary}."
    )
    phone = broken_phone(
        verdict=verdict,
        steps=steps(OK, FAILED, dns=f"{finding.summary}."),
        findings=(dataclasses.replace(finding, evidence=evidence),),
    )
    assert f"✗ 2 DNS      {claim}" in shown(report(phone)).splitlines()


def test_nothing_is_written_to_a_pipe_before_the_verdict() -> None:
    stream = Stream()
    view = load_view("text", screen_of(stream, {}))
    view.begin("check")
    assert not view.live
    view.progress(broken_phone())
    assert stream.getvalue() == ""
    view.end(report())
    for name in ("dhcp", "dns"):
        assert stream.getvalue().count(f"what {name} says") == 1


def test_quiet_is_the_verdict_alone() -> None:
    expected = "The path breaks at step 2 (dns): only the old name exists.\n"
    assert shown(report(), broken_phone(), quiet=True) == expected


def test_nothing_wrong_says_nothing_of_mending() -> None:
    text = shown(report(whole_phone()))
    assert text.count("✓") == 7
    assert text.splitlines()[3] == "OK: The path is whole."
    for word in ("Error", "Change", "Not tested", "✗", "explain"):
        assert word not in text
    assert text.splitlines()[-1] == "Evidence: -v."


def test_a_warning_on_a_whole_path_says_what_to_change() -> None:
    warning = dataclasses.replace(broken_phone().findings[0], level=Level.WARNING)
    text = shown(report(dataclasses.replace(whole_phone(), findings=(warning,))))
    assert "Warning: ucupdates-r2.contoso.com does not exist" in text
    assert "Change (DNS administrator): Create an A record" in text


def test_a_warning_beside_a_break_leaves_the_room_to_the_break() -> None:
    fix = dataclasses.replace(broken_phone().findings[0].fix, text="Ask somebody else.")
    warning = dataclasses.replace(broken_phone().findings[0], level=Level.WARNING, code="dns-wildcard", fix=fix)
    phone = broken_phone(findings=(broken_phone().findings[0], warning))
    assert "[dns-wildcard]" in shown(report(phone))
    assert "Ask somebody else." not in shown(report(phone))
    assert "Ask somebody else." in shown(report(phone), verbose=1)


def test_steps_that_were_not_tested_say_why_where_they_do_not_say_the_same() -> None:
    same = broken_phone(steps=steps(OK, *[NOT_TESTED] * 6, **{step.value: "Not tested." for step in STEPS}))
    assert "– 2 to 7     Not tested." in shown(report(same)).splitlines()
    other = broken_phone(steps=steps(OK, *[NOT_TESTED] * 6))
    assert "– 7 download what download says" in shown(report(other)).splitlines()
    rest = {step.value: "Not part of it." for step in STEPS[2:]}
    parts = broken_phone(steps=steps(OK, *[NOT_TESTED] * 6, dns="No domain is known.", **rest))
    assert [line for line in shown(report(parts)).splitlines() if line.startswith("–")] == [
        "– 2 DNS      No domain is known.",
        "– 3 to 7     Not part of it.",
    ]
    two = broken_phone(steps=steps(*[OK] * 5))
    assert "– 6, 7       Not reached." in shown(report(two)).splitlines()


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LONG = "http://pool01.contoso.com/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # A terminal breaks it in any case; alone in the next line it would part the label from its text.
        (f"at {LONG} whole", [f"Label: at {LONG}", "    whole"]),
        (f"{'x' * 51} {LONG}", [f"Label: {'x' * 51} {LONG}"]),
        (f"{'x' * 52} {LONG}", [f"Label: {'x' * 52}", f"    {LONG}"]),
        (f"{'x' * 66} 12.5 ms", [f"Label: {'x' * 66}", "    12.5 ms"]),
        (f"{'x' * 66} (12 ms).", [f"Label: {'x' * 66}", "    (12 ms)."]),
        (f"{'x' * 62} 200,000 bytes", [f"Label: {'x' * 62}", "    200,000 bytes"]),
        (f"{'x' * 66} 12.5 and", [f"Label: {'x' * 66} 12.5", "    and"]),
        (f"{'x' * 66} port ms", [f"Label: {'x' * 66} port", "    ms"]),
        # A command is pasted.
        (f"{'x' * 55} 'ucdiag doctor -v', then", [f"Label: {'x' * 55}", "    'ucdiag doctor -v', then"]),
        (f"{'x' * 50} ('sudo ucdiag doctor')", [f"Label: {'x' * 50}", "    ('sudo ucdiag doctor')"]),
        (f"{'x' * 50}: ucdiag explain tls-version.", [f"Label: {'x' * 50}:", "    ucdiag explain tls-version."]),
        (f"{'x' * 58} ucdiag has none", [f"Label: {'x' * 58} ucdiag has", "    none"]),
        (f"'ucdiag {'x' * 48} {'y' * 40}'", [f"Label: 'ucdiag {'x' * 48}", f"    {'y' * 40}'"]),
    ],
)
def test_where_prose_is_broken(text: str, lines: list[str]) -> None:
    stream = Stream()
    line_writer_for(Screen(stream=stream)).write_wrapped(("Label:", "bold"), f" {text}", hang=4)
    assert stream.getvalue().splitlines() == lines


@pytest.mark.parametrize("program", ["ucdiag", "/opt/v/ucdiag", "python3 -m ucdiag"])
@pytest.mark.parametrize("width", range(45, 81))
def test_the_command_that_explains_is_on_one_line(program: str, width: int) -> None:
    stream = Stream()
    load_view("text", Screen(stream=stream, width=width, program=program)).end(report(broken_phone()))
    assert any(line.endswith(f"{program} explain dns-legacy-only.") for line in stream.getvalue().splitlines())


@pytest.mark.parametrize(
    ("terminal", "command", "typed"),
    [
        (True, "ucdiag check-dns contoso.com", "/opt/v/ucdiag check-dns contoso.com"),
        (True, "sudo ucdiag check-dhcp --ask", "sudo -E /opt/v/ucdiag check-dhcp --ask"),
        (True, "ucdiagnose x", "ucdiagnose x"),
        (True, "dig @10.0.0.2 ucdiag.contoso.com", "dig @10.0.0.2 ucdiag.contoso.com"),
        (False, "ucdiag check-dns contoso.com", "ucdiag check-dns contoso.com"),
        (False, "sudo ucdiag check-dhcp --ask", "sudo ucdiag check-dhcp --ask"),
    ],
)
def test_a_command_can_be_pasted_into_the_terminal_that_it_stands_on(terminal: bool, command: str, typed: str) -> None:
    stream = Stream(terminal=terminal)
    screen = screen_of(stream, {"TERM": "xterm"}, color=False, calls=lambda: ("/opt/v/ucdiag", "sudo -E /opt/v/ucdiag"))
    finding = broken_phone().findings[0]
    made = dataclasses.replace(COMMANDS[-1], text=command)
    fix = dataclasses.replace(finding.fix, commands=(made,))
    load_view("text", screen).end(report(broken_phone(findings=(dataclasses.replace(finding, fix=fix),))))
    text = ESCAPE.sub("", stream.getvalue())
    assert f"      {typed}" in text.splitlines()
    program = "/opt/v/ucdiag" if terminal else "ucdiag"
    assert text.endswith(f"More: {program} explain dns-legacy-only.\n")


def test_where_nothing_is_known_to_be_wrong_the_checks_are_what_is_to_be_done() -> None:
    note = dataclasses.replace(broken_phone().findings[0], level=Level.INFORMATION)
    verdict = Verdict(status=VerdictStatus.UNKNOWN, step=Step.DNS, code=note.code, summary="It is not known.")
    check = dataclasses.replace(COMMANDS[0], purpose="check", text="look --here")
    change = dataclasses.replace(COMMANDS[1], purpose="change")
    fix = dataclasses.replace(note.fix, commands=(check, change))
    findings = (dataclasses.replace(note, fix=fix),)
    assert "look --here" in shown(report(broken_phone(findings=findings, verdict=verdict)))
    assert "look --here" not in shown(report(broken_phone(findings=findings)))


def test_commands_of_one_place_stand_under_one_head() -> None:
    finding = broken_phone().findings[0]
    twin = dataclasses.replace(COMMANDS[1], text="Add-it -TheOtherWay")
    fix = dataclasses.replace(finding.fix, commands=(COMMANDS[1], twin, COMMANDS[2]))
    lines = shown(report(broken_phone(findings=(dataclasses.replace(finding, fix=fix),)))).splitlines()
    start = lines.index("  Change, on the DNS server, PowerShell:")
    assert [line.strip() for line in lines[start + 1 : start + 5]] == [
        COMMAND,
        "Add-it -TheOtherWay",
        "Or, on the DNS server, Command Prompt:",
        "dnscmd /recordadd",
    ]


def test_what_was_not_seen_behind_the_step_that_decides_is_one_line() -> None:
    unseen = steps(OK, *[StepStatus.NOT_SEEN] * 6)
    verdict = Verdict(status=VerdictStatus.UNKNOWN, step=Step.CONNECT, code="connect-not-tried", summary="It did not.")
    lines = shown(report(broken_phone(steps=unseen, verdict=verdict))).splitlines()
    assert "? 3 connect  what connect says" in lines
    assert "? 4 to 7     Not seen." in lines


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ([StepStatus.NOT_SEEN] * 4, "? 1 to 4     Not seen."),
        (
            [StepStatus.NOT_TESTED, *[StepStatus.NOT_SEEN] * 3],
            "– 1 to 4     1 not tested, 2 not seen, 3 not seen, 4 not seen.",
        ),
        ([OK, *[StepStatus.NOT_SEEN] * 3], "✓ 1 to 4     Passed (2 not seen, 3 not seen, 4 not seen)."),
    ],
)
def test_what_stands_before_the_step_that_fails_is_one_line(
    before: list[StepStatus], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ucdiag.views.text_view.fitting_density", lambda *_: Density(passed=False))
    verdict = Verdict(status=VerdictStatus.BROKEN, step=Step.REQUEST, code="http-closed", summary="It closed.")
    phone = broken_phone(steps=steps(*before, StepStatus.FAILED, *[StepStatus.NOT_REACHED] * 2), verdict=verdict)
    assert line in shown(report(phone)).splitlines()


def test_of_a_whole_path_a_note_says_what_and_not_how() -> None:
    note = dataclasses.replace(broken_phone().findings[0], level=Level.INFORMATION)
    verdict = Verdict(status=VerdictStatus.WHOLE, code=note.code, summary="The path is whole.")
    made = report(dataclasses.replace(whole_phone(), findings=(note,), verdict=verdict))
    assert "What to do (DNS administrator): Create an A record" in shown(made)
    assert COMMAND not in shown(made)
    assert COMMAND in shown(made, verbose=1)


def test_what_a_path_does_not_need_has_a_mark_of_its_own() -> None:
    phone = broken_phone(steps=steps(OK, OK, OK, StepStatus.NOT_NEEDED, tls="Plain http."))
    assert "· 4 TLS      Plain http." in shown(report(phone)).splitlines()


def test_problems_come_after_findings() -> None:
    text = shown(report(problems=(Problem(code="no-privilege", text="Run it as root."),)))
    assert text.index("Change (") < text.index("Not tested: Run it as root. [no-privilege]")


@pytest.mark.parametrize("code", ["frames-of-copy", "behind-router", "several-files", "body-cut", "packets-cut"])
def test_what_the_reader_has_to_know_is_no_test_that_was_left_out(code: str) -> None:
    text = shown(report(problems=(Problem(code=code, text="So it is."),)))
    assert f"Note: So it is. [{code}]" in text
    assert "Not tested" not in text
    unheard = shown(report(problems=(Problem(code="no-interface", text="There is none."),)))
    assert "Not tested: There is none. [no-interface]" in unheard


def test_a_problem_that_is_the_verdict_is_not_reported_twice() -> None:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="no-domain", summary="No domain is known.")
    problem = Problem(code="no-domain", text="No domain is known.")
    made = report(verdict=verdict, phones=(), problems=(problem,))
    assert shown(made).splitlines()[1:] == ["", "INCONCLUSIVE: No domain is known. [no-domain]"]


def test_errors_come_before_warnings_before_notes() -> None:
    finding = broken_phone().findings[0]
    warning = dataclasses.replace(finding, level=Level.WARNING, summary="second")
    note = dataclasses.replace(finding, level=Level.INFORMATION, summary="third")
    error = dataclasses.replace(finding, summary="first")
    text = shown(report(broken_phone(findings=(note, warning, error))))
    assert text.index("Error: first") < text.index("Warning: second") < text.index("Note: third")


def test_evidence_checks_and_meaning_come_with_v() -> None:
    text = shown(report(), verbose=1)
    for words in ("Seen: frame 12: 10.0.0.53 answered NXDOMAIN", "Wireshark: frame.number == 12", "What it means:"):
        assert words in text
        assert words not in shown(report())
    assert "  Check (changes nothing), on a Windows PC, PowerShell:\n      Resolve-DnsName" in text
    assert "Resolve-DnsName" not in shown(report())


def test_where_nothing_is_to_be_changed_the_checks_are_shown() -> None:
    finding = broken_phone().findings[0]
    fix = dataclasses.replace(finding.fix, commands=COMMANDS[:1])
    text = shown(report(broken_phone(findings=(dataclasses.replace(finding, fix=fix),))))
    assert "Check (changes nothing), on a Windows PC, PowerShell:" in text


def test_verbose_shows_what_was_seen_with_bodies_line_by_line() -> None:
    text = shown(report(), verbose=1)
    assert "lookup" in text
    assert "rcode=NXDOMAIN" in text
    assert "        | <html>\n        | \\x1b[2Jgone</html>\n" in text
    assert "rcode=NXDOMAIN" not in shown(report())


@pytest.mark.parametrize(
    ("status", "step", "summary", "line"),
    [
        ("whole", None, "The path is whole: a file arrived.", "OK: A file arrived."),
        ("whole", None, "The path is whole: http://x/y arrived.", "OK: http://x/y arrived."),
        ("unknown", "dns", "Cannot tell whether the path is whole: at step 2 (dns), it did not ask.",
         "INCONCLUSIVE at step 2 (DNS): It did not ask. [x]"),
        ("unknown", None, "Cannot tell whether the path is whole. The last is step 1.",
         "INCONCLUSIVE: The last is step 1. [x]"),
        ("broken", "tls", "The path breaks at step 4 (tls): 10.0.0.20 hung up.",
         "FAILED at step 4 (TLS): 10.0.0.20 hung up. [x]"),
    ],
)  # fmt: skip
def test_verdicts_have_words_for_people(status: str, step: str | None, summary: str, line: str) -> None:
    code = None if status == "whole" else "x"
    verdict = Verdict(
        status=VerdictStatus(status),
        step=Step(step) if step else None,
        code=code,
        summary=summary,  # type: ignore[arg-type]
    )
    assert shown(report(whole_phone(), verdict=verdict)).splitlines()[3] == line


@pytest.mark.parametrize(
    ("kind", "end", "line"),
    [
        ("file", 37, "ucdiag 0.1.0, capture of a.pcap: 1,204 packets, 2026-01-31 09:00:00 to 09:00:37 UTC"),
        ("live", 37, "ucdiag 0.1.0, capture on a.pcap: 1,204 packets, 2026-01-31 09:00:00 to 09:00:37 UTC"),
        (
            "file",
            86400,
            "ucdiag 0.1.0, capture of a.pcap: 1,204 packets, 2026-01-31 09:00:00 to 2026-02-01 09:00:00 UTC",
        ),
        # The report's own time is when the file was read.
        ("file", None, "ucdiag 0.1.0, capture of a.pcap: 1,204 packets"),
        ("live", None, "ucdiag 0.1.0, capture on a.pcap: 1,204 packets, 2026-01-31 09:00:00 UTC"),
    ],
)
def test_the_head_names_the_capture_and_its_times(kind: Any, end: int | None, line: str) -> None:
    extent = (Extent(time=START, end=START + end * 1_000_000),) if end is not None else ()
    phone = broken_phone(observations=extent)
    made = report(phone, command="capture", source=Source(kind=kind, name="a.pcap", packets=1204))
    assert shown(made, environment={"COLUMNS": "200"}).splitlines()[0] == line


def test_a_made_up_phone_is_called_the_test_phone() -> None:
    made_up = broken_phone(phone=dataclasses.replace(broken_phone().phone, mac=Phone().mac))
    assert shown(report(made_up)).splitlines()[1].startswith(f"Test phone {Phone().mac}")
    assert shown(report(made_up, command="capture")).splitlines()[1].startswith(f"Phone {Phone().mac}")


def test_sixty_columns_wrap_prose_and_never_a_command() -> None:
    text = shown(report(), environment={"COLUMNS": "60"}, verbose=1)
    assert any(line.strip() == COMMAND for line in text.splitlines())
    assert all(len(line) <= 60 for line in text.splitlines() if COMMAND not in line)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_text_reaches_nothing(format_: str, terminal: bool) -> None:
    hostile_command = dataclasses.replace(COMMANDS[1], text=HOSTILE)
    finding = dataclasses.replace(
        broken_phone().findings[0],
        summary=HOSTILE,
        evidence=(Evidence(text=HOSTILE, time=START),),
        fix=dataclasses.replace(broken_phone().findings[0].fix, text=HOSTILE, commands=(hostile_command,)),
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
    text = text.replace("\r", "") if terminal or format_ == "csv" else text
    assert "\x1b" not in text
    assert all(line.isprintable() for line in text.split("\n"))
    if format_ == "mermaid":  # by number
        text = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)
    if format_ not in WITHOUT_FREE_TEXT:
        assert "[bold]" in text
        assert re.search(r"\\(x|u00)1b\[2J", text), "it is shown, as an escape of the format"
    assert not any(line.startswith("whole:") for line in text.splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_stream_without_the_marks_gets_ascii_ones(encoding: str, format_: str) -> None:
    phone = broken_phone(
        steps=steps(OK, WARNING, FAILED, StepStatus.NOT_SEEN, NOT_TESTED, dhcp="Zürich 東京"), findings=()
    )
    text = shown(report(phone), format_=format_, stream=Stream(encoding))
    text.encode(encoding)
    if format_ == "text":
        lines = text.splitlines()[5:11]
        assert lines[0].startswith("[ok]   1 DHCP     Z")
        assert [line.split()[0] for line in lines] == ["[ok]", "[warn]", "[FAIL]", "[?]", "[-]", "[-]"]
        assert "\\u6771" in text


class Test_on_a_terminal:  # noqa: N801
    def test_steps_fill_in_and_stay_once(self) -> None:
        text = shown(report(), broken_phone(steps=steps(OK, *[NOT_TESTED] * 6)), stream=Stream(terminal=True))
        assert "\x1b[?25h" in text, "the cursor was not given back"
        assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
        settled = text[text.rindex("\x1b[?25h") :]
        assert settled.count("what dhcp says") == 1
        assert settled.index("FAILED at step 2") < settled.index("what dhcp says")

    def test_the_cursor_comes_back_without_an_end(self) -> None:
        stream = Stream(terminal=True)
        view = load_view("text", screen_of(stream, {"TERM": "xterm"}))
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

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
    def test_a_step_that_changes_in_place_is_cut_with_what_the_stream_can_carry(self, encoding: str) -> None:
        made = broken_phone(steps=steps(OK, dhcp="a claim with many words that goes on and on"))
        stream = Stream(encoding, terminal=True)
        view = load_view("text", screen_of(stream, {"TERM": "xterm", "COLUMNS": "40"}))
        view.begin("check")
        view.progress(made)
        view.close()
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
        (line,) = {line for line in re.split(r"[\r\n]", plain) if "a claim" in line}
        assert len(line) == 40
        assert line.endswith("…") is (encoding == "utf-8"), line

    def test_narrow_lines_hang_under_the_claim(self) -> None:
        phone = broken_phone(steps=steps(OK, dhcp="a claim with many words that goes on and on"))
        made = report(dataclasses.replace(phone, findings=()))
        text = shown(made, stream=Stream(terminal=True), environment={"TERM": "xterm", "COLUMNS": "40"})
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        assert "✓ 1 DHCP     a claim with many words\n             that goes on" in plain


def test_several_phones_are_grouped_by_cause() -> None:
    other = broken_phone(phone=dataclasses.replace(broken_phone().phone, mac="00:04:f2:00:00:99"))
    verdict = Verdict(status=VerdictStatus.BROKEN, code="dns-legacy-only", step=other.verdict.step, summary="2 of 3.")
    made = report(broken_phone(), whole_phone(), other, verdict=verdict)
    lines = shown(made).splitlines()[1:]
    assert lines == [
        "",
        "FAILED: of 3 phones, 2 do not get through, 1 gets through.",
        "",
        "FAILED at step 2 (DNS), 2 phones: Only the old name exists. [dns-legacy-only]",
        "Change (DNS administrator): Create an A record ucupdates-r2.",
        "  Change, on the DNS server, PowerShell:",
        f"      {COMMAND}",
        "  Or, on the DNS server, Command Prompt:",
        "      dnscmd /recordadd",
        "      ipconfig /flushdns",
        "  Verify, on this machine, PowerShell:",
        "      ucdiag check-dns contoso.com",
        "  ✗ 00:04:f2:aa:bb:cc, domain contoso.com",
        "  ✗ 00:04:f2:00:00:99, domain contoso.com",
        "",
        "OK, 1 phone: The path is whole.",
        "  ✓ 00:04:f2:aa:bb:cc, domain contoso.com",
        "",
        "Evidence: -v. More: ucdiag explain dns-legacy-only.",
    ]


def test_several_phones_that_all_get_through() -> None:
    text = shown(report(whole_phone(), whole_phone(), verdict=whole_phone().verdict))
    assert "OK: the update path of all 2 phones is whole." in text
    assert "FAILED" not in text


def test_with_v_each_phone_is_shown_whole() -> None:
    text = shown(report(broken_phone(), whole_phone()), verbose=1)
    assert text.count("Phone 00:04:f2:aa:bb:cc, domain contoso.com") == 2
    assert text.count("✓ 1 DHCP") == 2
    assert text.count("Seen: frame 12") == 1


def test_a_warning_of_several_phones_is_said_once_and_counted() -> None:
    warning = dataclasses.replace(
        broken_phone().findings[0], level=Level.WARNING, code="dns-wildcard", summary="All resolve"
    )
    phones = [dataclasses.replace(whole_phone(), findings=(warning,)) for _ in range(3)]
    text = shown(report(*phones, whole_phone()), environment={"COLUMNS": "200"})
    assert "Warning: All resolve [dns-wildcard] (3 phones, 00:04:f2:aa:bb:cc the first)" in text
    assert text.count("All resolve") == 1
    assert text.count("domain contoso.com [dns-wildcard]") == 3


def test_another_fix_for_the_same_finding_is_a_group_of_its_own() -> None:
    first = broken_phone()
    (finding,) = first.findings
    command = dataclasses.replace(COMMANDS[1], text="dnscmd 10.0.0.99 /recordadd")
    fix = dataclasses.replace(finding.fix, commands=(command,))
    second = broken_phone(
        phone=dataclasses.replace(first.phone, mac="00:04:f2:00:00:99"),
        findings=(dataclasses.replace(finding, fix=fix),),
    )
    text = shown(report(first, second))
    assert COMMAND in text
    assert "dnscmd 10.0.0.99" in text
    assert text.count("FAILED at step 2 (DNS), 1 phone:") == 2


def test_commands_that_only_name_the_phone_are_the_same() -> None:
    phones = []
    for mac in ("00:04:f2:00:00:01", "00:04:f2:00:00:02"):
        phone = broken_phone()
        (finding,) = phone.findings
        command = dataclasses.replace(COMMANDS[0], text=f"ucdiag check-dns --mac {mac}")
        fix = dataclasses.replace(finding.fix, commands=(command,))
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
        *(f"  {command.purpose}: {command.text}" for command in COMMANDS),
        "problem no-privilege: Run it as root.",
        "broken at step 2 dns [dns-legacy-only]: The path breaks at step 2 (dns): only the old name exists.",
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
    assert duration_text(seconds) == words


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
        from ucdiag.views import load_view
        from ucdiag.views.output_target import screen_of
        before = "rich" in sys.modules
        view = load_view("text", screen_of(sys.stdout))
        view.begin("check"), view.progress(broken_phone()), view.end(report())
        assert not before and "rich" not in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_finding_tells_what_it_means() -> None:
    from ucdiag.diagnosis.catalogue import CATALOGUE

    text = shown(report(), environment={"COLUMNS": "1000"}, verbose=1)
    assert CATALOGUE["dns-legacy-only"].meaning in text
    unknown: Finding = dataclasses.replace(broken_phone().findings[0], code="not-in-the-catalogue")
    assert "What it means" not in shown(report(broken_phone(findings=(unknown,))), verbose=1)


@pytest.mark.parametrize(
    ("summary", "ending"), [("All names resolve", " Warning: [dns-wildcard]"), ("What DNS says", "")]
)
def test_the_line_of_a_step_with_a_warning_names_it_unless_it_says_it(summary: str, ending: str) -> None:
    finding = broken_phone().findings[0]
    warning = dataclasses.replace(finding, level=Level.WARNING, code="dns-wildcard", step=Step.DNS, summary=summary)
    whole = Verdict(status=VerdictStatus.WHOLE, summary="The path is whole.")
    phone = broken_phone(steps=steps(OK, WARNING, OK), findings=(warning,), verdict=whole)
    lines = shown(report(phone)).splitlines()
    assert f"! 2 DNS      what dns says{ending}" in lines
    assert not [line for line in lines if line.startswith("✓") and "Warning" in line]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (
            Verdict(status=VerdictStatus.UNKNOWN, code="max-time", summary="Time is over."),
            "INCONCLUSIVE: Not all was tested. Otherwise the update path of all 3 phones is whole. [max-time]",
        ),
        (
            Verdict(status=VerdictStatus.UNKNOWN, code="capture-cut", summary="It is cut."),
            "INCONCLUSIVE: It is cut. Otherwise the update path of all 3 phones is whole. [capture-cut]",
        ),
        (
            Verdict(status=VerdictStatus.UNKNOWN, summary="Time is over."),
            "INCONCLUSIVE: Time is over. Otherwise the update path of all 3 phones is whole.",
        ),
        (
            Verdict(status=VerdictStatus.WHOLE, summary="The path is whole."),
            "OK: the update path of all 3 phones is whole.",
        ),
        (
            Verdict(status=VerdictStatus.WHOLE, code="no-update-offered", summary="The path is whole."),
            "OK: the update path of all 3 phones is whole.",
        ),
    ],
)
def test_of_many_phones_the_verdict_has_its_code_where_no_phone_has_it(verdict: Verdict, said: str) -> None:
    phones = [
        replace(whole_phone(), phone=replace(whole_phone().phone, mac=f"00:04:f2:00:00:0{number}"))
        for number in range(3)
    ]
    made = report(*phones, verdict=verdict, problems=(Problem(code="max-time", text="Not all was tested."),))
    assert shown(made, environment={"TERM": "xterm", "COLUMNS": "200"}).splitlines()[2] == said


def test_prose_may_begin_with_a_unit() -> None:
    stream = Stream()
    line_writer_for(Screen(stream=stream)).write_wrapped(" ms and 12 ms")
    assert stream.getvalue() == " ms and 12 ms\n"


@pytest.mark.parametrize("status", list(StepStatus))
def test_only_what_a_step_did_not_come_to_is_dim(status: StepStatus) -> None:
    writer = line_writer_for(screen_of(Stream(), {}))
    step = StepResult(step=Step.TLS, status=status, summary="what it says", seconds=0.5)
    mark, name, claim, took = step_line(writer, step, None)
    known = status in (StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED)
    assert (name, took) == (" 4 TLS      ", ("  (500 ms)", "dim"))
    assert claim == ("what it says" if known else ("what it says", "dim"))
    assert mark == writer.status_mark(status)
    assert step_line(writer, replace(step, seconds=None), "another")[2:] == (
        ["another"] if known else [("another", "dim")]
    )


@pytest.mark.parametrize(
    ("encoding", "waiting", "said"),
    [
        ("utf-8", None, "…"),
        ("ascii", None, "..."),
        ("utf-8", "", "…"),
        ("utf-8", "asking 10.0.0.2", "… asking 10.0.0.2"),
        ("utf-8", "x" * 37, "… " + "x" * 37),
        ("utf-8", "x" * 38, "… " + "x" * 17 + "…" + "x" * 19),
        ("ascii", "x" * 36, "... " + "x" * 14 + "..." + "x" * 18),
    ],
)
def test_while_it_works_a_terminal_shows_what_is_waited_for(encoding: str, waiting: str | None, said: str) -> None:
    stream = Stream(encoding, terminal=True)
    view = load_view("text", screen_of(stream, {"TERM": "xterm", "COLUMNS": "40"}))
    view.waiting = None if waiting is None else lambda: waiting or ""
    view.begin("check")
    shown_now = stream.getvalue()
    view.close()
    assert shown_now == f"\x1b[?25l\x1b[2m{said}\x1b[0m"


@pytest.mark.parametrize("terminal", [True, False])
def test_standard_error_goes_above_what_changes_where_it_is_a_terminal(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Stream(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", own)
    output = sys.stdout
    view = load_view("text", screen_of(Stream(terminal=True), {"TERM": "xterm"}))
    view.begin("check")
    during = sys.stderr, sys.stdout
    view.close()
    assert (during[0] is own, during[1] is output) == (not terminal, True)
    assert sys.stderr is own
