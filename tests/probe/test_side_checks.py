"""What is asked beside the path: the time above all, of a small SNTP server on loopback."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.probe.raw_server import RawServer
from tests.recorded_calls import Noted
from ucdiag.model.phone import Phone
from ucdiag.probe import side_checks
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.probe.side_checks import ask_time, check_url
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
        fact = check_url(Context(timeout=3), "certsrv", f"http://{HOST}:{server.port}/certsrv/certnew.p7b")
    assert (fact.good, fact.text.startswith(text)) == (good, True)


@pytest.mark.parametrize(("address", "host"), [("fd00::20", "[fd00::20]"), ("10.0.0.20", "10.0.0.20")])
def test_where_the_chain_of_the_ca_is_asked_for(address: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(side_checks, "check_url", lambda _ctx, _subject, url: asked.append(url))
    list(side_checks.side_checks(Context(), Plan(phone=Phone(), server=ServerOptions(address=address))))
    assert asked == [f"http://{host}{side_checks.CHAIN}"]


def test_a_service_that_is_not_there() -> None:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port = sock.getsockname()[1]
    fact = check_url(Context(timeout=1), "certificate-service", f"https://{HOST}:{port}/CertProv")
    assert (fact.good, "refused" in fact.text) == (False, True)


def said(mark: bytes, now: float, ahead: float = 5.0, mode: int = 4, stratum: int = 2, size: int = 48) -> bytes:
    """What a server whose clock is ahead says to the question of that mark."""
    times = stamp(now + ahead + 0.25)
    return (bytes([0x18 | mode, stratum]) + bytes(22) + mark + times * 2)[:size]


@pytest.mark.parametrize(
    ("answers", "ahead"),
    [
        (lambda mark, now: [said(mark, now)], 5.0),
        (lambda mark, now: [said(mark, now, -3.5)], -3.5),
        (lambda mark, now: [said(mark, now, stratum=1)], 5.0),
        (lambda mark, now: [said(mark, now, stratum=15)], 5.0),
        (lambda mark, now: [said(mark, now, stratum=0)], None),
        (lambda mark, now: [said(mark, now, stratum=16)], None),
        (lambda mark, now: [said(mark, now, mode=3)], None),
        (lambda mark, now: [said(mark, now, mode=5)], None),
        (lambda mark, now: [said(mark, now, size=47)], None),
        (lambda mark, now: [said(bytes(8), now)], None),
        (lambda mark, now: [said(bytes(8), now), b"", said(mark, now, stratum=0), said(mark, now, 7.0)], 7.0),
        (lambda mark, now: [ConnectionRefusedError(111, "refused")], None),
        (lambda mark, now: [], None),
    ],
)
@pytest.mark.parametrize("now", [2e9, 2085978490.0, 2085978500.0, 2.5e9])
def test_the_time_is_taken_from_a_server_s_answer_to_this_question(
    answers: Callable[[bytes, float], list[Any]], ahead: float | None, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on both sides of February 2036, where the stamps begin again."""
    clock, asked, left = [now], list[bytes](), list[Any]()

    def send(question: bytes) -> None:
        asked.append(question)
        left.extend(answers(question[40:], now))

    def recv(most: int) -> bytes:
        if not left:
            clock[0] += 9
            raise TimeoutError
        clock[0] += 0.5 if len(left) == 1 else 0
        answer = left.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return bytes(answer[:most])

    sock = Noted(None, connect=None, settimeout=None, send=send, recv=recv)
    made: list[Any] = []

    class Opened:
        def __init__(self, family: int, kind: int) -> None:
            made.append((family, kind))

        def __enter__(self) -> Any:
            return sock

        def __exit__(self, *raised: object) -> None:
            made.append("closed")

    monkeypatch.setattr(socket, "socket", Opened)
    ctx = Context(timeout=3.0, now=lambda: int(clock[0] * 1e6), monotonic=lambda: clock[0])
    offset = ask_time(ctx, "10.0.0.9", 1123)
    assert offset == (None if ahead is None else pytest.approx(ahead, abs=0.01))
    assert [(question[:1], question[1:40], len(question)) for question in asked] == [(b"\x1b", bytes(39), 48)]
    assert sock.notes[0] == ("connect", ("10.0.0.9", 1123))
    assert made == [(socket.AF_INET, socket.SOCK_DGRAM), "closed"]
