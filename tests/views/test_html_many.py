"""The page of several sites: what to do first, warnings, and how each site stands, in numbers of one and of more."""

import dataclasses
import re
from typing import Any

import pytest

from tests.views.reports import broken_phone, report, whole_phone
from tests.views.shown import shown
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import Level


def phone(site: str, number: int, code: Any = "dns-legacy-only", warned: bool = False) -> PhoneReport:
    made = broken_phone()
    verdict = dataclasses.replace(made.verdict, code=code, summary=f"It breaks: {code}.")
    finding = dataclasses.replace(made.findings[0], code=code, summary=f"what {code} says")
    warning = dataclasses.replace(finding, code="dns-wildcard", level=Level.WARNING, summary="a wildcard answers")
    identity = dataclasses.replace(made.phone, site=site, mac=f"00:04:f2:00:00:{number:02x}")
    findings = (finding, warning) if warned else (finding,)
    return dataclasses.replace(made, phone=identity, verdict=verdict, findings=findings)


def page(*phones: PhoneReport) -> str:
    return re.sub(r"<[^>]*>", "|", shown(report(*phones), format_="html"))


def whole(site: str, number: int) -> PhoneReport:
    identity = dataclasses.replace(whole_phone().phone, site=site, mac=f"00:04:f2:00:00:{number:02x}")
    return dataclasses.replace(whole_phone(), phone=identity)


MANY = [*(phone("A", number) for number in range(1, 13)), phone("B", 20, "connect-refused", warned=True)]


def test_what_to_do_first_is_what_mends_the_most() -> None:
    text = page(*MANY, *(whole("B", number) for number in range(30, 35)))
    assert "What to do first" in text
    assert text.index("|12 phones|: Create an A record") < text.index("|1 phone|: Create an A record")
    assert "|18 phones" in text or "All 18 phones" in text
    assert re.search(r"\|Sites\|.*\|A\|.*\|B\|", text, re.DOTALL)


@pytest.mark.parametrize(("more", "said"), [(0, " 1 phone, "), (1, " 2 phones, ")])
def test_a_warning_says_of_how_many(more: int, said: str) -> None:
    phones = [*MANY, *(phone("B", 40 + number, "connect-refused", warned=True) for number in range(more))]
    text = page(*phones)
    warnings = text[text.index("|Warnings|") :]
    assert "A wildcard answers" in warnings
    assert said in warnings


def test_one_site_has_no_table_of_sites() -> None:
    phones = [dataclasses.replace(one, phone=dataclasses.replace(one.phone, site=None)) for one in MANY]
    text = page(*phones)
    assert "What to do first" not in text
    assert "|Sites|" not in text


@pytest.mark.parametrize(
    ("codes", "lead", "explained"),
    [
        (("dns-refused", "dns-refused"), "FAILED at step 2 (DNS)", "dns-refused"),
        (("dns-refused", "http-closed"), "FAILED", "CODE"),
    ],
)
def test_the_headline_names_a_step_where_it_is_that_of_all(codes: tuple[str, str], lead: str, explained: str) -> None:
    made = [phone("A", number, code) for number, code in enumerate(codes)]
    text = re.sub(r"<[^>]*>", "|", shown(dataclasses.replace(report(*made), verdict=made[0].verdict), format_="html"))
    assert f"|{lead}||Of 2 phones" in text.replace("|\n|", "||") or f"|{lead}|||Of 2 phones" in text
    assert ("Code |dns-refused|" in text) is (codes[0] == codes[1])
    assert f"More about the code: |ucdiag explain {explained}|" in text
