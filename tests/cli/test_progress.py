"""What a terminal shows while a run goes on, and that nothing of it is left, there or elsewhere."""

import bz2
import json
import os
import re
import socket
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ucdiag.runtime.progress import Waiting, duration_text, listening_text, of_amount, reading_text

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals of this kind", allow_module_level=True)

from tests.cli import terminal

COLOURS = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])m")


def test_a_sentence_on_a_terminal_is_broken_between_words() -> None:
    session = terminal.run("explain dns-legacy-onli", columns=50)
    *sentence, last = session.lines
    assert len(sentence) > 1
    assert max(map(len, sentence)) < 50
    said = "ucdiag: there is no code 'dns-legacy-onli': the nearest are dns-legacy-only, "
    assert " ".join(sentence).startswith(said)
    assert last == "Try 'ucdiag explain --help'."


def test_a_command_on_a_terminal_stays_in_one_line() -> None:
    session = terminal.run("", columns=40)
    assert any(line.startswith("      ") and line.endswith("ucdiag capture capture.pcapng") for line in session.lines)
    prose = [line for line in session.lines if not line.startswith(" ")]
    assert max(map(len, prose)) < 40


def test_a_sentence_elsewhere_is_one_line(tmp_path: Path) -> None:
    terminal.run(f"explain dns-legacy-onli 2> {tmp_path}/errors", columns=50)
    first, last = (tmp_path / "errors").read_text().splitlines()
    assert len(first) > 100
    assert last == "Try 'ucdiag explain --help'."


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """Three nameservers that never answer, as options."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    yield " ".join(f"-n 127.0.0.1:{sock.getsockname()[1]}" for sock in sockets)
    for sock in sockets:
        sock.close()


@pytest.fixture(scope="module")
def big_capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture that takes a second to decompress, and of which nothing matters."""
    path = tmp_path_factory.mktemp("progress") / "big.pcap.bz2"
    frame = bytes.fromhex("0200000000010200000000020800") + bytes.fromhex(
        "450005a0000000004011000001010101020202020bb80bb8058c0000"
    )
    head = struct.pack("<IIII", 1_700_000_000, 0, 1454, 1454) + frame
    packets = bz2.compress(b"".join(head + os.urandom(1454 - len(frame)) for _ in range(1000)))
    start = bz2.compress(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    path.write_bytes(start + packets * 8)
    return path


# The words


def test_what_is_waited_for_how_long_and_of_how_much() -> None:
    now = [100.0]
    waiting = Waiting(lambda: now[0])
    assert waiting.waiting_text() == ""
    waiting.begin_wait("nameserver 2 of 3, 10.0.0.11: ucupdates-r2.contoso.com A", 5)
    assert waiting.waiting_text() == "nameserver 2 of 3, 10.0.0.11: ucupdates-r2.contoso.com A"
    now[0] += 3
    assert waiting.waiting_text() == "nameserver 2 of 3, 10.0.0.11: ucupdates-r2.contoso.com A, 3 of at most 5 s"
    waiting.begin_wait("downloading CPE.nbt from pool01")
    waiting.count_bytes(0, 24 << 20)
    assert waiting.waiting_text() == "downloading CPE.nbt from pool01: 0 of 24 MiB"
    now[0] += 10
    waiting.count_bytes(12 << 20, 24 << 20)
    assert waiting.waiting_text() == "downloading CPE.nbt from pool01: 12 of 24 MiB, 1.2 MiB/s, 10 s left"
    waiting.count_bytes(12 << 20, None)
    assert waiting.waiting_text() == "downloading CPE.nbt from pool01: 12.0 MiB, 1.2 MiB/s"
    waiting.begin_wait("waiting for the next try", 10)
    assert waiting.waiting_text() == "waiting for the next try"


def test_a_file_and_an_interface() -> None:
    assert reading_text("a.pcap", 1200, 0, 1 << 30, 0) == "reading a.pcap: 1,200 packets, 0 of 1,024 MiB"
    text = reading_text("a.pcap", 1_204_000, 256 << 20, 1 << 30, 30)
    assert text == "reading a.pcap: 1,204,000 packets, 256 of 1,024 MiB, 1:30 left"
    assert reading_text("standard input", 7, 0, 0, 30) == "reading standard input: 7 packets"
    assert listening_text("eth0", 5, 83, 600, "site.pcap") == (
        "eth0, 1:23 of 10:00, 5 packets written to site.pcap. Restart the phone now. Ctrl-C stops and judges."
    )
    assert "written" not in listening_text("eth0", 5, 83, None, "-")
    assert (duration_text(59.6), duration_text(3605), duration_text(-1)) == ("1:00", "1:00:05", "0 s")
    assert of_amount(512, 2048) == "0 of 2 KiB"


# On a terminal


@pytest.mark.slow
def test_the_nameserver_that_is_waited_for_is_named(silent: str) -> None:
    seen = terminal.run(f"check-dns x.example -t 0.3 {silent}")
    assert seen.code == 1
    assert "nameserver 2 of 3, 127.0.0.1 port " in seen.text
    assert re.search(r"ucupdates-r2.x.example A$", seen.text, re.MULTILINE)
    assert seen.settings_kept
    # The cursor is there again, and what was shown was erased before the report.
    assert seen.raw.rindex("\x1b[?25h") > seen.raw.rindex("\x1b[?25l")
    report = seen.raw.rpartition("\x1b[?25h")[2]
    assert "FAILED" in report
    assert "of 3" not in report


@pytest.mark.slow
def test_how_long_it_is_waited_is_said(silent: str) -> None:
    one = " ".join(silent.split()[:2])
    assert "A, 1 of at most 1.6 s" in terminal.run(f"check-dns x.example -t 1.6 {one}").text


@pytest.mark.slow
def test_a_report_in_a_file_leaves_the_terminal_to_progress(silent: str, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    seen = terminal.run(f"check-dns x.example -t 0.3 {silent} >{report}")
    assert seen.code == 1
    assert "nameserver 3 of 3" in seen.text
    assert seen.raw.endswith("\x1b[2K")  # nothing of it is left
    text = report.read_text(encoding="utf-8")
    assert "FAILED" in text
    assert "\x1b" not in text
    assert "of 3" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    ["--json", "-f json", "-q", "2>/dev/null", "2>&1 | cat"],
)
def test_nothing_of_it_in_pipes_json_or_quiet(silent: str, tmp_path: Path, words: str) -> None:
    report = tmp_path / "report"
    line = f"check-dns x.example -t 0.2 {silent} {words}"
    seen = terminal.run(f"{line} >{report}")
    assert "nameserver" not in seen.raw
    assert "\x1b" not in seen.raw
    assert seen.lines == []
    shown = report.read_text(encoding="utf-8")
    assert "\x1b" not in shown
    assert "of 3" not in shown
    if "json" in words:
        json.loads(shown)


@pytest.mark.slow
def test_a_dumb_terminal_gets_the_report_alone(silent: str) -> None:
    seen = terminal.run(f"check-dns x.example -t 0.3 {silent}", TERM="dumb")
    assert "\x1b" not in seen.raw
    assert "nameserver 2 of 3" not in seen.text
    assert "FAILED" in seen.text


@pytest.mark.slow
def test_no_color_leaves_the_progress_and_takes_the_colours(silent: str) -> None:
    line = f"check-dns x.example -t 0.3 {silent}"
    assert COLOURS.search(terminal.run(line).raw)
    plain = terminal.run(line, NO_COLOR="1")
    assert "nameserver 2 of 3" in plain.text
    assert not COLOURS.search(plain.raw)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [20, 50])
