"""Windows' own registry, and what a Windows machine says of its addresses: with modules of Windows' form."""

import socket
import sys
from types import ModuleType, TracebackType
from typing import Any

import pytest

from ucdiag.leases.windows import Network, SystemRegistry

KEY = r"SYSTEM\Services\Tcpip"
KEYS = {KEY: (["{1}", "{2}"], {"Domain": "contoso.com", "Lease": 86400, "Dns": ["10.0.0.2"]})}


class Winreg(ModuleType):
    """As Python's winreg: keys are opened, counted, and read by number. Error 5 is ERROR_ACCESS_DENIED."""

    HKEY_LOCAL_MACHINE = 0x80000002

    def __init__(self) -> None:
        super().__init__("winreg")
        self.open = 0

    def OpenKey(self, root: int, path: str) -> "Opened":  # noqa: N802
        assert root == self.HKEY_LOCAL_MACHINE
        if path == "refused":
            raise PermissionError(13, "Access is denied", None, 5)
        if path not in KEYS:
            raise FileNotFoundError(2, "The system cannot find the file specified", None, 2)
        return Opened(self, path)

    def QueryInfoKey(self, key: "Opened") -> tuple[int, int, int]:  # noqa: N802
        keys, values = KEYS[key.path]
        return len(keys), len(values), 134_000_000_000_000_000

    def EnumKey(self, key: "Opened", at: int) -> str:  # noqa: N802
        return KEYS[key.path][0][at]

    def EnumValue(self, key: "Opened", at: int) -> tuple[str, Any, int]:  # noqa: N802
        return (*list(KEYS[key.path][1].items())[at], 1)


class Opened:
    def __init__(self, owner: Winreg, path: str) -> None:
        self.owner = owner
        self.path = path

    def __enter__(self) -> "Opened":
        self.owner.open += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.owner.open -= 1


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> Winreg:
    module = Winreg()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", module)
    return module


def test_keys_and_values(winreg: Winreg) -> None:
    assert list(SystemRegistry().subkey_names(KEY)) == ["{1}", "{2}"]
    assert SystemRegistry().key_values(KEY) == {"Domain": "contoso.com", "Lease": 86400, "Dns": ["10.0.0.2"]}
    assert winreg.open == 0


def test_a_key_that_is_not_there_is_empty(winreg: Winreg) -> None:
    assert list(SystemRegistry().subkey_names("nowhere")) == []
    assert SystemRegistry().key_values("nowhere") == {}


def test_a_refusal_passes(winreg: Winreg) -> None:
    with pytest.raises(PermissionError):
        SystemRegistry().subkey_names("refused")
    with pytest.raises(PermissionError):
        SystemRegistry().key_values("refused")


def test_elsewhere_there_is_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert list(SystemRegistry().subkey_names(KEY)) == []
    assert SystemRegistry().key_values(KEY) == {}


class Unrouted(socket.socket):
    def connect(self, address: Any) -> None:
        raise OSError(101, "Network is unreachable")


class Routed(socket.socket):
    asked: list[Any] = []

    def connect(self, address: Any) -> None:
        self.asked.append((self.family, self.type, address))

    def getsockname(self) -> Any:
        return "10.0.0.7", 50123


def test_the_address_of_the_default_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", Routed)
    assert Network().route_address() == "10.0.0.7"
    [(family, kind, (address, _))] = Routed.asked
    # TEST-NET-1 of RFC 5737: everybody's default route, nobody's host. UDP sends nothing.
    assert (family, kind, address.rpartition(".")[0]) == (socket.AF_INET, socket.SOCK_DGRAM, "192.0.2")


def test_without_a_default_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", Unrouted)
    assert Network().route_address() is None


def test_the_addresses_of_the_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, port: None, family: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        assert (host, family) == ("laptop", socket.AF_INET)
        return [(2, 2, 17, "", (address, 0)) for address in ("10.0.0.7", "192.168.56.1", "10.0.0.7")]

    monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
    monkeypatch.setattr(socket, "getaddrinfo", found)
    assert Network().own_addresses() == {"10.0.0.7", "192.168.56.1"}


@pytest.mark.parametrize("error", [socket.gaierror(8, "nodename unknown"), UnicodeError("label too long")])
def test_an_own_name_without_addresses(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", refuses)
    assert Network().own_addresses() is None
