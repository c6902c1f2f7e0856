"""Reports of one name that are of different places, by the lease of the machine that made each."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.in_parts import in_parts
from tests.server_logs.log_samples import problem_codes
from tests.stored_reports.report_samples import report, run
from tests.views.reports import START, broken_phone
from tests.views.reports import report as report_of
from ucdiag.model.observations import Lease
from ucdiag.model.report import Source
from ucdiag.stored_reports import places
from ucdiag.stored_reports.report_files import StoredReport


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


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ("_MOST", ["pc1", "pc1 (10.1.9.0/24)", "pc2", "pc3"]),
        ("_MOST_OF_ONE", ["pc1", "pc1 (10.1.9.0/24)", "pc2", "pc3", "pc3 (10.3.9.0/24)"]),
    ],
)
def test_of_ever_more_names_and_places_some_are_compared(
    checked: dict[str, Any], tmp_path: Path, bound: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound a name is that of one place; and a place that is not compared has its own network's name."""
    monkeypatch.setattr(places, bound, 2)
    names = ("pc1", "pc2", "pc3", "pc1", "pc3")
    made = []
    for at, name in enumerate(names):
        number = int(name[2:])
        network = f"10.{number}.{9 if name in names[:at] else 1}"
        lease = {"address": f"{network}.7", "server": f"{network}.1", "resolvers": [f"{network}.10"]}
        made.append(put(checked, tmp_path / str(at) / f"{name}.json", lease))
    assert sites(*made)[0] == expected


def stored(network: str) -> StoredReport:
    """A report of a machine in that network."""
    lease = Lease(
        time=START,
        interface="eth0",
        source="dhclient",
        provenance="a file",
        authority="dhcp",
        chosen=True,
        address=f"{network}.7",
        server=f"{network}.1",
        resolvers=(f"{network}.10",),
    )
    found = report_of(replace(broken_phone(), observations=(lease,)))
    return StoredReport(replace(found, source=Source(kind="active", name="x")), "pc1.json", "pc1")


def test_the_places_of_one_name_that_are_compared_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_MOST_OF_ONE", 5)
    known = places.Places()
    found = [known.with_site_name(stored(f"10.{number}.1")).site for number in range(22)]
    assert found == ["pc1", *(f"pc1 (10.{number}.1.0/24)" for number in range(1, 22))]
    assert known.shared_names() == [("pc1", [f"10.{number}.1.0/24" for number in range(5)])]


ONE, OTHER = ("10.0.0.2", "10.0.0.3"), ("10.9.0.2",)


@in_parts(
    "network, server, resolvers, elsewhere",
    [
        ("10.0.9.0", "10.0.9.1", ONE, True),
        ("10.0.9.0", "10.0.0.1", OTHER, True),
        ("10.0.9.0", None, OTHER, True),
        ("10.0.9.0", "10.0.9.1", (), True),
        ("10.0.9.0", "10.0.0.1", ONE, False),
        ("10.0.9.0", "10.0.0.1", ("10.0.0.3", "10.9.0.2"), False),
        ("10.0.9.0", None, ONE, False),
        ("10.0.9.0", "10.0.0.1", (), False),
        ("10.0.9.0", None, (), False),
        ("10.0.0.0", "10.0.9.1", OTHER, False),
    ],
    ids=str,
)
def test_another_network_with_another_server_or_other_resolvers_is_elsewhere(
    network: str, server: str | None, resolvers: tuple[str, ...], elsewhere: bool
) -> None:
    known, other = places._Place("10.0.0.0", "10.0.0.1", ONE), places._Place(network, server, resolvers)
    assert (known.is_elsewhere(other), other.is_elsewhere(known)) == (elsewhere, elsewhere)
