"""What the run of an ordinary user in CI leaves to the run of root: see .ci/run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PURE, IMPURE = "tests/update_service/test_modules.py", "tests/runtime/test_privileges.py"


def collected(*words: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.slow
def test_of_what_does_no_io_a_twentieth_is_left_and_of_the_rest_all() -> None:
    whole, second = collected(PURE, IMPURE), collected("--second-user", PURE, IMPURE)
    pure = [name for name in whole if name.startswith(PURE)]
    assert len(pure) >= 20
    assert [name for name in second if name.startswith(PURE)] == pure[19::20]
    assert [name for name in second if name.startswith(IMPURE)] == [name for name in whole if name.startswith(IMPURE)]


@pytest.mark.slow
def test_no_test_is_left_out_where_nobody_asks_for_it() -> None:
    assert len(collected(PURE)) > len(collected("--second-user", PURE)) > 0
