"""What a capture lacks or has wrong, so that nothing can be concluded from it. Part of the entries of step 1."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.model.steps import Level, Step, Who

_AGAIN = "sudo ucdiag capture -i <interface> --mac {mac} --until-done -w phone.pcapng"

_TRUNCATED = Variant(
    name="truncated",
    fix=(
        "Check that the capture takes TCP port 53, too: its filter must be 'port 53', not 'udp port 53'. If it does, "
        "the phone did not ask again over TCP, and it has no address. Then make the answer for {name} short enough for "
        "UDP (512 bytes): fewer records, or no long alias. Compare what the server gives over UDP and over TCP."
    ),
    commands=(
        "dig -p {dns_port} +ignore +noedns @{nameserver} {name} A",
        "dig -p {dns_port} +tcp @{nameserver} {name} A",
        _AGAIN,
    ),
    who=Who.DNS,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="capture-gap",
        step=Step.DHCP,
        level=Level.INFORMATION,
        where="C",
        title="The capture lacks packets where the verdict would be decided",
        meaning=(
            "TCP's sequence numbers, or the lengths in the packets, prove that packets are missing, or the capturing "
            "system counted lost packets. They would have decided, so nothing is concluded."
        ),
        causes=(
            "The capturing machine or the mirror port dropped packets.",
            "A snap length cut the packets (tcpdump -s with a small number).",
            "A file of a series (tcpdump -C, -G or -W; dumpcap -b) is missing, or was overwritten.",
            "The capture began in the middle of the connection.",
            "An answer of DNS is truncated, and the capture took no TCP.",
        ),
        fix=(
            "Capture again, nearer to the phone, with whole packets (tcpdump -s 0) and a larger buffer (tcpdump -B "
            "65536). Name all files of a series in one call."
        ),
        commands=(_AGAIN,),
        who=Who.NETWORK,
        sources=(ref.background("what an acknowledgement number says", "RFC 9293, section 3.4"),),
        variants=(_TRUNCATED,),
    ),
    Entry(
        code="capture-one-direction",
        step=Step.DHCP,
        level=Level.INFORMATION,
        where="C",
        title="Only one direction was captured",
        meaning=(
            "The packets prove that the other side spoke too, and nothing that it said is in the capture. So its "
            "silence proves nothing."
        ),
        causes=(
            "The mirror port copies one direction only (rx or tx).",
            "One cable of a tap is not connected, or its second port was not captured.",
            "A capture filter names a source or a destination.",
            "The way back passes another switch or interface.",
        ),
        fix=(
            "Mirror both directions (on a Cisco switch: 'monitor session 1 source interface ... both'). Or capture "
            "on both ports of the tap and join the files with mergecap. Then capture again."
        ),
        commands=(_AGAIN,),
        who=Who.NETWORK,
        sources=(
            ref.background("a REQUEST names the server and the address that an OFFER gave", "RFC 2131, section 4.3.2"),
        ),
    ),
    Entry(
        code="capture-clocks-differ",
        step=Step.DHCP,
        level=Level.WARNING,
        where="C",
        title="The two directions were captured by different clocks",
        meaning=(
            "Answers stand before their questions, by more than 50 ms. Questions and answers were joined by their "
            "identifiers: transactions, DNS identifiers and ports, and the numbers of TCP. How long an answer took is "
            "not known."
        ),
        causes=(
            "Captures of two machines, or of two interfaces with clocks of their own, were merged.",
            "A tap hands each direction to another capturing machine.",
        ),
        fix=(
            "Set the clocks of the capturing machines by NTP, or capture both directions on one machine. Captures "
            "that exist can be shifted before they are merged (editcap -t SECONDS IN OUT)."
        ),
        commands=("editcap -t <seconds> <file> <shifted file>", "mergecap -w <both> <file> <shifted file>"),
        who=Who.NETWORK,
        sources=(
            ref.background(
                "what joins a question and its answer", "RFC 2131, section 4.1; RFC 5452, section 3; RFC 9293"
            ),
        ),
    ),
)
