"""A VPN of this machine through which servers were asked is named; any other way is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ucdiag.leases import linux
from ucdiag.leases.selection import Interface
from ucdiag.leases.system_files import SystemFiles
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.model.report import Problem
from ucdiag.probe import tunnels
from ucdiag.runtime.context import CannotTest, Context

DUMP = Path(__file__).parent.parent / "leases" / "data" / "rtnetlink"
VPN = {"10.99.0.2": "tun0", "127.0.0.1": "wg0"}


def lookup(server: str | None, client: str | None = None, **more: bool) -> Lookup:
    return Lookup(time=1, name="ucupdates-r2.contoso.com", type="A", server=server, client=client, **more)


def connect(server: str, client: str | None = None) -> Connect:
    return Connect(time=2, server=server, port=80, outcome="open" if client else "no_answer", client=client)


def noted(monkeypatch: pytest.MonkeyPatch, *facts: Observation, context: Context | None = None) -> list[str]:
    """The notes behind these facts, up to what is advised."""
    monkeypatch.setattr(tunnels, "vpn_addresses", lambda: VPN)
    items = list(tunnels.with_tunnels(context or Context(), facts))
    assert items[: len(facts)] == list(facts)
    problems = [item for item in items[len(facts) :] if isinstance(item, Problem)]
    assert {problem.code for problem in problems} <= {"asked-through-vpn"}
    return [problem.text.partition(". ")[0] for problem in problems]


@pytest.mark.parametrize(
    ("facts", "notes"),
    [
        ([lookup("10.0.0.2", "10.99.0.2")], ["This machine's way to 10.0.0.2 leads through tun0, a VPN"]),
        (
            [lookup("10.0.0.2", "10.99.0.2"), connect("10.0.0.20", "10.99.0.2"), connect("10.0.0.20", "10.99.0.2")],
            ["This machine's way to 10.0.0.2 and 10.0.0.20 leads through tun0, a VPN"],
        ),
        # Who does not answer is asked for by the route to it.
        ([connect("127.0.0.9")], ["This machine's way to 127.0.0.9 leads through wg0, a VPN"]),
        (
            [lookup("10.0.0.2", "10.0.0.7"), connect("10.0.0.20", "10.99.0.2")],
            ["This machine's way to 10.0.0.20 leads through tun0, a VPN"],
        ),
        ([lookup("10.0.0.2", "10.0.0.7"), connect("10.0.0.20", "10.0.0.7")], []),
        ([lookup("127.0.0.9", assumed=True), lookup(None)], []),
        ([], []),
    ],
)
def test_a_vpn_that_was_the_way_is_noted(
    facts: list[Observation], notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert noted(monkeypatch, *facts) == notes


def test_where_connections_are_led_elsewhere_no_route_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Context(connect_to={("127.0.0.9", 80): ("10.0.0.9", 80)})
    assert noted(monkeypatch, connect("127.0.0.9"), context=elsewhere) == []


def test_a_run_that_cannot_go_on_has_its_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts() -> Iterator[Observation]:
        yield lookup("10.0.0.2", "10.99.0.2")
        raise CannotTest("not-sent", "It could not be sent.")

    monkeypatch.setattr(tunnels, "vpn_addresses", lambda: VPN)
    items = tunnels.with_tunnels(Context(), facts())
    assert [getattr(next(items), "code", None) for _ in range(2)] == [None, "asked-through-vpn"]
    with pytest.raises(CannotTest, match="could not be sent"):
        next(items)


@pytest.mark.parametrize(
    ("platform", "kind", "found"),
    [("linux", "vpn", True), ("linux", "ethernet", False), ("win32", "vpn", False), ("darwin", "vpn", False)],
)
def test_the_addresses_of_vpns_are_the_kernel_s(
    platform: str, kind: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(linux, "read_interfaces", lambda files: [Interface(name="tun0", index=3, kind=kind)])
    monkeypatch.setattr(SystemFiles, "kernel_addresses", lambda _: DUMP.read_bytes())
    assert list(tunnels.vpn_addresses().values()) == (["tun0"] if found else [])


IPV6 = """\
fd000000000000000000000000000007 03 40 00 80     {name}
fe80000000000000fc00fffe00000001 03 40 20 80     {name}
20010db8000000000000000000000007 02 40 00 80     eth0
nonsense
"""
PPPOE = "Id       Address              Device\n"
SESSION = "01000000 00:11:22:33:44:55    eth0\n"


@pytest.mark.parametrize(
    ("name", "sessions", "found"),
    [
        ("tun0", "", True),
        ("ppp0", "", True),
        ("ppp0", PPPOE, True),
        ("ppp0", PPPOE + SESSION, False),
        ("tun0", PPPOE + SESSION, True),
    ],
)
def test_of_either_family_and_not_of_an_uplink_by_pppoe(
    name: str, sessions: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"/proc/net/pppoe": sessions, "/proc/net/if_inet6": IPV6.format(name=name)}
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(linux, "read_interfaces", lambda files: [Interface(name=name, index=3, kind="vpn")])
    monkeypatch.setattr(SystemFiles, "kernel_addresses", lambda _: DUMP.read_bytes())
    monkeypatch.setattr(SystemFiles, "read_text", lambda _, path: texts[path])
    addresses = tunnels.vpn_addresses()
    assert set(addresses.values()) == ({name} if found else set())
    assert ("fd00::7" in addresses, len(addresses)) == ((True, 2) if found else (False, 0))


def test_two_ppp_interfaces_beside_one_session_of_pppoe_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [Interface(name=name, index=number, kind="vpn") for number, name in ((3, "ppp0"), (4, "ppp1"))]
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(linux, "read_interfaces", lambda files: both)
    monkeypatch.setattr(SystemFiles, "kernel_addresses", lambda _: DUMP.read_bytes())
    monkeypatch.setattr(SystemFiles, "read_text", lambda _, path: PPPOE + SESSION if "pppoe" in path else "")
    assert list(tunnels.vpn_addresses().values()) == ["ppp0"]
