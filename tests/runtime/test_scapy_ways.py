"""What scapy's two kinds of packet sockets are asked, and what is made of what they say. Real ones: ``tests/site``."""

import builtins
import errno
import socket
import struct
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("scapy")
if sys.platform == "win32":
    pytest.skip("a long of C has another size there", allow_module_level=True)

from scapy.error import Scapy_Exception

from tests.recorded_calls import Noted, answering, raising
from tests.runtime.scapy_library import Library, Wrapper
from ucdiag.runtime import scapy_packets
from ucdiag.runtime.scapy_packets import KEPT, RawPacket, ScapySocket, error_of, find_device, library_version

Patch = pytest.MonkeyPatch
UP, DOWN = ("", "", 0x16), ("", "", 0x4)


def opened(
    patch: Patch,
    library: Library,
    wrapper: Wrapper | None = None,
    filters: tuple[str, ...] = (),
    listed: tuple[Any, ...] | None = UP,
    setbuff: bool = True,
) -> Any:
    """A socket by the library, on eth0."""
    import scapy.arch.libpcap
    import scapy.libs

    if setbuff:
        library.pcap_setbuff = library.noted.pcap_setbuff  # type: ignore[attr-defined]
    patch.setitem(sys.modules, "scapy.libs.winpcapy", library)  # type: ignore[arg-type]
    patch.setattr(scapy.libs, "winpcapy", library, raising=False)
    patch.setattr(scapy.arch.libpcap, "load_winpcapy", lambda: None, raising=False)
    conf = SimpleNamespace(cache_pcapiflist={} if listed is None else {"eth0": listed})
    patch.setattr(scapy_packets, "load_scapy", lambda: conf)
    sock = SimpleNamespace(pcap_fd=wrapper or Wrapper())
    return scapy_packets._way_of(sock, "eth0", filters, b"")


@pytest.mark.parametrize("most", [0, 1, 2, 3, 9])
def test_packets_of_the_library(monkeypatch: Patch, most: int) -> None:
    packets = [(5, 7, 60, b"abc"), (6, 999_999, 3, b"def"), (7, 0xFFFF_FFFF_0000_0001, 70_000, b"")]
    wrapper = Wrapper()
    way = opened(monkeypatch, Library(*packets), wrapper)
    found = [RawPacket(5_000_007, 60, b"abc"), RawPacket(6_999_999, 3, b"def"), RawPacket(7_000_001, 70_000, b"")]
    assert way.packets(most) == found[:most]
    assert wrapper.remaining is (most <= 3)


@pytest.mark.parametrize("end", [0, -2])
def test_without_more_packets_those_are_all(monkeypatch: Patch, end: int) -> None:
    packet = (5, 7, 60, b"abc")
    wrapper = Wrapper()
    way = opened(monkeypatch, Library(packet, end, packet), wrapper)
    assert len(way.packets(9)) == 1
    assert wrapper.remaining is False
    assert len(way.packets(9)) == 1


def test_an_error_comes_after_the_packets_before_it(monkeypatch: Patch) -> None:
    way = opened(monkeypatch, Library((5, 7, 60, b"abc"), -1, (5, 7, 60, b"abc")))
    assert len(way.packets(9)) == 1
    for _ in range(2):
        with pytest.raises(OSError, match="eth0: it went down") as raised:
            way.packets(9)
        assert raised.value.errno == errno.ENETDOWN


@pytest.mark.parametrize(("says", "text"), [(b"", "unknown error"), (None, "unknown error"), (b"a\xff", "a\ufffd")])
def test_an_error_at_once(monkeypatch: Patch, says: bytes | None, text: str) -> None:
    way = opened(monkeypatch, Library(-1, says=says))
    with pytest.raises(OSError, match=text) as raised:
        way.packets(1)
    assert (raised.value.errno, raised.value.strerror) == (errno.EIO, text)


@pytest.mark.parametrize(
    ("filters", "old", "asked"),
    [("abc", False, "ab"), ("abc", True, "ab"), ("xyz", False, "xyz"), ("b", False, "b"), ("", True, "")],
)
def test_the_first_filter_that_is_understood(monkeypatch: Patch, filters: str, old: bool, asked: str) -> None:
    wrapper = Wrapper(113, ("b", "c"), old=old)
    way = opened(monkeypatch, Library(), wrapper, tuple(filters))
    assert (way.link, way.counts) == (113, True)
    assert wrapper.notes == [("nonblock", True), *(("filter", one) for one in asked)]


