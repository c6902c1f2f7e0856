"""DHCP of a scenario on a pair of virtual interfaces of Linux, which takes root's rights.

One end answers, the other is for ``check-dhcp --ask -i``. Nobody but the lab's phone is answered, and no interface of
this machine is touched. Both ends are gone when the site is.
"""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from threading import Event, Thread

from ucdiag.lab.scenario import Scenario
from ucdiag.model.observations import Dhcp, Lease
from ucdiag.model.phone import Phone
from ucdiag.runtime.privileges import is_root

_ENDS = ("ucdiag-lab0", "ucdiag-lab1")
_NO_ADDRESS = "192.0.2.77"
_COOKIE = b"\x63\x82\x53\x63"  # RFC 2131, section 3
_SERVER_MAC = bytes.fromhex("020000000067")
_LOOK_AROUND = 0.2  # seconds
_NETWORK_ADMINISTRATION = 12  # CAP_NET_ADMIN of linux/capability.h


def why_not(scenario: Scenario) -> str | None:
    """Why the DHCP of a scenario cannot be served here; None where it can."""
    if any(isinstance(fact, Lease) and fact.rewritten for fact in scenario.observed):
        return "the fault is in what this machine's own DHCP client keeps, and no server makes it"
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "that takes a pair of virtual interfaces, which Linux has with the command ip"
    if not is_root():
        return "that takes a pair of virtual interfaces, and so root's rights"
    return None


def offers_of(scenario: Scenario, vendor_class: str | None) -> list[Dhcp]:
    """What the servers of a scenario offer a client of that class; nothing where they are silent."""
    facts = [fact for fact in scenario.observed if isinstance(fact, Dhcp)]
    classes = {fact.transaction: fact.vendor_class for fact in facts if fact.type == "discover"}
    offers = [fact for fact in facts if fact.type == "offer"]
    if any(offer.transaction is not None for offer in offers):
        # Of a class that has no offer of its own: as one without a class.
        return [offer for offer in offers if classes.get(offer.transaction) == vendor_class]
    if offers or any(fact.outcome == "no_answer" for fact in facts):
        return offers
    lease = next((fact for fact in scenario.observed if isinstance(fact, Lease)), None)
    if lease is None:
        return []
    return [
        Dhcp(
            time=0,
            type="offer",
            client=Phone().mac,
            server=lease.server,
            address=lease.address,
            domain=lease.domain,
            resolvers=lease.resolvers,
        )
    ]


class DhcpLink:
    """A context manager: the pair of interfaces, and who answers on it. Raises OSError where it cannot be made."""

    interface = _ENDS[0]

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._stopping = Event()
        self._thread: Thread | None = None
        self._end: Callable[[], None] = lambda: None
        self._remover: tuple[int, int] | None = None

    def __enter__(self) -> "DhcpLink":
        _run_ip("link", "add", _ENDS[0], "type", "veth", "peer", "name", _ENDS[1])
        try:
            self._remover = _start_remover()
            for name in _ENDS:
                # Without IPv6, the pair is as quiet as a cable.
                _run_ip("link", "set", name, "addrgenmode", "none")
                _run_ip("link", "set", name, "up")
            self._open_socket()
        except BaseException:
            self.__exit__()
            raise
        return self

    if sys.platform == "linux":

        def _open_socket(self) -> None:
            from ucdiag.runtime.packet_socket import PacketSocket

            self._socket = PacketSocket()
            self._end = self._socket.close
            self._socket.bind_to(_ENDS[1])

        def serve(self) -> None:
            """Answer from now on. What was opened is enough for that: root's rights can be given up before."""
            sock = self._socket

            def answer_until_stopped() -> None:
                while not self._stopping.is_set():
                    received = sock.receive_frame(_LOOK_AROUND)
                    for frame in answer_frames(self._scenario, received[0]) if received is not None else ():
                        sock.send(frame)

            self._thread = Thread(target=answer_until_stopped, name="ucdiag-lab-dhcp", daemon=True)
            self._thread.start()
    else:

        def serve(self) -> None:
            """Nobody can ask."""

        def _open_socket(self) -> None:
            raise OSError("virtual interfaces of this kind are Linux' own")

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)
        self._end()
        if self._remover is None:
            _run_ip("link", "delete", _ENDS[0], check=False)
        else:
            process, pipe = self._remover
            os.close(pipe)
            os.waitpid(process, 0)


