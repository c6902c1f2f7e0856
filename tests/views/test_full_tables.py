"""What reports of others can make long: each bound was seen to fail a test without it."""

from dataclasses import replace

import pytest

from tests.views.reports import START, broken_phone, report
from tests.views.shown import shown
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.model.report import Evidence, PhoneReport
from ucdiag.model.steps import Level
from ucdiag.views import many_phones
from ucdiag.views.html import many
from ucdiag.views.many_phones import grouped
from ucdiag.views.wireshark import display_filter


def test_a_display_filter_names_the_first_and_the_last_of_many_frames() -> None:
    evidence = tuple(Evidence(text="x", time=START + frame, frame=frame) for frame in range(1, 101))
    finding = replace(broken_phone().findings[0], evidence=evidence)
    frames = [*range(1, 11), *range(91, 101)]
    assert display_filter(finding) == f"frame.number in {{{', '.join(map(str, frames))}}}"


def test_of_ever_other_advice_the_rest_is_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_GROUPS", 3)
    phone = broken_phone()
    finding = phone.findings[0]
    phones = [
        replace(phone, findings=(replace(finding, fix=replace(finding.fix, text=f"Ask {number}.")),))
        for number in range(9)
    ]
    groups = grouped(phones, lambda phone: "x").groups
    assert sorted(len(group.lines) for group in groups) == [1, 1, 1, 6]


def with_findings(level: Level, *codes: str, site: str | None = None) -> PhoneReport:
    """A broken phone of which these were found, too."""
    phone = broken_phone()
    more = [replace(phone.findings[0], code=code, level=level) for code in codes]  # type: ignore[arg-type]
    return replace(phone, phone=replace(phone.phone, site=site), findings=(*phone.findings, *more))


OTHERS = [code for code in CATALOGUE if code != broken_phone().verdict.code]


@pytest.mark.parametrize("causes", [2, 3, 9])
def test_of_many_causes_the_first_are_drawn(causes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = []
    cause = many._cause

    def noted(group: many_phones.Group, *, draw: bool) -> object:
        drawings.append(draw)
        return cause(group, draw=draw)

    monkeypatch.setattr(many, "_DRAWN", 2)
    monkeypatch.setattr(many, "_cause", noted)
    finding = broken_phone().findings[0]
    phones = [
        replace(broken_phone(), findings=(replace(finding, fix=replace(finding.fix, text=f"Ask {number}.")),))
        for number in range(causes)
    ]
    assert "Ask 1." in shown(report(*phones), format_="html")
    assert drawings == [True] * 2 + [False] * (causes - 2)


def test_of_ever_other_warnings_the_first_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_WARNINGS", 3)
    phones = [with_findings(Level.WARNING, *OTHERS[:6]), with_findings(Level.WARNING, *OTHERS[2:9])]
    found = grouped(phones, lambda phone: "x").warnings
    assert {code: count for code, (_, count) in found.items()} == {OTHERS[0]: 1, OTHERS[1]: 1, OTHERS[2]: 2}


def test_of_ever_other_sites_the_first_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_MOST_NAMES", 3)
    phones = [with_findings(Level.ERROR, site=f"site {number}") for number in (0, 1, 2, 3, 4, 5, 1)]
    assert grouped(phones, lambda phone: "x").sites == {"site 0": (0, 1), "site 1": (0, 2), "site 2": (0, 1)}
