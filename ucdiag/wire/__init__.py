"""Bytes to observations: frames, datagrams, TCP streams, DHCP, DNS, HTTP, TLS. No I/O, no clock, no judgement.

How the parts meet. Addresses are packed ``bytes`` (4 or 16 of them) until an observation is made, MAC
addresses packed ``bytes`` (6) or ``None``; times are integer microseconds since the epoch; ``frame`` counts
from 1. ``emit`` is called with each finished observation, in the order in which they are finished. ::

    PacketTracker           packet_tracker.py    one packet in: link layer, IP, fragments, ARP, ICMP, then one of
      -> ConnectionTracker  tcp/connections.py   TCP on the watched ports: connect, HTTP, TLS, and DNS on port 53
      -> DnsTracker         dns/tracker.py       DNS messages: matches questions to answers
      -> read_dhcp          dhcp/message.py      one DHCP message
    HostFilter              host_filter.py       which addresses may be a phone's, for readers that reject early
    ByteRun                 tcp/byte_run.py      a run of bytes that only has to be counted

``ConnectionTracker(emit, lookups, *, ports, patience, bodies, flows=..., buffer=...)``
    ``ports`` is the set of watched server ports (80, 443, others; 53 goes to ``lookups``). ``bodies`` False (facts)
    keeps no request or answer text. All limits are keyword arguments with defaults; what had to be
    forgotten is counted in ``dropped``.

    ``segment(time, frame, src, sport, dst, dport, seq, ack, flags, window, payload, length, src_mac, dst_mac)``
        One TCP segment; gives a ``ByteRun`` or ``None``. ``payload`` (bytes) are the payload bytes captured, ``length``
        how many there were on the wire (``length > len(payload)``: the snap length cut them). ``flags`` is the TCP
        flags byte. A returned ``ByteRun`` says: what follows in this direction only has to be counted, see there; the
        same object comes back while the run lasts, and ``live`` is False when it is over. ``None`` says: keep
        calling. Segments with nothing but ACK and no payload may be left out where the reader can tell them cheaply;
        with them, loss in the capture is told sooner and "acknowledged but not answered" is known.
    ``unreachable(time, frame, reporter, src, sport, dst, dport, reason)``
        An ICMP "destination unreachable" that quotes a TCP segment of ``src`` to ``dst``. ``reason`` is text ("ICMP
        host unreachable from 10.0.0.1").
    ``expire(now)``
        Called every second or so of capture time: concludes what has waited for longer than its time limit.
    ``finish(at)``
        The capture has ended at ``at``: emits all that is still open. What waited for less than ``patience`` is
        ``unfinished`` (``None`` outcome words as the observations say), not failed.
    ``pending(at)``
        What ``finish(at)`` would emit, without ending anything: for a view of a capture that goes on. ``DnsTracker``,
        ``Arp`` and ``PacketTracker`` have it too.
    ``update``
        A keyword argument: called with an ``UpdateExchange`` (``http/exchange.py``) for each POST to the Device Update
        Service, after its ``Http`` and its ``UpdateAnswer`` were emitted. It has head and body of the request exactly
        as sent, and the answer's body.
    ``dropped: int``

``DnsTracker(emit, *, patience, pending=...)``
    ``udp(time, frame, src, sport, dst, dport, payload, src_mac, dst_mac)`` takes one datagram of port 53,
    ``message(time, frame, src, sport, dst, dport, payload, src_mac, dst_mac, transport)`` is what both it and a DNS
    message out of a TCP stream end in; ``expire(now)``, ``finish(at)`` and ``dropped`` as above. A Lookup with
    ``rcode`` None is emitted when no answer came within the time limit; ``failure`` is then no_answer, or None when
    the capture ended within ``patience`` of the question. ``unreachable(time, frame, reporter, src, sport, dst, dport,
    reason, ident)`` takes an ICMP error that quotes a question, whose identifier is ``ident`` if that much is quoted.

``read_dhcp(payload, *, time, frame, src, tag) -> Dhcp | None``
    The payload of a UDP datagram of port 67 or 68, ``src`` its packed source address; ``None`` when it is no DHCP
    message.

Everything here takes arbitrary bytes: nothing raises for what a packet holds, everything is bounded.
"""
