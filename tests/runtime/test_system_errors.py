"""What systems say when sending fails: by number for Windows and macOS, which cannot run here, and what follows."""

import errno
import gc
import http.client
import socket
import sys
from collections.abc import Callable

import pytest

from tests.probe.raw_server import HOST, RawServer
from ucdiag.model.observations import Http, Lookup, Tls
from ucdiag.probe.dns import Resolver
from ucdiag.probe.http import send_update_request
from ucdiag.probe.tcp import connect
from ucdiag.probe.tls import handshake
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import broke_here, connect_tcp, is_for_many, local_reason, name_of
from ucdiag.update_service.request import Request

NAME = "ucupdates-r2.contoso.com"

WINDOWS = {
    10013: ("WSAEACCES", "Get-NetFirewallRule"),
    10022: ("WSAEINVAL", "firewall"),
    10047: ("WSAEAFNOSUPPORT", "does not speak"),
    10049: ("WSAEADDRNOTAVAIL", "Get-NetIPAddress"),
    10050: ("WSAENETDOWN", "cable"),
    10051: ("WSAENETUNREACH", "Find-NetRoute"),
    10065: ("WSAEHOSTUNREACH", "Find-NetRoute"),
}
MACOS = {
    1: ("EPERM", "pfctl"),
    13: ("EACCES", "pfctl"),
    47: ("EAFNOSUPPORT", "does not speak"),
    49: ("EADDRNOTAVAIL", "ifconfig"),
    50: ("ENETDOWN", "ifconfig"),
    51: ("ENETUNREACH", "route get 192.0.2.1"),
    65: ("EHOSTUNREACH", "route get 192.0.2.1"),
}
SAYS = [("win32", number, *said) for number, said in WINDOWS.items()]
SAYS += [("darwin", number, *said) for number, said in MACOS.items()]


@pytest.mark.parametrize(("platform", "number", "name", "advice"), SAYS)
def test_the_reason_is_the_systems_own_and_the_advice_is_for_that_system(
    platform: str, number: int, name: str, advice: str
) -> None:
    reason = local_reason(OSError(number, "the system's words"), "192.0.2.1", platform)
    assert reason.startswith(f"the system's words ({name}")
    assert advice in reason


@pytest.mark.parametrize(
    ("platform", "number"),
    [
        ("win32", 10024),
        ("win32", 10055),
        ("darwin", 24),
        ("darwin", 55),
        ("linux", errno.EMFILE),
        ("linux", errno.ENFILE),
    ],
)
def test_out_of_sockets_ends_the_test(platform: str, number: int) -> None:
    with pytest.raises(CannotTest, match="Close programs") as caught:
        local_reason(OSError(number, "Too many"), None, platform)
    assert caught.value.code == "no-sockets"


@pytest.mark.parametrize(("number", "name"), [(61, "ECONNREFUSED"), (54, "ECONNRESET"), (60, "ETIMEDOUT")])
def test_macos_has_numbers_of_its_own(number: int, name: str) -> None:
    assert name_of(number, "darwin") == name
    assert name_of(number, "linux") != name


BROKEN_HERE = [10050, 10053, 10013, errno.ENETDOWN, errno.EPERM, errno.EADDRNOTAVAIL, errno.ECONNABORTED]
FROM_OUTSIDE = [10054, 10060, 10061, errno.ECONNRESET, errno.EPIPE, errno.ETIMEDOUT, errno.EHOSTUNREACH]


@pytest.mark.parametrize("number", BROKEN_HERE)
def test_what_breaks_a_connection_here(number: int) -> None:
    assert (broke_here(OSError(number, "words")) or "").startswith("words (")


@pytest.mark.parametrize("number", FROM_OUTSIDE)
def test_what_breaks_a_connection_from_outside(number: int) -> None:
    assert broke_here(OSError(number, "words")) is None


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, "the system's words")

    return fail


def asked() -> Lookup:
    return Resolver(Context(timeout=1)).ask_nameserver(NAME, "A", (HOST, 9), "update")


@pytest.mark.parametrize("call", ["connect", "send"])
@pytest.mark.parametrize("number", [*WINDOWS, errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.EINVAL, 9999])
def test_a_question_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    monkeypatch.setattr(socket.socket, call, failing(number))
    found = asked()
    assert (found.rcode, found.failure, found.attempts) == (None, "not_sent", 0)
    assert (found.reason or "").startswith("the system's words")


