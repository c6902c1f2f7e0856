"""More phones than memory has room for: each is in the report, the counts and the exit code, in every format."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.traffic import Expected, make
from ucdiag.cli.alike_reports import AlikeReports
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow

PHONES, BROKEN = 700, 70  # more reports than memory holds
MORE_PHONES = 1200  # more facts than memory holds


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Expected]]:
    path = tmp_path_factory.mktemp("many") / "site.pcap"
    return path, make(path, packets=0, phones=PHONES, broken=BROKEN, size=1000)[1]


def test_each_phone_has_its_own_verdict_in_json(site: tuple[Path, list[Expected]]) -> None:
    path, expected = site
    result = CliRunner().invoke(cli, ["capture", "-r", str(path), "--json"])
    report = json.loads(result.stdout)
    found = {
        phone["phone"]["mac"]: (phone["verdict"]["status"], phone["verdict"]["code"]) for phone in report["phones"]
    }
    assert found == {phone.mac: (phone.status, phone.code) for phone in expected}
    assert report["verdict"]["summary"].startswith(f"The update path of {BROKEN} of {PHONES:,} phones is broken; ")
    assert report["problems"] == []
    assert result.exit_code == 1


def test_each_phone_is_in_the_text(site: tuple[Path, list[Expected]]) -> None:
    path, expected = site
    result = CliRunner().invoke(cli, ["capture", "-r", str(path)])
    assert [phone.mac for phone in expected if phone.mac not in result.stdout] == []
    assert result.exit_code == 1


@pytest.mark.parametrize("format_", ["json", "text"])
def test_phones_that_did_the_same_are_reported_as_if_each_was_judged(
    site: tuple[Path, list[Expected]], format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> str:
        output = CliRunner().invoke(cli, ["capture", "-r", str(site[0]), "-f", format_]).stdout
        return re.sub(r'"(started|finished)": "[^"]+"', "", output)

    by_templates = shown()
    monkeypatch.setattr(AlikeReports, "written", lambda alike, judge: alike._write(judge()))
    assert by_templates == shown()


def test_each_broken_phone_is_in_the_short_form(site: tuple[Path, list[Expected]]) -> None:
    path, expected = site
    text = CliRunner().invoke(cli, ["capture", "-r", str(path), "-f", "short"]).stdout
    errors = Counter(re.findall(r"^error (\S+) \(([0-9a-f:]{17})", text, re.MULTILINE))
    assert errors == {(phone.code, phone.mac): 1 for phone in expected if phone.code}


_LITTLE_DISK = """
import resource, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from ucdiag.cli.main import main
main()
"""


def on_a_disk_of(size: int, path: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report where no file may be larger than ``size`` bytes."""
    command = [sys.executable, "-c", _LITTLE_DISK, str(size), "capture", "-r", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of the size of a file")
def test_where_the_reports_have_no_room_each_phone_counts(site: tuple[Path, list[Expected]]) -> None:
    code, report = on_a_disk_of(6_000_000, site[0])
    (problem,) = report["problems"]
    alone = PHONES - len(report["phones"])
    assert 0 < alone < PHONES
    assert problem["text"].startswith(f"Of {alone:,} phones this report has the verdict alone, because ")
    assert "(File too large): name a folder with room in TMPDIR" in problem["text"]
    assert report["verdict"]["summary"].startswith(f"The update path of {BROKEN} of {PHONES:,} phones is broken; ")
    assert code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of the size of a file")
def test_where_their_facts_have_no_room_each_phone_counts(tmp_path: Path) -> None:
    make(tmp_path / "site.pcap", packets=0, phones=MORE_PHONES, broken=BROKEN, size=1000)
    code, report = on_a_disk_of(300_000, tmp_path / "site.pcap")
    texts = [problem["text"] for problem in report["problems"] if "only the verdict is known" in problem["text"]]
    assert len(texts) == 1
    assert f" of {MORE_PHONES:,} phones is broken; " in report["verdict"]["summary"]
    assert code == 1
