"""``capture`` on what a mirror port shows of phones on sites of real servers (captures.py), from a file and live."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.originals import bundle, conclusions, found_in, originals_of
from tests.site.captures import SNIFFERS, STORIES, Expected, Story, Told
from tests.site.ground import Result
from tests.site.histories import HISTORIES
from tests.site.matrix import BROKEN, DOMAIN, EXIT
from tests.site.reports import STEPS, validator

EVERY = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@EVERY
def test_from_the_file(captures: Mapping[str, Told], story: Story) -> None:
    told = captured(captures, story)
    check(told, told.read)
    assert told.read.code == EXIT[told.read.report["verdict"]["status"]], explain(told, told.read)
    assert told.read.err == ""


@pytest.mark.parametrize("story", [story for story in STORIES if story.edit is None], ids=lambda story: story.name)
@pytest.mark.parametrize("sniffer", SNIFFERS)
def test_live(captures: Mapping[str, Told], story: Story, sniffer: str) -> None:
    told = captured(captures, story)
    check(told, told.live[sniffer])


@EVERY
def test_masked(captures: Mapping[str, Told], story: Story, tmp_path: Path) -> None:
    """A masked bundle says the same of every phone, and holds no address of it."""
    told = captured(captures, story)
    before = told.read.report
    files = bundle(told.file, *told.options, target=tmp_path / "case.zip")
    inside = json.loads(files["report.json"])
    assert conclusions(inside) == conclusions(before)
    addresses, macs = originals_of(before)
    assert found_in(files, [DOMAIN.split(".")[0]] if DOMAIN in json.dumps(before) else [], addresses, macs) == []
    if "--keylog" not in told.options and "Secrets of TLS" not in files["README.txt"].decode():
        assert "alone gives the same verdicts and findings" in files["README.txt"].decode()


def captured(captures: Mapping[str, Told], story: Story) -> Told:
    told = captures[story.name]
    if told.error is not None:
        raise AssertionError(f"{told.error}\n{told.logs}") from told.error
    return told


def check(told: Told, result: Result) -> None:
    story = told.story
    report = result.report
    assert report, explain(told, result)
    validator().validate(report)
    expected = story.phones or {"": story.expected}
    nobody = story.expected.code in ("no-phone-seen", "capture-encapsulated")
    if nobody and "--mac" not in story.options:
        assert (result.verdict, report["phones"]) == (("unknown", None, story.expected.code), []), explain(told, result)
        return
    assert len(report["phones"]) == len(expected), explain(told, result)
    for phone in report["phones"]:
        key = phone["phone"]["mac"] if phone["phone"]["mac"] in expected else phone["phone"]["ip"]
        check_phone(phone, expected[key if story.phones else ""], told, result)
    if not story.phones:
        assert result.verdict == (story.expected.status, story.expected.step, story.expected.code)
        for step, status in story.steps.items():
            assert {step["step"]: step["status"] for step in report["phones"][0]["steps"]}[step] == status
    assert {problem["code"] for problem in report["problems"]} == story.problems, explain(told, result)


def check_phone(phone: Mapping[str, object], expected: Expected, told: Told, result: Result) -> None:
    verdict, steps, findings = phone["verdict"], phone["steps"], phone["findings"]
    assert isinstance(verdict, dict)
    assert isinstance(steps, list)
    assert isinstance(findings, list)
    said = (verdict["status"], verdict["step"], verdict["code"])
    assert said == (expected.status, expected.step, expected.code), explain(told, result)
    assert sorted(finding["code"] for finding in findings) == sorted(expected.codes), explain(told, result)
    assert [step["step"] for step in steps] == STEPS
    statuses = [step["status"] for step in steps]
    if expected.status == BROKEN:
        assert expected.step is not None
        at = STEPS.index(expected.step)
        assert statuses[at] == "failed"
        assert set(statuses[at + 1 :]) <= {"not-reached"}, explain(told, result)
        assert "failed" not in statuses[:at]
    else:
        assert "failed" not in statuses, explain(told, result)
    for finding in findings:
        assert (finding["level"] == "error") == (expected.status == BROKEN and finding["code"] == expected.code), (
            finding
        )
        assert all(line["frame"] for line in finding["evidence"]), finding


def explain(told: Told, result: Result) -> str:
    """For who has to find out why: the file, what was said, and the servers' logs."""
    report = result.report
    lines = [f"{told.file} ({told.story.name})", f"exit code {result.code}", result.err, str(report.get("problems"))]
    for phone in report.get("phones", []):
        lines += [str(phone["phone"]), str(phone["verdict"])]
        lines += [f"  {step['step']:9} {step['status']:12} {step['summary']}" for step in phone["steps"]]
        for finding in phone["findings"]:
            lines += [f"  {finding['level']} {finding['code']}: {finding['summary']}"]
            lines += [f"    {line['frame']} {line['text']}" for line in finding["evidence"]]
    if not report:
        lines.append(result.out)
    return "\n".join(lines) + f"\n{told.logs[-3000:]}"


def test_every_code_is_played() -> None:
    """Each code that a capture can give is the outcome of a story."""
    from ucdiag.diagnosis.catalogue import CATALOGUE

    wanted = {code for code, entry in CATALOGUE.items() if "C" in entry.where}
    stories = [*STORIES, *(story for story, _, _ in HISTORIES.values())]
    played = {
        code for story in stories for expected in (story.expected, *story.phones.values()) for code in expected.codes
    }
    assert wanted - played == set()
