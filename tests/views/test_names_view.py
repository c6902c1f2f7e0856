"""The update service's names as DNS has them, how a text is made to fit, and where the picture of a path begins."""

import dataclasses
import io
import itertools
import re
from typing import Any

import pytest

from tests.views.reports import START, broken_phone, report, whole_phone
from tests.views.shown import shown as shown_report
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.model.report import Problem
from ucdiag.model.steps import VerdictStatus
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.density import LEVELS, Density, fitting_density
from ucdiag.views.html.path_picture import path_picture
from ucdiag.views.html.shows import sortable_table as sorted_table
from ucdiag.views.names import answer_text, show_names
from ucdiag.views.output_target import Screen, screen_of

NAME, OLD = "ucupdates-r2.contoso.com", "ucupdates.contoso.com"


def lookup(name: str = NAME, **more: Any) -> Lookup:
    more = {"type": "A", "purpose": "update", "server": "10.0.0.2", "rcode": "NXDOMAIN", **more}
    return Lookup(time=START, name=name, **more)


def shown(*facts: Observation) -> list[str]:
    stream = io.StringIO()
    show_names(line_writer_for(screen_of(stream, {"TERM": "dumb", "COLUMNS": "200"})), facts)
    return stream.getvalue().splitlines()


MISSING = "does not exist (NXDOMAIN)"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([lookup()], [f"{NAME}: {MISSING} (asked 10.0.0.2)"]),
        ([lookup(NAME.upper() + ".")], [f"{NAME.upper()}.: {MISSING} (asked 10.0.0.2)"]),
        ([lookup(purpose="sip")], [f"{NAME}: {MISSING} (asked 10.0.0.2)"]),
        ([lookup(), lookup(OLD)], [f"{NAME}: {MISSING} (asked 10.0.0.2)", f"{OLD}: {MISSING} (asked 10.0.0.2)"]),
        ([lookup(), lookup(server="10.0.0.3")], [f"{NAME}: {MISSING} (asked 10.0.0.2, 10.0.0.3)"]),
        ([lookup(), lookup()], [f"{NAME}: {MISSING} (asked 10.0.0.2)"]),
        (
            [lookup(), lookup(server="10.0.0.3", rcode="REFUSED")],
            [f"{NAME}: {MISSING} (asked 10.0.0.2)", f"{NAME}: REFUSED (asked 10.0.0.3)"],
        ),
        ([lookup(server_port=5353)], [f"{NAME}: {MISSING} (asked 10.0.0.2 port 5353)"]),
        ([lookup(server_port=53)], [f"{NAME}: {MISSING} (asked 10.0.0.2)"]),
        ([lookup(assumed=True, addresses=("10.0.0.20",))], [f"{NAME}: 10.0.0.20, assumed (--assume)"]),
    ],
)
def test_each_name_and_answer_is_shown_once(facts: list[Observation], expected: list[str]) -> None:
    assert shown(*facts) == ["", "The update service's names", *(f"  {line}" for line in expected)]


@pytest.mark.parametrize(
    "fact",
    [
        lookup(type="AAAA"),
        lookup(purpose="file"),
        lookup("pool.contoso.com"),
        Connect(time=START, server="10.0.0.20", port=80, outcome="open"),
    ],
)
def test_nothing_else_is_shown(fact: Observation) -> None:
    assert shown(fact) == []


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"rcode": "NOERROR", "addresses": ("10.0.0.20", "10.0.0.21")}, "10.0.0.20, 10.0.0.21"),
        ({"addresses": ("10.0.0.20",), "ttl": 0}, "10.0.0.20, TTL 0 s"),
        ({"addresses": ("10.0.0.20",), "ttl": 60, "aliases": ("a", "b")}, "10.0.0.20, TTL 60 s, an alias of b"),
        ({"rcode": "NOERROR"}, "exists, without an A record"),
        ({"rcode": "SERVFAIL", "reason": "why"}, "SERVFAIL"),
        ({"rcode": None, "failure": "unreachable", "reason": "port unreachable"}, "port unreachable"),
        ({"rcode": None, "failure": "no_answer"}, "no answer"),
        ({"rcode": None, "failure": "not_sent"}, "not sent"),
        ({"rcode": None}, "no answer"),
        ({"assumed": True}, "no A record, assumed (--assume)"),
    ],
)
def test_what_an_answer_says(more: dict[str, Any], text: str) -> None:
    assert answer_text(lookup(**more)) == text


