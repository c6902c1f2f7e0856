"""``--max-time``: a run ends however slowly others answer, and what was cut short is no finding."""

import ast
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import ucdiag.probe
from tests.probe.raw_server import HOST, Peer, RawServer
from ucdiag.cli.main import cli
from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dhcp_exchange import Exchange
from ucdiag.probe.dhcp_message import Question, new_transaction
from ucdiag.runtime.context import CannotTest, Context

PATH = "/RequestHandler/ucdevice.upx"
OVER = "Not tested: the time of {} seconds for the whole run was over."

pytestmark = pytest.mark.slow


def run(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(cli, [*words, "--json"], prog_name="ucdiag")
    return done.exit_code, json.loads(done.stdout)


def steps(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {step["step"]: (step["status"], step["summary"]) for step in report["phones"][0]["steps"]}


def codes(report: dict[str, Any]) -> set[str]:
    return {finding["code"] for phone in report["phones"] for finding in phone["findings"]}


def offer(peer: Peer, base: str, files: str = "<FileName>a.nbt</FileName>") -> None:
    urls = f"<BaseURL>{base}</BaseURL><ExternalBaseURL>https://localhost/x</ExternalBaseURL>"
    peer.answer(f"<r>{urls}{files}</r>".encode())


def dripping(peer: Peer, data: bytes = b"\0" * 100, pause: float = 0.5) -> None:
    while True:
        peer.send(data)
        time.sleep(pause)


def test_a_file_that_drips_is_not_tested() -> None:
    def serve(peer: Peer) -> None:
        if peer.request().startswith(b"POST"):
            offer(peer, f"http://localhost:{server.port}/files")
            return
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n")
        dripping(peer)

    with RawServer(serve) as server:
        code, report = run("probe", "--url", f"http://localhost:{server.port}{PATH}", "--max-time", "5", "-t", "2")
    assert (code, report["verdict"]["status"], report["verdict"]["code"]) == (3, "unknown", "download-not-tried")
    assert [problem["code"] for problem in report["problems"]] == ["max-time"]
    found = steps(report)
    assert found["response"][0] == "ok"
    status, said = found["download"]
    assert status == "not-tested"
    assert said.endswith("its file was not tested, because the time of 5 seconds for the whole run was over.")


def test_an_answer_that_drips_is_not_tested() -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nX: ")
        dripping(peer, b"x", 0.2)

    with RawServer(serve) as server:
        code, report = run("probe", "--url", f"http://localhost:{server.port}{PATH}", "--max-time", "2", "-t", "60")
    assert (code, report["problems"][0]["code"]) == (3, "max-time")
    assert steps(report)["request"] == ("not-tested", OVER.format(2))
    assert codes(report) == set()


def test_a_handshake_that_drips_is_not_tested() -> None:
    def serve(peer: Peer) -> None:
        peer.read()
        peer.send(b"\x16\x03\x03\x3f\x00")  # a record of 16,128 bytes
        dripping(peer, b"\x02", 0.2)

    with RawServer(serve) as server:
        code, report = run("probe", "--url", f"https://localhost:{server.port}{PATH}", "--max-time", "2", "-t", "60")
    assert (code, report["problems"][0]["code"]) == (3, "max-time")
    assert steps(report)["tls"] == ("not-tested", OVER.format(2))
    assert codes(report) == set()


@contextmanager
def silent_nameservers(count: int) -> Iterator[list[str]]:
    """Sockets that nobody reads."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind((HOST, 0))
        yield [f"{HOST}:{sock.getsockname()[1]}" for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


@pytest.mark.parametrize("command", ["check", "check-dns"])
def test_silent_nameservers_are_not_waited_for_beyond_it(command: str) -> None:
    with silent_nameservers(3) as servers:
        words = [word for server in servers for word in ("-n", server)]
        code, report = run(command, "--domain", "contoso.test", *words, "--max-time", "2", "-t", "60")
    assert (code, report["problems"][-1]["code"]) == (3, "max-time")
    assert steps(report)["dns"] == ("not-tested", OVER.format(2))
    assert codes(report) == set()


def test_what_was_found_before_is_reported() -> None:
    with silent_nameservers(1) as servers, RawServer(lambda peer: peer.answer(b"", status="404 Not Found")) as server:
        # The address answers at once; the other, of the second round, never.
        words = ["--repeat", "2", "--interval", "3600", "-n", servers[0]]
        url = f"http://localhost:{server.port}{PATH}"
        code, report = run("probe", "--url", url, *words, "--max-time", "4", "-t", "3")
    assert (code, report["verdict"]["code"]) == (1, "http-not-found")
    assert [problem["code"] for problem in report["problems"]] == ["max-time"]


def test_a_whole_path_of_which_a_part_was_not_tested_is_not_whole() -> None:
    with RawServer(lambda peer: peer.answer(b'<response downloads="0"/>')) as server:
        url = f"http://localhost:{server.port}{PATH}"
        code, report = run("probe", "--url", url, "--repeat", "2", "--interval", "3600", "--max-time", "4")
    assert (code, report["verdict"]["status"], report["verdict"]["code"]) == (3, "unknown", "max-time")
    assert "What was tested says: The path is whole" in report["verdict"]["summary"]


def test_repeating_until_it_works_ends_too() -> None:
    with silent_nameservers(1) as servers:
        words = ["check-dns", "--domain", "contoso.test", "-n", servers[0], "--until-whole=5", "-t", "0.2"]
        code, report = run(*words, "--max-time", "4")
    assert (code, report["problems"][-1]["code"]) == (3 if not codes(report) else 1, "max-time")


def test_of_many_targets_the_rest_is_not_asked(tmp_path: Path) -> None:
    targets, journal = tmp_path / "targets.csv", tmp_path / "journal.ndjson"
    targets.write_text("domain\n" + "".join(f"d{number}.test\n" for number in range(100)))
    with silent_nameservers(1) as servers:
        words = ["check-dns", "--targets", str(targets), "--journal", str(journal), "-n", servers[0], "--jobs", "2"]
        code, report = run(*words, "-t", "60", "--max-time", "2")
    assert code == 3
    texts = [problem["text"] for problem in report["problems"] if "were not asked" in problem["text"]]
    assert len(texts) == 1
    assert texts[0].startswith("98 of 100 were not asked: the time of 2 seconds for the whole run was over.")
    assert codes(report) == set()
    # Those that were cut short are asked again when the run goes on.
    assert len(journal.read_text().splitlines()) <= 1


class _SilentExchange(Exchange):
    """A DHCP exchange that nobody answers; each wait takes all of its time at once."""

    def __init__(self, ctx: Context, wait: Callable[[Seconds], None]) -> None:
        super().__init__(ctx, [Question("discover", "00:04:f2:00:00:01", new_transaction())], "eth0")
        self._wait = wait

    def send(self, question: Question) -> None:
        """Nothing is sent."""

    def check_can_send(self) -> None:
        """It could be."""

    def receive(self, seconds: Seconds) -> tuple[bytes, str] | None:
        self._wait(seconds)
        return None


@pytest.mark.parametrize("max_time", [3.0, 100.0])
def test_a_dhcp_server_is_silent_only_when_it_had_its_time(max_time: float) -> None:
    now = [0.0]

    def wait(seconds: Seconds) -> None:
        now[0] += seconds

    context = Context(timeout=5.0, monotonic=lambda: now[0], until=max_time, max_time=max_time)
    seen: list[Dhcp | Problem] = []
    cut = False
    try:
        seen += _SilentExchange(context, wait).run(5.0)
    except CannotTest as cannot:
        cut = cannot.code == "max-time"
    assert (cut, len(seen), now[0] <= max_time) == ((True, 0, True) if max_time == 3.0 else (False, 1, True))


def test_files_are_fetched_at_ports_that_a_phone_would_use_and_only_a_few() -> None:
    files = "".join(f"<File><FileName>{number}.nbt</FileName></File>" for number in range(20))
    with RawServer(lambda peer: peer.answer(b"x")) as other:

        def serve(peer: Peer) -> None:
            if peer.request().startswith(b"POST"):
                offer(peer, f"http://localhost:{other.port}/files", files)

        with RawServer(serve) as server:
            code, report = run("probe", "--url", f"http://localhost:{server.port}{PATH}")
    assert other.received == []
    assert (code, report["verdict"]["code"]) == (3, "download-not-tried")
    reason = (
        f"port {other.port} is none of a pool (80, 443, 8080 and 4443), nor of the server that was asked, "
        "nor named with --connect-to"
    )
    assert report["verdict"]["summary"].endswith(f"was not fetched: {reason}.")


def test_of_many_files_the_first_few_are_fetched_and_the_others_named() -> None:
    files = "".join(f"<File><FileName>{number}.nbt</FileName></File>" for number in range(20))

    def serve(peer: Peer) -> None:
        if peer.request().startswith(b"POST"):
            offer(peer, f"http://localhost:{server.port}/files", files)
        else:
            peer.answer(b"\0firmware")

    with RawServer(serve) as server:
        code, report = run("probe", "--url", f"http://localhost:{server.port}{PATH}")
    outcomes = [seen["outcome"] for seen in report["phones"][0]["observations"] if seen["kind"] == "transfer"]
    assert (outcomes.count("whole"), outcomes.count("not_tried")) == (6, 14)
    assert (code, report["verdict"]["code"]) == (3, "download-not-tried")


def test_no_deadline_is_made_of_the_timeout_alone() -> None:
    # ``patience`` is the timeout, or what is left of the run.
    found = []
    for path in sorted(Path(ucdiag.probe.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                sides = (node.left, node.right)
                if any(isinstance(side, ast.Attribute) and side.attr == "timeout" for side in sides):
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []
