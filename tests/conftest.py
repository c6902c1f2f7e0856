"""For all tests: the environment says nothing to them, and random ones are the same on every machine."""

import functools
import gc
import inspect
import itertools
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from tests import batches
from tests.examples import examples
from tests.pure_packages import PURE, PURE_FILES

# Deadlines measure the machine, and other things run on it.
_ALWAYS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ucdiag", _ALWAYS, derandomize=True)
# The fast run of a contributor (make fast): a fifth of the examples. CI runs all.
settings.register_profile("fast", _ALWAYS, derandomize=True, max_examples=examples(100))
# Looks for what nobody has found yet: UCDIAG_HYPOTHESIS=search tests/run tests/wire
settings.register_profile("search", _ALWAYS, max_examples=2000)
settings.load_profile(os.environ.get("UCDIAG_HYPOTHESIS", "ucdiag"))

# Before click 8.2 its runner has standard error in standard output, or else not in the output of both.
if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters:
    CliRunner.__init__ = functools.partialmethod(CliRunner.__init__, mix_stderr=False)  # type: ignore[assignment, method-assign]
    Result.output = property(lambda result: result.stdout + result.stderr)  # type: ignore[assignment, method-assign]

_TESTS = Path(__file__).parent
_FOLDERS = itertools.count()

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
    config.pluginmanager.register(batches)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-user",
        action="store_true",
        help="of slow tests, and of those that do no I/O, each twentieth: another user's run had them all",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Of twenty thousand tests, which stay until the end, garbage collections need not look at one."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left_out, same = [], [], 0
    for item in items:
        package = _package(item.path)
        # They take as long as a tenth of all, and fail only for who changes a tool.
        if package in ("mutate", "compare"):
            item.add_marker("tools")
        alike = package in PURE or _is_pure(item.path) or item.get_closest_marker("slow") is not None
        same += alike
        (left_out if alike and same % 20 else kept).append(item)
    if config.getoption("second_user"):
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@functools.cache
def _package(path: Path) -> str:
    return path.relative_to(_TESTS).parts[0]


@functools.cache
def _is_pure(path: Path) -> bool:
    return path.relative_to(_TESTS).as_posix() in PURE_FILES


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pytest makes it, but for the number: it looks through the folders of all tests before for one that is free."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}{next(_FOLDERS)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _quiet_environment() -> None:
    for name in list(os.environ):
        mine = name.startswith("UCDIAG_") and name not in FOR_TESTS
        if mine or name.lower() in FOREIGN or name in FOREIGN:
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _keeps_root() -> None:
    """A command that runs in this process must not give up the rights of all tests after it."""
    from ucdiag.runtime import root_rights

    root_rights.give_up = lambda account: False


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
