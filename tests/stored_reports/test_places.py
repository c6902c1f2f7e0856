"""Reports of one name that are of different places, by the lease of the machine that made each."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server_logs.log_samples import problem_codes
from tests.stored_reports.report_samples import report, run


@pytest.fixture(scope="module")
def checked() -> dict[str, Any]:
    """A check's report."""
    _, out = run("lab", "dns-legacy-only", "--json")
    data: dict[str, Any] = json.loads(out)
    data["command"], data["source"] = "check", {"kind": "active", "name": "contoso.example", "packets": None}
    return data


def put(checked: dict[str, Any], file: Path, lease: dict[str, Any], site: str | None = None) -> str:
    """The same report of a machine with such a lease."""
    data = json.loads(json.dumps(checked))
    phone = data["phones"][0]
    phone["phone"]["site"] = site
    known = {"interface": "eth0", "source": "dhclient", "provenance": "a file", "authority": "dhcp", "chosen": True}
    first = phone["observations"][0]
    facts = [seen for seen in phone["observations"] if seen["kind"] != "lease"]
    phone["observations"] = [{"kind": "lease", "time": first["time"], **known, **lease}, *facts]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(data), encoding="utf-8")
    return str(file)


NORTH = {"address": "10.1.5.7", "server": "10.1.0.1", "resolvers": ["10.1.0.10"]}
SOUTH = {"address": "10.2.5.7", "server": "10.2.0.1", "resolvers": ["10.2.0.10"]}


def sites(*files: str) -> tuple[list[str], list[str]]:
    """The sites of the phones, and the codes of the problems."""
    _, shown = report(*files)
    return sorted(phone["phone"]["site"] for phone in shown["phones"]), problem_codes(shown)


def test_two_branches_whose_files_have_one_name(checked: dict[str, Any], tmp_path: Path) -> None:
    files = [put(checked, tmp_path / "north" / "pc1.json", NORTH), put(checked, tmp_path / "south" / "pc1.json", SOUTH)]
    names, problems = sites(*files)
    assert names == ["pc1", "pc1 (10.2.5.0/24)"]
    assert "several-sites" in problems
    _, shown = report(*files)
    (text,) = (problem["text"] for problem in shown["problems"] if problem["code"] == "several-sites")
    assert "'pc1' (10.1.5.0/24 and 10.2.5.0/24)" in text
    assert "--site" in text


def test_many_reports_in_one_file(checked: dict[str, Any], tmp_path: Path) -> None:
    files = [put(checked, tmp_path / f"{at}.json", lease) for at, lease in enumerate((NORTH, SOUTH, NORTH))]
    journal = tmp_path / "all.ndjson"
    journal.write_text("".join(Path(file).read_text(encoding="utf-8") + "\n" for file in files), encoding="utf-8")
    assert sites(str(journal))[0] == ["all", "all (10.2.5.0/24)"]


@pytest.mark.parametrize(
    "later",
    [
        NORTH,
        {**NORTH, "address": "10.1.6.7"},  # a network of more than 256 addresses
        {**SOUTH, "address": "10.1.5.9"},  # another DHCP server and resolver in the same network
        {"address": None, "server": None, "resolvers": []},
    ],
)
def test_one_place_at_two_times(checked: dict[str, Any], tmp_path: Path, later: dict[str, Any]) -> None:
    files = [put(checked, tmp_path / "old" / "pc1.json", NORTH), put(checked, tmp_path / "new" / "pc1.json", later)]
    names, problems = sites(*files)
    assert names == ["pc1"]
    assert "several-sites" not in problems


def test_sites_that_were_named(checked: dict[str, Any], tmp_path: Path) -> None:
    files = [
        put(checked, tmp_path / "a" / "pc1.json", NORTH, "north"),
        put(checked, tmp_path / "b" / "pc1.json", SOUTH, "south"),
    ]
    names, problems = sites(*files)
    assert names == ["north", "south"]
    assert "several-sites" not in problems
