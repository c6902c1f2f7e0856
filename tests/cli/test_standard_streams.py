"""What each command says and returns where its output takes no more, or nobody reads it, whatever Python buffers.

Every command in every format runs in a fork of one warm process (``program``); a few command lines of every kind are
real starts of Python too (``start``). The code of ucdiag is the same; only how Python makes its streams differs.
"""

import fcntl
import os
import pty
import resource
import select
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bench.traffic import make
from tests.cli.forked_program import ForkedProgram, running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BUFFERS = {"buffered": {}, "unbuffered": {"PYTHONUNBUFFERED": "1"}}
FULL = "ucdiag: cannot write to standard output: no space left on device"

# {capture} has one phone whose path is broken; {request} is a whole one.
_ASKING = "--domain a.example -n 127.0.0.1:9 -t 0.1"
REPORTS = [
    f"check {_ASKING}",
    "check-dhcp",
    f"check-dns {_ASKING}",
    "probe --address 127.0.0.1 --port 9 -t 0.1",
    "capture -r {broken}",
    "capture -r {phones}",
    "capture -r {phones} -v --ladder",
    "explain",
    "explain dns-refused",
    "lab",
    "lab dns-refused",
]
FORMATS = ["-f text", "-f short", "-f json", "-f text -q"]
OTHERS = [
    "--help",
    "--version",
    "check --help",
    "lab --help",
    "probe --address 127.0.0.1 --port 9 --dry-run",
    "capture -D",
    "capture -r {phones} --facts",
    "capture -r {broken} -w - -q --force -o {report}",
    "capture -r {phones} -w - -q --force -o {report}",
    "capture -r {phones} -w - --facts --force -o {report}",
    "capture -r {phones} --save-request - -q --force -o {report}",
    "lab whole --serve",
    "lab --all -t 0.1 -f text",
    "lab --all -t 0.1 -f short",
    "lab --all -t 0.1 -f json",
    "lab --all -t 0.1 -q",
]
LINES = [f"{line} {format_}" for line in REPORTS for format_ in FORMATS] + OTHERS
# Enough that "lab --all" has lines of every kind; tests/lab runs each scenario.
SCENARIOS = ["whole", "dhcp-no-domain", "dns-refused", "connect-refused", "http-not-found", "download-truncated"]
SET_SIZE = 1031  # F_SETPIPE_SZ
ONCE = ["explain", "explain --json", "--help", "check-dhcp --json", "capture -r {phones} --facts", "lab dns-refused"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("captures")
    names = {name: folder / f"{name}.pcap" for name in ("broken", "phones")}
    make(names["broken"], packets=0, phones=1, broken=1, size=2000)
    make(names["phones"], packets=0, phones=3, broken=0, size=2000)
    return names


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedProgram]:
    yield from running(_environment(tmp_path_factory.mktemp("home")), SCENARIOS)


