"""What reports of others can make long: each bound was seen to fail a test without it."""

from dataclasses import replace

import pytest

from tests.views.reports import START, broken_phone
from ucdiag.model.report import Evidence
from ucdiag.views import many_phones
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
