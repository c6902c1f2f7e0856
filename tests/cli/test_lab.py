"""``ucdiag lab`` for programs: one JSON object that its schema allows, for the list and for the runs."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from ucdiag.cli.exit_codes import INTERRUPTED
from ucdiag.cli.main import cli
from ucdiag.lab import scenarios
from ucdiag.views.schema import schema_files

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["lab.schema.json"]))
FEW = ("whole-current", "dns-legacy-only", "http-not-found")


def lab(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["lab", *arguments, "--json"], prog_name="ucdiag")
    assert result.exit_code == 0, result.stderr
    data: dict[str, Any] = json.loads(result.stdout)
    VALIDATOR.validate(data)
    return data


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.cli.lab.SCENARIOS", {name: scenarios.SCENARIOS[name] for name in FEW})


def test_the_list_says_what_each_scenario_must_give() -> None:
    data = lab()
    assert [scenario["name"] for scenario in data["scenarios"]] == list(FEW)
    legacy = data["scenarios"][1]
    assert legacy["expected"] == {"status": "broken", "step": "dns", "code": "dns-legacy-only"}
    assert legacy["expected_findings"] == ["dns-legacy-only"]
    assert {legacy[key] for key in ("verdict", "findings", "as_expected", "seconds")} == {None}


def test_the_runs_say_what_each_scenario_gave() -> None:
    for scenario in lab("--all")["scenarios"]:
        verdict = scenario["verdict"]
        assert {key: verdict[key] for key in ("status", "step", "code")} == scenario["expected"]
        assert scenario["findings"] == scenario["expected_findings"]
        assert (scenario["as_expected"], scenario["differences"]) == (True, [])
        assert scenario["seconds"] >= 0


def test_the_readme_shows_what_a_scenario_shows() -> None:
    """But for the machine, the time, the port and how long it took."""
    page = (ROOT / "README.rst").read_text(encoding="utf-8")
    readme = page.split("$ ucdiag lab dns-legacy-only\n")[1].split("\n\nThe same in colour")[0]
    result = CliRunner().invoke(cli, ["lab", "dns-legacy-only"], prog_name="ucdiag", env={"COLUMNS": "80"})
    assert _without_chance(result.stdout) == _without_chance(readme)


def _without_chance(text: str) -> list[str]:
    text = re.sub(r"lab on .*|\([0-9.]+ m?s\)", "", text)
    return re.sub(r"(port |127\.0\.0\.1:)\d+", r"\1", text).split()


@pytest.mark.parametrize("change", [{"verdict": "broken"}, {"expected": None}, {"seconds": -1}, {"as_expected": "yes"}])
def test_the_schema_refuses_what_is_not_of_that_form(change: dict[str, Any]) -> None:
    data = lab()
    data["scenarios"][0].update(change)
    assert not VALIDATOR.is_valid(data)


def test_an_interruption_while_the_trials_are_begun_leaves_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them may take many seconds."""
    begun: list[int] = []

    def run(scenario: int, bounds: Any) -> None:
        begun.append(scenario)
        time.sleep(0.3)

    def values() -> Iterator[int]:
        yield from range(40)
        raise KeyboardInterrupt

    monkeypatch.setattr("ucdiag.lab.trial.run", run)
    monkeypatch.setattr("ucdiag.cli.without_root.give_up_for_sites", lambda view: None)
    monkeypatch.setattr("ucdiag.cli.lab.SCENARIOS", SimpleNamespace(values=values))
    done = CliRunner().invoke(cli, ["lab", "--all"], prog_name="ucdiag")
    assert done.exit_code == INTERRUPTED
    assert 0 < len(begun) < 20