def test_no_line_is_wider_than_the_terminal(silent: str, columns: int) -> None:
    seen = terminal.run(f"check-dns x.example -t 0.3 {silent}", columns=columns)
    shown = seen.raw.partition("FAILED")[0]
    lines = terminal.Session(shown, 0, True).lines
    assert any(line.startswith("… ") for line in lines)
    assert max(map(len, (line for line in lines if line.startswith("… ")))) < columns


@pytest.mark.slow
def test_ctrl_c_leaves_the_terminal_as_it_was(silent: str, tmp_path: Path) -> None:
    for end in ("", f">{tmp_path}/report"):
        seen = terminal.run(f"check-dns x.example -t 20 {silent} {end}", interrupt_at="nameserver 1 of 3")
        assert seen.code == 130
        assert seen.settings_kept
        assert seen.raw.rindex("\x1b[?25h") > seen.raw.rindex("\x1b[?25l")


def test_what_is_said_meanwhile_stands_in_a_line_of_its_own() -> None:
    line = "check-dns x.example -t 0.3 -n 127.0.0.1:9 --until-whole=1"
    seen = terminal.run(line, interrupt_at="waiting for the next try")
    assert seen.code == 130
    assert any(re.match(r"ucdiag: [0-9:]+Z The path breaks", shown) for shown in seen.lines)


