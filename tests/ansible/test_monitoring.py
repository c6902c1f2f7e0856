"""The alert rules, by the real promtool."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.ansible.recipe import ROLE
from ucdiag.cli.main import cli
from ucdiag.views.prometheus_view import METRICS

RULES = ROLE / "files" / "ucdiag.rules.yml"
HERE = Path(__file__).parent


def test_the_rules_speak_of_metrics_that_are_written() -> None:
    expressions = re.findall(r"^ +expr: (?:.*\n)(?: {10}.*\n)*", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r"\b(?:ucdiag|node)_\w+", "".join(expressions)))
    assert "ucdiag_finding" in named
    assert named - set(METRICS) == {"node_textfile_scrape_error"}


def test_the_alerts_are_tested_with_series_as_they_are_written() -> None:
    """The same labels, beside those that Prometheus adds."""
    done = CliRunner().invoke(cli, ["lab", "dns-legacy-only", "-f", "prometheus"], prog_name="ucdiag")
    assert done.exit_code == 1, done.output
    written = {name: names_in(labels) for name, labels in re.findall(r"^(\w+)\{(.*)\}", done.stdout, re.MULTILINE)}
    assert 'code="dns-legacy-only",level="error",step="dns"' in done.stdout
    tested = re.findall(r"series: '(ucdiag_\w+)\{(.*)\}'", (HERE / "alerts.yml").read_text(encoding="utf-8"))
    assert {name for name, _ in tested} == {"ucdiag_run_verdict", "ucdiag_finding", "ucdiag_finished_seconds"}
    for name, labels in tested:
        assert names_in(labels) == written[name] | {"instance", "job"}


def names_in(labels: str) -> set[str]:
    return set(re.findall(r'(\w+)="', labels))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (apt-get install prometheus)")
def test_what_raises_each_alert_and_what_does_not(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    shutil.copy(HERE / "alerts.yml", tmp_path)
    words = ["promtool", "test", "rules", "alerts.yml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout + done.stderr
