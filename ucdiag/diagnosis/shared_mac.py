"""Hosts behind one MAC address that is not a router's: a wireless bridge, proxy ARP.

Such a device puts its own MAC address into the frames, and some put it into DHCP (chaddr) as well. The hosts are then
distinguished by the client identifier (option 61), the fields of their update requests, and the IP address.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

from ucdiag.model.observations import Dhcp

_Key = TypeVar("_Key")
_MOST = 4096
_HARDWARE = "01:"  # a client identifier that is an Ethernet address (RFC 2132, section 9.14)
_MAC_LENGTH = 17
# What stands behind the MAC address, where an identifier is no address itself.
_SEPARATOR = " "


class DhcpClients:
    """Finds the client of a DHCP message, if several share a hardware address."""

    def __init__(self) -> None:
        # The identifier that each hardware address was first seen with ("": its own, or none), and whose a transaction
        # is that is another one's.
        self._first: OrderedDict[str, str] = OrderedDict()
        self._others: OrderedDict[tuple[str, int], str] = OrderedDict()

    def client_key(self, message: Dhcp) -> str | None:
        """The MAC address by which the client is known; for one without a MAC address of its own, that of the bridge
        and its identifier."""
        mac = message.client
        if mac is None:
            return None
        transaction = (mac, message.transaction or 0)
        if message.type in ("offer", "ack", "nak"):
            return self._others.get(transaction, mac)
        found = self._key_of(mac, message.client_id)
        if found == mac:
            self._others.pop(transaction, None)
        else:
            _put_bounded(self._others, transaction, found)
        return found

    def _key_of(self, mac: str, identifier: str | None) -> str:
        own = "" if identifier is None or identifier == f"{_HARDWARE}{mac}" else identifier
        first = self._first.get(mac)
        if first is None:
            _put_bounded(self._first, mac, own)
            return mac
        if own == first or not own:
            return mac
        if own.startswith(_HARDWARE) and len(own) == len(_HARDWARE) + _MAC_LENGTH:
            return own.removeprefix(_HARDWARE)
        # A boot loader's identifier is of another kind than that of what it starts.
        return f"{mac}{_SEPARATOR}{own}" if own[:2] == first[:2] else mac


def plain_mac(key: str) -> str:
    """The MAC address of a key of ``DhcpClients``."""
    return key.partition(_SEPARATOR)[0]


def are_several(claimed: Iterable[str]) -> bool:
    """Whether names that update requests gave are of more than one phone. One phone may say its MAC address in one
    request, and its serial number in another."""
    names = set(claimed)
    macs = {name for name in names if ":" in name}
    return len(macs) > 1 or len(names - macs) > 1


def _put_bounded(table: "OrderedDict[_Key, str]", key: _Key, value: str) -> None:
    table[key] = value
    if len(table) > _MOST:
        table.popitem(last=False)
