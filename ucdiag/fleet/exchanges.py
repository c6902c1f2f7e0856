"""The exchanges of one target in the loop, on sockets that never wait."""

import re
import socket
import time
from abc import ABC, abstractmethod
from errno import EALREADY, EINPROGRESS, ENOTCONN, EWOULDBLOCK
from typing import Any

from ucdiag.fleet.asking import Outcome
from ucdiag.fleet.heard import Heard, HeardPost
from ucdiag.fleet.pacing import Hosts
from ucdiag.fleet.readiness import Readiness
from ucdiag.fleet.shapes import Shape
from ucdiag.fleet.targets import Target
from ucdiag.fleet.usual import UsualPosts
from ucdiag.model.patterns import pattern
from ucdiag.runtime.context import Endpoint

_LARGEST = 64 << 10  # bytes of a short answer
_PIECE = 16 << 10
_UNDER_WAY = frozenset({0, EINPROGRESS, EALREADY, EWOULDBLOCK, 10035})
_LENGTHS = pattern(rb"\r\ncontent-length:[ \t]*([^\r\n]{0,9}?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = pattern(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_UNAVAILABLE = b"503"
# A duration from which on a report may say it in words.
_WORDS = 0.9


class Exchange(ABC):
    """``until`` is the point of the monotonic clock at which it takes too long; ``server`` is whom it asks."""

    __slots__ = ("_paused", "_readiness", "began", "crowded", "server", "shape", "target", "until", "wall")

    def __init__(self, target: Target, shape: Shape, server: Endpoint, readiness: Readiness[Any]) -> None:
        self.target = target
        self.shape = shape
        self.server = server
        self._readiness = readiness
        self.crowded: set[str] = set()
        self.wall = 0
        self.began = self.until = self._paused = 0.0

    def _set_out(self) -> None:
        self.wall = time.time_ns() // 1000
        self.began = time.monotonic()

    def leave_out_pause(self, seconds: float) -> None:
        """Nobody looked at its sockets for so long."""
        self.until += seconds
        self._paused += seconds

    def _time_without_pauses(self) -> float:
        """A point of the monotonic clock, as if it had stood while nobody looked."""
        return time.monotonic() - self._paused

    @abstractmethod
    def begin(self) -> bool:
        """Whether it may be asked now. Raises OSError, as does ``go_on``."""

    @abstractmethod
    def go_on(self) -> bool | None:
        """A socket is ready: whether all was asked and answered; None where something is not as usual."""

    @abstractmethod
    def heard_so_far(self, *, strict: bool) -> Heard | None:
        """The recorded exchanges so far; None if there are none."""

    @abstractmethod
    def outcome_without_walk(self) -> Outcome | None:
        """The outcome, if it is known without the walk; else None."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open."""


class PostExchange(Exchange):
    """Requests to one address, one after the other, each on a connection of its own."""

    __slots__ = (
        "_answer",
        "_connected",
        "_hosts",
        "_left",
        "_posts",
        "_requests",
        "_since",
        "_sock",
        "_started",
        "_usual",
    )

    def __init__(
        self,
        target: Target,
        shape: Shape,
        server: Endpoint,
        usual: UsualPosts,
        readiness: Readiness[Any],
        hosts: Hosts,
    ) -> None:
        super().__init__(target, shape, server, readiness)
        self._usual = usual
        self._hosts = hosts
        self._posts: list[HeardPost] = []
        self._requests: tuple[bytes, ...] = ()
        self._sock: socket.socket | None = None
        self._since = self._started = self._connected = 0.0
        self._left = self._answer = b""

    def begin(self) -> bool:
        self._requests = self.shape.requests_for(self.target)
        self._set_out()
        return self._open_connection()

    def _open_connection(self) -> bool:
        since = self._hosts.enter_at_once(self._usual.address)
        if since is None:
            return False
        self._since = since
        # Of two connections the second is later, also in microseconds.
        self._started = max(self._time_without_pauses(), self._posts[-1].answered + 2e-6) if self._posts else self.began
        self.until = since + self.shape.patience
        endpoint = self.server
        family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
        try:
            sock = self._sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            self._note_closed()
            raise
        sock.setblocking(False)
        failed = sock.connect_ex(endpoint)
        if failed not in _UNDER_WAY:
            raise OSError(failed, "the connection does not open")
        self._left, self._answer, self._connected = self._requests[len(self._posts)], b"", 0.0
        if self._send_rest():
            self._readiness.watch_socket(sock, self)
        else:
            self._readiness.watch_socket(sock, self, writing=True)
        return True

    def _send_rest(self) -> bool:
        """Whether all was sent."""
        assert self._sock is not None
        try:
            sent = self._sock.send(self._left)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno == ENOTCONN and not self._connected:
                return False
            raise
        if not self._connected:
            self._connected = self._time_without_pauses()
        if sent == len(self._left):
            self._left = b""
            return True
        self._left = self._left[sent:]
        return False

    def go_on(self) -> bool | None:
        sock = self._sock
        assert sock is not None
        if self._left:
            if not self._connected:
                failed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failed:
                    raise OSError(failed, "the connection does not open")
            if self._send_rest():
                self._readiness.watch_for_reading(sock, self)
            return False
        try:
            data = sock.recv(_PIECE)
        except BlockingIOError:
            return False
        answer = self._answer = self._answer + data if self._answer else data
        if data and not self.shape.knows_answer(answer) and not _is_whole(answer):
            return None if len(answer) >= _LARGEST else False
        if not answer:
            return None
        return self._keep_answer(sock, ended=not data)

    def _keep_answer(self, sock: socket.socket, *, ended: bool) -> bool | None:
        name = sock.getsockname()
        self._posts.append(
            HeardPost(
                address=self._usual.address,
                port=self._usual.port,
                client=name[0],
                client_port=name[1],
                began=self._started,
                connected=self._connected,
                answered=self._time_without_pauses(),
                sent=self._requests[len(self._posts)],
                answer=self._answer,
                ended=ended,
            )
        )
        self.close()
        if len(self._posts) == len(self._requests):
            return True
        return False if self._open_connection() else None

    def heard_so_far(self, *, strict: bool) -> Heard | None:
        if not self._posts:
            return None
        return Heard(self.wall, self.began, posts=tuple(self._posts), strict=strict)

    def outcome_without_walk(self) -> Outcome | None:
        post = self._posts[0]
        seconds = post.answered - post.connected
        if len(self._posts) > 1 or seconds > _WORDS or post.connected - self.began > _WORDS:
            return None
        if post.answer[9:12] == _UNAVAILABLE:
            return None
        outcome = self.shape.outcome_by_template(self.target, post, self.wall, self.began, self._hosts)
        if outcome is not None:
            self._hosts.note_usual(post.address, post.port, seconds)
        return outcome

    def close(self) -> None:
        sock = self._sock
        if sock is None:
            return
        self._sock = None
        self._readiness.forget_socket(sock)
        sock.close()
        self._note_closed()

    def _note_closed(self) -> None:
        if self._hosts.note_closed(self._usual.address, self._since):
            self.crowded.add(self._usual.address)


def _is_whole(answer: bytes) -> bool:
    """Whether an answer ends here, by its own word; what has none ends with the connection."""
    end = answer.find(b"\r\n\r\n")
    if end < 0 or not answer.startswith(b"HTTP/1."):
        return False
    head = answer[: end + 2]
    lengths = _LENGTHS.findall(head)
    if _CHUNKED.search(head):
        return answer.endswith(b"0\r\n\r\n")
    return len(lengths) == 1 and lengths[0].isdigit() and len(answer) >= end + 4 + int(lengths[0])
