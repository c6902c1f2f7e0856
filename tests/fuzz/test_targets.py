"""Every parser on its seeds and on what broke it once; captures in all formats; and atheris, bounded."""

import importlib.util
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fuzz import seeds, with_atheris
from tests.fuzz.targets import TARGETS
from ucdiag.cli.main import cli
from ucdiag.views import FORMATS

RUNS = 4000  # in continuous integration: some 40 seconds of a processor
CRASHES = sorted((path.parent.name, path.name) for path in seeds.CRASHES.glob("*/*"))


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_takes_its_seeds(name: str) -> None:
    found = TARGETS[name].seeds()
    assert found
    for data in found:
        TARGETS[name].feed(data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_takes_half_of_each_seed(name: str) -> None:
    for data in TARGETS[name].seeds():
        TARGETS[name].feed(data[: len(data) // 2])


@pytest.mark.parametrize(("name", "file"), CRASHES)
def test_what_broke_a_parser_breaks_it_no_more(name: str, file: str) -> None:
    TARGETS[name].feed((seeds.CRASHES / name / file).read_bytes())


def broken(data: bytes) -> bytes:
    """A capture with each 101st byte behind its head changed, and its end cut."""
    changed = bytearray(data[: len(data) * 9 // 10])
    for at in range(90, len(changed), 101):
        changed[at] ^= 0x55
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_the_corpus_goes_through_capture_in_every_format(name: str, tmp_path: Path) -> None:
    for number, data in enumerate([*seeds.captures(), *seeds.crashes("capture")]):
        for damaged in (data, broken(data)):
            path = tmp_path / f"{number}.pcap"
            path.write_bytes(damaged)
            done = CliRunner().invoke(cli, ["capture", "-r", str(path), "-f", name])
            assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
            assert done.exit_code in ((0, 1, 2, 3) if name == "nagios" else (0, 1, 3)), done.output
            assert "\x1b" not in done.stdout.replace("\x1b[", "")


@pytest.mark.slow
def test_atheris_finds_nothing(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        reason = "atheris is not installed (pip install .[fuzz])"
        if os.environ.get("UCDIAG_REQUIRE_REAL") == "1":
            pytest.fail(f"{reason}, and UCDIAG_REQUIRE_REAL=1 says that it must be")
        pytest.skip(reason)
    done = with_atheris.look(list(TARGETS), 120, RUNS, 1, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Done " in done.stderr
