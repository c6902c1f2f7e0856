"""What an administrator with a Windows laptop does first, by CPython for Windows."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.bench.traffic import make
from tests.windows.program import judged, on_linux, on_windows, start_on_windows

# "ucupdates-r2.contoso.com", type A
QUESTION = bytes.fromhex("123401000001000000000000") + b"\x0cucupdates-r2\x07contoso\x03com\0\0\1\0\1"


@pytest.fixture
def capture(tmp_path: Path) -> str:
    make(tmp_path / "größe 電話.pcap", packets=300, phones=12, broken=10, size=2000)
    return "größe 電話.pcap"


def test_the_lab_gives_every_verdict(tmp_path: Path) -> None:
    run = on_windows("lab", "--all", "--quiet", folder=tmp_path)
    assert run.code == 0, run.out
    count, _, total, *_ = run.out.split()
    assert count == total


@pytest.mark.parametrize("options", [(), ("--mac", "00:04:f2:00:00:01"), ("--patience", "1")])
def test_a_capture_is_judged_as_on_linux(options: tuple[str, ...], capture: str, tmp_path: Path) -> None:
    words = ("capture", "-r", capture, *options, "--json")
    there, here = on_windows(*words, folder=tmp_path), on_linux(*words, folder=tmp_path)
    assert there.code == here.code
    assert judged(there.report) == judged(here.report)


def test_its_text_is_in_the_code_page_of_a_pipe(capture: str, tmp_path: Path) -> None:
    run = on_windows("capture", "-r", capture, folder=tmp_path)
    assert run.code == 1
    assert r"größe \u96fb\u8a71.pcap" in run.out.splitlines()[0]
    assert "\nFAILED" in run.out


def test_reports_and_a_copy_are_written_and_read_again(capture: str, tmp_path: Path) -> None:
    outputs = [word for name in ("out.html", "out.json", "out.csv") for word in ("-o", name)]
    first = on_windows("capture", "-r", capture, *outputs, "-w", "copy.pcapng", "--quiet", folder=tmp_path)
    assert first.code == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "copy.pcapng",
        capture,
        "out.csv",
        "out.html",
        "out.json",
    ]
    verdict = json.loads((tmp_path / "out.json").read_text())["verdict"]
    for words in (("capture", "-r", "copy.pcapng"), ("report", "out.json")):
        again = on_windows(*words, "--json", folder=tmp_path)
        assert (again.code, again.report["verdict"]["code"]) == (1, verdict["code"])


def test_what_exists_is_not_overwritten(capture: str, tmp_path: Path) -> None:
    (tmp_path / "out.html").write_text("before")
    run = on_windows("capture", "-r", capture, "-o", "out.html", folder=tmp_path)
    assert run.code == 2
    assert run.out.splitlines()[0].endswith("the file exists: name another, or overwrite it with --force")
    assert (tmp_path / "out.html").read_text() == "before"


def test_force_overwrites_it(capture: str, tmp_path: Path) -> None:
    (tmp_path / "out.html").write_text("before")
    assert on_windows("capture", "-r", capture, "-o", "out.html", "--force", "-q", folder=tmp_path).code == 1
    assert "<html" in (tmp_path / "out.html").read_text()


@pytest.mark.parametrize(("name", "sentence"), [(".", "Is a directory"), ("missing.pcap", "No such file or directory")])
def test_what_is_no_capture_is_named(name: str, sentence: str, tmp_path: Path) -> None:
    run = on_windows("capture", "-r", name, folder=tmp_path)
    assert run.code == 3
    assert f"The capture {name} cannot be read: {sentence}." in run.line


def test_a_name_that_windows_forbids_is_refused(capture: str, tmp_path: Path) -> None:
    run = on_windows("capture", "-r", capture, "-w", "a|b.pcapng", folder=tmp_path)
    assert (run.code, run.out.splitlines()[0]) == (
        2,
        "ucdiag: -w/--write: 'a|b.pcapng' cannot be written: invalid name",
    )


def test_doctor_looks_at_this_system(tmp_path: Path) -> None:
    run = on_windows("doctor", folder=tmp_path)
    assert "Windows" in run.out.splitlines()[0]
    assert "[ok]   libpcap" in run.out
    assert "a run keeps the rights of its prompt" in run.line
    assert "a bug in ucdiag" not in run.line


class Service(BaseHTTPRequestHandler):
    """Answers as a Device Update Service that offers nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<Response><Downloads>0</Downloads></Response>"
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_server_is_asked(service: int, tmp_path: Path) -> None:
    run = on_windows("probe", "--address", "127.0.0.1", "--port", service, "--json", folder=tmp_path)
    assert (run.code, run.report["verdict"]["code"]) == (0, "no-update-offered")


def test_a_port_that_is_closed_refuses(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        words = ("probe", "--address", "127.0.0.1", "--port", taken.getsockname()[1], "--json")
        run = on_windows(*words, folder=tmp_path)
    assert (run.code, run.report["verdict"]["code"]) == (1, "connect-refused")


def test_packets_are_captured_through_npcaps_functions(tmp_path: Path) -> None:
    process = start_on_windows(
        "capture", "-i", "lo", "--max-time", "20", "--json", "-w", "copy.pcapng", folder=tmp_path
    )
    with process, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        while process.poll() is None:  # it takes some seconds until it listens
            client.sendto(QUESTION, ("127.0.0.1", 53))
            time.sleep(0.5)
        out, _ = process.communicate()
    report = json.loads(out)
    assert (process.returncode, report["verdict"]["code"]) == (1, "dns-no-answer")
    again = on_linux("capture", "-r", "copy.pcapng", "--json", folder=tmp_path).report
    assert again["verdict"]["code"] == "dns-no-answer"
