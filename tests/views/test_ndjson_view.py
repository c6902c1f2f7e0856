"""``-f ndjson``: each line is a report of one phone."""

import json
import shutil
import subprocess

import jsonschema
import pytest
from hypothesis import given

from tests.views.reports import broken_phone, report, reports, whole_phone
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.model.codec import to_json
from ucdiag.model.report import Report
from ucdiag.views.json_view import as_written, written_parts
from ucdiag.views.schema import schema_files

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["report.schema.json"]))


@pytest.mark.parametrize("scene", SCENES)
def test_the_lines_together_are_the_json_report(scene: str) -> None:
    made = SCENES[scene]()
    whole = json.loads(shown(made, format_="json"))
    lines = [json.loads(line) for line in shown(made, format_="ndjson").splitlines()]
    assert [line["phones"] for line in lines] == ([[phone] for phone in whole["phones"]] or [[]])
    for line in lines:
        assert {**line, "phones": whole["phones"]} == whole
        assert VALIDATOR.is_valid(line)


@given(reports())
def test_any_report_has_a_line_for_each_phone(made: Report) -> None:
    lines = shown(made, format_="ndjson").split("\n")
    assert lines.pop() == ""
    assert len(lines) == max(1, len(made.phones))
    assert [phone for line in lines for phone in json.loads(line)["phones"]] == to_json(made)["phones"]


def test_reports_that_were_written_before() -> None:
    phones = broken_phone(), whole_phone()
    before = report(*[as_written(written_parts(phone)) for phone in phones])
    assert shown(before, format_="ndjson") == shown(report(*phones), format_="ndjson")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed (apt-get install jq)")
def test_jq_takes_the_lines_one_by_one() -> None:
    made = shown(report(broken_phone(), whole_phone()), format_="ndjson")
    filter_ = '.phones[] | "\\(.phone.mac) \\(.verdict.status)"'
    said = subprocess.run(["jq", "-r", filter_], input=made, capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.splitlines() == ["00:04:f2:aa:bb:cc broken", "00:04:f2:aa:bb:cc whole"]