if sys.platform == "linux":

    def _start_remover() -> tuple[int, int]:
        """Start a process that removes the pair when this one ends; returns its id and the pipe that signals the end.

        It has the one right that this takes, and waits: this process can give up all of them. Raises OSError.
        """
        from ucdiag.runtime.root_rights import keep_one_right, successor_of_root

        read_end, write_end = os.pipe()
        process = os.fork()
        if process:
            os.close(read_end)
            return process, write_end
        try:
            os.close(write_end)
            os.setsid()  # Ctrl-C is for the other one
            for number in range(3):
                os.dup2(os.open(os.devnull, os.O_RDWR), number)
            keep_one_right(successor_of_root(), _NETWORK_ADMINISTRATION)
            os.read(read_end, 1)
            _run_ip("link", "delete", _ENDS[0], check=False)
        finally:
            os._exit(0)
else:

    def _start_remover() -> tuple[int, int]:
        raise OSError("virtual interfaces of this kind are Linux' own")


def _run_ip(*words: str, check: bool = True) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=10, env={**os.environ, "LC_ALL": "C"})
    if check and done.returncode:
        raise OSError(f"'ip {' '.join(words)}' says: {done.stderr.strip()[:200]}")


def answer_frames(scenario: Scenario, frame: bytes) -> list[bytes]:
    """The frames that answer this one: the offers, where it is a DISCOVER of the lab's phone."""
    message = frame[42:]
    if len(message) < 244 or frame[12:14] != b"\x08\x00" or frame[14] != 0x45 or frame[23] != 17:
        return []
    if frame[36:38] != b"\x00\x43" or message[0] != 1 or message[236:240] != _COOKIE:
        return []
    if message[28:34].hex(":") != Phone().mac:
        return []
    options = _read_options(message[240:])
    if options.get(53) != b"\x01":
        return []
    vendor_class = options[60].decode("ascii", "replace") if 60 in options else None
    return [_offer_frame(offer, message) for offer in offers_of(scenario, vendor_class)]


def _read_options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        found.setdefault(data[at], data[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def _offer_frame(offer: Dhcp, message: bytes) -> bytes:
    server, address = _packed_address(offer.server or "192.0.2.1"), _packed_address(offer.address or _NO_ADDRESS)
    options = b"\x35\x01\x02\x36\x04" + server + b"\x33\x04" + struct.pack("!I", 3600) + b"\x01\x04\xff\xff\xff\x00"
    if offer.resolvers:
        options += bytes([6, 4 * len(offer.resolvers)]) + b"".join(map(_packed_address, offer.resolvers))
    if offer.domain:
        options += bytes([15, len(offer.domain)]) + offer.domain.encode("ascii")
    head = b"\x02\x01\x06\x00" + message[4:8] + b"\0\0\x80\0" + bytes(4) + address + server + bytes(4)
    payload = (head + message[28:44] + bytes(192) + _COOKIE + options + b"\xff").ljust(300, b"\0")
    datagram = struct.pack("!HHHH", 67, 68, 8 + len(payload), 0) + payload
    header = struct.pack("!BBHIBBH", 0x45, 0, 20 + len(datagram), 0, 64, 17, 0) + server + b"\xff\xff\xff\xff"
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    header = header[:10] + struct.pack("!H", checksum) + header[12:]
    return b"\xff" * 6 + _SERVER_MAC + b"\x08\x00" + header + datagram


def _packed_address(address: str) -> bytes:
    return bytes(map(int, address.split(".")))
