"""The running site: how it starts, how it is reached, and that it leaves nothing behind."""

import contextlib
import errno
import socket
import threading
from pathlib import Path

import pytest

from tests.real import free_port
from ucdiag.lab.scenario import NO_ANSWER, POOL, R2_NAME, REFUSED, UNREACHABLE, Answer, Check, Host, Scenario, Site, Web
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.scenarios.base import WHOLE, site
from ucdiag.lab.serving import NOWHERE, Servers
from ucdiag.lab.site import start_site


def scenario(data: Site) -> Scenario:
    return Scenario(name="test", title="", summary="", site=data, check=Check(), expect=WHOLE)


def connect(address: tuple[str, int], timeout: float = 5) -> socket.socket:
    return socket.create_connection(address, timeout)


def test_the_three_ways_not_to_connect() -> None:
    ports: dict[int, Web | str] = {80: REFUSED, 81: NO_ANSWER, 82: UNREACHABLE}
    with start_site(scenario(site(ports=ports))) as running:
        with pytest.raises(ConnectionRefusedError):
            connect(running.connect_to[POOL, 80])
        with pytest.raises(TimeoutError):
            connect(running.connect_to[POOL, 81], timeout=0.3)
        with pytest.raises(OSError) as caught:
            connect(running.connect_to[POOL, 82])
        assert caught.value.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH)


def test_a_port_that_never_answers_goes_on_not_answering() -> None:
    with start_site(scenario(site(ports={80: NO_ANSWER}))) as running:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                connect(running.connect_to[POOL, 80], timeout=0.2)


def test_nothing_is_led_out_of_this_machine() -> None:
    with start_site(scenario(site({R2_NAME: Answer(addresses=(POOL, "192.0.2.99", "127.0.0.1"))}))) as running:
        routes = running.connect_to
        assert {host for host, _ in routes.values()} <= {"127.0.0.1", NOWHERE}
        assert routes["192.0.2.99", 80] == (NOWHERE, 80)
        assert routes["198.51.100.1", 8080] == (NOWHERE, 8080)
        assert routes.get(("198.51.100.1", 443), ("out", 1)) == (NOWHERE, 443)
        assert ("127.0.0.1", 12345) not in routes
        with pytest.raises(ConnectionRefusedError):
            connect(routes["127.0.0.1", 80])
        with pytest.raises(ConnectionRefusedError):
            connect(routes[POOL, 443])
        connect(routes[POOL, 80]).close()


def test_a_closed_site_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    files = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else None
    for name in (
        "whole-both-ports",
        "connect-no-answer",
        "dns-no-answer",
        "http-no-answer",
        "whole-slow",
        "tls-no-answer",
    ):
        running = start_site(SCENARIOS[name])
        folder = running.folder
        real = [address for address in running.connect_to.values() if address[0] == "127.0.0.1"]
        busy = []
        for address in {*real, *running.nameservers}:
            sock = socket.socket()
            busy.append(sock)
            sock.setblocking(False)
            sock.connect_ex(address)
        running.close()
        running.close()
        for sock in busy:
            sock.close()
        assert not folder.exists()
        for address in real:
            with pytest.raises(ConnectionRefusedError):
                connect(address)
    assert set(threading.enumerate()) == before
    if files is not None:
        assert len(list(Path("/proc/self/fd").iterdir())) == files


def test_a_busy_connection_does_not_keep_the_site_up() -> None:
    """Whatever a server is doing (here: nothing, and sending without end), closing ends it."""
    for name in ("http-no-answer", "http-unfinished", "http-trickle"):
        with start_site(SCENARIOS[name]) as running, connect(running.connect_to[POOL, 80]) as sock:
            sock.sendall(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            running.close()
            sock.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                while sock.recv(65536):
                    pass


def test_fixed_ports_count_up_and_a_taken_one_is_reported() -> None:
    for _ in range(20):
        base = free_port()
        try:
            running = start_site(SCENARIOS["whole"], base)
        except OSError:
            continue
        break
    with running:
        assert running.nameservers == (("127.0.0.1", base),)
        assert running.connect_to[POOL, 80] == ("127.0.0.1", base + 1)
        before = set(threading.enumerate())
        with pytest.raises(OSError):
            start_site(SCENARIOS["whole"], base)
        assert set(threading.enumerate()) == before


def test_one_audit_log_for_all_ports_of_a_host_and_one_for_each_host() -> None:
    hosts = (Host(ports={80: Web(), 8080: Web()}), Host(address="192.0.2.11", ports={80: Web()}))
    with start_site(scenario(site(hosts=hosts))) as running:
        assert len(running.audit_logs) == 2
        assert running.audit_log is not None
        assert running.audit_log.is_relative_to(running.folder)


def test_a_mistake_in_the_data_is_reported_and_leaves_nothing() -> None:
    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="nonsense"):
        start_site(scenario(site(ports={80: "nonsense"})))
    assert set(threading.enumerate()) == before


def test_many_connections_at_once() -> None:
    with start_site(SCENARIOS["whole"]) as running:
        socks = [connect(running.connect_to[POOL, 80]) for _ in range(50)]
        for sock in socks:
            sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        for sock in socks:
            with sock:
                assert sock.recv(20).startswith(b"HTTP/1.1 404")


def test_servers_can_be_closed_before_they_start() -> None:
    servers = Servers()
    servers.listen(lambda connection: None)
    servers.close()
