"""Bytes to observations: frames, datagrams, TCP streams, DHCP, DNS, HTTP, TLS. No I/O, no clock, no judgement.

How the parts meet. Addresses are packed ``bytes`` (4 or 16 of them) until an observation is made, MAC
addresses packed ``bytes`` (6) or ``None``; times are integer microseconds since the epoch; ``frame`` counts
from 1. ``emit`` is called with each finished observation, in the order in which they are finished. ::

    PacketTracker           packet_tracker.py    one packet in: link layer, IP, fragments, ARP, ICMP, then one of
      -> ConnectionTracker  tcp/connections.py   TCP on the watched ports: connect, HTTP, TLS, and DNS on port 53
      -> DnsTracker         dns/tracker.py       DNS messages: matches questions to answers
      -> read_dhcp          dhcp/message.py      one DHCP message
    HostFilter              host_filter.py       which addresses may be a phone's, for readers that reject early
    Segment, Datagram       tcp/segment.py, datagram.py   what a reader hands over
    ByteRun                 tcp/byte_run.py      a run of bytes that only has to be counted

``ConnectionTracker(emit, lookups, *, ports, patience, bodies, ...)``
    ``ports`` is the set of watched server ports (80, 443, others; 53 goes to ``lookups``, 5061 is watched as well).
    ``bodies`` False (facts) keeps no request or answer text. All limits are keyword arguments with defaults.

    ``take_segment(segment)``
        One ``Segment``; returns a ``ByteRun`` or ``None``. A ``ByteRun`` says: what follows in this direction only has
        to be counted, see there; the same object comes back while the run lasts, and ``live`` is False when it is over.
        ``None`` says: keep calling. Segments with nothing but ACK and no payload may be left out where the reader can
        recognise them cheaply; with them, loss in the capture is noticed sooner, and "acknowledged but not answered"
        is known.
    ``use_secrets(secrets)``
        Connections of TLS that begin from here on are decrypted (``tls/decryption.py``) as far as ``TlsSecrets`` goes;
        ``decryption`` counts them, with the reasons for those that could not be.
    ``on_unreachable(key, reason, time)``
        An ICMP "destination unreachable" that quotes a TCP segment of the direction ``key``. ``reason`` is text ("ICMP
        host unreachable, said 10.0.0.1").
    ``expire(now)``
        Called every second or so of capture time: concludes what has waited for longer than its time limit.
    ``finish(at)``
        The capture has ended at ``at``: emits all that is still open. What waited for less than ``patience`` is
        ``unfinished`` (``None`` outcome words as the observations say), not failed.
    ``pending(at)``
        What ``finish(at)`` would emit, without ending anything: for a view of a capture that goes on. ``DnsTracker``,
        ``Arp`` and ``PacketTracker`` have it too.
    ``read_update``, ``update``
        Keyword arguments, called with an ``UpdateExchange`` (``http/exchange.py``) for each POST to the Device Update
        Service after its ``Http`` was emitted: it has head and body of the request exactly as sent, and the answer's
        body. What ``read_update`` returns is emitted; ``update`` comes last.
    ``dropped``
        How much had to be forgotten to stay within the limits.

``DnsTracker(emit, *, patience, pending=...)``
    ``take_datagram(datagram)`` takes one ``Datagram`` of port 53, ``take_message(datagram, transport)`` a DNS message
    whatever carried it; ``expire(now)``, ``finish(at)`` and ``dropped`` as above. A Lookup with ``rcode`` None is
    emitted when no answer came within the time limit; ``failure`` is then no_answer, or None when the capture ended
    within ``patience`` of the question. ``on_unreachable(time, frame, ends, reason, ident)`` takes an ICMP error that
    quotes a question, whose identifier is ``ident`` if that much is quoted.

``read_dhcp(payload, *, time, frame, source_address, tag) -> Dhcp``
    The payload of a UDP datagram of port 67 or 68, ``source_address`` as text. Raises ``DecodeError`` when it is no
    DHCP message.

Everything here takes arbitrary bytes: nothing else raises for what a packet holds, everything is bounded.
"""
