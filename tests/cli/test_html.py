"""``-f html`` of real runs says what ``--json`` says of the same input."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.capture.capture_files import pcap, phones
from tests.views.html_page import Page
from ucdiag.cli.main import cli
from ucdiag.views.words import VERDICTS


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [str(word) for word in words])
    assert done.exit_code in (0, 1, 3), (done.output, done.exception)
    return done.exit_code, done.stdout


def both(*words: str | Path) -> tuple[dict[str, Any], Page]:
    """The same run as JSON and as a page."""
    code, text = run(*words, "--json")
    page_code, markup = run(*words, "-f", "html")
    assert code == page_code
    return json.loads(text), Page(markup)


def verdict_word(verdict: dict[str, Any]) -> str:
    return next(word for status, word in VERDICTS.items() if status.value == verdict["status"])


def captured(folder: Path, count: int) -> Path:
    path = folder / "site.pcap"
    path.write_bytes(pcap(phones(count, 2)))
    return path


def test_one_phone(tmp_path: Path) -> None:
    report, page = both("capture", captured(tmp_path, 1))
    (phone,) = report["phones"]
    assert page.text("title").startswith(verdict_word(phone["verdict"]))
    assert phone["verdict"]["code"] is None or phone["verdict"]["code"] in page.text("main")
    for word in phone["phone"].values():
        assert word is None or word in page.text("header")
    for step in phone["steps"]:
        assert step["summary"] in page.text("ol")
    for finding in phone["findings"]:
        assert finding["code"] in page.text("main")
        assert all(evidence["text"] in page.text("details") for evidence in finding["evidence"])


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(2, id="in memory"),
        pytest.param(300, marks=pytest.mark.slow, id="in a file"),
    ],
)
def test_several_phones(tmp_path: Path, count: int) -> None:
    report, page = both("capture", captured(tmp_path, count))
    assert len(report["phones"]) == count
    assert page.text("title").startswith(verdict_word(report["verdict"]))
    listed, cause = {}, ""
    for row in page.rows[1:]:
        if len(row) == 1:
            cause = row[0]
        else:
            listed[row[0]] = (cause, row[1])
    assert set(listed) == {phone["phone"]["mac"] for phone in report["phones"]}
    for phone in report["phones"]:
        cause, ip = listed[phone["phone"]["mac"]]
        assert ip == (phone["phone"]["ip"] or "")
        assert cause.startswith(verdict_word(phone["verdict"]))
        assert cause.endswith(phone["verdict"]["code"] or "phones")


def test_no_phone(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(pcap([]))
    report, page = both("capture", path)
    assert report["phones"] == []
    assert report["verdict"]["code"] in page.text("main")
    assert report["verdict"]["summary"][-40:] in page.text("h1")


@pytest.mark.parametrize("scenario", ["whole", "dns-legacy-only", "connect-refused", "dhcp-no-domain"])
def test_the_lab(scenario: str) -> None:
    report, page = both("lab", scenario)
    assert verdict_word(report["verdict"]) in page.text("title")
    codes = [finding["code"] for phone in report["phones"] for finding in phone["findings"]]
    assert all(code in page.text("main") for code in codes)
    assert all(problem["text"] in page.text("main") for problem in report["problems"])


def test_what_is_no_report() -> None:
    catalogue = json.loads(run("explain", "--json")[1])
    page = Page(run("explain", "-f", "html")[1])
    codes = {entry["code"] for entry in [*catalogue["entries"], *catalogue["problems"]]}
    assert codes == {row[0] for row in page.rows} - {"Code"}
    (entry,) = json.loads(run("explain", "dns-legacy-only", "--json")[1])["entries"]
    text = Page(run("explain", "dns-legacy-only", "-f", "html")[1]).text("body")
    assert all(part in text for part in (entry["title"], entry["meaning"], *entry["causes"], *entry["sources"]))
    scenarios = json.loads(run("lab", "--json")[1])["scenarios"]
    page = Page(run("lab", "-f", "html")[1])
    assert [row[0] for row in page.rows[1:]] == [scenario["name"] for scenario in scenarios]
    checks = json.loads(run("doctor", "--json")[1])["checks"]
    text = Page(run("doctor", "-f", "html")[1]).text("h2")
    assert all(f"{check['check']}: {check['status']}" in text for check in checks)
