"""A week of phones through the whole program: every check counts, also of those that have much else to say."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.week import Expected, make_week
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow

NO_UPDATE = "no-update-offered"


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Expected]]:
    path = tmp_path_factory.mktemp("week") / "week.pcap"
    return path, make_week(path, phones=10, chatter=1800)[1]


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli, ["capture", *map(str, arguments)])
    assert result.exit_code == 0
    return result.stdout


def by_day(path: Path) -> dict[int, bytes]:
    """The capture as one for each day."""
    data = path.read_bytes()
    start = int.from_bytes(data[24:28], "little")
    files: dict[int, bytearray] = {}
    at = 24
    while at < len(data):
        end = at + 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        day = (int.from_bytes(data[at : at + 4], "little") - start) // 86400
        files.setdefault(day, bytearray(data[:24])).extend(data[at:end])
        at = end
    return {day: bytes(content) for day, content in files.items()}


def test_every_check_of_every_phone_counts(week: tuple[Path, list[Expected]]) -> None:
    path, expected = week
    report = json.loads(run("-r", path, "--json"))
    assert report["verdict"]["status"] == "whole"
    assert report["problems"] == []
    phones: dict[str, dict[str, Any]] = {phone["phone"]["mac"]: phone for phone in report["phones"]}
    found = [
        Expected(
            mac=mac,
            checks=phone["checks"]["count"],
            firmware=phone["phone"]["firmware"],
            codes=frozenset(finding["code"] for finding in phone["findings"]) - {NO_UPDATE},
        )
        for mac, phone in phones.items()
    ]
    assert found == expected
    assert {phone["checks"]["power_ons"] for phone in phones.values()} == {1}
    assert {round(phone["checks"]["interval"]) for phone in phones.values()} == {86400}


def test_a_phone_s_week_is_a_line_for_each_check(week: tuple[Path, list[Expected]]) -> None:
    path, expected = week
    missed = expected[3]
    text = run("-r", path, "--mac", missed.mac)
    lines = [line for line in text.split("\n") if "nothing newer" in line and line.startswith("    20")]
    assert len(lines) == missed.checks == 7
    assert sum("48 h after the one before" in line for line in lines) == 1
    assert len(text.split("\n")) < 60


def test_the_inventory_says_who_is_overdue(week: tuple[Path, list[Expected]]) -> None:
    path, expected = week
    lines = run("-r", path, "--phones").splitlines()[1:]
    overdue = [line[:17] for line in lines if line.endswith(" overdue")]
    assert overdue == [phone.mac for phone in expected if "check-overdue" in phone.codes]
    assert len(overdue) == 2


def test_a_series_of_files_is_one_week(week: tuple[Path, list[Expected]], tmp_path: Path) -> None:
    """As a ring buffer leaves it: the packets of each day in a file."""
    path, expected = week
    days = by_day(path)
    words: list[object] = []
    for day, content in days.items():
        (tmp_path / f"{day}.pcap").write_bytes(content)
        words += ["-r", tmp_path / f"{day}.pcap"]
    report = json.loads(run(*words, "--json"))
    assert [phone["checks"]["count"] for phone in report["phones"]] == [phone.checks for phone in expected]


def test_captures_that_are_days_apart_leave_room_for_a_check(week: tuple[Path, list[Expected]], tmp_path: Path) -> None:
    """Two captures of one site: what was in between nobody has seen."""
    path, _ = week
    days = by_day(path)
    monday, thursday = tmp_path / "monday.pcap", tmp_path / "thursday.pcap"
    monday.write_bytes(days[0])
    thursday.write_bytes(days[4])
    report = json.loads(run("-r", monday, "-r", thursday, "--json"))
    assert {finding["code"] for phone in report["phones"] for finding in phone["findings"]} == {NO_UPDATE}
    (extent,) = {
        json.dumps(seen) for phone in report["phones"] for seen in phone["observations"] if seen["kind"] == "extent"
    }
    assert len(json.loads(extent)["pauses"]) == 1
