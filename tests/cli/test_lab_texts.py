"""What ``ucdiag lab`` prints: one run with its verdict, all runs as lines, and what is not as expected."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from ucdiag.cli.main import cli
from ucdiag.lab.scenario import Expect, Scenario
from ucdiag.lab.scenarios import SCENARIOS

LEGACY, CURRENT = SCENARIOS["dns-legacy-only"], SCENARIOS["whole-current"]
WRONG = replace(LEGACY, expect=Expect(status="whole"))
HEAD = (
    "Scenario dns-legacy-only: Only the older name exists.\n"
    "ucupdates is there from an earlier deployment; a phone of R2 asks for\nucupdates-r2.\n\nucdiag "
)
TAIL = "\nThis is the verdict that the scenario must give.\n"


@pytest.fixture
def scenarios(monkeypatch: pytest.MonkeyPatch) -> dict[str, Scenario]:
    few = {"whole-current": CURRENT, "dns-legacy-only": LEGACY}
    monkeypatch.setattr("ucdiag.cli.lab.SCENARIOS", few)
    return few


def lab(*arguments: str) -> tuple[int, str, str]:
    """The exit code, the standard output with the seconds of a line as ``?``, and standard error."""
    done = CliRunner().invoke(cli, ["lab", *arguments], prog_name="ucdiag")
    return done.exit_code, re.sub(r" +\d+\.\d s$", " ? s", done.stdout, flags=re.MULTILINE), done.stderr


@pytest.mark.usefixtures("scenarios")
def test_one_scenario_is_introduced_and_confirmed() -> None:
    code, out, err = lab("dns-legacy-only")
    assert (code, err) == (1, "")
    assert out.startswith(HEAD)
    assert out.endswith(TAIL)


@pytest.mark.usefixtures("scenarios")
@pytest.mark.parametrize("words", [["-q"], ["--json"], ["-f", "short"]])
def test_other_forms_hold_the_report_alone(words: list[str]) -> None:
    code, out, err = lab("DNS-Legacy-Only ", *words)
    assert (code, err) == (1, "")
    assert "Only the older name exists." not in out
    assert "must give" not in out
    assert "ucupdates-r2.contoso.example" in out


def test_another_verdict_than_expected_is_a_bug(scenarios: dict[str, Scenario]) -> None:
    scenarios["dns-legacy-only"] = WRONG
    code, out, err = lab("dns-legacy-only")
    assert code == 70
    assert err.startswith("NOT as expected: ")
    assert "dns-legacy-only" in err
    assert err.endswith(". That is a bug in ucdiag.\n")
    assert TAIL not in out


LINES = (
    "whole-current    whole                 as expected ? s\ndns-legacy-only  broken at dns         as expected ? s\n"
)
END = "2 of 2 scenarios gave the expected verdict and no other finding.\n"


@pytest.mark.usefixtures("scenarios")
@pytest.mark.parametrize(("words", "expected"), [([], f"{LINES}\n{END}"), (["-q"], END), (["-f", "short"], f"\n{END}")])
def test_all_scenarios(words: list[str], expected: str) -> None:
    assert lab("--all", *words) == (0, expected, "")


@pytest.mark.parametrize("words", [[], ["-f", "short"]])
def test_all_scenarios_with_one_that_is_not_as_expected(words: list[str], scenarios: dict[str, Scenario]) -> None:
    scenarios["dns-legacy-only"] = WRONG
    code, out, _ = lab("--all", *words)
    lines = out.splitlines()
    assert code == 70
    assert ("whole-current    whole                 as expected ? s" in lines) == (not words)
    at = lines.index("dns-legacy-only  broken at dns         NOT as expected ? s")
    assert re.match(r" {17}\S", lines[at + 1])
    assert lines[-1] == "1 of 2 scenarios gave the expected verdict and no other finding."


@pytest.mark.usefixtures("scenarios")
def test_a_port_that_is_taken_cannot_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(scenario: Scenario, port: int | None, *rest: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr("ucdiag.lab.site.start_site", start)
    code, _, err = lab("whole-current", "--serve", "--port", "5300")
    assert (code, err.splitlines()[0]) == (
        2,
        "ucdiag: the lab cannot use port 5300 and the next ones: Address already in use.",
    )