@pytest.mark.parametrize("call", ["connect", "send"])
@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOBUFS, 10055])
def test_a_question_for_which_there_is_no_socket(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    monkeypatch.setattr(socket.socket, call, failing(number))
    with pytest.raises(CannotTest) as caught:
        asked()
    assert caught.value.code == "no-sockets"


def test_no_socket_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", failing(errno.EMFILE))
    with pytest.raises(CannotTest, match="Close programs"):
        asked()


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.ECONNRESET, 10054])
def test_a_port_unreachable_that_came_back(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(socket.socket, "recv", failing(number))
    found = asked()
    assert (found.failure, found.attempts) == ("unreachable", 1)
    assert "ICMP port unreachable" in (found.reason or "")


def test_of_a_port_that_is_closed_the_sender_of_the_word_is_reported() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        port = sock.getsockname()[1]
    found = Resolver(Context(timeout=5)).ask_nameserver(NAME, "A", (HOST, port), "update")
    assert (found.failure, found.reason) == ("unreachable", f"ICMP port unreachable, said {HOST}")


# On an open connection.


@pytest.mark.parametrize("call", ["sendall", "recv"])
@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ENETDOWN, "not_sent"),
        (errno.EPERM, "not_sent"),
        (10050, "not_sent"),
        (10053, "not_sent"),
        (errno.ECONNRESET, "reset"),
        (errno.EHOSTUNREACH, "closed"),
    ],
)
def test_a_request_that_breaks_off(monkeypatch: pytest.MonkeyPatch, call: str, number: int, failure: str) -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        _, stream = connect(Context(), HOST, server.port)
        assert stream is not None
        monkeypatch.setattr(socket.socket, call, failing(number))
        if call == "sendall":
            monkeypatch.setattr(socket.socket, "recv", failing(number))
        seen: Http = send_update_request(Context(), stream, REQUEST, server=HOST, port=server.port).http
        monkeypatch.undo()
        stream.close()
    assert seen.failure == failure
    assert ("the system's words (" in (seen.reason or "")) == (failure == "not_sent")


REQUEST = Request(method="POST", target="/", headers=(("Host", "h"),), body=b"x")


@pytest.mark.parametrize("call", ["sendall", "recv"])
@pytest.mark.parametrize(("number", "outcome"), [(errno.ENETDOWN, "not_sent"), (errno.ECONNRESET, "closed")])
def test_a_handshake_that_breaks_off(monkeypatch: pytest.MonkeyPatch, call: str, number: int, outcome: str) -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        _, stream = connect(Context(), HOST, server.port)
        assert stream is not None
        monkeypatch.setattr(socket.socket, call, failing(number))
        seen: Tls = handshake(Context(), stream, "pool.contoso.com", HOST, server.port)[0]
        monkeypatch.undo()
        stream.close()
    assert (seen.outcome, seen.closed_by) == (outcome, "server" if outcome == "closed" else None)


