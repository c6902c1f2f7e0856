"""``-f prometheus``, ``-f nagios`` and ``-f junit``, read back by what reads them."""

import dataclasses
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from io import StringIO
from typing import Literal

import pytest
from click.testing import CliRunner
from hypothesis import given

from tests.views.reports import broken_phone, report, reports, whole_phone
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.cli.main import cli
from ucdiag.model.phone import DEFAULT_MAC
from ucdiag.model.report import Identity, Problem, Report
from ucdiag.model.steps import Level, VerdictStatus
from ucdiag.views import OwnExitCode, load_view
from ucdiag.views.output_target import screen_of
from ucdiag.views.prometheus_view import METRICS

HOSTILE = 'a"b\\c\nd|e\x1b[2J\x00<&>]]>\ufffe{}'


def hostile() -> Report:
    phone = broken_phone(phone=Identity(mac=None, domain=HOSTILE, vendor=HOSTILE))
    verdict = dataclasses.replace(phone.verdict, summary=HOSTILE)
    return report(phone, phone, verdict=verdict, problems=(Problem(code="bug", text=HOSTILE),))


def families(made: Report) -> dict[str, list[tuple[dict[str, str], float]]]:
    parser = pytest.importorskip("prometheus_client.parser", reason="pip install prometheus-client")
    text = shown(made, format_="prometheus")
    assert text.endswith("\n")
    assert "\r" not in text
    read = {family.name: family for family in parser.text_string_to_metric_families(text)}
    assert {name: family.documentation for name, family in read.items()}.items() <= METRICS.items()
    assert {family.type for family in read.values()} == {"gauge"}
    assert all(sample.timestamp is None for family in read.values() for sample in family.samples)
    return {name: [(sample.labels, sample.value) for sample in family.samples] for name, family in read.items()}


@pytest.mark.parametrize("scene", SCENES)
def test_the_metrics_say_what_the_report_says(scene: str) -> None:
    made = SCENES[scene]()
    read = families(made)
    verdicts = {labels["verdict"]: value for labels, value in read["ucdiag_run_verdict"]}
    assert verdicts == {status.value: float(status is made.verdict.status) for status in VerdictStatus}
    counted = Counter(phone.verdict.status.value for phone in made.phones)
    assert {labels["verdict"]: value for labels, value in read["ucdiag_phones"]} == {
        status.value: counted[status.value] for status in VerdictStatus
    }
    assert [labels["status"] for labels, _ in read.get("ucdiag_step_status", [])] == [
        step.status.value for phone in made.phones for step in phone.steps
    ]
    assert [(labels["code"], labels["level"]) for labels, _ in read.get("ucdiag_finding", [])] == [
        pair
        for phone in made.phones
        for pair in dict.fromkeys((finding.code, finding.level.value) for finding in phone.findings)
    ]
    assert read["ucdiag_finished_seconds"][0][1] == made.finished / 1_000_000


@given(reports())
def test_no_series_is_there_twice(made: Report) -> None:
    for name, samples in families(made).items():
        keys = [tuple(sorted(labels.items())) for labels, _ in samples]
        assert len(set(keys)) == len(keys), name


@pytest.mark.parametrize("scene", SCENES)
def test_the_labels_of_a_metric_stand_in_one_order(scene: str) -> None:
    """promtext-cli 0.2.0, for one, gives other samples' values to the first one's names by their place.

    See findings/promtext-labels-exchanged.sh.
    """
    for samples in families(SCENES[scene]()).values():
        assert len({tuple(labels) for labels, _ in samples}) == 1


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (apt-get install prometheus)")
@pytest.mark.parametrize("made", [*SCENES.values(), hostile], ids=[*SCENES, "hostile"])
def test_promtool_has_nothing_to_say(made: "type[Report]") -> None:
    text = shown(made(), format_="prometheus")
    said = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def nagios(made: Report) -> tuple[int, str]:
    stream = StringIO()
    view = load_view("nagios", screen_of(stream, {}))
    view.end(made)
    assert isinstance(view, OwnExitCode)
    return view.exit_code, stream.getvalue()


