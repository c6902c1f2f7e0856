"""The list of what is imported late, compared with the imports in functions that are found in the tree."""

import ast
import importlib.util
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ucdiag.cli import lazy_modules
from ucdiag.cli.lazy_modules import BUNDLING_MODULES, DECRYPTING_MODULES, LAZY_MODULES, MASKING_MODULES
from ucdiag.diagnosis import catalogue
from ucdiag.views import FORMATS

PACKAGE = Path(__file__).parents[2] / "ucdiag"
# Imported in functions of modules that a capture loads, and not needed once root's rights are given up.
NOT_NEEDED = {
    "ucdiag.capture.aligned_reader": "files, not an interface",
    "ucdiag.capture.capture_secrets": "files, not an interface",
    "ucdiag.capture.census": "files, not an interface",
    "ucdiag.capture.clock_pairs": "files, not an interface",
    "ucdiag.capture.file_reader": "files, not an interface",
    "ucdiag.capture.filtered_copy": "files, not an interface",
    "ucdiag.capture.interfaces": "-D, which captures nothing",
    "ucdiag.capture.key_log": "with --keylog only: preload_decryption",
    "ucdiag.capture.open_capture": "options are checked before",
    "ucdiag.capture.packet_ring": "the interface is opened before",
    "ucdiag.capture.request_saver": "made before the interface is opened",
    "ucdiag.capture.scapy_socket": "the interface is opened before",
    "ucdiag.cli.bundle": "with --bundle only: preload_bundling",
    "ucdiag.cli.masked_run": "with --mask only: preload_bundling",
    "ucdiag.cli.capture_bundle": "with --bundle only: preload_bundling",
    "ucdiag.diagnosis.unsent": "what the other commands could not ask",
    "ucdiag.probe.dns": "options are read before",
    "ucdiag.views.dhcp": "what check-dhcp and check show",
    "ucdiag.views.beside_path": "what probe and check show",
    "ucdiag.views.chain": "what probe and check show",
    "ucdiag.views.names": "what check-dns and check show",
    "ucdiag.cli.first_contact": "no command was given",
    "ucdiag.cli.asked_format": "once all is shown, and what cannot be loaded is passed over",
    "ucdiag.cli.usage_errors": "options are read before",
    "ucdiag.cli.without_root": "before the rights are given up",
    "ucdiag.runtime.packet_socket": "asked whether one may be opened, or opened before",
    "tomllib": "options are read before",
    "ctypes": "asks Windows alone",
    "glob": "options are read before",
    "ucdiag.probe.interface": "chooses the interface before it is opened",
    "ucdiag.wire.tls.decryption": "with --keylog only: preload_decryption",
    "ucdiag.wire.tls.secrets": "with --keylog only: preload_decryption",
    "pwd": "used to give up the rights",
}
# Captures may be compressed, the packets of a bundle are not.
COMPRESSED = {"gzip", "bz2", "lzma", "zstandard"}
# Imported late by the standard library or by what it calls, so no import of ours shows it.
OF_LIBRARIES = {"encodings.idna", "http", "tempfile", "unicodedata", "pathlib"}
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


def test_all_that_decryption_imports_late_is_there_before() -> None:
    late = set()
    for path in (PACKAGE / "wire" / "tls").glob("*.py"):
        late |= imported_in_functions(path)
    assert late <= {*DECRYPTING_MODULES, "cryptography.hazmat.decrepit.ciphers"}


def test_all_that_a_bundle_imports_late_is_there_before() -> None:
    late = set()
    for name in BUNDLING_MODULES + MASKING_MODULES:
        if name.startswith("ucdiag."):
            late |= imported_in_functions(PACKAGE.parent.joinpath(*name.split(".")).with_suffix(".py"))
    known = loaded_after_preloading() | set(BUNDLING_MODULES + MASKING_MODULES) | COMPRESSED
    known |= {"ucdiag.capture.key_log"}  # without secrets, the bundle's packets need none
    assert late - known - {name for name in NOT_NEEDED if not name.startswith("ucdiag.capture")} == set()


def is_there(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def test_every_module_that_is_named_is_there() -> None:
    named = {*LAZY_MODULES, *DECRYPTING_MODULES, *BUNDLING_MODULES, *MASKING_MODULES}
    assert {name for name in named if not is_there(name)} == set()


def test_the_old_ciphers_are_what_decryption_imports() -> None:
    package, _, module = lazy_modules._OLD_CIPHERS.rpartition(".")
    assert package in imported_in_functions(PACKAGE / "wire" / "tls" / "ciphers.py")
    assert is_there(lazy_modules._OLD_CIPHERS) is is_there(package)
    assert module == "algorithms"


def test_what_decrypts_is_imported_with_the_old_ciphers_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(importlib, "import_module", asked.append)
    lazy_modules.preload_decryption()
    assert asked == [*DECRYPTING_MODULES, lazy_modules._OLD_CIPHERS]


def test_where_the_old_ciphers_are_not_the_others_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> None:
        if name == lazy_modules._OLD_CIPHERS:
            raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", lacking)
    lazy_modules.preload_decryption()


def test_what_writes_a_bundle_is_imported_and_asked_for_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("ucdiag.cli.bundle.installed_versions", lambda: asked.append("versions"))
    monkeypatch.setattr(importlib, "import_module", asked.append)
    lazy_modules.preload_bundling()
    assert asked == [*BUNDLING_MODULES, *MASKING_MODULES, "versions"]


def test_encodings_and_widths_are_loaded_with_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("ucdiag.wire.http.body.load_encodings", lambda: asked.append("encodings"))
    monkeypatch.setattr("rich.cells.cell_len", asked.append)
    monkeypatch.setattr(importlib, "import_module", asked.append)
    lazy_modules.preload_lazy_modules()
    assert asked[:-1] == [*LAZY_MODULES, "encodings"]
    assert not asked[-1].isascii()  # of ASCII the width is known without the tables


@pytest.mark.parametrize("name", LAZY_MODULES)
def test_each_entry_of_the_list_is_imported_late(name: str) -> None:
    late = {module for path in PACKAGE.rglob("*.py") for module in imported_in_functions(path)}
    views = {format_.module for format_ in FORMATS.values()}
    views |= {f"{catalogue.__name__}.{step}" for step in catalogue.MODULES}
    assert name in late | views | OF_LIBRARIES | CHILDREN


@pytest.mark.parametrize("name", [format_.module for format_ in FORMATS.values()])
def test_every_format_can_be_shown_without_root_s_rights(name: str) -> None:
    assert name in LAZY_MODULES


@pytest.mark.parametrize("step", catalogue.MODULES)
def test_every_finding_can_be_explained_without_root_s_rights(step: str) -> None:
    assert f"{catalogue.__name__}.{step}" in LAZY_MODULES


@pytest.mark.parametrize("name", NOT_NEEDED)
def test_no_exception_is_stale(name: str) -> None:
    late = {late for path in files_of(loaded_after_preloading()).values() for late in imported_in_functions(path)}
    assert name in late
