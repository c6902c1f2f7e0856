"""A site of many phones, with or without a flood of phones that somebody made up: each real one has its verdict."""

import csv
import json
import re
import struct
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.bench.capture import MIB, Measured, measure
from tests.bench.large_site import Flood, make_site
from tests.bench.traffic import BROKEN, Expected
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow

PHONES, FAULTY = 300, 100  # more than memory holds, of facts and of reports
FORMATS = ("text", "html", "json", "csv", "ndjson")


def capture(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["capture", "-r", str(path), *words])


@pytest.mark.parametrize("flood", ["dhcp", "dns", "post"])
def test_a_flood_of_made_up_phones_changes_no_real_one(tmp_path: Path, flood: Flood) -> None:
    path = tmp_path / "site.pcap"
    _, expected = make_site(path, phones=PHONES, broken=FAULTY, flood=flood, made_up=900)
    result = capture(path, "--json")
    found = {
        phone["phone"]["mac"]: (phone["verdict"]["status"], phone["verdict"]["code"])
        for phone in json.loads(result.stdout)["phones"]
    }
    assert {phone.mac: found.get(phone.mac) for phone in expected} == {
        phone.mac: (phone.status, phone.code) for phone in expected
    }
    assert result.exit_code == 1
    made_up = found.keys() - {phone.mac for phone in expected}
    assert len(made_up) == 900
    assert not [mac for mac in made_up if found[mac][0] == "whole"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Expected]]:
    path = tmp_path_factory.mktemp("site") / "site.pcap"
    return path, make_site(path, phones=PHONES, broken=FAULTY)[1]


def test_every_format_has_every_phone_in_one_run(site: tuple[Path, list[Expected]], tmp_path: Path) -> None:
    path, expected = site
    files = {name: tmp_path / f"report.{name}" for name in FORMATS}
    words = [word for name, file in files.items() for word in ("-f", name, "-o", str(file))]
    result = capture(path, *words)
    assert result.exit_code == 1, result.output
    broken = Counter(phone.code for phone in expected if phone.code)
    assert broken == Counter({code: FAULTY // len(BROKEN) for code in BROKEN})
    reports = json.loads(files["json"].read_text())["phones"]
    assert Counter(phone["verdict"]["code"] for phone in reports if phone["verdict"]["code"]) == broken
    lines = [json.loads(line) for line in files["ndjson"].read_text().splitlines()]
    codes = [phone["verdict"]["code"] for line in lines for phone in line["phones"]]
    assert Counter(code for code in codes if code) == broken
    rows = list(csv.DictReader(files["csv"].read_text().splitlines()))
    assert {row["mac"] for row in rows if row["mac"]} == {phone.mac for phone in expected}
    for name in ("text", "html"):
        shown = set(re.findall(r"00:04:f2:[0-9a-f:]{8}", files[name].read_text()))
        assert {phone.mac for phone in expected} <= shown, name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count a process' memory in this way")
def test_memory_does_not_grow_with_the_phones(site: tuple[Path, list[Expected]], tmp_path: Path) -> None:
    larger = tmp_path / "larger.pcap"
    make_site(larger, phones=2 * PHONES, broken=FAULTY)
    peaks = []
    for path in (site[0], larger):
        measured = Measured()
        formats = [word for name in FORMATS for word in ("-f", name, "-o", str(tmp_path / f"report.{name}"))]
        command = [sys.executable, "-m", "ucdiag", "capture", "--force", "-r", str(path), *formats]
        measure(command, measured, allowed=(1,))
        peaks.append(measured.peak)
    assert peaks[1] - peaks[0] < 4 * MIB


def test_without_any_folder_for_temporary_files_each_phone_counts(
    site: tuple[Path, list[Expected]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    result = capture(site[0], "--json")
    report = json.loads(result.stdout)
    assert report["verdict"]["summary"].startswith(f"The update path of {FAULTY} of {PHONES} phones is broken; ")
    assert report["phones"] == []
    texts = [problem["text"] for problem in report["problems"] if problem["code"] == "forgotten"]
    assert any(text.startswith("Of 300 phones this report has the verdict alone, because ") for text in texts)
    assert all("No usable temporary directory found in ['/nowhere']" in text for text in texts)
    assert result.exit_code == 1


def test_ever_new_clocks_and_sections_take_no_memory(tmp_path: Path) -> None:
    def block(kind: int, body: bytes) -> bytes:
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    peaks = []
    for count in (2000, 42_000):
        path = tmp_path / f"{count}.pcapng"
        with path.open("wb") as file:
            for number in range(count):
                offset = struct.pack("<HHqHH", 14, 8, number, 0, 0)
                file.write(section + block(1, struct.pack("<HHI", 1, 0, 65535) + offset))
        measured = Measured()
        measure([sys.executable, "-m", "ucdiag", "capture", "-r", str(path), "--json"], measured, allowed=(3,))
        peaks.append(measured.peak)
    assert peaks[1] - peaks[0] < 2 * MIB
