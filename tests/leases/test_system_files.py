"""Files and programs as the readers see them: bounded, and every failure one note."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ucdiag.leases.system_files import (
    LARGEST,
    MOST_FILES,
    MOST_PROBLEMS,
    SystemFiles,
    parse_address,
    parse_addresses,
    run_program,
    whole_number,
)
from ucdiag.model.text import decode_bytes


def test_a_file_that_is_not_there_costs_no_note(tmp_path: Path) -> None:
    files = SystemFiles(tmp_path)
    (tmp_path / "file").write_text("x")
    assert [files.read("/nowhere"), files.read("/file/below"), files.read_text("/nowhere")] == [None, None, ""]
    assert files.list_folder("/nowhere") == files.list_folder("/file/below") == []
    assert (files.exists("/nowhere"), files.exists("/file")) == (False, True)
    assert files.problems == []


def test_a_link_to_nowhere_is_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert SystemFiles(tmp_path).exists("/link")


def test_the_head_and_the_tail_of_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"a" + b"b" * (LARGEST - 1) + b"c")
    files = SystemFiles(tmp_path)
    assert files.read("/long") == b"a" + b"b" * (LARGEST - 1)
    assert files.read("/long", tail=True) == b"b" * (LARGEST - 1) + b"c"


def test_of_a_long_file_with_its_time_the_head_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long"
    file.write_bytes(b"a" + b"b" * (LARGEST - 1) + b"c")
    os.utime(file, ns=(0, 1_700_000_000_123_456_789))
    assert SystemFiles(tmp_path).read_dated("/long") == (b"a" + b"b" * (LARGEST - 1), 1_700_000_000_123_456)
    assert SystemFiles(tmp_path).read_text("/long") == "a" + "b" * (LARGEST - 1)


def test_a_file_of_the_largest_size_is_whole(tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"a" + b"b" * (LARGEST - 1))
    assert SystemFiles(tmp_path).read("/full", tail=True) == b"a" + b"b" * (LARGEST - 1)


def test_what_is_no_file_is_noted_once(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    files = SystemFiles(tmp_path)
    assert [files.read("/folder"), files.read("/folder")] == [None, None]
    assert [(problem.code, problem.text) for problem in files.problems] == [
        ("lease-malformed", "/folder is not a regular file and was not read")
    ]


def test_a_name_that_no_file_has_is_noted(tmp_path: Path) -> None:
    files = SystemFiles(tmp_path)
    assert files.read("/a\0b") is None
    assert [problem.code for problem in files.problems] == ["lease-unreadable"]
    assert files.problems[0].text.startswith("/a\0b cannot be read: ")


LONG = "/" + "a" * 256


def test_a_name_that_is_too_long_is_noted_for_a_file_and_for_a_folder(tmp_path: Path) -> None:
    files = SystemFiles(tmp_path)
    assert (files.read(LONG), files.list_folder(LONG), files.read_text(LONG)) == (None, [], "")
    assert [(problem.code, problem.text) for problem in files.problems] == [
        ("lease-unreadable", f"{LONG} cannot be read: File name too long")
    ]
    folders = SystemFiles(tmp_path)
    assert folders.list_folder(LONG) == []
    assert folders.problems == files.problems


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has a file that cannot be read at 0")
def test_a_file_that_fails_while_it_is_read_is_noted() -> None:
    files = SystemFiles()
    assert files.read("/proc/self/mem") is None
    assert [(problem.code, problem.text) for problem in files.problems] == [
        ("lease-unreadable", "/proc/self/mem cannot be read: Input/output error")
    ]


class Refused(SystemFiles):
    """A folder that only root may list, whoever runs the test."""

    def path_below_root(self, name: str) -> str:
        raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("ask", [SystemFiles.read, SystemFiles.list_folder])
def test_a_refusal_names_the_remedy(ask: Callable[[SystemFiles, str], object]) -> None:
    files = Refused()
    assert ask(files, "/var/lib/dhcp") in (None, [])
    [problem] = files.problems
    assert problem.code == "lease-unreadable"
    assert problem.text.startswith("/var/lib/dhcp cannot be read without more rights: run it as root: sudo ")
    assert problem.text.endswith(" check-dhcp")


def test_names_are_sorted(tmp_path: Path) -> None:
    for name in ("c", "a", "b"):
        (tmp_path / name).touch()
    assert SystemFiles(tmp_path).list_folder("/") == ["a", "b", "c"]


def test_names_are_bounded(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 2):
        (tmp_path / str(number)).touch()
    assert len(SystemFiles(tmp_path).list_folder("/")) == MOST_FILES == 4096


def test_notes_are_bounded(tmp_path: Path) -> None:
    files = SystemFiles(tmp_path)
    for number in range(MOST_PROBLEMS + 3):
        files.note_problem("lease-malformed", f"{number}")
    assert [problem.text for problem in files.problems] == [str(number) for number in range(64)]


def test_programs_belong_to_the_real_root(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "print(1)"]
    assert SystemFiles(tmp_path).run(argv) == ""
    assert SystemFiles().run(["/nowhere"]) == SystemFiles(runner=lambda argv: None).run(argv) == ""
    assert SystemFiles().run(argv) == "1\n"
    assert SystemFiles(tmp_path, runner=" ".join).run(["a", "b"]) == "a b"


PROGRAMS: list[tuple[str, str, str | None]] = [
    ("printed", "print('a')", "a\n"),
    ("failed", "print('a'); raise SystemExit(1)", None),
    ("errors are not read", "import sys; print('b', file=sys.stderr)", ""),
    ("in English", "import os; print(os.environ['LC_ALL'], os.environ['LANG'])", "C C\n"),
    ("nothing to read", "import sys; print(repr(sys.stdin.read()))", "''\n"),
    ("not UTF-8", r"import sys; sys.stdout.buffer.write(b'\xe9')", "\u00e9"),
]


@pytest.mark.parametrize(("code", "printed"), [row[1:] for row in PROGRAMS], ids=[row[0] for row in PROGRAMS])
def test_what_a_program_prints(code: str, printed: str | None) -> None:
    assert run_program([sys.executable, "-c", code], timeout=60) == printed


def test_a_program_that_prints_for_ever_is_cut() -> None:
    printed = run_program([sys.executable, "-c", "while True: print('y' * 1000)"], timeout=60)
    assert printed is not None
    assert len(printed) == LARGEST


def test_a_program_that_hangs_is_ended() -> None:
    assert run_program([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.2) is None


@pytest.mark.parametrize("name", ["/nowhere/program", "a\0b"])
def test_a_program_that_is_not_there(name: str) -> None:
    assert run_program([name]) is None


def test_text_of_unknown_encoding() -> None:
    assert decode_bytes("b\u00fcro".encode()) == decode_bytes("b\u00fcro".encode("latin-1")) == "b\u00fcro"


def test_addresses_once_each_and_in_order() -> None:
    words = ["192.0.2.2", "x", "192.0.2.1", "fe80::1%eth0", "192.0.2.2", "1.2.3", "::1", "192.0.2.300"]
    assert parse_addresses(words) == ("192.0.2.2", "192.0.2.1", "fe80::1%eth0", "::1")


@pytest.mark.parametrize(
    ("word", "parsed"),
    [("192.0.2.1", "192.0.2.1"), ("0.0.0.0", None), ("", None), (None, None), ("x", None), ("::1", "::1")],
)
def test_an_address(word: str | None, parsed: str | None) -> None:
    assert parse_address(word) == parsed


NUMBERS: list[tuple[str | None, int, int | None]] = [
    ("0", 10, 0),
    ("10", 10, 10),
    ("11", 10, None),
    ("-1", 10, None),
    ("+1", 10, None),
    (" 1", 10, None),
    ("1.0", 10, None),
    ("", 10, None),
    (None, 10, None),
    ("\u0661", 10, None),
    ("0" * 19 + "1", 10, 1),
    ("0" * 20 + "1", 10, None),
    (str(1 << 40), 1 << 40, 1 << 40),
]


@pytest.mark.parametrize(("word", "largest", "number"), NUMBERS)
def test_a_whole_number(word: str | None, largest: int, number: int | None) -> None:
    assert whole_number(word, largest) == number


def test_the_largest_number_by_default() -> None:
    assert whole_number(str(1 << 40)) == 1 << 40
    assert whole_number(str((1 << 40) + 1)) is None


def test_what_a_program_prints_as_errors_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    run_program([sys.executable, "-c", "import sys; print('b', file=sys.stderr)"], timeout=60)
    assert capfd.readouterr() == ("", "")


def test_a_program_reads_nothing_of_our_input() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"ours")
    os.close(writing)
    ours = os.dup(0)
    os.dup2(reading, 0)
    try:
        printed = run_program([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"], timeout=60)
    finally:
        os.dup2(ours, 0)
        os.close(ours)
        os.close(reading)
    assert printed == "''\n"


def test_nothing_waits_for_a_program_that_has_ended() -> None:
    before = set(threading.enumerate())
    run_program([sys.executable, "-c", ""], timeout=60)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/self/fd")
def test_files_are_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    files = SystemFiles(tmp_path)
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    assert [files.read("/file"), files.read("/folder")] == [b"x", None]
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before


def test_a_large_file_is_read_from_its_beginning_unless_its_end_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "leases").write_bytes(b"first" + bytes(LARGEST) + b"last")
    files = SystemFiles(root=tmp_path)
    data, _ = files.read_dated("/leases") or (b"", 0)
    assert (data[:5], len(data)) == (b"first", LARGEST)
    end = files.read("/leases", tail=True) or b""
    assert (end[-4:], len(end)) == (b"last", LARGEST)
    assert files.read("/leases") == data
