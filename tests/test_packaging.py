"""What setup.cfg says to pip, and the folder that is only read."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.real import need

ROOT = Path(__file__).parent.parent


def pairs(lines: str, between: str) -> dict[str, str]:
    """Name to version of the lines that hold ``between``."""
    words = (line.partition("#")[0].split(between) for line in lines.splitlines())
    return {name.strip(): version.strip() for name, version in (each for each in words if len(each) == 2)}


def test_the_lowest_versions_are_those_that_the_package_allows() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    needed = config["options"]["install_requires"].split("\n")
    allowed = pairs("\n".join([*needed, *config["options.extras_require"]["zstd"].split("\n")]), ">=")
    assert len(allowed) == len([line for line in needed if line]) + 1, "a dependency without a lowest version"
    assert pairs((ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8"), "==") == allowed


# What pip reads when it builds the project.
SOURCES = ("setup.py", "setup.cfg", "README.rst", "LICENSE", "ucdiag")


def test_it_builds_from_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """A checkout of another user, or on a medium that is mounted read-only."""
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    before = sorted(source.rglob("*"))
    # Root may write everywhere, except where the system says that nobody does.
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    prefix = [need("unshare"), "--mount", "sh", "-ec", script, "sh", str(source)] if os.geteuid() == 0 else []
    for path in [source, *before]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--use-pep517"]
    try:
        done = subprocess.run(
            [*prefix, *build, "--disable-pip-version-check", "--wheel-dir", str(wheels), str(source)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        for path in [source, *before]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == 0, done.stderr
    assert sorted(source.rglob("*")) == before
    (wheel,) = wheels.iterdir()
    assert re.fullmatch(r"ucdiag-.*-py3-none-any\.whl", wheel.name)
