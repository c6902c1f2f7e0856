"""The scripts that record surprises of others: listed, sound, never run here, as they need a package registry."""

import re
import subprocess
from pathlib import Path

from tests.in_parts import in_parts

FOLDER = Path(__file__).parent.parent / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
each_script = in_parts("script", SCRIPTS, ids=lambda script: script.name)


def test_the_list_names_each_script_once() -> None:
    listed = re.findall(r"^\* ``([^`]+)``: ", (FOLDER / "README.rst").read_text(), re.MULTILINE)
    assert sorted(listed) == [script.name for script in SCRIPTS]


@each_script
def test_a_script_is_sound(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text()
    assert script.stat().st_mode & 0o111
    assert text.startswith("#!/usr/bin/env bash\n# ")
    for line in ("set -euo pipefail", "work=$(mktemp -d)", "trap 'rm -rf \"$work\"' EXIT"):
        assert line in text.splitlines()
    assert "ucdiag" not in re.sub(r"ucdevice|ucupdates", "", text)
    assert max(map(len, text.splitlines())) <= 120


@each_script
def test_a_script_pins_what_it_installs(script: Path) -> None:
    installed = re.search(
        r"(?:--no-deps|--ignore-scripts|apt-get download -qq)\s((?:.|\\\n)*?)\|\|", script.read_text()
    )
    assert installed
    packages = [word for word in installed[1].split() if word not in ("\\", ">&2")]
    assert packages
    for package in packages:
        assert re.fullmatch(r"(?:@[\w.-]+/)?[\w.-]+(?:(?:==|@)[\w.]+|=[\w.:+~-]+)", package), package
