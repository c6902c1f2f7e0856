"""The architecture: imports go one way, the judge is pure, and nothing points outside the project."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.pure_packages import PURE

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ucdiag"

# package -> the packages that it may import (itself always)
MAY_IMPORT = {
    "model": set(),
    "wire": {"model"},
    "update_service": {"model", "wire"},
    "diagnosis": {"model", "update_service"},
    "runtime": {"model"},
    "leases": {"model", "wire", "runtime"},
    "server_logs": {"model", "update_service"},
    "stored_reports": {"model", "update_service", "diagnosis"},
    "capture": {"model", "wire", "update_service", "runtime"},
    "probe": {"model", "wire", "update_service", "runtime", "leases"},
    "fleet": {"model", "update_service", "runtime", "diagnosis", "probe"},
    "views": {"model", "update_service", "diagnosis"},
    "masking": {"model", "wire"},
    "lab": {"model", "diagnosis", "wire", "update_service", "runtime", "probe"},
    "cli": {
        "model",
        "diagnosis",
        "wire",
        "update_service",
        "runtime",
        "leases",
        "server_logs",
        "stored_reports",
        "capture",
        "probe",
        "fleet",
        "views",
        "lab",
        "masking",
    },
}
IMPURE = {
    "asyncio",
    "click",
    "dns",
    "http",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "requests",
    "rich",
    "scapy",
    "select",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib3",
}
CLOCK = {"now", "utcnow", "today"}


def modules(package: str) -> list[Path]:
    return sorted((PACKAGE / package).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """Every module that a file imports anywhere in it, also inside functions."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "ucdiag" and len(parts) > 1 and parts[1] in MAY_IMPORT:
                assert parts[1] == package or parts[1] in MAY_IMPORT[package], (
                    f"{path.relative_to(ROOT)} imports {name}"
                )


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def import_graph() -> dict[str, set[str]]:
    """Which module of the package names which others in an import anywhere in it, also in a function.

    Who imports a module out of a package needs that module, not what the package itself defines.
    """
    files = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        needed = graph[module] = set()
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                needed.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                needed |= names & set(files)
                if names - set(files):
                    needed.add(node.module or "")
        needed &= set(files) - {module}
    return graph


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of more than one node: each can be reached from each of the others."""

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = graph[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen

    reach = {node: reachable(node) for node in graph}
    components = {frozenset(other for other in reach[node] if node in reach[other]) for node in graph}
    return sorted((set(component) for component in components if component), key=sorted)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        pytest.param({"a": {"b"}, "b": {"c"}, "c": set()}, [], id="a chain"),
        pytest.param({"a": {"b", "c"}, "b": {"c"}, "c": set()}, [], id="two ways to one"),
        pytest.param({"a": {"b"}, "b": {"a"}, "c": {"a"}}, [{"a", "b"}], id="two, and one that uses them"),
        pytest.param({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}, [{"a", "b", "c"}], id="three"),
        pytest.param({"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}}, [{"a", "b"}, {"c", "d"}], id="two circles"),
    ],
)
def test_a_circle_of_imports_is_found(graph: dict[str, set[str]], expected: list[set[str]]) -> None:
    assert circles(graph) == expected


def test_no_files_import_each_other_in_a_circle() -> None:
    """Also lazily: what needs its importer is one thing with it, or what both need has a module of its own."""
    graph = import_graph()
    assert graph["ucdiag.capture.live"] >= {"ucdiag.wire.packet_tracker", "ucdiag.update_service.captured_answer"}
    assert "ucdiag.update_service.response" in graph["ucdiag.update_service.captured_answer"]  # lazily
    assert [sorted(circle) for circle in circles(graph)] == []


def test_no_packages_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {package: set() for package in MAY_IMPORT}
    for name, imported in import_graph().items():
        package = [*name.split("."), ""][1]
        if package in graph:
            graph[package] |= {other.split(".")[1] for other in imported if "." in other} & set(graph) - {package}
    assert [sorted(circle) for circle in circles(graph)] == []
    assert circles(MAY_IMPORT) == []


@pytest.mark.slow
def test_no_test_file_imports_another() -> None:
    """What several of them need has a module of its own."""
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert len(tests) > 20
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in tests
        for name in sorted(imports(path))
        if name.startswith("tests.") and any(part.startswith("test_") for part in name.split("."))
    ]
    assert not found, "\n".join(found)


def test_every_package_has_its_rule() -> None:
    packages = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert packages == set(MAY_IMPORT)


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_do_nothing_and_read_no_clock(package: str) -> None:
    for path in modules(package):
        bad = {name for name in imports(path) if name.split(".")[0] in IMPURE}
        assert not bad, f"{path.relative_to(ROOT)} imports {bad}"
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in CLOCK, f"{path.relative_to(ROOT)}, line {node.lineno} reads the clock"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"open", "print", "input"}, f"{path.relative_to(ROOT)}, line {node.lineno}"


def loaded(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"scapy", "requests", "urllib3", "dns", "cryptography", "rich", "jsonschema"}


@pytest.mark.parametrize(
    "module",
    [
        "ucdiag.model.codec",
        "ucdiag.diagnosis",
        "ucdiag.wire",
        "ucdiag.cli.main",
        "ucdiag.cli.options",
        "ucdiag.cli.runner",
    ],
)
def test_what_everything_needs_imports_nothing_heavy(module: str) -> None:
    assert not loaded(f"import {module}") & HEAVY


def test_no_expression_is_compiled_before_it_is_used() -> None:
    """To compile all takes longer than to read a small capture: see ``ucdiag.model.patterns``."""

    def at_import(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.Lambda):
                yield child
                yield from at_import(child)

    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in at_import(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "compile"
        if ast.unparse(node.func) == "re.compile"
    ]
    assert not found, "\n".join(found)


def test_the_judge_at_work_imports_no_io() -> None:
    assert not loaded("import ucdiag.diagnosis.catalogue, ucdiag.diagnosis") & (HEAVY | {"click", "socket", "ssl"})


# Split, so that this file does not hold what it looks for.
OUTSIDE = re.compile(
    r"\.\./sh" + r"ared|contr" + r"act\.md|dom" + r"ain\.md|measure" + r"ments\.md|des" + r"ign\.md"
    r"|/wo" + r"rk/|/op" + r"t/venv|\[S[0-9]" + r"{1,2}\]"
)


def short_names(tree: ast.Module) -> tuple[list[str], int]:
    """The functions whose names are one word, and how many functions there are; without Python's own (``__init__``)."""
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    own = [name for name in names if not name.startswith("__")]
    return [name for name in own if "_" not in name.strip("_")], len(own)


