"""The active resolver and answers from another address or port than was asked."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.probe.hostile_dns import reply
from ucdiag.model.observations import Lookup
from ucdiag.probe.dns import Resolver
from ucdiag.runtime.context import Context

R2 = "ucupdates-r2.example.test"
ADDRESS = f"{R2}. 77 IN A 192.0.2.10"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say where an answer came from"),
]

Send = Callable[[bytes], None]


def send(sock: socket.socket, peer: object, data: bytes) -> None:
    sock.sendto(data, peer)  # type: ignore[arg-type]


@contextmanager
def server(
    says: Callable[[bytes, int, Send, Send], None], family: int = socket.AF_INET, other: str = "127.0.0.9"
) -> Iterator[tuple[str, int]]:
    """``says`` gets the question, its number, and how to answer from where it was asked and from elsewhere."""
    here = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.socket(family, socket.SOCK_DGRAM) as asked, socket.socket(family, socket.SOCK_DGRAM) as elsewhere:
        asked.bind((here, 0))
        asked.settimeout(0.1)
        elsewhere.bind((other, 0))
        ended = threading.Event()

        def serve() -> None:
            number = 0
            while not ended.is_set():
                try:
                    wire, peer = asked.recvfrom(4096)
                except TimeoutError:
                    continue
                number += 1
                says(wire, number, partial(send, asked, peer), partial(send, elsewhere, peer))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield here, asked.getsockname()[1]
        finally:
            ended.set()
            thread.join()


def ask(address: tuple[str, int], timeout: float = 0.7) -> Lookup:
    return Resolver(Context(timeout=timeout)).ask_nameserver(R2, "A", address, "update")


@pytest.mark.parametrize("rcode", [0, 3, 5])
def test_an_answer_from_another_address(rcode: int) -> None:
    with server(lambda wire, _, here, there: there(reply(wire, rcode=rcode))) as address:
        found = ask(address)
    assert (found.rcode, found.failure, found.answer_from, found.attempts) == (None, "elsewhere", "127.0.0.9", 2)
    assert found.addresses == ()
    assert (found.server, found.server_port) == address


def test_an_answer_from_another_port() -> None:
    with server(lambda wire, _, here, there: there(reply(wire, ADDRESS)), other="127.0.0.1") as address:
        found = ask(address)
    assert (found.failure, found.answer_from) == ("elsewhere", "127.0.0.1")
    assert found.answer_from_port not in (None, address[1])


def test_ipv6() -> None:
    with server(lambda wire, _, here, there: there(reply(wire, ADDRESS)), socket.AF_INET6, "::1") as address:
        found = ask(address)
    assert (found.failure, found.answer_from) == ("elsewhere", "::1")


def test_the_right_answer_counts_when_both_come() -> None:
    def says(wire: bytes, number: int, here: Send, there: Send) -> None:
        there(reply(wire, rcode=3))
        here(reply(wire, ADDRESS))

    with server(says) as address:
        found = ask(address)
    assert (found.rcode, found.addresses, found.failure, found.answer_from) == ("NOERROR", ("192.0.2.10",), None, None)


def test_the_right_answer_to_the_second_question_counts() -> None:
    def says(wire: bytes, number: int, here: Send, there: Send) -> None:
        (there if number == 1 else here)(reply(wire, ADDRESS))

    with server(says) as address:
        found = ask(address, timeout=3)
    assert (found.rcode, found.attempts, found.answer_from) == ("NOERROR", 2, None)


@pytest.mark.parametrize(
    "noise",
    [
        lambda wire: b"\0\0" + reply(wire, ADDRESS)[2:],
        lambda wire: reply(wire, ADDRESS).replace(b"ucupdates", b"ucupdatez"),
        lambda wire: wire,
        lambda wire: b"",
        lambda wire: wire[:2] + b"\x80" + b"\xff" * 40,
    ],
)
def test_noise_from_elsewhere_is_nothing(noise: Callable[[bytes], bytes]) -> None:
    def says(wire: bytes, number: int, here: Send, there: Send) -> None:
        for _ in range(3):
            there(noise(wire))

    with server(says) as address:
        found = ask(address)
    assert (found.failure, found.answer_from) == ("no_answer", None)


def test_silence_is_no_answer_and_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda *_: None) as address:
        began = time.monotonic()
        found = ask(address)
        assert time.monotonic() - began < 10
    assert (found.failure, found.answer_from) == ("no_answer", None)


def test_another_system_asks_once_more_from_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.probe.dns_elsewhere.sys.platform", "darwin")
    with server(lambda wire, _, here, there: there(reply(wire, ADDRESS))) as address:
        found = ask(address)
    assert (found.failure, found.answer_from) == ("elsewhere", "127.0.0.9")
    # Who is heard only by that port has answered from where it was asked.
    with server(lambda wire, number, here, there: here(reply(wire, ADDRESS)) if number == 3 else None) as address:
        found = ask(address)
    assert (found.failure, found.answer_from) == ("no_answer", None)