@pytest.mark.parametrize("scene", SCENES)
def test_a_monitor_gets_one_line_and_its_own_code(scene: str) -> None:
    made = SCENES[scene]()
    code, line = nagios(made)
    warned = any(finding.level is Level.WARNING for phone in made.phones for finding in phone.findings)
    expected = {VerdictStatus.BROKEN: 2, VerdictStatus.UNKNOWN: 3, VerdictStatus.WHOLE: int(warned)}
    assert code == expected[made.verdict.status]
    assert line.startswith(f"UCDIAG {('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')[code]} - ")
    text, data = line.removesuffix("\n").split(" | ")
    assert "\n" not in text
    values = dict(item.split("=") for item in data.split(" "))
    counted = Counter(phone.verdict.status.value for phone in made.phones)
    assert [values.pop(status.value) for status in VerdictStatus] == [
        f"{counted[status.value]};;;0" for status in VerdictStatus
    ]
    if len(made.phones) == 1:
        assert {name: float(value.removesuffix("s;;;0")) for name, value in values.items()} == {
            step.step.value: pytest.approx(step.seconds, abs=1e-6)
            for step in made.phones[0].steps
            if step.seconds is not None
        }
    perfdata = pytest.importorskip("nagiosplugin.performance", reason="pip install nagiosplugin")
    assert str(perfdata.Performance("whole", counted["whole"], min=0)) in data.replace(";;;0", ";;;0")


@given(reports())
def test_any_report_is_one_line_without_nan(made: Report) -> None:
    code, line = nagios(made)
    assert 0 <= code <= 3
    assert line.count("\n") == 1
    assert line.count("|") == 1
    assert "nan" not in line.split("|")[1]
    assert "inf" not in line.split("|")[1]


def test_a_bug_makes_a_whole_path_unknown() -> None:
    bad = report(whole_phone(), problems=(Problem(code="bug", text="a bug"),))
    assert nagios(bad)[0] == 3
    assert nagios(report(whole_phone()))[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "begins"),
    [
        (["lab", "dns-legacy-only", "-f", "nagios"], 2, "UCDIAG CRITICAL - [dns-legacy-only] "),
        (["lab", "whole", "-f", "nagios"], 0, "UCDIAG OK - "),
        (["lab", "dns-wildcard", "-f", "nagios"], 1, "UCDIAG WARNING - [dns-wildcard] "),
        (["check", "-f", "nagios", "--timeout", "x"], 3, "UCDIAG UNKNOWN - [usage] "),
        (["check", "--nonsense", "-fnagios"], 3, "UCDIAG UNKNOWN - [usage] "),
        (["capture", "/nowhere/at/all", "-f", "nagios"], 3, "UCDIAG UNKNOWN - "),
    ],
)
def test_the_program_leaves_with_the_monitors_codes(words: list[str], code: int, begins: str) -> None:
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stdout.count("\n")) == (code, 1)
    assert result.stdout.startswith(begins)


@pytest.mark.parametrize("made", [*SCENES.values(), hostile], ids=[*SCENES, "hostile"])
def test_junit_has_a_suite_for_each_phone_and_one_for_the_run(made: "type[Report]") -> None:
    whole = made()
    root = ET.fromstring(shown(whole, format_="junit"))
    assert root.tag == "testsuites"
    assert {suite.tag for suite in root} == {"testsuite"}
    assert [len(suite) for suite in root] == [*[7] * len(whole.phones), 1 + len(whole.problems)]
    for suite in root:
        kinds = Counter(child.tag for case in suite for child in case)
        assert {name: int(suite.get(name, "-1")) for name in ("tests", "failures", "errors", "skipped")} == {
            "tests": len(suite),
            "failures": kinds["failure"],
            "errors": kinds["error"],
            "skipped": kinds["skipped"],
        }
    for phone, suite in zip(whole.phones, root, strict=False):
        failed = [case.get("name") for case in suite if case.find("failure") is not None]
        assert failed == [f"{step.number} {step.step.value}" for step in phone.steps if step.status.value == "failed"]
    green = all(case.find("failure") is None and case.find("error") is None for case in root.iter("testcase"))
    assert green == (
        whole.verdict.status is VerdictStatus.WHOLE
        and all(step.status.value != "failed" for phone in whole.phones for step in phone.steps)
    )