def test_an_answer_that_never_came_is_not_closed_after_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python 3.13 on that would be "Exception ignored in" on standard error, at some later time."""
    errors: list[Exception] = []
    close = http.client.HTTPResponse.close

    def closing(head: http.client.HTTPResponse) -> None:
        try:
            close(head)
        except ValueError as error:
            errors.append(error)

    monkeypatch.setattr(http.client.HTTPResponse, "close", closing)
    with RawServer(lambda peer: peer.silent()) as server:
        _, stream = connect(Context(), HOST, server.port)
        assert stream is not None
        with monkeypatch.context() as broken:
            for call in ("sendall", "recv"):
                broken.setattr(socket.socket, call, failing(errno.ENETDOWN))
            assert (
                send_update_request(Context(), stream, REQUEST, server=HOST, port=server.port).http.failure
                == "not_sent"
            )
        stream.close()
    gc.collect()
    assert errors == []


FORBIDS = "this machine forbids it: check its routes for one of type"
ROUTES, FIREWALL, LINK = "ip route get 192.0.2.1", "nft list ruleset, or iptables -S OUTPUT", "ip link"
NO_ROUTE = f"this machine has no route there: check its cable, its address and its routes ({ROUTES})"
ADVICE = {
    "ENETUNREACH": NO_ROUTE,
    "EHOSTUNREACH": NO_ROUTE,
    "ENONET": NO_ROUTE,
    "EACCES": f"{FORBIDS} prohibit ({ROUTES}) and its firewall ({FIREWALL})",
    "EINVAL": f"{FORBIDS} blackhole ({ROUTES}) and its firewall ({FIREWALL})",
    "EPERM": f"this machine's firewall does not let it out: check its output rules ({FIREWALL})",
    "ENETDOWN": f"its network interface is down: check the cable and the interface ({LINK})",
    "ENODEV": f"its network interface is down: check the cable and the interface ({LINK})",
    "ENXIO": f"its network interface is down: check the cable and the interface ({LINK})",
    "EADDRNOTAVAIL": "this machine has no address to send from: check its addresses (ip address)",
    "EADDRINUSE": "this machine has no port left to send from: close programs and try again",
    "EAFNOSUPPORT": "this machine does not speak that kind of address: test with an address that it can reach",
    "EPROTONOSUPPORT": "this machine does not speak that kind of address: test with an address that it can reach",
    "ECONNABORTED": (
        "this machine itself ended the connection: check its firewall and its virus scanner, and try again"
    ),
    "EIO": f"check this machine's interface, routes and firewall ({LINK}; {ROUTES}; {FIREWALL})",
}


@pytest.mark.parametrize(("name", "advice"), ADVICE.items())
def test_the_advice_for_each_error_on_linux(name: str, advice: str) -> None:
    error = OSError(getattr(errno, name), "its words")
    assert local_reason(error, "192.0.2.1", "linux") == f"its words ({name}); {advice}"


def test_an_error_without_a_number_or_words() -> None:
    assert local_reason(OSError(), None, "linux") == (
        f"OSError; check this machine's interface, routes and firewall ({LINK}; ip route get ADDRESS; {FIREWALL})"
    )
    assert local_reason(OSError("x"), "::1", "win32").startswith("x; check this machine's interface")


def test_ipv6_is_named() -> None:
    assert local_reason(OSError(10047, "no"), "2001:db8::1", "win32") == (
        "no (WSAEAFNOSUPPORT 10047); this machine does not speak IPv6: test with an address that it can reach"
    )


@pytest.mark.parametrize(
    ("number", "platform", "example"),
    [
        (errno.EINVAL, "linux", "fe80::1%eth0"),
        (errno.ENETUNREACH, "linux", "fe80::1%eth0"),
        (65, "darwin", "fe80::1%en0"),
        (10051, "win32", "fe80::1%12"),
    ],
)
def test_an_address_of_one_link_wants_its_interface(number: int, platform: str, example: str) -> None:
    said = local_reason(OSError(number, "its words"), "fe80::1", platform)
    assert said.endswith(f"; an address of one link says nothing without its interface: name it, such as {example}")
    for address in (example, "2001:db8::1", "192.0.2.1"):
        assert "interface: name it" not in local_reason(OSError(number, "its words"), address, platform)


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("linux", "ip route get fe80::1 dev eth0"),
        ("darwin", "route get fe80::1%eth0"),
        ("win32", "Find-NetRoute -RemoteIPAddress fe80::1%eth0"),
    ],
)
def test_the_route_of_an_address_of_one_link_is_asked_as_the_system_reads_it(platform: str, command: str) -> None:
    number = {"linux": errno.ENETUNREACH, "darwin": 51, "win32": 10051}[platform]
    assert f"({command})" in local_reason(OSError(number, "its words"), "fe80::1%eth0", platform)


WINDOWS_NAMES = {
    10013: "EACCES",
    10022: "EINVAL",
    10024: "EMFILE",
    10043: "EPROTONOSUPPORT",
    10047: "EAFNOSUPPORT",
    10048: "EADDRINUSE",
    10049: "EADDRNOTAVAIL",
    10050: "ENETDOWN",
    10051: "ENETUNREACH",
    10052: "ENETRESET",
    10053: "ECONNABORTED",
    10054: "ECONNRESET",
    10055: "ENOBUFS",
    10060: "ETIMEDOUT",
    10061: "ECONNREFUSED",
    10064: "EHOSTDOWN",
    10065: "EHOSTUNREACH",
    10099: None,
}


@pytest.mark.parametrize(("number", "name"), WINDOWS_NAMES.items())
def test_names_of_windows(number: int, name: str | None) -> None:
    assert name_of(number) == name


MACOS_NAMES = {
    43: "EPROTONOSUPPORT",
    47: "EAFNOSUPPORT",
    48: "EADDRINUSE",
    49: "EADDRNOTAVAIL",
    50: "ENETDOWN",
    51: "ENETUNREACH",
    52: "ENETRESET",
    53: "ECONNABORTED",
    54: "ECONNRESET",
    55: "ENOBUFS",
    60: "ETIMEDOUT",
    61: "ECONNREFUSED",
    64: "EHOSTDOWN",
    65: "EHOSTUNREACH",
    66: None,
    13: "EACCES",
    34: errno.errorcode.get(34),
}


@pytest.mark.skipif(sys.platform == "darwin", reason="there the numbers are the system's own")
@pytest.mark.parametrize(("number", "name"), MACOS_NAMES.items())
def test_names_of_macos(number: int, name: str | None) -> None:
    assert name_of(number, "darwin") == name


def test_no_number_has_no_name() -> None:
    assert name_of(None) is None


@pytest.mark.parametrize(
    ("address", "many"),
    [
        ("224.0.0.1", True),
        ("239.255.255.255", True),
        ("255.255.255.255", True),
        ("ff02::1", True),
        ("ff02::1%lo", True),
        ("127.0.0.1", False),
        ("::1", False),
    ],
)
def test_addresses_of_many(address: str, many: bool) -> None:
    assert is_for_many(address, 80) is many


@pytest.mark.parametrize("address", ["pool.contoso.com", "10.0.0.256", "", "x" * 100])
def test_what_is_no_address_cannot_be_connected_to(address: str) -> None:
    with pytest.raises(ValueError, match="is no address to connect to") as caught:
        connect_tcp(address, 80, 1.0, lambda: 0.0)
    assert str(caught.value) == f"{address[:60]!r} is no address to connect to"
