"""Words as Windows' shells hand them over: patterns that nothing fits, and quotes that a backslash swallowed."""

import errno
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ucdiag.cli.main import cli
from ucdiag.model.text import unmatched_text

WORDS = "The filename, directory name, or volume label syntax is incorrect"


def _refuse(path: Any, *_: Any, **__: Any) -> Any:
    name = str(path)
    raise (
        OSError(errno.EINVAL, WORDS, name) if set(name) & set('*?"') else FileNotFoundError(errno.ENOENT, "none", name)
    )


@pytest.fixture
def windows_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are opened as on Windows, where some characters make an invalid name; none is there."""
    monkeypatch.setattr("ucdiag.capture.open_capture.open_input", _refuse)
    for method in ("open", "stat"):
        monkeypatch.setattr(Path, method, _refuse)


@pytest.mark.usefixtures("windows_names")
@pytest.mark.parametrize(
    ("command", "name", "text"),
    [
        ("capture", "*.pcapng", "The capture *.pcapng cannot be read: no file fits this pattern."),
        ("capture", 'a"b', f'The capture a"b cannot be read: {WORDS}.'),
        ("logs", "C:\\logs\\u_ex*.log", "'C:\\logs\\u_ex*.log': no file fits this pattern"),
        ("logs", 'a"b', f"'a\"b': {WORDS.lower()}"),
        ("report", "site?.json", "'site?.json' (no file fits this pattern)"),
        ("report", 'a"b.json', f"'a\"b.json' ({WORDS.lower()})"),
    ],
)
def test_a_pattern_that_nothing_fits(command: str, name: str, text: str) -> None:
    done = CliRunner().invoke(cli, [command, name, "-q"])
    assert text in " ".join(done.output.split())
    assert done.exit_code == 3


def test_a_pattern_that_cannot_be_opened_for_another_reason() -> None:
    assert unmatched_text(PermissionError(errno.EACCES, "no", "*.pcap")) is None
    assert unmatched_text(OSError(errno.EINVAL, "no", None)) is None
    assert unmatched_text(ValueError("*")) is None


@pytest.mark.parametrize(("system", "noted"), [("win32", True), ("linux", False)])
def test_a_quote_in_a_word_is_explained(monkeypatch: pytest.MonkeyPatch, system: str, noted: bool) -> None:
    monkeypatch.setattr("ucdiag.cli.options.sys.platform", system)
    done = CliRunner().invoke(cli, ["explain", 'C:\\my logs" -v'])
    assert ("'C:\\my logs\" -v' holds a quote" in done.stderr) is noted
    assert done.exit_code == 2
    assert "holds a quote" not in CliRunner().invoke(cli, ["explain", "it's"]).stderr