@pytest.mark.parametrize("setbuff", [True, False])
def test_npcap_keeps_as_much_as_the_ring(monkeypatch: Patch, setbuff: bool) -> None:
    library = Library()
    opened(monkeypatch, library, setbuff=setbuff)
    assert library.noted.notes == [("pcap_setbuff", "the handle", KEPT)][: int(setbuff)]


@pytest.mark.parametrize(
    ("drops", "lost"), [(0, 0), (3, 3), (-1, None), (OSError("no"), None), (ValueError("no"), None)]
)
def test_what_the_library_lost(monkeypatch: Patch, drops: int | Exception, lost: int | None) -> None:
    way = opened(monkeypatch, Library(drops=drops))
    assert (way.lost(), way.counts) == (lost, lost is not None)


@pytest.mark.parametrize(
    ("before", "after", "fails"),
    [(UP, UP, False), (UP, DOWN, True), (UP, None, True), (DOWN, DOWN, False), (None, DOWN, False), (DOWN, UP, False)],
)
def test_an_interface_that_went_down(monkeypatch: Patch, before: Any, after: Any, fails: bool) -> None:
    way = opened(monkeypatch, Library(), listed=before)
    cache = {} if after is None else {"eth0": after}
    monkeypatch.setattr(scapy_packets, "load_scapy", lambda: SimpleNamespace(cache_pcapiflist=cache))
    if not fails:
        way.raise_when_down()
        return
    with pytest.raises(OSError, match="it is down") as raised:
        way.raise_when_down()
    assert raised.value.errno == errno.ENETDOWN


@pytest.mark.parametrize(("sent", "fails"), [(0, False), (60, False), (-1, True)])
def test_sending_by_the_library(monkeypatch: Patch, sent: int, fails: bool) -> None:
    wrapper = Wrapper(sent=sent)
    way = opened(monkeypatch, Library(says=b"eth0: Operation not permitted"), wrapper)
    if fails:
        with pytest.raises(PermissionError):
            way.send(b"frame")
    else:
        way.send(b"frame")
    assert wrapper.notes[-1] == ("send", b"frame")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("eth0: That device is down", OSError, errno.ENETDOWN),
        ("The interface WENT DOWN", OSError, errno.ENETDOWN),
        ("The interface disappeared", OSError, errno.ENODEV),
        ("eth7: No such device exists", OSError, errno.ENODEV),
        ("no such interface", OSError, errno.ENODEV),
        ("You don't have permission", PermissionError, errno.EPERM),
        ("Access denied", PermissionError, errno.EPERM),
        ("Operation not permitted", PermissionError, errno.EPERM),
        ("run it as root", PermissionError, errno.EPERM),
        ("needs an Administrator", PermissionError, errno.EPERM),
        ("something else", OSError, errno.EIO),
    ],
)
def test_what_a_library_says_is_an_error_of_the_system(text: str, kind: type[OSError], number: int) -> None:
    error = error_of(text)
    assert (type(error), error.errno, error.strerror) == (kind, number, text)


class Plain:
    """scapy's own socket: of Linux with ``ins``, of a BSD with ``guessed_cls`` and ``get_stats``."""

    def __init__(self, *packets: Any, **values: Any) -> None:
        self.left = list(packets)
        self.sent: list[bytes] = []
        vars(self).update(values)

    @staticmethod
    def select(sockets: list[Any], seconds: float) -> list[Any]:
        return [one for one in sockets if one.left]

    def recv_raw(self, most: int) -> tuple[Any, Any, Any]:
        assert most == 65535
        return self.left.pop(0)

    def send(self, packet: Any) -> None:
        self.sent.append(bytes(packet))


