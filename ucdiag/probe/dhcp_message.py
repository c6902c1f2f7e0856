"""Our DHCP questions as bytes and frames, built with scapy; and the datagram in an answer's frame."""

from functools import cache
from typing import Any

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Dhcp
from ucdiag.model.vocabulary import DhcpOutcome, DhcpType, Microseconds
from ucdiag.runtime.scapy_cache import leave_out_scapy_cache

# The options that such a phone requests (option 55): 43 and 120 are documented (Microsoft, "Configuring DHCP Options to
# Enable Sign-in for IP Phones"), 15 and 119 follow from the domain it uses, 42 and 4 are the two time options that
# sources mention; the others are any client's. 66 and 67 are left out: the phones boot from their own flash.
PARAMETERS = (1, 3, 6, 15, 43, 42, 4, 51, 54, 58, 59, 119, 120)
_AGENT_INFORMATION = 82


@record(frozen=True, slots=True, kw_only=True)
class Relay:
    """``address`` is one of the phones' subnet (their router's), ``server`` whom to ask (``None``: the lease's server).

    ``circuit`` is the circuit id of option 82, where the server's answer depends on it.
    """

    address: str
    server: str | None = None
    circuit: str | None = None


@record()
class Question:
    """One message of ours. ``client`` is the hardware address in it, ``address`` our own in an INFORM.

    ``relay`` is the relay that it is passed on by (giaddr), ``agent`` the content of option 82.
    """

    type: DhcpType
    client: str
    transaction: int
    vendor_class: str | None = None
    address: str | None = None
    relay: str | None = None
    agent: bytes = b""
    asked: Microseconds = 0
    answered: bool = False

    def as_observation(self, tag: int | None, interface: str | None, outcome: DhcpOutcome | None = None) -> Dhcp:
        """The question as a fact."""
        return Dhcp(
            time=self.asked,
            type=self.type,
            client=self.client,
            vendor_class=self.vendor_class,
            transaction=self.transaction,
            client_address=self.address,
            relay=self.relay,
            requested=PARAMETERS,
            tag=tag,
            interface=interface,
            outcome=outcome,
        )


def build_message(question: Question) -> bytes:
    """The DHCP message of a question. DISCOVER has the broadcast flag set."""
    scapy = _scapy_layers()
    hardware = bytes.fromhex(question.client.replace(":", ""))
    options: list[Any] = [("message-type", question.type)]
    if question.type == "discover":
        # Windows CE, on which the phones run, names itself by its hardware address.
        options.append(("client_id", b"\x01" + hardware))
    if question.vendor_class is not None:
        options.append(("vendor_class_id", question.vendor_class.encode("ascii")))
    options += [("param_req_list", list(PARAMETERS)), ("max_dhcp_size", 1472)]
    if question.agent:
        options.append((_AGENT_INFORMATION, question.agent))  # the last one (RFC 3046, section 2.1)
    options.append("end")
    head = scapy.BOOTP(
        chaddr=hardware + bytes(10),
        xid=question.transaction,
        ciaddr=question.address or "0.0.0.0",
        giaddr=question.relay or "0.0.0.0",
        hops=1 if question.relay else 0,
        flags="B" if question.type == "discover" else 0,
    )
    # Some relays drop what is shorter than the BOOTP messages of old (RFC 1542, section 2.1).
    return bytes(head / scapy.DHCP(options=options)).ljust(300, b"\0")


def build_frame(question: Question, source: str, vlan: int | None) -> bytes:
    """The question as a broadcast frame from the hardware address ``source``, tagged where a VLAN id is given."""
    scapy = _scapy_layers()
    frame = scapy.Ether(src=source, dst="ff:ff:ff:ff:ff:ff")
    if vlan is not None:
        frame /= scapy.Dot1Q(vlan=vlan)
    frame /= scapy.IP(src=question.address or "0.0.0.0", dst="255.255.255.255")
    frame /= scapy.UDP(sport=68, dport=67)
    return bytes(frame / scapy.Raw(build_message(question)))


@record(frozen=True, slots=True)
class Datagram:
    """A UDP datagram to port 68: its VLAN id if tagged, its sender, its payload."""

    tag: int | None
    source: str
    payload: bytes


def read_frame(frame: bytes, tag: int | None = None) -> Datagram | None:
    """An Ethernet frame with such a datagram in it; ``None`` for any other bytes.

    ``tag`` is the VLAN id that the kernel took off. Checksums are not looked at: between virtual machines of
    one host they are often left to a network card that is not there.
    """
    at = 12
    while (kind := frame[at : at + 2]) in (b"\x81\x00", b"\x88\xa8"):
        tag = int.from_bytes(frame[at + 2 : at + 4], "big") & 0xFFF
        at += 4
    if kind != b"\x08\x00":
        return None
    packet = frame[at + 2 :]
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != 17 or int.from_bytes(packet[6:8], "big") & 0x3FFF:
        return None
    header = (packet[0] & 15) * 4
    datagram = packet[header : int.from_bytes(packet[2:4], "big") or len(packet)]
    if header < 20 or len(datagram) < 8 or datagram[2:4] != b"\x00\x44":
        return None
    length = int.from_bytes(datagram[4:6], "big")
    source = ".".join(str(byte) for byte in packet[12:16])
    return Datagram(tag, source, datagram[8 : length if length >= 8 else len(datagram)])


class _Layers:
    """The few layers of scapy that are needed here."""

    def __init__(self) -> None:
        import logging

        logging.getLogger("scapy").setLevel(logging.ERROR)  # as in load_scapy, which would take longer
        leave_out_scapy_cache()
        from scapy.layers.dhcp import BOOTP, DHCP
        from scapy.layers.inet import IP, UDP
        from scapy.layers.l2 import Dot1Q, Ether
        from scapy.packet import Raw

        self.BOOTP: Any = BOOTP
        self.DHCP: Any = DHCP
        self.IP: Any = IP
        self.UDP: Any = UDP
        self.Dot1Q: Any = Dot1Q
        self.Ether: Any = Ether
        self.Raw: Any = Raw


@cache
def _scapy_layers() -> _Layers:
    return _Layers()


def new_transaction() -> int:
    """A transaction id that nobody can guess; never 0."""
    import secrets

    return 1 + secrets.randbelow(0xFFFFFFFF)
