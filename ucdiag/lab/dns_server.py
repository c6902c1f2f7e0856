"""A nameserver of the lab: answers from a scenario's data over UDP and TCP, with the scenario's faults."""

import socket
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from ucdiag.lab.scenario import Answer, Nameserver
from ucdiag.lab.serving import Address, Servers
from ucdiag.model.vocabulary import Seconds

_LONGEST_CHAIN = 16


class DnsServer:
    """Serves one ``Nameserver`` on ``address`` once ``servers`` is started. ``asked`` are the questions so far."""

    def __init__(self, servers: Servers, data: Nameserver) -> None:
        self._servers, self._data = servers, data
        self.asked: list[tuple[str, str, str]] = []
        self.address: Address = (
            servers.refuse_connections()
            if data.closed
            else servers.serve_dns(self._answer_datagram, self._answer_connection, data.elsewhere)
        )

    def _answer_datagram(self, wire: bytes, reply: Callable[[bytes], None]) -> None:
        answer = self._make_reply(wire, "udp")
        if answer is None:
            return
        message, delay = answer
        if delay:
            self._servers.spawn_thread(self._reply_later, delay, message, reply)
        else:
            reply(message)

    def _reply_later(self, delay: Seconds, message: bytes, reply: Callable[[bytes], None]) -> None:
        if not self._servers.stopping.wait(delay):
            reply(message)

    def _answer_connection(self, connection: socket.socket) -> None:
        while not self._servers.stopping.is_set():
            length = int.from_bytes(_receive_exactly(connection, 2), "big")
            answer = self._make_reply(_receive_exactly(connection, length), "tcp")
            if answer is None:
                connection.recv(1)  # says nothing until the client gives up
                return
            message, delay = answer
            if self._servers.stopping.wait(delay):
                return
            connection.sendall(len(message).to_bytes(2, "big") + message)

    def _make_reply(self, wire: bytes, transport: str) -> tuple[bytes, float] | None:
        """The reply and how long to hold it back, or ``None`` for silence."""
        try:
            query = dns.message.from_wire(wire)
            reply = dns.message.make_response(query)
        except (dns.exception.DNSException, ValueError):
            return None
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            reply.set_rcode(dns.rcode.NOTIMP)
            return reply.to_wire(), 0.0
        question = query.question[0]
        name, kind = _name_text(question.name), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, transport))
        entry = self._find_answer(name)
        if entry.silent:
            return None
        reply.flags |= dns.flags.RA
        if entry.truncated and transport == "udp":
            reply.flags |= dns.flags.TC
            return reply.to_wire(), entry.delay
        self._fill_reply(reply, name, question.rdtype)
        size = 512 if transport == "udp" else 65535
        try:
            return reply.to_wire(max_size=size), entry.delay
        except dns.exception.TooBig:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            return reply.to_wire(), entry.delay

    def _fill_reply(self, reply: dns.message.Message, name: str, rdtype: dns.rdatatype.RdataType) -> None:
        kind = dns.rdatatype.to_text(rdtype)
        for _ in range(_LONGEST_CHAIN):
            entry = self._find_answer(name)
            reply.set_rcode(dns.rcode.from_text(entry.rcode))
            if entry.alias is None:
                break
            reply.answer.append(dns.rrset.from_text(f"{name}.", entry.ttl, "IN", "CNAME", f"{entry.alias}."))
            if rdtype == dns.rdatatype.CNAME:
                return
            name = entry.alias.lower()
        rdatas = [record.partition(" ")[2] for record in entry.records if record.partition(" ")[0] == kind]
        rdatas += [address for address in entry.addresses if kind == ("AAAA" if ":" in address else "A")]
        if rdatas and entry.rcode == "NOERROR":
            reply.answer.append(dns.rrset.from_text(f"{name}.", entry.ttl, "IN", kind, *rdatas))

    def _find_answer(self, name: str) -> Answer:
        name = name.lower()
        answer = self._data.names.get(name)
        while answer is None and "." in name:
            name = name.partition(".")[2]
            answer = self._data.names.get(f"*.{name}")
        return answer if answer is not None else self._data.otherwise


def _receive_exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        some = connection.recv(count - len(data))
        if not some:
            raise EOFError
        data += some
    return data


def _name_text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)
