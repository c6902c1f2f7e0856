"""What s_server and s_client of OpenSSL do that Python's ssl cannot: key updates, renegotiation, early data.

A relay between the two keeps the bytes that each of them sends.
"""

import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.real import HOST, READY_WITHIN, free_port, need
from tests.wire.ladder import Ladder, one, only
from tests.wire.tls_talk import PIECE, server_pem
from ucdiag.model.observations import Http, Observation, Tls
from ucdiag.wire.tls.secrets import TlsSecrets

pytestmark = pytest.mark.slow

GET = b"GET /file HTTP/1.0\r\n\r\n"
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello\n"
ANY = ("-cipher", "ALL:@SECLEVEL=0")


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + READY_WITHIN
    while not true():
        assert time.monotonic() < end, f"{what} did not happen in {READY_WITHIN} s"
        time.sleep(0.02)


class Relay:
    """Listens for one client, whose bytes go to the server on ``port``. ``flights`` has them, True for the client's."""

    def __init__(self, port: int) -> None:
        self.flights: list[tuple[bool, bytes]] = []
        self._server = port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._listener, self._listener.accept()[0] as client, socket.create_connection((HOST, self._server)) as to:
            others = {client: (to, True), to: (client, False)}
            while others:
                for ready in select.select(list(others), [], [], READY_WITHIN)[0]:
                    other, up = others[ready]
                    data = b""
                    with suppress(OSError):
                        data = ready.recv(65536)
                    if data:
                        self.flights.append((up, data))
                    else:
                        del others[ready]
                    with suppress(OSError):
                        other.sendall(data) if data else other.shutdown(socket.SHUT_WR)

    def ladder(self) -> Ladder:
        ladder = Ladder(port=443).opens()
        for up, data in self.flights:
            for at in range(0, len(data), PIECE):
                (ladder.says if up else ladder.answers)(data[at : at + PIECE])
        return ladder.closes()