@given(reports())
def test_any_report_is_well_formed_xml(made: Report) -> None:
    ET.fromstring(shown(made, format_="junit").encode())


@pytest.mark.parametrize("scene", SCENES)
def test_readers_of_junit_find_all_cases(scene: str) -> None:
    text = shown(SCENES[scene](), format_="junit")
    root = ET.fromstring(text)
    wanted = [(case.get("name"), [child.tag for child in case]) for case in root.iter("testcase")]
    junitparser = pytest.importorskip("junitparser", reason="pip install junitparser")
    read = junitparser.JUnitXml.fromstring(text.encode())
    assert len([case for suite in read for case in suite]) == len(wanted)
    xunitparser = pytest.importorskip("xunitparser", reason="pip install xunitparser")
    suite, result = xunitparser.parse(StringIO(text.replace(' encoding="utf-8"', "")))
    assert suite.countTestCases() == len(wanted)
    assert len(result.failures) == sum("failure" in tags for _, tags in wanted)
    assert len(result.errors) == sum("error" in tags for _, tags in wanted)


@pytest.mark.parametrize("scene", SCENES)
def test_no_name_of_junit_looks_like_a_number(scene: str) -> None:
    """junit2json 4.0.0 (npm) makes numbers of such names (findings/junit2json-names.sh)."""
    root = ET.fromstring(shown(SCENES[scene](), format_="junit"))
    names = [element.get(key, "") for element in root.iter() for key in ("name", "classname") if element.get(key)]
    assert not [name for name in names if re.fullmatch(r"[-+]?(0[xX])?[0-9a-fA-F]*\.?[0-9]+([eE][-+]?[0-9]+)?", name)]


@pytest.mark.parametrize("scene", SCENES)
def test_no_blank_stands_between_two_labels(scene: str) -> None:
    """parse-prometheus-text-format 1.1.1 (npm) refuses a file that has one (its own script in findings)."""
    lines = shown(SCENES[scene](), format_="prometheus").splitlines()
    assert not [line for line in lines if not line.startswith("#") and re.search(r'",\s+[a-zA-Z_]+="', line)]


def merged(*sites: str) -> Report:
    """The test phone at these sites."""
    who = Identity(mac=DEFAULT_MAC, domain="contoso.com")
    return report(*(broken_phone(phone=dataclasses.replace(who, site=site)) for site in sites))


def test_metrics_of_many_sites_name_them() -> None:
    read = families(merged("Bremen", "Kiel"))
    assert {(labels["phone"], labels["site"]) for labels, _ in read["ucdiag_phone_info"]} == {
        (f"{DEFAULT_MAC} contoso.com Bremen", "Bremen"),
        (f"{DEFAULT_MAC} contoso.com Kiel", "Kiel"),
    }


def test_the_only_phone_of_a_run_is_called_the_same_at_every_site() -> None:
    read = families(merged("Bremen"))
    assert [(labels["phone"], labels["site"]) for labels, _ in read["ucdiag_phone_info"]] == [(DEFAULT_MAC, "Bremen")]


@pytest.mark.parametrize("sites", [("a", "a", "a (2)"), ("a (2)", "a", "a"), ("a", "a (2)", "a", "a (2)")])
def test_no_site_takes_the_name_of_a_second_phone(sites: tuple[str, ...]) -> None:
    read = families(merged(*sites))
    assert len({labels["phone"] for labels, _ in read["ucdiag_phone_info"]}) == len(sites)


def test_junit_of_many_sites_names_them() -> None:
    suites = ET.fromstring(shown(merged("Bremen", "Kiel"), format_="junit")).iter("testsuite")
    assert [suite.get("name") for suite in suites] == [
        f"{DEFAULT_MAC} contoso.com Bremen",
        f"{DEFAULT_MAC} contoso.com Kiel",
        "run",
    ]


@pytest.mark.parametrize("code", ["targets-skipped", "report-unreadable"])
def test_a_monitor_does_not_get_ok_where_something_was_left_out(code: Literal["targets-skipped"]) -> None:
    made = report(whole_phone(), problems=(Problem(code=code, text="line 2 cannot be used"),))
    line = shown(made, format_="nagios")
    assert line.startswith(f"UCDIAG UNKNOWN - [{code}] line 2 cannot be used | ")