@pytest.fixture
def run(program: ForkedProgram, captures: dict[str, Path], tmp_path: Path) -> Run:
    """The program in a fork of a warm process."""

    def fork(
        line: str,
        redirections: str = "",
        buffers: str = "buffered",
        *,
        stdout: int | None = None,
        room: int | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        filled = line.format(report=tmp_path / "report", **captures)
        unbuffered = buffers == "unbuffered"
        return program.run(filled, redirections, unbuffered=unbuffered, stdout=stdout, room=room)

    return fork


@pytest.fixture
def start(captures: dict[str, Path], tmp_path: Path) -> Run:
    """The program as a newcomer's shell runs it: nothing of this environment, no PYTHONUNBUFFERED above all."""

    def begin(
        line: str,
        redirections: str = "",
        buffers: str = "buffered",
        *,
        stdout: int | None = None,
        room: int | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        filled = line.format(report=tmp_path / "report", **captures)
        command = f"exec {shlex.quote(sys.executable)} -m ucdiag {filled} {redirections}"
        return subprocess.run(
            ["sh", "-c", command],
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            env=_environment(tmp_path) | BUFFERS[buffers],
            cwd=ROOT,
            preexec_fn=None if room is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        )

    return begin


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}


# Full


def _said(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """Standard error, without the notes of a dry run."""
    return [line for line in done.stderr.splitlines() if not line.startswith("# ")]


@needs_full
@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", LINES)
def test_full(run: Run, line: str, buffers: str) -> None:
    done = run(line, ">/dev/full", buffers)
    assert done.returncode == 3, done.stderr
    if " -w -" in line:
        assert _said(done) == ["ucdiag: The capture on standard output cannot be written: No space left on device."]
    else:
        assert _said(done) == [FULL]


@needs_full
@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", ONCE)
def test_full_from_a_real_start(start: Run, line: str, buffers: str) -> None:
    done = start(line, ">/dev/full", buffers)
    assert (done.returncode, _said(done)) == (3, [FULL])


@needs_full
@pytest.mark.parametrize(
    ("line", "errors", "buffers"),
    [
        *((line, "2>/dev/full", "buffered") for line in [*REPORTS, *OTHERS[:-4]]),
        *((line, "2>&-", "buffered") for line in ONCE),
        *((line, "2>&1", "buffered") for line in ONCE),
        *((line, "2>/dev/full", "unbuffered") for line in ONCE),
    ],
)
def test_full_and_nobody_to_say_it_to(run: Run, line: str, errors: str, buffers: str) -> None:
    done = run(line, f">/dev/full {errors}", buffers)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


@needs_full
@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("errors", ["2>/dev/full", "2>&-", "2>&1"])
@pytest.mark.parametrize("line", ["explain", "check-dhcp --json"])
def test_full_and_nobody_to_say_it_to_from_a_real_start(start: Run, line: str, errors: str, buffers: str) -> None:
    done = start(line, f">/dev/full {errors}", buffers)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


@needs_full
@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("errors", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "explain nonsense",
        "",
        "explain dns-refused --force -o {report}",
        "capture -r {phones} --force --save-request {report}",
        "capture -r /nonexistent",
        "probe --address 127.0.0.1 --port 9 --dry-run",
        "lab dns-refused",
    ],
)
def test_a_standard_error_that_takes_nothing_changes_nothing(run: Run, line: str, errors: str, buffers: str) -> None:
    usual = run(line, "", buffers)
    done = run(line, errors, buffers)
    assert done.stderr == ""
    assert done.returncode == usual.returncode
    assert len(done.stdout) == len(usual.stdout) or "lab" in line


@needs_full
@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize(
    "line", ["explain", "explain --json", "lab", "capture -r {phones} --facts", "capture -r {phones} -f short"]
)
def test_a_device_that_is_full(run: Run, line: str, buffers: str) -> None:
    done = run(f"{line} -o /dev/full", "", buffers)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "ucdiag: cannot write to '/dev/full': no space left on device\n"


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("room", [0, 100])
def test_a_disk_that_is_full_leaves_the_old_file(
    run: Run, tmp_path: Path, format_: str, room: int, buffers: str
) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    line = f"explain {format_} --force -o {target}"
    done = run(line, "", buffers, room=room)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"ucdiag: cannot write to '{target}': file too large\n"
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("room", [0, 100, 5000])
@pytest.mark.parametrize(
    "line",
    ["explain", "explain --json", "capture -r {phones} --facts", "capture -r {phones} --json", "lab", "--help"],
)
def test_a_disk_that_takes_a_part(run: Run, tmp_path: Path, line: str, room: int, buffers: str) -> None:
    # The system writes what it has room for, and only the next write fails.
    whole = len(run(line, "", buffers).stdout)
    room = min(room, whole - 1)
    target = tmp_path / "shown"
    with target.open("w") as shown:
        done = run(line, "", buffers, stdout=shown.fileno(), room=room)
    assert target.stat().st_size == room
    assert done.returncode == 3
    assert done.stderr == "ucdiag: cannot write to standard output: file too large\n"


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", ["explain", "explain --json", "--version", "lab", "capture -r {phones}"])
def test_a_terminal_that_is_gone(run: Run, line: str, buffers: str) -> None:
    master, slave = pty.openpty()
    os.close(master)
    try:
        done = run(line, "", buffers, stdout=slave)
    finally:
        os.close(slave)
    assert done.returncode == 3
    assert done.stderr == "ucdiag: cannot write to standard output: input/output error\n"


# Nobody reads


@pytest.mark.parametrize("line", [*REPORTS, *ONCE, *OTHERS[:-3]])
def test_a_reader_that_never_came(run: Run, line: str) -> None:
    codes = set()
    for buffers in BUFFERS:
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = run(line, "", buffers, stdout=writer)
        finally:
            os.close(writer)
        codes.add(done.returncode)
        if " -w -" in line:
            assert _said(done) == ["ucdiag: The capture on standard output cannot be written: Broken pipe."]
        else:
            assert _said(done) == []
    assert len(codes) == 1, "the same with and without a buffer"
    assert codes <= {0, 1, 3, 130}


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", ["explain", "explain --json", "capture -r {phones} -v", "lab"])
def test_a_reader_that_leaves(start: Run, line: str, buffers: str) -> None:
    done = start(line, "| head -c 10", buffers)
    assert (len(done.stdout), done.stderr) == (10, "")


# All is well


def _read_late(reader: int) -> str:
    """All of it, begun only when the pipe is as full as it gets."""
    with open(reader, encoding="utf-8") as stream:
        _wait_until_full(reader)
        return stream.read()


def _wait_until_full(reader: int, writer: int | None = None) -> None:
    """Until no more has come for a while; ``writer`` is a process that then has to sleep, not only to be slow."""
    assert select.select([reader], [], [], 60)[0]
    before = -1
    while (waiting := _waiting_in(reader)) != before or (writer is not None and _state(writer) != "S"):
        before = waiting
        time.sleep(0.3)


def _state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def _waiting_in(reader: int) -> int:
    return int.from_bytes(fcntl.ioctl(reader, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", ["explain", "explain --json", "capture -r {phones} --facts", "--help"])
def test_a_pipe_that_does_not_block_gets_all(run: Run, line: str, buffers: str) -> None:
    # Whoever shares the other end may have set that; it is no failure.
    usual = run(line)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, SET_SIZE, 4096)
    os.set_blocking(writer, False)
    with ThreadPoolExecutor(1) as pool:
        shown = pool.submit(_read_late, reader)
        done = run(line, "", buffers, stdout=writer)
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown.result() == usual.stdout


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("where", [">{0}", ">>{0}", "-o {0}", ">/dev/null -o {0}", "-o - >{0}"])
@pytest.mark.parametrize("line", ["explain dns-refused", "explain --json", "lab"])
def test_what_is_shown_is_whole(run: Run, tmp_path: Path, line: str, where: str, buffers: str) -> None:
    target = tmp_path / "shown"
    words = where.format(target).split()
    redirections = [word for word in words if word.startswith(">")]
    options = [word for word in words if not word.startswith(">")]
    done = run(" ".join([line, *options]), " ".join(redirections), buffers)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text(encoding="utf-8") == run(line).stdout


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("where", [">{0}", "| cat >{0}", "-o {0}"])
def test_what_is_shown_is_whole_from_a_real_start(
    run: Run, start: Run, tmp_path: Path, where: str, buffers: str
) -> None:
    target = tmp_path / "shown"
    done = start("explain --json", where.format(target), buffers)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text(encoding="utf-8") == run("explain --json").stdout


@pytest.mark.parametrize("buffers", BUFFERS)
def test_a_terminal_gets_lines_as_they_come(run: Run, buffers: str) -> None:
    master, slave = pty.openpty()
    try:
        done = run("explain dns-refused", "", buffers, stdout=slave)
        shown = os.read(master, 1 << 16)
    finally:
        os.close(slave)
        os.close(master)
    assert (done.returncode, done.stderr) == (0, "")
    assert b"dns-refused" in shown


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "utf-16"])
def test_the_encoding_stays(
    start: Run, tmp_path: Path, encoding: str, buffers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUFFERS, buffers, BUFFERS[buffers] | {"PYTHONIOENCODING": f"{encoding}:backslashreplace"})
    done = start("lab", f">{tmp_path / 'shown'}", buffers)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dns-refused" in (tmp_path / "shown").read_text(encoding=encoding)