@pytest.mark.parametrize("most", [0, 1, 2, 9])
def test_packets_of_the_system(monkeypatch: Patch, most: int) -> None:
    monkeypatch.setattr(scapy_packets.time, "time_ns", lambda: 9_000_000_999)
    sock = Plain((1, b"abc", 5.000_007), (1, bytearray(b"de"), None))
    way = scapy_packets._way_of(sock, "en0", (), b"")
    assert way.packets(most) == [RawPacket(5_000_007, 3, b"abc"), RawPacket(9_000_000, 2, b"de")][:most]


def test_what_is_no_packet_ends_them() -> None:
    way = scapy_packets._way_of(Plain((None, None, None), (1, b"abc", 5.0)), "en0", (), b"")
    assert (way.packets(9), len(way.packets(9))) == ([], 1)


def test_sending_by_the_system() -> None:
    sock = Plain()
    way = scapy_packets._way_of(sock, "en0", (), b"")
    way.send(b"frame")
    way.raise_when_down()
    assert sock.sent == [b"frame"]


@pytest.mark.parametrize(("layer", "link"), [("raw", 12), ("other", 1), (None, 1)])
@pytest.mark.parametrize(("statistics", "lost"), [((9, 4), 4), ((9, None), None), (None, None)])
def test_the_socket_of_a_bsd(
    monkeypatch: Patch, layer: str | None, link: int, statistics: Any, lost: int | None
) -> None:
    conf = SimpleNamespace(l2types=SimpleNamespace(layer2num={"raw": 12}))
    monkeypatch.setattr(scapy_packets, "load_scapy", lambda: conf)
    more = {} if statistics is None else {"get_stats": lambda: statistics}
    way = scapy_packets._way_of(Plain(guessed_cls=layer, ins=3, **more), "en0", (), b"")
    assert (way.link, way.lost(), way.counts) == (link, lost, lost is not None)


class LinuxSocket(socket.socket):
    """A socket whose options are noted instead of set."""

    kind = 1
    fails: bool = False
    drops: Iterator[int] = iter(())

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self.notes: list[Any] = []

    def getsockname(self) -> Any:
        return "eth0", 3, 0, self.kind, b""

    def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]
        self.notes.append((level, option, value if isinstance(value, int) else struct.unpack("HP", value)[0]))
        if self.fails:
            raise OSError(errno.EPERM, "no")

    def getsockopt(self, level: int, option: int, size: int = 0) -> Any:  # type: ignore[override]
        assert (level, option, size) == (263, 6, 8)
        if self.fails:
            raise OSError(errno.EPERM, "no")
        return struct.pack("=II", 99, 2)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("program", [b"", bytes(24)])
@pytest.mark.parametrize(("kind", "link"), [(1, 1), (772, 1), (65534, 12), (801, 105), (803, 127), (512, -512)])
def test_the_socket_of_linux(kind: int, link: int, program: bytes, fails: bool) -> None:
    with LinuxSocket() as linux:
        linux.kind, linux.fails = kind, fails
        way: Any = scapy_packets._way_of(Plain(ins=linux), "eth0", (), program)
        wanted = [(socket.SOL_SOCKET, 33, 8 << 20)]
        wanted += [(263, 23, 1)] if kind == 772 else []
        wanted += [(socket.SOL_SOCKET, 26, 3)] if program and kind in (1, 772) else []
        assert linux.notes == wanted
        assert (way.link, way.counts) == (link, not fails)
        # Each look counts what was lost since the one before.
        assert [way.lost(), way.lost()] == ([None, None] if fails else [4, 6])


# Opening


def device(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"network_name": "eth0", "name": "eth0", "description": None, "guid": None, **values})


class Opens:
    """scapy's class of sockets: fails, or notes how it was opened."""

    error: Exception | None = None
    opened: list[Any] = []

    def __init__(self, iface: Any, promisc: bool) -> None:
        Opens.opened.append((type(self).__name__, iface.name, promisc))
        if self.error is not None:
            raise self.error
        self.closed = False

    @staticmethod
    def select(sockets: list[Any], seconds: float) -> list[Any]:
        Opens.opened.append(("select", seconds))
        return sockets

    def close(self) -> None:
        Opens.opened.append("closed")


class Listens(Opens):
    pass


class Sends(Opens):
    pass


