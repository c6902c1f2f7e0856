"""Modules that are executed when something of them is first used."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ucdiag.runtime import late_modules
from ucdiag.runtime.late_modules import LATE, defer, load_deferred

SLOW = """
import threading, time
import {name} as itself
before = hasattr(itself, "behind")
begun.set()
time.sleep(0.05)
behind = 7
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that can be imported and was not; it counts how often it is executed."""
    (tmp_path / "late_example.py").write_text("import late_counter\nlate_counter.times += 1\nvalue = 5\n")
    (tmp_path / "late_counter.py").write_text("times = 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "late_example"
    for name in ("late_example", "late_counter"):
        sys.modules.pop(name, None)


def times_executed() -> int:
    counter = sys.modules.get("late_counter")
    return 0 if counter is None else counter.times


def test_an_import_executes_nothing(module: str) -> None:
    defer(module)
    __import__(module)
    __import__(module)
    assert times_executed() == 0


def test_the_first_use_executes_it(module: str) -> None:
    defer(module)
    assert __import__(module).value == 5
    assert __import__(module).value == 5
    assert times_executed() == 1


def test_a_name_that_it_lacks_is_an_attribute_error(module: str) -> None:
    defer(module)
    with pytest.raises(AttributeError, match="lacking"):
        __import__(module).lacking  # noqa: B018
    assert times_executed() == 1


def test_a_name_is_imported_from_it(module: str) -> None:
    defer(module)
    namespace: dict[str, object] = {}
    exec(f"from {module} import value", namespace)
    assert namespace["value"] == 5


def test_a_module_that_is_loaded_stays(module: str) -> None:
    loaded = __import__(module)
    defer(module)
    assert sys.modules[module] is loaded
    assert times_executed() == 1


def test_a_module_that_is_not_there_is_left_out() -> None:
    defer("no_such_module_anywhere")
    assert "no_such_module_anywhere" not in sys.modules


def test_a_module_of_a_package_is_found_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late_package").mkdir()
    (tmp_path / "late_package" / "__init__.py").write_text("")
    (tmp_path / "late_package" / "inner.py").write_text("value = 6\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("late_package")
    defer("late_package.inner")
    try:
        assert __import__("late_package.inner").inner.value == 6
    finally:
        del sys.modules["late_package"], sys.modules["late_package.inner"]


def test_what_fails_is_executed_again_at_the_next_use(module: str, tmp_path: Path) -> None:
    defer(module)
    late = __import__(module)
    Path(tmp_path, "late_counter.py").write_text("raise OSError('no descriptor left')\n")
    with pytest.raises(OSError, match="no descriptor left"):
        late.value  # noqa: B018
    Path(tmp_path, "late_counter.py").write_text("times = 40\n")
    assert late.value == 5
    assert times_executed() == 41


def test_other_threads_wait_until_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late_slow.py").write_text(SLOW.format(name="late_slow"))
    monkeypatch.syspath_prepend(tmp_path)
    begun = threading.Event()
    monkeypatch.setattr("builtins.begun", begun, raising=False)
    defer("late_slow")
    late = sys.modules["late_slow"]
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(late.behind))]
    try:
        threads[0].start()
        assert begun.wait(10)
        threads.append(threading.Thread(target=lambda: found.append(late.behind)))
        threads[1].start()
        for thread in threads:
            thread.join(10)
        assert found == [7, 7]
        assert late.before is False
    finally:
        del sys.modules["late_slow"]


def test_all_that_was_deferred_is_loaded_at_once(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_modules, "LATE", (module, "no_such_module_anywhere"))
    defer(module)
    load_deferred()
    assert times_executed() == 1


REPORTS_LATE = """
import atexit, sys
def say():
    from ucdiag.runtime.late_modules import LATE, _LateModule
    print("late:", *[name for name in LATE if isinstance(sys.modules[name], _LateModule)], file=sys.stderr)
atexit.register(say)
sys.argv[0] = "ucdiag"
from ucdiag.program import main
main()
"""


def late_after(*args: str) -> list[str]:
    """The modules of ``LATE`` that a run of the program did not execute."""
    done = subprocess.run(
        [sys.executable, "-c", REPORTS_LATE, *args], capture_output=True, text=True, check=False, timeout=60
    )
    return next(line for line in done.stderr.splitlines() if line.startswith("late:")).split()[1:]


@pytest.mark.parametrize(
    "args", [("--help",), ("explain", "dns-legacy-only"), ("--version",)], ids=lambda args: args[0]
)
def test_none_is_executed_where_nothing_is_asked(args: tuple[str, ...]) -> None:
    assert late_after(*args) == list(LATE)


def test_dnspython_looks_for_no_package() -> None:
    asked = late_after("check-dns", "--domain", "contoso.test", "--nameserver", "127.0.0.1:9", "--timeout", "0.1")
    assert "importlib.metadata" in asked
