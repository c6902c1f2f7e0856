"""Days and weeks of phones on sites of real servers (histories.py), read from the file with its clock run ahead."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.site.captures import Story, Told
from tests.site.histories import HISTORIES, TWO
from tests.site.reports import validator

EVERY = [*(story for story, _, _ in HISTORIES.values()), TWO]


@pytest.mark.parametrize("story", EVERY, ids=lambda story: story.name)
def test_a_history(captures: Mapping[str, Told], story: Story) -> None:
    told = captures[story.name]
    if told.error is not None:
        raise AssertionError(f"{told.error}\n{told.logs}") from told.error
    report = told.read.report
    validator().validate(report)
    expected = story.phones or {"": story.expected}
    assert len(report["phones"]) == len(expected)
    for phone in report["phones"]:
        wanted = expected[phone["phone"]["mac"] if story.phones else ""]
        verdict = phone["verdict"]
        said = (verdict["status"], verdict["step"], verdict["code"])
        found = sorted(finding["code"] for finding in phone["findings"])
        what = f"{told.file}\n{phone['checks']}\n{phone['findings']}"
        assert (said, found) == ((wanted.status, wanted.step, wanted.code), sorted(wanted.codes)), what
        if not story.phones:
            _, checks, starts = HISTORIES[story.name]
            assert (phone["checks"]["count"], phone["checks"]["power_ons"]) == (checks, starts), what
    assert report["problems"] == []


@pytest.mark.parametrize("story", [TWO], ids=lambda story: story.name)
def test_who_is_overdue_is_in_the_inventory(captures: Mapping[str, Told], story: Story) -> None:
    told = captures[story.name]
    phones: list[dict[str, Any]] = told.read.report["phones"]
    overdue = [phone["phone"]["mac"] for phone in phones if _is_overdue(phone)]
    assert overdue == [mac for mac, wanted in story.phones.items() if "check-overdue" in wanted.codes]


def _is_overdue(phone: Mapping[str, Any]) -> bool:
    return any(finding["code"] == "check-overdue" for finding in phone["findings"])