class Talk:
    """A server that goes on, and its clients."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.keys = folder / "keys.log"
        self.port = free_port()
        self._options = options
        self._programs: list[subprocess.Popen[bytes]] = []
        self.server = self._start(
            "server", "s_server", "-accept", str(self.port), "-cert", server_pem(), "-key", server_pem(),
            "-keylogfile", str(self.keys), *options,
        )  # fmt: skip
        wait_until(lambda: b"ACCEPT" in (folder / "server").read_bytes(), "the server's start")

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / name).open("wb") as output:
            program = subprocess.Popen(
                [need("openssl"), *arguments], stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
            )
        self._programs.append(program)
        return program

    def client(self, *options: str, waits: bytes = b"Verify return code") -> Relay:
        """Connects a client through a relay."""
        self.relay = Relay(self.port)
        self._client = self._start("client", "s_client", "-connect", f"{HOST}:{self.relay.port}", *options)
        wait_until(lambda: waits in (self.folder / "client").read_bytes(), "the handshake")
        return self.relay

    def say(self, data: bytes, *, server: bool = False) -> None:
        """One of them is told to send this, or to do what a letter stands for."""
        before = len([up for up, _ in self.relay.flights if up != server])
        program = self.server if server else self._client
        assert program.stdin is not None
        program.stdin.write(data)
        program.stdin.flush()
        wait_until(lambda: len([up for up, _ in self.relay.flights if up != server]) > before, "something sent")
        time.sleep(0.1)  # the other side takes it in

    def hang_up(self) -> None:
        assert self._client.stdin is not None
        self._client.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._client.wait(2)

    def stop(self) -> None:
        for program in self._programs:
            program.kill()
            program.wait()
            if program.stdin is not None:
                with suppress(OSError):
                    program.stdin.close()

    def facts(self, *, without: str = "nothing") -> list[Observation]:
        secrets = TlsSecrets()
        secrets.add_text(
            b"\n".join(line for line in self.keys.read_bytes().splitlines() if without.encode() not in line)
        )
        return self.relay.ladder().facts(secrets=secrets)


@contextmanager
def talking(folder: Path, *options: str) -> Iterator[Talk]:
    talk = Talk(folder, *options)
    try:
        yield talk
    finally:
        talk.stop()


def said(found: list[Observation]) -> list[tuple[object, ...]]:
    return [(http.scheme, http.method, http.target, http.status, http.complete) for http in only(found, Http)]


WHOLE = ("https", "GET", "/file", 200, True)


def test_keys_that_both_sides_update(tmp_path: Path) -> None:
    with talking(tmp_path, "-tls1_3") as talk:
        talk.client("-tls1_3")
        talk.say(b"K\n")
        talk.say(b"k\n", server=True)
        talk.say(GET)
        talk.say(ANSWER, server=True)
        talk.say(b"K\n", server=True)
        talk.say(b"k\n")
        talk.say(GET)
        talk.say(ANSWER, server=True)
        talk.hang_up()
        found = talk.facts()
    assert said(found) == [WHOLE, WHOLE]


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-tls1_2"])
@pytest.mark.parametrize("resumed", [True, False])
def test_a_renegotiation(tmp_path: Path, version: str, resumed: bool) -> None:
    more = () if resumed else ("-no_resumption_on_reneg",)
    with talking(tmp_path, version, "-client_renegotiation", *ANY, *more) as talk:
        talk.client(version, *ANY)
        talk.say(GET)
        talk.say(ANSWER, server=True)
        talk.say(b"R\n")
        talk.say(GET)
        talk.say(ANSWER, server=True)
        talk.hang_up()
        found = talk.facts()
    assert said(found) == [WHOLE, WHOLE]
    assert one(found, Tls).decrypted is True


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-tls1_2"])
def test_a_cipher_whose_mac_comes_first(tmp_path: Path, version: str) -> None:
    with talking(tmp_path, version, "-cipher", "AES128-SHA:@SECLEVEL=0") as talk:
        talk.client(version, "-no_etm", "-cipher", "AES128-SHA:@SECLEVEL=0")
        talk.say(GET)
        talk.say(ANSWER, server=True)
        talk.hang_up()
        assert said(talk.facts()) == [WHOLE]


def early(folder: Path, talk: Talk) -> None:
    """A session that is resumed with the request as early data."""
    session, request = str(folder / "session"), folder / "request"
    request.write_bytes(GET)
    talk.client("-tls1_3", "-sess_out", session)
    wait_until(lambda: Path(session).exists() and Path(session).stat().st_size > 0, "the session's ticket")
    talk.hang_up()
    talk.client("-tls1_3", "-sess_in", session, "-early_data", str(request), waits=b"Early data was")


@pytest.mark.parametrize("secret", [True, False])
def test_early_data_that_the_server_takes(tmp_path: Path, secret: bool) -> None:
    with talking(tmp_path, "-tls1_3", "-early_data", "-max_early_data", "16384") as talk:
        early(tmp_path, talk)
        talk.say(ANSWER, server=True)
        talk.hang_up()
        found = talk.facts(without="nothing" if secret else "CLIENT_EARLY_TRAFFIC_SECRET")
        without = one(talk.relay.ladder().facts(), Tls)
    assert said(found) == ([WHOLE] if secret else [])
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted) == ("complete", secret)
    assert without.outcome == "complete"


def test_early_data_that_the_server_refuses(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with talking(tmp_path, "-tls1_3", "-early_data", "-max_early_data", "16384") as talk:
        early(tmp_path, talk)
        talk.hang_up()
    with talking(other, "-tls1_3", "-early_data", "-max_early_data", "16384") as talk:
        session, request = str(tmp_path / "session"), str(tmp_path / "request")
        talk.client("-tls1_3", "-sess_in", session, "-early_data", request, waits=b"Early data was rejected")
        talk.say(GET.replace(b"file", b"again"))
        talk.say(ANSWER, server=True)
        talk.hang_up()
        found = talk.facts()
    assert said(found) == [("https", "GET", "/again", 200, True)]
