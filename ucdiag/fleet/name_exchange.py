"""Questions to nameservers in the loop."""

import os
import socket
import time
from typing import Any

from ucdiag.fleet.asking import Outcome
from ucdiag.fleet.exchanges import Exchange
from ucdiag.fleet.heard import Heard, wall_time
from ucdiag.fleet.readiness import Readiness
from ucdiag.fleet.shapes import Shape
from ucdiag.fleet.targets import Target
from ucdiag.fleet.usual import UsualNames
from ucdiag.model.observations import Lookup
from ucdiag.probe.dns_plain import answer_of, is_reply, question_of
from ucdiag.runtime.context import Endpoint
from ucdiag.runtime.system_errors import broadcast_among

_AT_ONCE = 64  # datagrams that are looked at before the loop goes on


class NameExchange(Exchange):
    """Questions to nameservers over UDP, one after the other, on one socket for each nameserver."""

    __slots__ = ("_asked", "_client", "_endpoint", "_id", "_lookups", "_question", "_sock", "_usual")

    def __init__(
        self, target: Target, shape: Shape, server: Endpoint, usual: UsualNames, readiness: Readiness[Any]
    ) -> None:
        super().__init__(target, shape, server, readiness)
        self._usual = usual
        self._lookups: list[Lookup] = []
        self._sock: socket.socket | None = None
        self._endpoint: Endpoint | None = None
        self._client: Endpoint = ("", 0)
        self._id = self._question = b""
        self._asked = 0.0

    def begin(self) -> bool:
        self._set_out()
        if not self._ask_next():
            raise OSError("it cannot be asked here")
        return True

    def _ask_next(self) -> bool:
        """The next question; False for a name that is not as usual."""
        name, type_, _, _, endpoint = self._usual.questions[len(self._lookups)]
        question = question_of(name, type_)
        if question is None:
            return False
        if endpoint != self._endpoint:
            self._open_socket(endpoint)
        assert self._sock is not None
        self._id, self._question = os.urandom(2), question
        self._asked = self._time_without_pauses()
        self.until = time.monotonic() + self.shape.patience / 2
        self._sock.send(self._id + question)
        return True

    def _open_socket(self, endpoint: Endpoint) -> None:
        self.close()
        family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
        sock = self._sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.connect(endpoint)
        name = sock.getsockname()
        self._endpoint, self._client = endpoint, (name[0], name[1])
        self._readiness.watch_socket(sock, self)

    def go_on(self) -> bool | None:
        # Who sends without end must not keep the loop from the others: what is left is there when it comes back.
        for _ in range(_AT_ONCE):
            assert self._sock is not None
            try:
                wire = self._sock.recv(65535)
            except BlockingIOError:
                return False
            if not is_reply(wire, self._id):
                continue
            name, type_, purpose, server, _ = self._usual.questions[len(self._lookups)]
            answer = answer_of(wire, self._question, name, type_)
            if answer is None:
                return None
            self._lookups.append(
                Lookup(
                    time=wall_time(self.wall, self.began, self._asked),
                    client=self._client[0],
                    client_port=self._client[1],
                    server=server[0],
                    server_port=server[1],
                    name=name,
                    type=type_,
                    rcode=answer.rcode,
                    addresses=answer.addresses,
                    aliases=answer.aliases,
                    records=answer.records,
                    ttl=answer.ttl,
                    seconds=round(self._time_without_pauses() - self._asked, 6),
                    purpose=purpose,
                    referred=answer.referred,
                    zone=answer.zone,
                    broadcast=broadcast_among(answer.addresses),
                )
            )
            if len(self._lookups) == len(self._usual.questions):
                self.close()
                return True
            if not self._ask_next():
                return None
        return False

    def heard_so_far(self, *, strict: bool) -> Heard | None:
        if not self._lookups:
            return None
        return Heard(self.wall, self.began, lookups=tuple(self._lookups), label=self._usual.label, strict=strict)

    def outcome_without_walk(self) -> Outcome | None:
        return None

    def close(self) -> None:
        if self._sock is not None:
            self._readiness.forget_socket(self._sock)
            self._sock.close()
            self._sock = None
