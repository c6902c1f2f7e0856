"""Every scenario gives the verdict that it must give, and the scenarios leave no finding out."""

import pytest

from tests.views.reports import report
from tests.views.shown import rows, said_twice, short_report
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.lab.scenario import Scenario
from ucdiag.lab.scenarios import SCENARIOS, connect, dhcp, dns, download, healthy, request, response, tls
from ucdiag.lab.trial import run
from ucdiag.model.report import Source
from ucdiag.model.steps import VerdictStatus

PARTS = (healthy, dhcp, dns, connect, tls, request, response, download)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_verdict_is_the_expected_one_and_nothing_else_is_found(name: str) -> None:
    trial = run(SCENARIOS[name])
    assert not trial.differences, f"{trial.differences}\n{trial.report.verdict.summary}"
    text = short_report(report(trial.report, command="lab", source=Source(kind="lab")))
    assert not said_twice(text), text
    if trial.report.verdict.status is VerdictStatus.BROKEN:
        assert rows(text) < 24, text
        assert "Change (" in text, text


# The lab plays no account: a sign-in needs the extra ``ntlm``. tests/cli/test_sign_in.py has a server that refuses one.
SIGNED_IN = {"external-sign-in-refused", "external-sign-in-binding"}


def expected(scenario: Scenario) -> set[str]:
    return {*scenario.also, *([scenario.expect.code] if scenario.expect.code else [])}


def test_every_code_that_the_active_commands_can_find_has_a_scenario() -> None:
    # Stopping before the end of a capture, or of a file on request, is no property of a site.
    active = {code for code, entry in CATALOGUE.items() if "A" in entry.where}
    assert active - {code for scenario in SCENARIOS.values() for code in expected(scenario)} == SIGNED_IN


def test_every_code_of_a_scenario_is_in_the_catalogue() -> None:
    assert {code for scenario in SCENARIOS.values() for code in expected(scenario)} <= set(CATALOGUE)


def test_names_are_unique_and_telling() -> None:
    assert len(SCENARIOS) == sum(len(part.SCENARIOS) for part in PARTS)
    for name, scenario in SCENARIOS.items():
        assert name == scenario.name == name.lower()
        assert scenario.title
        assert scenario.summary.endswith(".")
        assert not scenario.title.endswith(".")


def test_a_code_s_scenario_is_named_as_it() -> None:
    """``ucdiag explain CODE`` and ``ucdiag lab CODE`` go together."""
    for scenario in SCENARIOS.values():
        if scenario.name in CATALOGUE:
            assert scenario.name in expected(scenario)
    missing = {code for code, entry in CATALOGUE.items() if "A" in entry.where} - set(SCENARIOS)
    assert missing == SIGNED_IN


def test_there_are_enough_whole_sites() -> None:
    clean = [scenario for scenario in SCENARIOS.values() if scenario.expect.status == "whole" and not scenario.also]
    assert len(clean) >= 12


def test_the_scenarios_load_without_servers() -> None:
    """Listing them must stay cheap."""
    import subprocess
    import sys

    heavy = "dns", "cryptography", "requests", "scapy", "ucdiag.lab.site", "socketserver", "ssl"
    code = f"import sys, ucdiag.lab.scenarios; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
