"""The bytes of a relay's question, and what of an answer counts. Real servers: tests/site/test_dhcp_relay.py."""

import socket

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dhcp_options import option
from ucdiag.cli import main as edge
from ucdiag.probe.dhcp_message import Question, build_message
from ucdiag.probe.dhcp_relay import other_subnet
from ucdiag.wire.dhcp.message import read_dhcp

PHONES = "10.79.0.1"


def offer(address: str, *options: bytes) -> bytes:
    head = b"\2\1\6\0" + bytes(12) + socket.inet_aton(address) + bytes(216)
    return head + b"\x63\x82\x53\x63" + b"".join(options) + b"\xff"


def test_the_question_of_a_relay() -> None:
    agent = b"\5\4" + socket.inet_aton(PHONES)
    sent = build_message(Question("discover", "00:04:f2:aa:bb:cc", 7, "CPE-OCPhone", relay="10.0.0.50", agent=agent))
    message = read_dhcp(sent, time=0)
    assert (message.relay, sent[3]) == ("10.0.0.50", 1)
    assert message.options[-1] == 82
    assert option(82, agent) in sent
    plain = build_message(Question("discover", "00:04:f2:aa:bb:cc", 7))
    assert (read_dhcp(plain, time=0).relay, plain[3], 82 in read_dhcp(plain, time=0).options) == (None, 0, False)


@pytest.mark.parametrize(
    ("address", "mask", "other"),
    [
        ("10.79.0.77", "255.255.255.0", None),
        ("10.79.3.77", "255.255.0.0", None),
        ("10.77.0.77", "255.255.255.0", "10.77.0.77"),
        ("10.77.0.77", None, None),
        ("0.0.0.0", "255.255.255.0", None),
    ],
)
def test_offers_of_another_subnet(address: str, mask: str | None, other: str | None) -> None:
    options = [b"\0", option(53, b"\2"), *([option(1, socket.inet_aton(mask))] if mask else [])]
    assert other_subnet(offer(address, *options), PHONES) == other


@given(st.binary(max_size=400))
def test_any_answer(data: bytes) -> None:
    other_subnet(data, PHONES)
    other_subnet(offer("10.0.0.1") + data, PHONES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--relay", "10.0.0.1"], "--relay goes with --ask"),
        (["--ask", "--relay", "10.0.0.1", "--vlan", "20"], "--relay and --vlan do not go together"),
        (["--ask", "--circuit-id", "port"], "--circuit-id goes with --relay"),
        (["--ask", "--relay", "router"], "it is not an IPv4 address"),
        (["--ask", "--relay", "10.0.0.1/"], "it is not an IPv4 address"),
        (["--ask", "--relay", "::1/10.0.0.1"], "it is not an IPv4 address"),
        (["--ask", "--relay", "0.0.0.0/10.0.0.1"], "cannot be used"),
        (["--ask", "--relay", "10.0.0.1", "--circuit-id", "x" * 256], "give 1 to 255 bytes"),
    ],
)
@pytest.mark.parametrize("command", ["check", "check-dhcp"])
def test_wrong_uses(command: str, words: list[str], said: str) -> None:
    result = CliRunner().invoke(edge.cli, [command, *words])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
