"""A DNS server whose every reply a test decides: bytes in, any bytes out, over UDP and TCP on one loopback port."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

# What a behaviour gets: the question's bytes, "udp" or "tcp", and which question this is (from 1).
Behaviour = Callable[[bytes, str, int], "list[bytes]"]


class HostileServer:
    def __init__(self, behave: Behaviour, tcp: bool = True) -> None:
        self.behave = behave
        self.questions: list[tuple[str, bytes]] = []
        self._udp = socket.socket(type=socket.SOCK_DGRAM)
        self._tcp = socket.socket()
        for _ in range(50):
            self._udp.close()
            self._udp = socket.socket(type=socket.SOCK_DGRAM)
            self._udp.bind(("127.0.0.1", 0))
            try:
                self._tcp.bind(self._udp.getsockname())
                break
            except OSError:
                continue
        if tcp:
            self._tcp.listen()
        self.address: tuple[str, int] = self._udp.getsockname()
        self._threads = [threading.Thread(target=server, daemon=True) for server in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    def names(self) -> list[str]:
        """The names asked for, in order, with their types."""
        found = []
        for _, wire in list(self.questions):
            question = dns.message.from_wire(wire).question[0]
            found.append(f"{question.name.to_text(True)} {dns.rdatatype.to_text(question.rdtype)}")
        return found

    def _serve_udp(self) -> None:
        with suppress(OSError):
            while True:
                wire, peer = self._udp.recvfrom(65535)
                if not wire:
                    return
                self.questions.append(("udp", wire))
                for reply in self.behave(wire, "udp", len(self.questions)):
                    self._udp.sendto(reply, peer)

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(10)
                wire = connection.recv(65535)[2:]
                if not wire:
                    return
                self.questions.append(("tcp", wire))
                for reply in self.behave(wire, "tcp", len(self.questions)):
                    connection.sendall(reply)

    def close(self) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self.address)
        with suppress(OSError), socket.create_connection(self.address, timeout=1):
            pass
        for thread in self._threads:
            thread.join(10)
        self._udp.close()
        self._tcp.close()


@contextmanager
def hostile(behave: Behaviour, tcp: bool = True) -> Iterator[HostileServer]:
    server = HostileServer(behave, tcp)
    try:
        yield server
    finally:
        server.close()


def reply(wire: bytes, *records: str, rcode: int = 0, truncated: bool = False) -> bytes:
    """A proper reply to the question with these answer records (``name ttl IN type data``)."""
    message = dns.message.make_response(dns.message.from_wire(wire))
    message.set_rcode(rcode)
    for record in records:
        name, ttl, rdclass, rdtype, data = record.split(None, 4)
        message.answer.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, data))
    if truncated:
        message.flags |= dns.flags.TC
    return message.to_wire(max_size=65535)


def referral(wire: bytes, *records: str, flags: int = 0) -> bytes:
    """An empty reply that names the servers of another zone in its authority section."""
    message = dns.message.make_response(dns.message.from_wire(wire))
    message.flags |= flags
    for record in records or (". 300 IN NS a.root-servers.net.",):
        name, ttl, rdclass, rdtype, data = record.split(None, 4)
        message.authority.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, data))
    return message.to_wire(max_size=65535)


def over_tcp(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message