@pytest.fixture
def conf(monkeypatch: Patch) -> SimpleNamespace:
    monkeypatch.setattr(Opens, "opened", [])
    found = SimpleNamespace(ifaces={"a": device()}, L2listen=Listens, L2socket=Sends, use_pcap=False)
    monkeypatch.setattr(scapy_packets, "load_scapy", lambda: found)
    return found


@pytest.mark.parametrize(("sends", "kind"), [(False, "Listens"), (True, "Sends")])
def test_a_socket_is_opened_and_asked(conf: SimpleNamespace, monkeypatch: Patch, sends: bool, kind: str) -> None:
    clock, slept = iter([10.0, 10.5, 11.5, 11.9, 12.6]), []
    asked = Noted(None, way=None)
    way = Noted(
        None, packets=lambda most: [[], [], [], ["one"], []][len(asked.notes)], raise_when_down=None, lost=5, send=None
    )
    way.link, way.counts = 113, "counts"  # type: ignore[attr-defined]

    def way_of(*words: Any) -> Any:
        Opens.opened.append(words[1:])
        return way

    monkeypatch.setattr(scapy_packets, "_way_of", way_of)
    monkeypatch.setattr(scapy_packets.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(scapy_packets.time, "sleep", slept.append)
    sock = ScapySocket("eth0", ["f"], b"p", sends=sends)
    assert Opens.opened == [(kind, "eth0", True), ("eth0", ["f"], b"p")]
    assert (sock.link, sock.counts, sock.lost()) == (113, "counts", 5)
    looked = []
    for number in range(4):
        asked.notes[:] = [0] * number
        assert sock.wait(0.5 if number else 0.001)
        found = sock.packets(7)
        looked.append(sum(note[0] == "raise_when_down" for note in way.notes))
        assert found == (["one"] if number == 3 else [])
    assert looked == [0, 1, 1, 1]
    assert slept == [0.01, 0.01, 0.01]
    sock.wait(0.25)
    assert slept == [0.01, 0.01, 0.01]
    assert Opens.opened[-1] == ("select", 0.25)
    sock.wait(0.001)
    assert slept[-1] == 0.001
    sock.send(b"frame")
    assert way.notes[-1] == ("send", b"frame".hex())
    sock.close()
    assert Opens.opened[-1] == "closed"


@pytest.mark.parametrize(
    ("error", "kind", "number"),
    [
        (PermissionError(errno.EACCES, "no"), PermissionError, errno.EACCES),
        (OSError(errno.ENODEV, "no"), OSError, errno.ENODEV),
        (OSError("eth0: That device is down"), OSError, errno.ENETDOWN),
        (Scapy_Exception("Permission denied"), PermissionError, errno.EPERM),
        (ValueError("odd"), OSError, errno.EIO),
        (RuntimeError("odd"), OSError, errno.EIO),
        (AttributeError("odd"), OSError, errno.EIO),
    ],
)
def test_why_it_could_not_be_opened(
    conf: SimpleNamespace, monkeypatch: Patch, error: Exception, kind: type[OSError], number: int
) -> None:
    monkeypatch.setattr(Opens, "error", error)
    with pytest.raises(OSError) as raised:
        ScapySocket("eth0")
    assert (type(raised.value), raised.value.errno) == (kind, number)


def test_without_any_kind_of_socket(conf: SimpleNamespace) -> None:
    conf.L2listen = None
    with pytest.raises(OSError, match="scapy has no packet socket here") as raised:
        ScapySocket("eth0")
    assert raised.value.errno == errno.EPROTONOSUPPORT


def test_what_fails_after_the_opening_closes_it(conf: SimpleNamespace, monkeypatch: Patch) -> None:
    monkeypatch.setattr(scapy_packets, "_way_of", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        ScapySocket("eth0")
    assert Opens.opened[-1] == "closed"


@pytest.mark.parametrize(
    ("name", "platform", "number"),
    [
        ("net1", "linux", 1),
        ("Two", "linux", 2),
        ("two", "win32", 2),
        ("two", "linux", None),
        ("{GUID}", "linux", 3),
        ("the third", "linux", 3),
        ("THE THIRD", "win32", 3),
        ("both", "linux", 4),
        ("", "linux", 3),
        ("None", "linux", None),
        ("four", "linux", None),
    ],
)
def test_an_interface_by_any_of_its_names(
    conf: SimpleNamespace, monkeypatch: Patch, name: str, platform: str, number: int | None
) -> None:
    devices = [
        device(network_name="net1", name="both"),
        device(network_name="net2", name="Two"),
        device(network_name="net3", name="", description="the third", guid="{GUID}"),
        device(network_name="both", name="4", description="Two"),
    ]
    conf.ifaces = dict(enumerate(devices))
    monkeypatch.setattr(scapy_packets.sys, "platform", platform)
    if number is None:
        with pytest.raises(LookupError, match=f"scapy knows no interface '{name}'"):
            find_device(name)
    else:
        assert find_device(name) is devices[number - 1]


@pytest.mark.parametrize("fails", [False, True])
def test_the_library_keeps_more_while_it_is_opened(conf: SimpleNamespace, monkeypatch: Patch, fails: bool) -> None:
    import scapy.libs

    noted = Noted(None, pcap_activate=17, pcap_set_buffer_size=None)
    activate = noted.pcap_activate
    library = SimpleNamespace(
        pcap_activate=activate, _lib=SimpleNamespace(pcap_set_buffer_size=noted.pcap_set_buffer_size)
    )
    monkeypatch.setitem(sys.modules, "scapy.libs.winpcapy", library)  # type: ignore[arg-type]
    monkeypatch.setattr(scapy.libs, "winpcapy", library, raising=False)
    conf.use_pcap = True

    def open_one() -> None:
        with scapy_packets._large_buffer():
            assert library.pcap_activate("handle") == 17
            if fails:
                raise ZeroDivisionError

    if fails:
        with pytest.raises(ZeroDivisionError):
            open_one()
    else:
        open_one()
    assert noted.notes == [("pcap_set_buffer_size", "handle", KEPT), ("pcap_activate", "handle")]
    assert library.pcap_activate is activate
    for left in ("pcap_activate", "_lib"):
        lacking = SimpleNamespace(**{name: value for name, value in vars(library).items() if name != left})
        monkeypatch.setitem(sys.modules, "scapy.libs.winpcapy", lacking)  # type: ignore[arg-type]
        monkeypatch.setattr(scapy.libs, "winpcapy", lacking)
        with scapy_packets._large_buffer():
            assert getattr(lacking, "pcap_activate", activate) is activate


def test_the_version_of_the_library(conf: SimpleNamespace, monkeypatch: Patch) -> None:
    import scapy.libs

    assert library_version() is None
    conf.use_pcap = True
    library = SimpleNamespace(pcap_lib_version=answering(b"libpcap 1.10\xff"))
    monkeypatch.setitem(sys.modules, "scapy.libs.winpcapy", library)  # type: ignore[arg-type]
    monkeypatch.setattr(scapy.libs, "winpcapy", library, raising=False)
    assert library_version() == "libpcap 1.10\ufffd"


@pytest.mark.parametrize("error", [AttributeError("function 'SspiGetTargetHostName' not found"), OSError("no DLL")])
def test_whatever_keeps_scapy_from_loading_is_an_import_error(error: Exception, monkeypatch: Patch) -> None:
    real = builtins.__import__

    def load(name: str, *rest: Any, **named: Any) -> Any:
        if name == "scapy.arch":
            raise error
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", load)
    with pytest.raises(ImportError) as failed:
        scapy_packets.load_scapy.__wrapped__()
    assert str(failed.value) == str(error)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ModuleNotFoundError("No module named 'scapy'", name="scapy"),
            "Capturing here needs scapy: 'pip install scapy'.",
        ),
        (
            ModuleNotFoundError("No module named 'scapy.arch'", name="scapy.arch"),
            "Capturing here needs scapy, and it cannot be loaded: No module named 'scapy.arch'. 'ucdiag doctor' says "
            "what to do.",
        ),
        (
            ImportError("no DLL"),
            "Capturing here needs scapy, and it cannot be loaded: no DLL. 'ucdiag doctor' says what to do.",
        ),
    ],
)
def test_what_is_said_without_scapy(error: ImportError, sentence: str) -> None:
    assert scapy_packets.scapy_missing("Capturing here", error) == sentence
