"""``-f csv``: the rows as readers of CSV and spreadsheets take them."""

import csv
import dataclasses
import io
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given

from tests.views.reports import TEXT, broken_phone, report, reports, whole_phone
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.model.report import Problem, Report
from ucdiag.model.times import format_time
from ucdiag.model.visible_text import visible
from ucdiag.views.csv_view import COLUMNS, cell_text


def rows(made: Report, **options: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shown(made, format_="csv", **options), newline=""), strict=True))


def test_a_broken_phone() -> None:
    assert shown(report(), format_="csv").split("\r\n") == [
        "row,command,source,started,mac,ip,domain,serial,vendor,model,firmware,status,level,step,code,summary,evidence,"
        "frame,fix,who,site",
        "run,check,,2026-01-31T09:00:00.000000Z,,,,,,,,broken,,dns,dns-legacy-only,"
        "The path breaks at step 2 (dns): only the old name exists.,,,,,",
        "phone,check,,2026-01-31T09:00:00.000000Z,00:04:f2:aa:bb:cc,,contoso.com,,,,,broken,,dns,dns-legacy-only,"
        "The path breaks at step 2 (dns): only the old name exists.,,,,,",
        "finding,check,,2026-01-31T09:00:00.000000Z,00:04:f2:aa:bb:cc,,contoso.com,,,,,,error,dns,dns-legacy-only,"
        "ucupdates-r2.contoso.com does not exist and ucupdates.contoso.com does,10.0.0.53 answered NXDOMAIN,12,"
        "Create an A record ucupdates-r2.,dns,",
        "",
    ]


@pytest.mark.parametrize("scene", SCENES)
def test_the_rows_say_what_the_report_says(scene: str) -> None:
    made = SCENES[scene]()
    read = rows(made)
    assert [row["row"] for row in read] == [
        "run",
        *(kind for phone in made.phones for kind in ["phone", *["finding"] * len(phone.findings)]),
        *["problem"] * len(made.problems),
    ]
    assert {row["started"] for row in read} == {format_time(made.started)}
    said = [made.verdict, *(thing for phone in made.phones for thing in [phone.verdict, *phone.findings])]
    for row, thing in zip(read, said, strict=False):
        assert (row["code"], row["summary"]) == (thing.code or "", visible(thing.summary))
    assert [row["summary"] for row in read if row["row"] == "problem"] == [
        visible(problem.text) for problem in made.problems
    ]


def test_quiet_is_the_run_alone() -> None:
    assert [row["row"] for row in rows(report(), quiet=True)] == ["run"]


def test_a_report_without_phones_still_has_a_row() -> None:
    empty = dataclasses.replace(report(), phones=(), problems=(Problem(code="bug", text="odd, very"),))
    assert [(row["row"], row["summary"]) for row in rows(empty)][1:] == [("problem", "odd, very")]


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1;b", "a;'=1;b"),
        ("a=1", "a=1"),
        ("ucupdates-r2", "ucupdates-r2"),
        (None, ""),
        (True, "true"),
        (12, "12"),
    ],
)
def test_no_cell_is_a_formula(text: object, shown_as: str) -> None:
    assert cell_text(text) == shown_as


@given(TEXT)
def test_any_text_is_no_formula_and_one_line(text: str) -> None:
    made = cell_text(text)
    assert not made.lstrip().startswith(("=", "+", "-", "@"))
    assert made.isprintable()


@given(reports())
def test_any_report_has_rows_of_one_width(made: Report) -> None:
    read = list(csv.reader(io.StringIO(shown(made, format_="csv"), newline=""), strict=True))
    assert {len(row) for row in read} == {len(COLUMNS)}


@pytest.mark.skipif(shutil.which("mlr") is None, reason="Miller is not installed (apt-get install miller)")
@pytest.mark.parametrize("scene", SCENES)
def test_miller_reads_the_same(scene: str) -> None:
    made = SCENES[scene]()
    said = subprocess.run(
        ["mlr", "--icsv", "--ojson", "cat"],
        input=shown(made, format_="csv"),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    import json

    read = [{name: str(value) for name, value in row.items()} for row in json.loads(said)]
    assert read == rows(made)


def test_csvkit_reads_the_same() -> None:
    agate = pytest.importorskip("agate", reason="csvkit's reader is not installed (pip install csvkit)")
    made = report(broken_phone(), whole_phone())
    table = agate.Table.from_csv(io.StringIO(shown(made, format_="csv"), newline=""), column_types=agate.TypeTester())
    assert [row["row"] for row in table.rows] == ["run", "phone", "finding", "phone"]
    assert [row["code"] for row in table.rows] == [*["dns-legacy-only"] * 3, None]
