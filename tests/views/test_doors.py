"""The doors by which text reaches a terminal, standard error included: each makes it visible first.

Whoever writes somewhere else finds this list.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ucdiag

ROOT = Path(ucdiag.__file__).parent

# Who writes to a stream, and what makes its text safe.
STREAMS = {
    "cli/completion.py": "our own scripts",
    "cli/lab.py": "our own scenarios, and verdicts through LineWriter",
    "cli/probe_plan.py": "the exact bytes of the request (--dry-run)",
    "views/at_end.py": "the smaller formats, each through LineWriter or its own escapes",
    "views/html/page.py": "escaped for HTML",
    "views/json_view.py": "JSON in ASCII",
    "views/line_writer.py": "visible()",
    "views/ndjson_view.py": "JSON in ASCII",
    "views/rich_writer.py": "visible()",
}
# Sentences without anything from outside.
OWN = {
    "f'Scenario {scenario.name}: {scenario.title}.\\n{scenario.summary}\\n'",
}
# What is made visible, and then broken into rows.
ROWS = {"'\\n'.join(_rows(visible(line)))"}
_SPEAKING = {"click.echo", "click.secho", "click.prompt", "click.confirm"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def is_safe(text: ast.expr) -> bool:
    """A constant, or what visible() made."""
    if isinstance(text, ast.Call):
        return ast.unparse(text.func) == "visible" or ast.unparse(text) in ROWS
    return isinstance(text, ast.Constant) or ast.unparse(text) in OWN


def unsafe(tree: ast.Module) -> Iterator[str]:
    """What is said as it is."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name == "print" or (name in _SPEAKING and node.args and not is_safe(node.args[0])):
            yield ast.unparse(node)
        if name == "os.write" and ast.unparse(node.args[0]) in ("1", "2") and not is_safe(node.args[1]):
            yield ast.unparse(node)


def writes_to_stream(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = ast.unparse(node.func.value)
            if node.func.attr in ("write", "writelines") and whose.endswith(("stream", "stdout", "stderr")):
                return True
            if node.func.attr == "print" and whose.endswith("console"):
                return True
    return False


@pytest.mark.slow
def test_nothing_is_said_that_is_not_visible() -> None:
    assert [f"{place}: {said}" for place, tree in modules() for said in unsafe(tree)] == []


@pytest.mark.slow
def test_the_streams_are_written_to_by_these_alone() -> None:
    found = {place for place, tree in modules() if writes_to_stream(tree)}
    assert found == STREAMS.keys()


@pytest.mark.parametrize(
    "text",
    ["print(x)", "click.echo(f'{name}')", "click.echo(text, err=True)", "click.prompt(user)", "os.write(2, text)"],
)
def test_a_door_that_is_open_is_found(text: str) -> None:
    assert list(unsafe(ast.parse(text))) == [text]


@pytest.mark.parametrize("text", ["sys.stderr.write(x)", "self._screen.stream.write(x)", "console.print(x)"])
def test_a_stream_that_is_written_to_is_found(text: str) -> None:
    assert writes_to_stream(ast.parse(text))
