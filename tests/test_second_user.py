"""What the run of an ordinary user in CI leaves to the run of root: see .ci/run."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pure_packages import PURE_FILES

ROOT = Path(__file__).parent.parent
PURE, IMPURE = "tests/update_service/test_modules.py", "tests/runtime/test_privileges.py"
# What gives a test a folder or a process, or has it read what a user's environment says.
TOUCHES = re.compile(r"\b(?:tmp_path\w*|CliRunner|setenv|delenv|chdir|environ)\b|\bopen\(|\.(?:read|write)_")
LIBRARIES = {"os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "time"}


def collected(*words: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.slow
@pytest.mark.parametrize("file", [PURE, "tests/views/test_checks.py"])
def test_of_what_does_no_io_a_twentieth_is_left_and_of_the_rest_all(file: str) -> None:
    whole, second = collected(file, IMPURE), collected("--second-user", file, IMPURE)
    pure = [name for name in whole if name.startswith(file)]
    assert len(pure) >= 20
    assert [name for name in second if name.startswith(file)] == pure[19::20]
    assert [name for name in second if name.startswith(IMPURE)] == [name for name in whole if name.startswith(IMPURE)]


@pytest.mark.slow
def test_no_test_is_left_out_where_nobody_asks_for_it() -> None:
    assert len(collected(PURE)) > len(collected("--second-user", PURE)) > 0


@pytest.mark.parametrize("file", PURE_FILES)
def test_what_another_user_need_not_run_touches_nothing_of_a_user(file: str) -> None:
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert TOUCHES.findall(text) == []
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or alias.name for node in nodes for alias in node.names}
    assert {name.split(".")[0] for name in names} & LIBRARIES == set()
