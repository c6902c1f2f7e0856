"""For all tests: the environment says nothing to them, and random ones are the same on every machine."""

import functools
import inspect
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings

# Deadlines measure the machine, and other things run on it.
_ALWAYS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ucdiag", _ALWAYS, derandomize=True)
# Looks for what nobody has found yet: UCDIAG_HYPOTHESIS=search tests/run tests/wire
settings.register_profile("search", _ALWAYS, max_examples=2000)
settings.load_profile(os.environ.get("UCDIAG_HYPOTHESIS", "ucdiag"))

# Before click 8.2 its runner puts standard error into standard output unless told otherwise.
if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters:
    CliRunner.__init__ = functools.partialmethod(CliRunner.__init__, mix_stderr=False)  # type: ignore[assignment, method-assign]

_TESTS = Path(__file__).parent

# Would change what the commands do; UCDIAG_REQUIRE_REAL and the like are the tests' own.
FOR_TESTS = {"UCDIAG_REQUIRE_REAL", "UCDIAG_HYPOTHESIS", "UCDIAG_VENV"}
FOREIGN = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS")


def pytest_configure(config: pytest.Config) -> None:
    # What pytest-xdist starts has a thread of its own, which listens to it. Copies of the process have no use for that,
    # but Python from 3.12 on warns of any.
    if hasattr(config, "workerinput"):
        config.addinivalue_line(
            "filterwarnings", r"ignore:This process \(pid=\d+\) is multi-threaded, use of fork:DeprecationWarning"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # They take as long as a tenth of all, and fail only for who changes a tool.
    for item in items:
        if item.path.is_relative_to(_TESTS / "mutate") or item.path.is_relative_to(_TESTS / "compare"):
            item.add_marker("tools")


@pytest.fixture(autouse=True, scope="session")
def _quiet_environment() -> None:
    for name in list(os.environ):
        mine = name.startswith("UCDIAG_") and name not in FOR_TESTS
        if mine or name.lower() in FOREIGN or name in FOREIGN:
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
