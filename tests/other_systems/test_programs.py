"""Every kind of work as Windows and macOS would do it, without the ways that only Linux has.

Live capture and ``--ask`` need root: ``tests/site`` has them.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.traffic import make
from tests.other_systems import environment
from tests.real import need_library

pytestmark = pytest.mark.slow

SYSTEMS = pytest.mark.parametrize("system", ["win32", "darwin"])
UCDIAG = (sys.executable, "-m", "ucdiag")


def run(system: str, *words: str | Path, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [*UCDIAG, *map(str, words)], env=environment(system, **more), capture_output=True, timeout=120, input=stdin
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode != 70, done.stderr.decode()
    return done


def plain(*words: str | Path) -> dict[str, Any]:
    done = subprocess.run([*UCDIAG, *map(str, words)], capture_output=True, timeout=120)
    report = json.loads(done.stdout)
    assert isinstance(report, dict)
    return report


@SYSTEMS
def test_the_ways_of_linux_are_gone(system: str) -> None:
    """The mode itself: what it takes away, only ucdiag misses."""
    code = """
import ucdiag.capture.live as live, ucdiag.runtime.forked_worker as worker, os, sys
print(live.sys.platform, hasattr(live.socket, "AF_PACKET"), hasattr(live.select, "poll"), worker.can_fork_worker())
print(sys.platform, hasattr(os, "sched_getaffinity"))
"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(system), capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"{system} False False False", f"{sys.platform} True"], done.stderr


@pytest.mark.slow
@SYSTEMS
def test_the_lab_gives_every_verdict(system: str) -> None:
    done = run(system, "lab", "--all", "-q")
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("captured") / "site.pcapng"
    make(path, packets=20_000, phones=30, broken=20, size=100_000, pcapng=True)
    return path


@pytest.fixture(scope="module")
def reported(captured: Path) -> str:
    """What this system reports of the capture, as JSON."""
    return json.dumps(plain("capture", "--json", captured))


@pytest.fixture(scope="module")
def copied(captured: Path) -> bytes:
    """Its filtered copy by this system."""
    copy = captured.with_name("ours.pcap")
    plain("capture", captured, "-w", copy, "--json")
    return copy.read_bytes()


@SYSTEMS
@pytest.mark.parametrize("way", ["name", "stdin", "pattern"])
def test_files_give_the_same_report(system: str, way: str, captured: Path, reported: str) -> None:
    words = {"name": str(captured), "stdin": "-", "pattern": str(captured.with_name("*.pcapng"))}
    data = captured.read_bytes() if way == "stdin" else b""
    found = json.loads(run(system, "capture", "--json", words[way], stdin=data).stdout)
    expected = json.loads(reported)
    for report in (found, expected):
        for key in ("started", "finished", "source"):
            del report[key]
        for phone in report["phones"]:
            for command in (one for finding in phone["findings"] for one in finding["fix"]["commands"]):
                if command["where"].startswith("this machine"):
                    # Those of the system: Windows has no sudo.
                    assert system != "win32" or report is expected or not command["text"].startswith("sudo ")
                    command["text"] = command["text"].removeprefix("sudo ")
                    del command["shell"]
        for phone in report["phones"] if way == "stdin" else ():
            # Where a pipe's pieces end decides whether its last packets, which matter to nobody, are looked at.
            phone["observations"] = [
                observation for observation in phone["observations"] if observation["kind"] != "extent"
            ]
    assert found == expected


@SYSTEMS
def test_a_filtered_copy_is_the_same(system: str, captured: Path, copied: bytes, tmp_path: Path) -> None:
    run(system, "capture", captured, "-w", tmp_path / "theirs.pcap", "-q")
    assert (tmp_path / "theirs.pcap").read_bytes() == copied


@SYSTEMS
@pytest.mark.parametrize("command", ["check", "check-dns", "check-dhcp", "probe"])
def test_active_commands_end_in_a_report(system: str, command: str) -> None:
    words = () if command == "check-dhcp" else ("--domain", "contoso.example", "-n", "127.0.0.1:9", "-t", "0.3")
    report = json.loads(run(system, command, "--json", *words).stdout)
    assert report["command"] == command
    assert report["verdict"]["status"] in ("broken", "unknown")


def test_windows_lease_is_read_from_its_registry(tmp_path: Path) -> None:
    from tests.leases.registry import FakeRegistry

    guid = "{11111111-2222-3333-4444-555555555555}"
    registry = FakeRegistry()
    registry.adapter(
        guid,
        "Ethernet",
        "Intel(R) Ethernet Connection",
        "PCI\\VEN_8086",
        EnableDHCP=1,
        DhcpIPAddress="10.0.0.7",
        DhcpDomain="contoso.com",
        DhcpNameServer="10.0.0.2 10.0.0.3",
        DhcpServer="10.0.0.1",
    )
    file = tmp_path / "registry.json"
    file.write_text(json.dumps(registry.tree))
    report = json.loads(run("win32", "check-dhcp", "--json", UCDIAG_ELSEWHERE_REGISTRY=str(file)).stdout)
    (lease,) = [observation for observation in report["phones"][0]["observations"] if observation["kind"] == "lease"]
    assert (lease["domain"], lease["resolvers"], lease["interface"]) == (
        "contoso.com",
        ["10.0.0.2", "10.0.0.3"],
        "Ethernet",
    )


