"""The options of ``check`` and ``check-dhcp`` about asking DHCP servers: ``query``, and ``interface`` beside it."""

from ipaddress import IPv4Address
from typing import Any

import click

from ucdiag.cli.options import WORD, Parsed, bundle
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.profile import from_profile
from ucdiag.model.urls import ipv4_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.probe.dhcp_check import DhcpQueryOptions
from ucdiag.probe.dhcp_message import Relay


def _parse_vlan(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= 4094):
        raise ValueError(f"{quoted(text[:50])} is not a VLAN id: give a number from 1 to 4094")
    return int(text)


def _parse_relay(text: str) -> tuple[str, str | None]:
    """``ADDRESS`` or ``ADDRESS/SERVER``, IPv4 addresses of hosts. Raises ValueError for anything else."""
    address, slash, server = text.strip().partition("/")
    for typed in (address, server) if slash else (address,):
        try:
            flaw = ipv4_flaw(str(IPv4Address(typed)))
        except ValueError:
            flaw = "it is not an IPv4 address"
        if flaw:
            raise ValueError(
                f"{quoted(typed[:50])} cannot be used: {flaw}; give an address of the phones' subnet, and the DHCP "
                "server behind a slash, such as 10.0.20.1/10.0.0.5"
            )
    return address, server or None


def _parse_circuit(text: str) -> str:
    if not 0 < len(text.encode()) <= 255:
        raise ValueError(f"{quoted(text[:50])} is not usable: give 1 to 255 bytes")
    return text


def _gather_query(values: dict[str, Any]) -> None:
    ask, vlan, relay, circuit = (values.pop(name) for name in ("ask", "vlan", "relay", "circuit_id"))
    if vlan is not None and from_profile("vlan") and (not ask or relay is not None):
        vlan = None
    if vlan is not None and not ask:
        raise click.UsageError("--vlan goes with --ask: it is the VLAN to ask in.")
    if relay is not None and not ask:
        raise click.UsageError("--relay goes with --ask: it is for whom to ask.")
    if relay is not None and vlan is not None:
        raise click.UsageError("--relay and --vlan do not go together: a relay's question goes to the server itself.")
    if circuit is not None and relay is None:
        raise click.UsageError("--circuit-id goes with --relay: it is a part of what the relay adds.")
    asked = Relay(address=relay[0], server=relay[1], circuit=circuit) if relay is not None else None
    values["query"] = DhcpQueryOptions(interface=values["interface"], vlan=vlan, relay=asked) if ask else None


ask_options = bundle(
    [
        plain_option(
            "--ask", is_flag=True, help="Ask the DHCP servers on the link as the phone would; takes no address."
        ),
        plain_option("-i", "--interface", type=WORD, help="The network interface."),
        plain_option("--vlan", type=Parsed("ID", _parse_vlan), help="With --ask: ask tagged with this VLAN id."),
        plain_option(
            "--relay",
            type=Parsed("ADDRESS[/SERVER]", _parse_relay),
            help="With --ask: ask this DHCP server as a relay for the subnet of ADDRESS.",
        ),
        plain_option(
            "--circuit-id",
            type=Parsed("TEXT", _parse_circuit),
            help="With --relay: the circuit id of option 82.",
        ),
    ],
    _gather_query,
)