# Of all functions of a package: some are a protocol's (``close``, ``feed``), or the noun that everybody uses.
MOST_SHORT_NAMES = 0.25


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_function_s_name_is_seldom_one_word(package: str) -> None:
    found = [short_names(parsed(path)) for path in modules(package)]
    short = sorted(name for names, _ in found for name in names)
    assert len(short) <= MOST_SHORT_NAMES * sum(count for _, count in found), short


def test_a_name_of_one_word_is_found() -> None:
    text = "def take(): ...\nclass A:\n  async def _put(self): ...\n  def __init__(self): ...\n  def put_in(self): ..."
    assert short_names(ast.parse(text)) == (["take", "_put"], 3)


def test_the_program_s_name_is_put_before_a_message_in_one_place() -> None:
    said = [
        path.name
        for path in modules("cli")
        for _ in re.findall(r"(?:echo|error)\(\s*f?\"ucdiag: ", path.read_text("utf-8"))
    ]
    assert said == ["crash.py"]


def test_the_classes_of_phones_are_spelt_in_one_place() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and str(node.value).lower() in ("cpe-ocphone", "ms-uc-client")
    }
    assert found == {"model/phone_classes.py"}


# What is Python's or JSON's own: numbers that are written as they are, and a word of a closed set.
IN_PYTHONS_FORM = {"cli/alike_reports.py", "cli/runner.py", "fleet/shapes.py", "fleet/templates.py"}


def python_forms(tree: ast.Module) -> list[int]:
    """The lines that put Python's form of a value (``repr``) into a text, outside of ``__repr__``."""
    own = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__repr__"
        for inner in ast.walk(node)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if node not in own
        if (isinstance(node, ast.FormattedValue) and chr(max(node.conversion, 0)) in "ra")
        or (isinstance(node, ast.Name) and node.id in ("repr", "ascii"))
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search("%[ra]|![ra]}", node.value))
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_message_shows_a_value_as_people_write_it(package: str) -> None:
    """Python's form doubles the backslashes of a path: ``quoted`` of ``ucdiag.model.visible_text`` is for people."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules(package)
        if path.relative_to(PACKAGE).as_posix() not in IN_PYTHONS_FORM
        for line in python_forms(parsed(path))
    ]
    assert not found, "\n".join(found)


def test_a_value_in_python_s_form_is_found() -> None:
    text = "f'{a!r}'\nf'{a!s} {a}'\nrepr(a)\n'%r' % a\n'{!r}'.format(a)\nclass A:\n  def __repr__(self): return repr(1)"
    assert python_forms(ast.parse(text)) == [1, 3, 4, 5]


def project_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:  # a copy without its history
        hidden = {".git", "__pycache__", "build", "dist", ".venv"}
        paths = [path for path in ROOT.rglob("*") if not hidden & set(path.parts)]
    return [path for path in paths if path.is_file()]


def test_nothing_points_outside_the_project() -> None:
    files = project_files()
    assert len(files) > 20
    found = []
    for path in files:
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if OUTSIDE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_the_search_for_pointers_outside_finds_one() -> None:
    assert OUTSIDE.search("see ../sh" + "ared/x")
    assert OUTSIDE.search("as said in [S" + "12]")
    assert not OUTSIDE.search("the domain of the design, at work")