@SYSTEMS
def test_interfaces_are_listed(system: str) -> None:
    need_library("pcap")  # says on those systems which interfaces are up
    done = run(system, "capture", "-D")
    assert b"lo (up) 127.0.0.1" in done.stdout
    assert b"NPF_" not in done.stdout


@SYSTEMS
def test_the_ring_is_refused(system: str) -> None:
    done = run(system, "capture", "-i", "lo", "--sniffer", "ring")
    assert done.returncode == 3
    assert b"The packet ring is Linux' own" in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "short"])
def test_a_closed_pipe_as_windows_reports_it_is_no_error(form: str, captured: Path) -> None:
    """A pipe whose reader left gives EINVAL there; whoever reads the first lines alone has seen what it wanted."""
    process = subprocess.Popen(
        [*UCDIAG, "capture", str(captured), "-f", form, "-v"],
        env=environment("win32", UCDIAG_ELSEWHERE_PIPE="22"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    code = process.wait(60)
    assert said == ""
    assert code in (1, 130)


def test_a_full_disk_is_an_error_there_too(captured: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*UCDIAG, "capture", str(captured), "--json"],
            env=environment("win32", UCDIAG_ELSEWHERE_PIPE="22"),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 3
    assert b"cannot write to standard output" in done.stderr


def test_ctrl_break_ends_it_as_ctrl_c_does() -> None:
    """It closes a console's programs, and is what a scheduler sends; without a handler the process is gone at once."""
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(30)
        nameserver = f"127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [*UCDIAG, "check-dns", "--domain", "contoso.example", "-n", nameserver, "-t", "30", "--json"],
            env=environment("win32"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.recv(4096)
        os.kill(process.pid, signal.SIGUSR1)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    report = json.loads(out)
    assert "interrupted" in [problem["code"] for problem in report["problems"]]


def test_a_report_in_a_file_can_be_read_by_notepad(tmp_path: Path) -> None:
    """Without a mark an old Notepad takes UTF-8 for the code page, and without CR a report for one line."""
    file = tmp_path / "report.txt"
    run("win32", "lab", "dns-legacy-only", "-o", file)
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n") > 10
    text = data.decode("utf-8-sig")
    assert not text.isascii()
    assert text.count("\ufeff") == 0


@pytest.mark.parametrize("words", [("lab", "dns-legacy-only", "--json"), ("explain", "--json"), ("doctor", "--json")])
def test_what_programs_read_has_no_mark(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "report.json"
    run("win32", *words, "-o", file)
    data = file.read_bytes()
    assert data.startswith(b"{")
    assert b"\r" not in data
    json.loads(data)


def test_elsewhere_a_report_has_neither(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    run("darwin", "lab", "dns-legacy-only", "-o", file)
    data = file.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data


@pytest.mark.parametrize("code_page", ["cp437", "cp850", "cp1252", "cp932", "ascii"])
@pytest.mark.parametrize(
    "words",
    [("lab", "dns-legacy-only", "-v"), ("doctor", "-v"), ("explain", "dns-legacy-only"), ("capture", "-v", "--ladder")],
    ids=lambda words: words[0],
)
def test_a_console_without_the_glyphs_gets_others(words: tuple[str, ...], code_page: str, captured: Path) -> None:
    files = (captured, "--mac", "00:04:f2:00:00:01") if words[0] == "capture" else ()
    done = run("win32", *words, *files, PYTHONIOENCODING=f"{code_page}:strict")
    assert done.stderr == b""
    text = done.stdout.decode(code_page)
    assert len(text.splitlines()) > 5
    assert "\u2713" not in text


@pytest.mark.parametrize("words", [("-t", "0.5"), ()])
def test_a_refusal_that_takes_two_seconds_is_a_refusal(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Windows sends a SYN that was refused twice more before connect says so, after 2 s and more."""
    from ucdiag.runtime import system_errors

    class Sock:
        family = socket.AF_INET

        def __init__(self, *kind: object) -> None:
            self.closed = False

        def setblocking(self, value: bool) -> None:
            pass

        def connect(self, where: object) -> None:
            raise BlockingIOError(10035, "A non-blocking socket operation could not be completed immediately")

        def getsockopt(self, level: int, name: int) -> int:
            return 10061

        def close(self) -> None:
            pass

    class Selector:
        def __enter__(self) -> "Selector":
            return self

        def __exit__(self, *raised: object) -> None:
            pass

        def register(self, sock: object, events: int) -> None:
            pass

        def select(self, timeout: float) -> list[int]:
            return [1] if timeout > 2.1 else []

    monkeypatch.setattr(system_errors.sys, "platform", "win32")
    monkeypatch.setattr(system_errors.socket, "socket", Sock)
    monkeypatch.setattr(system_errors.selectors, "DefaultSelector", Selector)
    with pytest.raises(ConnectionRefusedError):
        system_errors.connect_tcp("192.0.2.10", 80, float(words[1]) if words else 5.0, lambda: 0.0)


def test_a_silence_ends_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from ucdiag.runtime import system_errors

    class Selector(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            return []

    moments = iter((0.0, 0.5, 4.0, 5.0))
    monkeypatch.setattr(system_errors.sys, "platform", "win32")
    monkeypatch.setattr(system_errors, "check_cable", lambda sock: None)
    monkeypatch.setattr(selectors, "DefaultSelector", Selector)
    monkeypatch.setattr(socket.socket, "connect", lambda sock, where: (_ for _ in ()).throw(BlockingIOError))
    with pytest.raises(TimeoutError):
        system_errors.connect_tcp("127.0.0.1", 80, 0.5, lambda: next(moments))
