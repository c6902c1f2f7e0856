"""``make pyz``: one file that runs where nothing is installed but Python."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.real import need
from ucdiag import __version__
from ucdiag.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
# The Python of the system, which knows nothing of the virtual environment.
PYTHON = getattr(sys, "_base_executable", sys.executable)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("pex") is None, reason="pex is not installed"),
]


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from a copy, because a build leaves files behind, by the words of the Makefile."""
    folder = tmp_path_factory.mktemp("pyz")
    shutil.copytree(
        ROOT, folder / "source", ignore=shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "tests")
    )
    words = [need("make"), "--silent", "pyz", f"BIN={Path(sys.executable).parent}", "READY="]
    environment = {**os.environ, "PEX_ROOT": str(folder / "cache")}
    done = subprocess.run(
        words, cwd=folder / "source", env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "source" / "dist" / "ucdiag.pyz"


def run(
    pyz: Path, *words: str, prefix: Sequence[str] = (), timeout: float = 300, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """In an environment that has nothing but what is given."""
    return subprocess.run(
        [*prefix, PYTHON, str(pyz), *words],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_it(pyz: Path, home: str, name: str) -> None:
    done = run(pyz, name, "--help", HOME=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: ucdiag {name} " in done.stdout


def test_it_unpacks_into_the_user_s_cache(pyz: Path, home: str) -> None:
    assert run(pyz, "--version", HOME=home).stdout == f"ucdiag {__version__}\n"
    assert (Path(home) / ".cache" / "pex").is_dir()


def test_what_lies_beside_the_code_is_in_it(pyz: Path, home: str) -> None:
    assert "complete -F" in run(pyz, "completion", "bash", HOME=home).stdout


def test_every_scenario_of_the_lab(pyz: Path, home: str) -> None:
    done = run(pyz, "lab", "--all", "--quiet", timeout=600, HOME=home)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_home_that_cannot_be_written_to(pyz: Path, tmp_path: Path) -> None:
    """What is unpacked elsewhere is gone afterwards."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir(mode=0o555)
    elsewhere.mkdir()
    # Root may write everywhere, except where the system says that nobody does.
    script = 'mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME" && exec "$@"'
    prefix = [need("unshare"), "--mount", "sh", "-ec", script, "sh"] if os.geteuid() == 0 else []
    done = run(pyz, "lab", "dns-legacy-only", "-f", "short", prefix=prefix, HOME=str(home), TMPDIR=str(elsewhere))
    assert done.returncode == 1
    assert f"temporary PEX_ROOT of {elsewhere}" in done.stderr
    assert "dns-legacy-only" in done.stdout
    assert list(elsewhere.iterdir()) == list(home.iterdir()) == []