# How much of a text fits.


def density_of(rows: dict[Density, str], width: int = 80) -> Density:
    return fitting_density(
        Screen(stream=io.StringIO(), width=width),
        lambda screen, density: screen.stream.write(rows.get(density, "x\n" * 99)) and None,
    )


@pytest.mark.parametrize("number", range(len(LEVELS)))
def test_the_first_density_that_fits_is_taken(number: int) -> None:
    assert density_of({LEVELS[number]: "x\n" * 23}) is LEVELS[number]


@pytest.mark.parametrize(
    ("text", "width", "fits"),
    [
        ("x\n" * 23, 80, True),
        ("x\n" * 24, 80, False),
        ("\n" * 24, 80, False),
        ("x" * 80 + "\n" * 23, 80, True),
        ("x" * 81 + "\n" * 23, 80, False),
        ("x" * 160 + "\n" * 22, 80, True),
        ("x" * 161 + "\n" * 22, 80, False),
        # A narrower terminal says as much, a wider one has more room.
        ("x" * 80 + "\n" * 23, 40, True),
        ("x" * 120 + "\n" * 23, 120, True),
        ("x" * 121 + "\n" * 23, 120, False),
    ],
)
def test_a_text_of_twenty_three_rows_fits(text: str, width: int, fits: bool) -> None:
    assert (density_of({LEVELS[0]: text}, width) is LEVELS[0]) == fits


def test_the_line_of_a_path_begins_at_the_phone_and_goes_from_station_to_station() -> None:
    for phone in (whole_phone(), broken_phone()):
        drawn = str(path_picture(phone.steps, phone.verdict))
        lines = [(int(start), int(end)) for start, end in re.findall(r'd="M(\d+) \d+H(\d+)', drawn)]
        centres = [int(x) for x in re.findall(r'<circle cx="(\d+)"', drawn)]
        assert lines[0][0] == 52
        assert len(centres) >= 7
        assert all(start < end for start, end in lines)
        assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(lines))


@pytest.mark.parametrize(("status", "torn"), [("broken", "l5 8l-5 8l5 8"), ("unknown", "v18")])
def test_the_line_of_a_path_is_torn_where_it_breaks(status: str, torn: str) -> None:
    verdict = dataclasses.replace(broken_phone().verdict, status=VerdictStatus(status))
    drawn = str(path_picture(broken_phone().steps, verdict))
    assert drawn.count(torn) == 2
    assert drawn.count("l-good") == 2
    assert drawn.count("l-gone") > 5


def test_a_table_that_is_wider_than_the_page_can_be_scrolled_by_keys() -> None:
    table = str(sorted_table(("Site", "Phones"), [("Köln <1>", "3")], "Sites"))
    assert 'tabindex="0"' in table
    assert 'role="group"' in table
    assert 'aria-label="Sites, scrollable"' in table
    assert 'aria-label="Sites"' in table
    assert '<th scope="row">K&#246;ln &lt;1&gt;</th><td>3</td>' in table
    assert '<th scope="col">Phones</th>' in table


def test_each_problem_stands_by_itself() -> None:
    problems = tuple(Problem(code="packets-lost", text=f"It lost {number} packets.") for number in (1, 2))
    text = shown_report(report(whole_phone(), problems=problems))
    assert re.search(r"\n\n[^\n]*It lost 1 packets\.[^\n]*\n\n[^\n]*It lost 2 packets\.", text)
