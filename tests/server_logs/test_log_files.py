"""Which logs are below a name, in which encoding they are, and their lines."""

import io
import sys
from pathlib import Path

import pytest

from ucdiag.server_logs.log_files import (
    LONGEST_LINE,
    LineReader,
    LogFile,
    LogUnreadableError,
    encoding_of,
    find_logs,
    head_of,
    open_log,
)


def found(*names: str, below: Path) -> list[str]:
    """What is found, without the folder's name."""
    return [
        str(log if isinstance(log, LogUnreadableError) else log.name).replace(f"{below}/", "")
        for log in find_logs(list(names))
    ]


def test_the_order_is_that_of_the_names_and_of_the_command_line(tmp_path: Path) -> None:
    for name in ("b/u_ex10.log", "b/u_ex2.log", "b/a/x.log", "a.log", "c.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#")
    names = [str(tmp_path / "c.log"), "-", str(tmp_path), "-"]
    assert found(*names, below=tmp_path) == [
        "c.log",
        "standard input",
        "a.log",
        "b/u_ex2.log",
        "b/u_ex10.log",
        "b/a/x.log",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_links_lead_to_files_and_to_no_folder(tmp_path: Path) -> None:
    """A link to a file counts once with its file; what cannot be followed is named."""
    logs, other = tmp_path / "logs", tmp_path / "other"
    logs.mkdir()
    other.mkdir()
    (other / "x.log").write_text("#")
    (logs / "a.log").write_text("#")
    (logs / "b.log").symlink_to(logs / "a.log")
    (logs / "folder").symlink_to(other)
    (logs / "loop").symlink_to(logs / "loop")
    (logs / "nowhere").symlink_to(logs / "none")
    assert found(str(logs), below=logs) == [
        "a.log",
        "'loop': too many levels of symbolic links",
        "'nowhere': no such file or directory",
    ]


WIDE = "#Fields:" * 2


@pytest.mark.parametrize(
    ("start", "encoding"),
    [
        (b"", "utf-8"),
        (b"#Fields: date", "utf-8"),
        (b"\xef\xbb\xbfa", "utf-8"),
        (b"\xff\xfea\x00", "utf-16-le"),
        (b"\xfe\xff\x00a", "utf-16-be"),
        (WIDE.encode("utf-16-le"), "utf-16-le"),
        (WIDE.encode("utf-16-be"), "utf-16-be"),
        # Too few to tell: eight characters are enough.
        ("#Fields".encode("utf-16-le"), "utf-8"),
        ("#Fields:".encode("utf-16-le"), "utf-16-le"),
        ("#Fields".encode("utf-16-be"), "utf-8"),
        # More than three of four characters are of the first page.
        ("aaa\u0416".encode("utf-16-le") * 4, "utf-8"),
        ("aaa\u0416".encode("utf-16-be") * 4, "utf-8"),
        ("aaa\u0416".encode("utf-16-le") * 4 + b"a\0", "utf-16-le"),
        ("aaa\u0416".encode("utf-16-be") * 4 + b"\0a", "utf-16-be"),
        # Zeros at the end are no text.
        (b"#Fields: date time" + b"\0" * 99, "utf-8"),
        (WIDE.encode("utf-16-le") + b"\0" * 99, "utf-16-le"),
        (WIDE.encode("utf-16-be") + b"\0" * 99, "utf-16-be"),
    ],
)
def test_the_encoding_is_seen_from_the_first_bytes(start: bytes, encoding: str) -> None:
    assert encoding_of(start) == encoding


class Pieces(io.BytesIO):
    """Comes a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, size if size is not None and size >= 0 else 3))


@pytest.mark.parametrize("start", [0, 2, 9])
def test_the_lines_of_a_log_and_their_numbers(start: int) -> None:
    data = b"\xef\xbb\xbfone\r\n\r\n\xef\xbb\xbfd\xc3\xa9\nd\xe9\x81x\r\r\nend"
    lines = LineReader(Pieces(data[start:]), data[:start])
    assert list(lines.read_lines()) == [(1, "one"), (2, ""), (3, "\ufeffdé"), (4, "dé\ufffdx"), (5, "end")]
    assert lines.number == 5


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_lines_of_a_log_in_utf_16_go_on_with_their_number(encoding: str) -> None:
    data = "one\r\ntw\u0416\n".encode(encoding)
    lines = LineReader(Pieces(data[5:]), data[:5], encoding, 7)
    assert list(lines.read_lines()) == [(8, "one"), (9, "tw\u0416")]
    assert lines.number == 9


@pytest.mark.parametrize("more", [0, 1, 70_000])
def test_a_line_that_is_too_long_is_cut(more: int) -> None:
    for end in (b"\nx", b""):
        data = b"a" * (LONGEST_LINE + more) + end
        first, *rest = LineReader(io.BytesIO(data)).read_lines()
        assert first == (1, "a" * LONGEST_LINE)
        assert rest == ([(2, "x")] if end else [])


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097])
def test_the_head_of_a_log_is_whole_and_what_follows_is_left(size: int) -> None:
    source = Pieces(bytes(range(256)) * 17)
    source.truncate(size)
    head = head_of(source)
    assert len(head) == min(size, 4096)
    assert len(source.getvalue()) - source.tell() == size - len(head)


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with (
        pytest.raises(LogUnreadableError, match=r"^'standard input': it is closed$"),
        open_log(LogFile("standard input", "-")),
    ):
        pass


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_character_in_utf_16_is_shown_as_none(encoding: str) -> None:
    half = "\ud800".encode(encoding, "surrogatepass")
    data = "one ".encode(encoding) + half + " of two\nthree".encode(encoding)
    assert list(LineReader(io.BytesIO(data), encoding=encoding).read_lines()) == [
        (1, "one \ufffd of two"),
        (2, "three"),
    ]
