"""A file of output appears whole or not at all, and what goes wrong on the way is one sentence."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Noted, raising
from ucdiag.cli import output as outputs
from ucdiag.cli import output_files
from ucdiag.cli.output import Output
from ucdiag.cli.output_files import BinaryOutput, is_same_place
from ucdiag.runtime import named_files
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.named_files import Replacement

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such links and rights")
FULL = OSError(errno.ENOSPC, "No space left on device")


def put(name: str) -> None:
    with Output(name) as file:
        file.write(lambda: print("some", end="", file=file.stream))
        file.keep()


def put_bytes(name: str) -> None:
    with BinaryOutput(name) as file:
        file.stream.write(b"some")
        file.keep()


@pytest.mark.parametrize("step", ["write_to_disk", "put_in_place"])
@pytest.mark.parametrize("write", [put, put_bytes])
def test_a_file_that_cannot_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, write: Callable[[str], None]
) -> None:
    name = str(tmp_path / "x")
    monkeypatch.setattr(Replacement, step, raising(FULL))
    with pytest.raises(CannotTest) as caught:
        write(name)
    assert (caught.value.code, caught.value.text) == ("output", f"cannot write to {name!r}: no space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_once_it_is_kept(tmp_path: Path) -> None:
    """Settled twice is settled once."""
    name = tmp_path / "x"
    with Output(str(name)) as text:
        text.write(lambda: print("some", end="", file=text.stream))
        text.settle()
        assert not name.exists()
        assert text.is_file
        text.keep()
        assert name.read_text(encoding="utf-8") == "some"
    with BinaryOutput(str(name), force=True) as file:
        file.stream.write(b"more")
        file.keep()
    assert (name.read_bytes(), file.replaced) == (b"more", True)


@pytest.mark.parametrize("is_file", [True, False])
def test_a_file_that_was_opened_before_is_written_to_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_file: bool
) -> None:
    """By root, before it gave up its rights: its name is not looked for again, and a device is not put in a place."""
    handle = os.open(tmp_path / "held", os.O_RDWR | os.O_CREAT)
    held: Any = Noted(
        SimpleNamespace(is_file=is_file), open_for_writing=handle, write_to_disk=None, put_in_place=None, discard=None
    )
    monkeypatch.setattr(named_files, "held_file", lambda name: held)
    monkeypatch.setattr(output_files, "find_place", raising(AssertionError("looked for")))
    with Output("x") as text:
        text.write(lambda: print("some", end="", file=text.stream))
        text.keep()
    assert text.is_file is is_file
    assert (tmp_path / "held").read_text(encoding="utf-8") == "some"
    assert [name for name, *_ in held.notes] == (
        ["open_for_writing", "write_to_disk", "put_in_place", "discard"] if is_file else ["open_for_writing"]
    )


@pytest.mark.parametrize(("failing", "code"), [(FULL, True), (BrokenPipeError(), False), (ValueError("x"), False)])
def test_what_is_written_without_care_fails_with_the_same_sentence(
    monkeypatch: pytest.MonkeyPatch, failing: Exception, code: bool
) -> None:
    """If it is what the writer of standard output failed with."""
    monkeypatch.setattr(outputs, "complete_writer_of", lambda stream: SimpleNamespace(error=failing))
    with pytest.raises(CannotTest if code else type(failing)) as caught, Output(None):
        raise failing
    if code:
        assert str(caught.value.text) == "cannot write to standard output: no space left on device"  # type: ignore[attr-defined]
    monkeypatch.setattr(outputs, "complete_writer_of", lambda stream: None)
    with pytest.raises(type(failing)), Output(None):
        raise failing


def test_two_names_of_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a name leads nowhere, the names themselves are compared."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert is_same_place("file", "./file")
    assert is_same_place("file", "link")
    assert not is_same_place("file", "other")
    assert is_same_place("a\0", "a\0")
    assert not is_same_place("a\0", "b\0")
    assert not is_same_place("./a\0", "a\0")


@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("may", [True, False])
def test_the_right_to_write_is_that_of_the_account_that_writes(
    monkeypatch: pytest.MonkeyPatch, effective: bool, may: bool
) -> None:
    asked = []

    def access(name: str, mode: int, *, dir_fd: int | None, effective_ids: bool = False) -> bool:
        asked.append((name, mode, dir_fd, effective_ids))
        return may

    place: Any = SimpleNamespace(found=SimpleNamespace(st_mode=0o010600), is_file=False, close=lambda: None)
    place.name, place.folder = "x", 7
    monkeypatch.setattr(output_files, "find_place", lambda name: place)
    monkeypatch.setattr(os, "access", access)
    monkeypatch.setattr(os, "supports_effective_ids", {access} if effective else set())
    assert output_files.why_not_writable("x") == (None if may else "permission denied")
    assert asked == [("x", os.W_OK, 7, effective)]
