"""``capture --phones``: the inventory alone."""

import csv
import json
import re
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from tests.bench.traffic import make
from ucdiag.cli.main import cli
from ucdiag.views import FORMATS
from ucdiag.views.schema import schema_files


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("captures") / "site.pcap"
    make(file, packets=0, phones=4, broken=2, size=2000)
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["capture", *map(str, arguments)])


def test_each_phone_has_a_line_and_nothing_else_is_printed(site: Path) -> None:
    result = run("-r", site, "--phones")
    lines = result.stdout.split("\n")
    assert lines[0].split() == ["MAC", "IP", "serial", "model", "firmware", "last", "check", "result", "next", "due"]
    assert sorted(line[:17] for line in lines[1:5]) == [f"00:04:f2:00:00:0{number}" for number in (1, 2, 3, 4)]
    assert lines[5:] == [""]
    assert result.exit_code == 1


def test_as_json(site: Path) -> None:
    result = run("-r", site, "--phones", "--json")
    data = json.loads(result.stdout)
    jsonschema.Draft202012Validator(json.loads(schema_files()["phones.schema.json"])).validate(data)
    assert {phone["mac"] for phone in data["phones"]} == {f"00:04:f2:00:00:0{number}" for number in (1, 2, 3, 4)}
    assert {phone["checks"] for phone in data["phones"]} <= {0, 1}
    assert result.exit_code == 1


def test_it_goes_into_a_file(site: Path, tmp_path: Path) -> None:
    result = run("-r", site, "--phones", "-o", tmp_path / "phones.txt")
    assert result.stdout == ""
    assert (tmp_path / "phones.txt").read_text(encoding="utf-8").count("\n") == 5


def test_facts_are_no_inventory(site: Path) -> None:
    result = run("-r", site, "--phones", "--facts")
    assert result.exit_code == 2
    assert "--phones judges the phones, and --facts judges nothing: leave one out" in result.stderr


FIT = ["text", "short", "json", "csv", "ndjson"]


def test_only_formats_with_such_a_table_show_it(site: Path, tmp_path: Path) -> None:
    for name in FORMATS:
        result = run("-r", site, "--phones", "-f", name)
        if name in FIT:
            assert (result.exit_code, result.stderr) == (1, "")
            assert len(set(re.findall("00:04:f2:00:00:0[1-4]", result.stdout))) == 4
        else:
            says = f"--phones has no format {name!r}: give one of text, short, json, csv, ndjson with -f"
            assert result.stderr.splitlines()[0] == f"ucdiag: {says}"
            assert result.exit_code == (3 if name == "nagios" else 2)
    assert "--phones has no format 'html'" in run("-r", site, "--phones", "-o", tmp_path / "phones.html").stderr
    assert list(tmp_path.iterdir()) == []
    logs = CliRunner().invoke(cli, ["logs", "--phones", "-f", "mermaid", str(site)])
    assert (logs.exit_code, "--phones has no format 'mermaid'" in logs.stderr) == (2, True)


def test_the_table_as_rows_and_as_lines_in_one_run(site: Path, tmp_path: Path) -> None:
    result = run("-r", site, "--phones", "-f", "csv", "-f", "ndjson", "-f", "json", "-o", tmp_path / "phones")
    assert result.exit_code == 1
    phones = json.loads((tmp_path / "phones.json").read_text())["phones"]
    lines = [json.loads(line) for line in (tmp_path / "phones.ndjson").read_text().splitlines()]
    with (tmp_path / "phones.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    macs = [phone["mac"] for phone in phones]
    assert len(macs) == 4
    assert [row["mac"] for row in rows] == macs
    assert [line.get("mac") or line["phones"][0]["mac"] for line in lines] == macs
