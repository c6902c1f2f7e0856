"""The list of what is imported late, compared with the imports in functions that are found in the tree."""

import ast
import importlib.util
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ucdiag.cli.lazy_modules import LAZY_MODULES
from ucdiag.views import FORMATS

PACKAGE = Path(__file__).parents[2] / "ucdiag"
# Imported in functions of modules that a capture loads, and not needed once root's rights are given up.
NOT_NEEDED = {
    "ucdiag.capture.file_reader": "files, not an interface",
    "ucdiag.capture.filtered_copy": "files, not an interface",
    "ucdiag.capture.interfaces": "-D, which captures nothing",
    "ucdiag.capture.open_capture": "options are checked before",
    "ucdiag.capture.packet_ring": "the interface is opened before",
    "ucdiag.capture.request_saver": "made before the interface is opened",
    "ucdiag.capture.scapy_socket": "the interface is opened before",
    "ucdiag.diagnosis": "the engine of one phone: the other commands",
    "ucdiag.probe.dns": "options are read before",
    "ucdiag.views.dhcp": "what check-dhcp and check show",
    "pwd": "used to give up the rights",
}
# Imported late by the standard library or by what it calls, so no import of ours shows it.
OF_LIBRARIES = {"encodings.idna", "http", "tempfile", "xml.etree.ElementTree", "unicodedata", "pathlib"}
# Imported at the head of a module that is imported late itself.
CHILDREN = {"ucdiag.model.codec", "ucdiag.views.ladder_messages"}


@cache
def imported_in_functions(path: Path) -> frozenset[str]:
    """The modules that functions of a file import; of ``from a import b`` it is ``a.b`` where that is a module."""
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names if is_ours(node.module, alias.name))
    return frozenset(names)


def is_ours(package: str, name: str) -> bool:
    folder = PACKAGE.parent.joinpath(*package.split("."))
    return package.startswith("ucdiag") and (folder / f"{name}.py").exists()


@cache
def loaded_after_preloading() -> frozenset[str]:
    """What a live capture has imported when it gives up root's rights."""
    code = (
        "import sys\n"
        "import ucdiag.cli.main, ucdiag.cli.capture, ucdiag.capture.live\n"
        "from ucdiag.cli.lazy_modules import preload_lazy_modules\n"
        "preload_lazy_modules()\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return frozenset(done.stdout.split())


def files_of(modules: frozenset[str]) -> dict[str, Path]:
    paths = {}
    for name in sorted(modules):
        if name.split(".")[0] == "ucdiag":
            spec = importlib.util.find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            paths[name] = Path(spec.origin)
    return paths


def test_all_that_a_running_capture_imports_late_is_there_before() -> None:
    loaded = loaded_after_preloading()
    missing = {
        f"{name} imports {late}"
        for name, path in files_of(loaded).items()
        for late in imported_in_functions(path)
        if late not in loaded and late not in NOT_NEEDED and not late.startswith("scapy")
    }
    assert missing == set(), "add it to LAZY_MODULES, or say here why it is not needed"


@pytest.mark.parametrize("name", LAZY_MODULES)
def test_each_entry_of_the_list_is_imported_late(name: str) -> None:
    late = {module for path in PACKAGE.rglob("*.py") for module in imported_in_functions(path)}
    views = {format_.module for format_ in FORMATS.values()}
    assert name in late | views | OF_LIBRARIES | CHILDREN


@pytest.mark.parametrize("name", [format_.module for format_ in FORMATS.values()])
def test_every_format_can_be_shown_without_root_s_rights(name: str) -> None:
    assert name in LAZY_MODULES


@pytest.mark.parametrize("name", NOT_NEEDED)
def test_no_exception_is_stale(name: str) -> None:
    late = {late for path in files_of(loaded_after_preloading()).values() for late in imported_in_functions(path)}
    assert name in late
