"""The plugin that compiles the files of tests before the workers start (tests/compile_only.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.tools
def test_a_file_is_compiled_and_no_test_is_made_of_it(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a():\n    assert True\n")
    words = ["--collect-only", "--quiet", "-p", "no:cacheprovider", "-p", "tests.compile_only", "--rootdir", tmp_path]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, tmp_path],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr
    assert len(list((tmp_path / "__pycache__").glob("test_a.*-pytest-*.pyc"))) == 1