@pytest.mark.slow
def test_a_download_says_how_much_has_come() -> None:
    seen = terminal.run("lab download-stalled -t 2")
    assert re.search(r"downloading \S+ from pool01.contoso.example: 98 of 195 KiB, \d+ KiB/s", seen.text)


@pytest.mark.slow
def test_a_file_says_packets_bytes_and_remaining_time(big_capture: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    seen = terminal.run(f"capture {big_capture}", columns=120)
    took = time.monotonic() - began
    assert seen.code == 3
    assert re.search(r"reading \S+big.pcap.bz2: [0-9,]+ packets, \d+ of \d+ [MK]iB", seen.text)
    assert seen.raw.rindex("\x1b[?25h") > seen.raw.rindex("\x1b[?25l")
    assert seen.text.count("reading ") <= 4 * took + 3  # at most four times a second
    beside = terminal.run(f"capture {big_capture} >{tmp_path}/report", columns=120)
    assert "reading " in beside.text
    assert "reading " not in (tmp_path / "report").read_text(encoding="utf-8")
    assert terminal.run(f"capture {big_capture} --json >{tmp_path}/report").raw == "\r\n"


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="listening to packets needs root")
@pytest.mark.slow
def test_a_live_capture_says_what_to_do_and_ctrl_c_judges(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    kept = tmp_path / "kept.pcapng"
    seen = terminal.run(f"capture -i lo -w {kept}", interrupt_at="Restart the phone now", columns=200)
    assert seen.code == 3
    # A single packet, if no more came until the first look.
    assert re.search(
        rf"\d packets? written to {re.escape(str(kept))}\. Restart the phone now\. Ctrl-C stops ", seen.text
    )
    assert "INCONCLUSIVE" in seen.raw.rpartition("\x1b[?25h")[2]
    assert seen.settings_kept
    beside = terminal.run(f"capture -i lo >{tmp_path}/report", interrupt_at="Ctrl-C stops", columns=200)
    assert beside.code == 3
    assert "INCONCLUSIVE" in (tmp_path / "report").read_text(encoding="utf-8")


def test_the_time_of_a_file_begins_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And anew where it is another one, or has become longer."""
    from ucdiag.cli import capture_source

    clock = [10.0]
    monkeypatch.setattr(capture_source, "monotonic", lambda: clock[0])
    monkeypatch.setattr(capture_source, "reading_text", lambda *words: words)
    reading: Any = SimpleNamespace(packets=5)
    capture = object.__new__(capture_source.FileCapture)
    capture._reading, capture._measured, capture._since = reading, ("", 0), 0.0
    said: list[Any] = []
    for name, done, total in (
        ("", 0, 0),
        ("a", 1, 9),
        ("a", 2, 9),
        ("b", 1, 9),
        ("b", 4, 9),
        ("b", 5, 99),
        ("b", 6, 99),
    ):
        reading.position = name, done, total
        said.append(capture.status())
        clock[0] += 1
    assert said == [
        "reading",
        ("a", 5, 1, 9, 0.0),
        ("a", 5, 2, 9, 1.0),
        ("b", 5, 1, 9, 0.0),
        ("b", 5, 4, 9, 1.0),
        ("b", 5, 5, 99, 0.0),
        ("b", 5, 6, 99, 1.0),
    ]
