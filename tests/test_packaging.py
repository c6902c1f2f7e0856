"""What setup.cfg says to pip, and the folder that is only read."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.real import need

ROOT = Path(__file__).parent.parent


def pairs(lines: str, between: str) -> dict[str, str]:
    """Name to version of the lines that hold ``between``."""
    words = (line.partition("#")[0].split(between) for line in lines.splitlines())
    return {name.strip(): version.strip() for name, version in (word for word in words if len(word) == 2)}


def test_the_lowest_versions_are_those_that_the_package_allows() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    needed = config["options"]["install_requires"].split("\n")
    extras = config["options.extras_require"]
    allowed = pairs("\n".join([*needed, extras["zstd"], extras["ntlm"]]), ">=")
    assert len(allowed) == len([line for line in needed if line]) + 2, "a dependency without a lowest version"
    assert pairs((ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8"), "==") == allowed


def test_the_constraints_name_all_that_is_needed_with_hashes() -> None:
    """``make constraints`` makes them."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = config["options.extras_require"]
    needed = pairs("\n".join([config["options"]["install_requires"], extras["ntlm"], extras["zstd"]]), ">=")
    entries = re.findall(
        r"^([a-z0-9-]+)==([0-9][^ ]*) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        (ROOT / "constraints.txt").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    held = {name: version for name, version, _ in entries}
    assert set(needed) - set(held) == set(), "run 'make constraints'"
    for name, lowest in needed.items():
        assert [int(number) for number in re.findall(r"\d+", held[name])][:2] >= [int(n) for n in lowest.split(".")][:2]


# What pip reads when it builds the project.
SOURCES = ("setup.py", "setup.cfg", "README.rst", "LICENSE", "ucdiag", "docs")


@pytest.mark.slow
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


def built(source: Path, kind: str, folder: Path) -> Path:
    """What setuptools makes of the source: ``kind`` is ``sdist`` or ``wheel``."""
    code = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=source, capture_output=True, timeout=300, check=True)
    (made,) = folder.iterdir()
    return made


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


@pytest.mark.slow
def test_the_source_distribution_has_the_whole_tree_and_makes_the_same_wheel(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    tracked = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    source = tmp_path / "source"
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    for folder in ("sdist", "wheel", "again"):
        (tmp_path / folder).mkdir()
    (tmp_path / "unpacked").mkdir()
    made = built(source, "sdist", tmp_path / "sdist")
    subprocess.run(["tar", "-xzf", str(made), "-C", str(tmp_path / "unpacked")], timeout=60, check=True)
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    missing = [name for name in tracked if not (unpacked / name).exists()]
    assert missing == []

    first = contents(built(source, "wheel", tmp_path / "wheel"))
    assert first == contents(built(unpacked, "wheel", tmp_path / "again"))
    wanted = {name for name in tracked if name.startswith("ucdiag/")}
    assert wanted - set(first) == set(), "in the tree, but not in the wheel"
    others = {name for name in set(first) - wanted if ".dist-info/" not in name}
    assert {name.partition("/")[2] for name in others} == {"data/share/man/man1/ucdiag.1"}
