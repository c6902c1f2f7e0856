"""What is asked beside the path: the time above all, of a small SNTP server on loopback."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.probe.raw_server import RawServer
from ucdiag.probe.side_checks import ask_time, fetched
from ucdiag.runtime.context import Context

HOST = "127.0.0.1"
Answer = Callable[[bytes], bytes]


def stamp(seconds: float) -> bytes:
    return struct.pack("!II", int(seconds) + 2_208_988_800 & 0xFFFFFFFF, int(seconds % 1 * 2**32))


def usual(question: bytes, ahead: float = 0.0, first: int = 0x1C, stratum: int = 2) -> bytes:
    now = stamp(time.time() + ahead)
    return bytes([first, stratum]) + bytes(22) + question[40:48] + now + now


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))

        def serve() -> None:
            try:
                question, who = sock.recvfrom(512)
                sock.sendto(answer(question), who)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield sock.getsockname()[1]


# The last is beyond February 2036, where the seconds of NTP begin again (RFC 4330, section 3).
@pytest.mark.parametrize(
    "ahead",
    [0.0, 3600.0, -86400.0, 2_200_000_000.0 - time.time()],
    ids=["none", "an hour", "yesterday", "in 2039"],
)
def test_the_clocks_difference(ahead: float) -> None:
    with serving(lambda question: usual(question, ahead)) as port:
        offset = ask_time(Context(timeout=5), HOST, port)
    assert offset is not None
    assert abs(offset - ahead) < 2


def test_a_check_behind_the_times_is_none_of_them() -> None:
    """@destinationstransfers/ntp 2.0.0 counts from the end (findings/destinationstransfers-ntp-fraction.sh)."""
    with serving(lambda question: usual(question, 3600.0) + struct.pack("!I", 1) + b"\x5a" * 16) as port:
        offset = ask_time(Context(timeout=5), HOST, port)
    assert offset is not None
    assert abs(offset - 3600) < 2


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: b"",
        lambda question: usual(question)[:47],
        lambda question: usual(question, first=0x1B),
        # ntp-time 2.1.1 takes it for an answer of stratum 2 (findings/ntp-time-kiss-of-death.sh).
        lambda question: usual(question, stratum=0),
        lambda question: usual(bytes(48)),
    ],
    ids=["empty", "short", "no server's", "kiss of death", "to another"],
)
def test_what_is_no_time(answer: Answer) -> None:
    with serving(answer) as port:
        assert ask_time(Context(timeout=0.3), HOST, port) is None


def test_nobody_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        port = sock.getsockname()[1]
    assert ask_time(Context(timeout=0.3), HOST, port) is None


@pytest.mark.parametrize(
    ("answer", "good", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/x-pkcs7-certificates\r\nContent-Length: 3\r\n\r\nabc", True,
         "200, 3 bytes of application/x-pkcs7-certificates"),
        (b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n", True,
         "401, asks for a sign-in"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", False, "404"),
    ],
)  # fmt: skip
def test_the_chain_of_the_ca(answer: bytes, good: bool, text: str) -> None:
    def serve(peer: object) -> None:
        peer.request()  # type: ignore[attr-defined]
        peer.send(answer)  # type: ignore[attr-defined]

    with RawServer(serve) as server:
        fact = fetched(Context(timeout=3), "certsrv", f"http://{HOST}:{server.port}/certsrv/certnew.p7b")
    assert (fact.good, fact.text.startswith(text)) == (good, True)


def test_a_service_that_is_not_there() -> None:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port = sock.getsockname()[1]
    fact = fetched(Context(timeout=1), "certificate-service", f"https://{HOST}:{port}/CertProv")
    assert (fact.good, "refused" in fact.text) == (False, True)
