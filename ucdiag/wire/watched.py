"""Which packets matter by their headers: the one list of ports, protocols and EtherTypes, for all filters.

How the filters relate is at the head of ``ucdiag/capture/prefilter.py``. Which hosts matter is in ``host_filter.py``.
"""

from ucdiag.wire.link.link_layer import VLAN_TAGS, WRAPPERS
from ucdiag.wire.link.tunnels import ETHER_IP, L2TP, MPLS_IN_IP, TUNNEL_PORTS

# Protocols of IPv4 (https://www.iana.org/assignments/protocol-numbers).
ICMP, IPIP, TCP, UDP, SIX_IN_FOUR, IP_GRE, AH = 1, 4, 6, 17, 41, 47, 51
# Those in which mirror ports carry packets; AH comes before any of the others.
TUNNEL_PROTOCOLS = frozenset({IPIP, SIX_IN_FOUR, IP_GRE, AH, ETHER_IP, L2TP, MPLS_IN_IP})
# Destination unreachable, time exceeded: a packet of a phone did not arrive.
ICMP_ERRORS = frozenset({3, 11})

DNS_PORT = 53
# Where a phone signs in: SIP over TLS (the SRV record _sipinternaltls._tcp; Microsoft, "DNS requirements for a Standard
# Edition server", Lync Server 2013).
SIGN_IN_PORT = 5061
DHCP_PORTS = frozenset({67, 68})
# All UDP that matters. Of TCP, the watched ports matter: those of ``--port``, 80, 443, and these.
OWN_TCP_PORTS = frozenset({DNS_PORT, SIGN_IN_PORT})
UDP_PORTS = DHCP_PORTS | TUNNEL_PORTS | {DNS_PORT}

# EtherTypes of headers that may come before IPv4.
BEFORE_IPV4 = VLAN_TAGS | WRAPPERS
