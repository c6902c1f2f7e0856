"""The sockets of a lab site: one thread waits on all of them, each TCP connection gets its own.

Everything listens on 127.0.0.1 alone. ``close`` ends every thread and closes every socket, whatever a connection is
doing: a server that plays dead waits on the connection or on ``stopping`` and on nothing else.
"""

import contextlib
import errno
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.system_errors import is_running, name_of

HOST = "127.0.0.1"
# Where a connection ends at once with "network is unreachable": TCP has no broadcast.
NOWHERE = "255.255.255.255"
_SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_RULES = {
    "linux": "nft list ruleset",
    "darwin": "pfctl -s rules",
    "win32": "Get-NetFirewallRule -Action Block -Enabled True",
}
_JOIN = 10.0  # seconds; a bound against hanging
_TO_ONESELF = 3.0  # seconds

Address = tuple[str, int]
Talk = Callable[[socket.socket], None]
Datagram = Callable[[bytes, Callable[[bytes], None]], None]


class Servers:
    """The listening sockets of one site. ``base_port`` gives out consecutive ports in place of the system's choice."""

    def __init__(self, base_port: int | None = None) -> None:
        _need_loopback()
        self.stopping = threading.Event()
        self._next_port = base_port
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._idle: list[socket.socket] = []
        self._from_elsewhere: dict[Datagram, socket.socket] = {}
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._loop: threading.Thread | None = None
        #: Why not all was answered that should be: this machine ran out of something.
        self.failed: BaseException | None = None

    def start(self) -> None:
        """Begins to serve what was added."""
        self._loop = threading.Thread(target=self._run, name="ucdiag-lab", daemon=True)
        self._loop.start()

    def listen(self, talk: Talk) -> Address:
        """A TCP port whose every connection is handed to ``talk``, in its own thread."""
        sock = self._bound_socket(socket.SOCK_STREAM, self._take_port())
        sock.listen(64)
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, ("tcp", talk))
        return _socket_address(sock)

    def serve_dns(self, datagram: Datagram, talk: Talk, elsewhere: bool = False) -> Address:
        """One port for UDP and TCP. ``elsewhere``: answers over UDP come from another port."""
        if elsewhere:
            other = self._bound_socket(socket.SOCK_DGRAM, self._take_port())
            self._idle.append(other)
            self._from_elsewhere[datagram] = other
        port = self._take_port()
        for _ in range(100):
            udp = self._bound_socket(socket.SOCK_DGRAM, port)
            try:
                tcp = self._bound_socket(socket.SOCK_STREAM, _socket_address(udp)[1])
            except OSError as error:
                udp.close()
                # On Windows EACCES: a port that the system keeps for itself, mostly Hyper-V's, of TCP alone.
                if port or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                continue
            tcp.listen(64)
            for sock, kind, handler in ((udp, "udp", datagram), (tcp, "tcp", talk)):
                sock.setblocking(False)
                self._selector.register(sock, selectors.EVENT_READ, (kind, handler))
            return _socket_address(udp)
        raise OSError(errno.EADDRINUSE, "no port is free for both UDP and TCP")

    def refuse_connections(self) -> Address:
        """A port that refuses, over UDP too: a TCP socket is bound to it, so that nobody else gets it, and does not
        listen."""
        sock = self._bound_socket(socket.SOCK_STREAM, self._take_port())
        self._idle.append(sock)
        return _socket_address(sock)

    def never_answer(self) -> Address:
        """A port whose SYN is not answered: its queue holds one connection, which is ours and is never taken."""
        sock = self._bound_socket(socket.SOCK_STREAM, self._take_port())
        sock.listen(0)
        self._idle.append(sock)
        for _ in range(64):
            filler = socket.socket()
            self._idle.append(filler)
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(_socket_address(sock))
            with selectors.DefaultSelector() as opened:
                opened.register(filler, selectors.EVENT_WRITE)
                if not opened.select(0.01):
                    break
        return _socket_address(sock)

    def spawn_thread(self, target: Callable[..., None], *args: Any) -> None:
        """Runs ``target`` in a thread that ``close`` waits for."""
        thread = threading.Thread(target=self._run_guarded, args=(target, *args), name="ucdiag-lab", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def close(self) -> None:
        """Ends everything; may be called twice."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self._wake.send(b"x")
        if self._loop is not None:
            self._loop.join(_JOIN)
        with self._lock:
            threads = list(self._threads)
            for handle in self._connections:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(_JOIN)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        for sock in (*self._idle, self._wake, self._woken):
            sock.close()

    def _take_port(self) -> int:
        if self._next_port is None:
            return 0
        self._next_port += 1
        return self._next_port - 1

    def _bound_socket(self, kind: socket.SocketKind, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, kind)
        try:
            if port and kind == socket.SOCK_STREAM:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def _run(self) -> None:
        try:
            self._serve_sockets()
        except (MemoryError, RuntimeError) as error:  # a RuntimeError: no more threads
            self.failed = error

    def _note_failure(self, error: BaseException) -> None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) in _SHORT:
            self.failed = error

    def _serve_sockets(self) -> None:
        while not self.stopping.is_set():
            for key, _ in self._selector.select():
                sock = key.fileobj
                if key.data is None or not isinstance(sock, socket.socket):
                    continue
                kind, handler = key.data
                try:
                    if kind == "udp":
                        self._serve_datagram(sock, handler)
                    else:
                        connection, _ = sock.accept()
                        connection.setblocking(True)
                        # A second handle, because wrapping a socket in TLS takes the first one away.
                        handle = connection.dup()
                        with self._lock:
                            self._connections.add(handle)
                        self.spawn_thread(self._serve_connection, handler, connection, handle)
                except OSError as error:
                    self._note_failure(error)

    def _serve_datagram(self, sock: socket.socket, handler: Datagram) -> None:
        data, peer = sock.recvfrom(65535)
        source = self._from_elsewhere.get(handler, sock)

        def reply(answer: bytes) -> None:
            with contextlib.suppress(OSError):
                source.sendto(answer, peer)

        handler(data, reply)

    def _serve_connection(self, talk: Talk, connection: socket.socket, handle: socket.socket) -> None:
        try:
            talk(connection)
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(handle)
                handle.close()

    def _run_guarded(self, target: Callable[..., None], *args: Any) -> None:
        try:
            target(*args)
        except (OSError, EOFError, MemoryError) as error:
            # A client that hangs up in the middle is no news here.
            self._note_failure(error)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())


def _need_loopback() -> None:
    """Raises CannotTest where nothing can be sent to this machine itself: what a lab says then is true of no server."""
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            _send_to_oneself(kind)
    except OSError as error:
        words = error.strerror or str(error)
        name = name_of(error.errno)
        if name in ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"):
            text = f"This machine cannot open another socket ({words}): close programs and try again."
            raise CannotTest("no-sockets", text) from error
        if name in ("EPERM", "EACCES", "ECONNREFUSED") or (isinstance(error, TimeoutError) and is_running("lo")):
            text = (
                f"The lab serves on {HOST}, and this machine's firewall does not let it through ({words}): check its "
                f"rules for the loopback interface ({quoted(_RULES.get(sys.platform, _RULES['linux']))})."
            )
            raise CannotTest("loopback-blocked", text) from error
        up = "bring it up as root with 'ip link set lo up'" if sys.platform == "linux" else "check it"
        text = f"The lab serves on {HOST}, and the loopback interface is down ({words}): {up}."
        raise CannotTest("loopback-down", text) from error


def _send_to_oneself(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as server, socket.socket(socket.AF_INET, kind) as client:
        server.bind((HOST, 0))
        if kind == socket.SOCK_STREAM:
            server.listen(1)
        for sock in (server, client):
            sock.settimeout(_TO_ONESELF)
        client.connect(server.getsockname())
        if kind == socket.SOCK_DGRAM:
            client.send(b"x")
            server.recv(1)


def _socket_address(sock: socket.socket) -> Address:
    host, port = sock.getsockname()[:2]
    return host, port
