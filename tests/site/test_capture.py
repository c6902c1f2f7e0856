"""``capture`` on what a mirror port shows of phones on sites of real servers (captures.py), from a file and live."""

from collections.abc import Mapping

import pytest

from tests.site.captures import STORIES, Expected, Story, Told, can_sniff
from tests.site.ground import Result
from tests.site.matrix import BROKEN, EXIT
from tests.site.reports import STEPS, validator

EVERY = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@EVERY
def test_from_the_file(captures: Mapping[str, Told], story: Story) -> None:
    told = captured(captures, story)
    assert told.read is not None
    check(told, told.read)
    assert told.read.code == EXIT[told.read.report["verdict"]["status"]], explain(told, told.read)
    assert told.read.err == ""


@EVERY
def test_live(captures: Mapping[str, Told], story: Story) -> None:
    told = captured(captures, story)
    if not can_sniff():
        pytest.skip("this ucdiag does not sniff")
    assert told.live is not None
    check(told, told.live)


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
    if story.expected.code == "no-phone-seen" and "--mac" not in story.options:
        assert (result.verdict, report["phones"]) == (("unknown", None, "no-phone-seen"), []), explain(told, result)
        return
    assert len(report["phones"]) == len(expected), explain(told, result)
    for phone in report["phones"]:
        key = phone["phone"]["mac"] if phone["phone"]["mac"] in expected else phone["phone"]["ip"]
        check_phone(phone, expected[key if story.phones else ""], told, result)
    if not story.phones:
        assert result.verdict == (story.expected.status, story.expected.step, story.expected.code)
        for step, status in story.steps.items():
            assert {each["step"]: each["status"] for each in report["phones"][0]["steps"]}[step] == status
    assert {each["code"] for each in report["problems"]} == story.problems, explain(told, result)


def check_phone(phone: Mapping[str, object], expected: Expected, told: Told, result: Result) -> None:
    verdict, steps, findings = phone["verdict"], phone["steps"], phone["findings"]
    assert isinstance(verdict, dict)
    assert isinstance(steps, list)
    assert isinstance(findings, list)
    said = (verdict["status"], verdict["step"], verdict["code"])
    assert said == (expected.status, expected.step, expected.code), explain(told, result)
    assert sorted(each["code"] for each in findings) == sorted(expected.codes), explain(told, result)
    assert [each["step"] for each in steps] == STEPS
    statuses = [each["status"] for each in steps]
    if expected.status == BROKEN:
        assert expected.step is not None
        at = STEPS.index(expected.step)
        assert statuses[at] == "failed"
        assert set(statuses[at + 1 :]) <= {"not-reached"}, explain(told, result)
        assert "failed" not in statuses[:at]
    else:
        assert "failed" not in statuses, explain(told, result)
    for each in findings:
        assert (each["level"] == "error") == (expected.status == BROKEN and each["code"] == expected.code), each
        assert all(line["frame"] for line in each["evidence"]), each


def explain(told: Told, result: Result) -> str:
    """For who has to find out why: the file, what was said, and the servers' logs."""
    report = result.report
    lines = [f"{told.file} ({told.story.name})", f"exit code {result.code}", result.err, str(report.get("problems"))]
    for phone in report.get("phones", []):
        lines += [str(phone["phone"]), str(phone["verdict"])]
        lines += [f"  {each['step']:9} {each['status']:12} {each['summary']}" for each in phone["steps"]]
        for each in phone["findings"]:
            lines += [f"  {each['level']} {each['code']}: {each['summary']}"]
            lines += [f"    {line['frame']} {line['text']}" for line in each["evidence"]]
    if not report:
        lines.append(result.out)
    return "\n".join(lines) + f"\n{told.logs[-3000:]}"


def test_every_code_is_played() -> None:
    """Each code that a capture can give is the outcome of a story."""
    from ucdiag.diagnosis.catalogue import CATALOGUE

    wanted = {code for code, entry in CATALOGUE.items() if "C" in entry.where}
    played = {code for story in STORIES for each in (story.expected, *story.phones.values()) for code in each.codes}
    assert wanted - played == set()