def write_to_who_never_reads(
    line: str, *signals: int, environment: dict[str, str], between: float = 0.0
) -> tuple[int, str]:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, SET_SIZE, 4096)
    words = [sys.executable, "-m", "ucdiag", *line.split()]
    with subprocess.Popen(
        words, stdout=writer, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        os.close(writer)
        # A write that has waited for a second is given up at the first signal.
        _wait_until_full(reader, process.pid)
        time.sleep(1.2)
        for number in signals:
            process.send_signal(number)
            time.sleep(between)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
            os.close(reader)
    return process.returncode, said


@pytest.mark.parametrize("buffers", BUFFERS)
@pytest.mark.parametrize("line", ["explain", "explain --json"])
@pytest.mark.parametrize(
    ("signals", "between"),
    [
        ((signal.SIGINT,), 0.0),
        ((signal.SIGTERM,), 0.0),
        # The second one finds it in its last steps, wherever they are.
        *(((signal.SIGINT, signal.SIGINT), seconds) for seconds in (0.0, 0.005, 0.02, 0.1)),
        ((signal.SIGINT, signal.SIGTERM, signal.SIGINT), 0.02),
    ],
)
def test_an_interrupt_while_nobody_reads(line: str, signals: tuple[int, ...], between: float, buffers: str) -> None:
    environment = {"PYTHONUNBUFFERED": "", **BUFFERS[buffers]}
    code, said = write_to_who_never_reads(line, *signals, environment=environment, between=between)
    assert code == 130
    assert said in ("", "ucdiag: interrupted\n")
