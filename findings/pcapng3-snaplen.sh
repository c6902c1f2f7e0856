#!/usr/bin/env bash
# pcapng3 0.1.23 reads no capture that dumpcap writes, nor any with counts at the end.
#
# Expected: draft-ietf-opsawg-pcapng, section 4.2: SnapLen is the most octets that are kept of a packet; 0 means no
# limit, dumpcap writes 262144. Section 4.1: version 1.2 is to be read as 1.0. Section 3.1: a block of a type that is
# not known is skipped, 3.5: so is an option; Interface Statistics are block 5, epb_packetid is option 5. Section 4.4:
# of a simple packet the length kept is the lesser of its own and SnapLen.
# Seen: a SnapLen that is not 0 and a version 1.2 are an AssertionError, a block and an option that it does not know a
# KeyError, though a line behind is meant to warn of the block. A simple packet that was cut has four octets too many:
# the length of the block.
# Who meets it: whoever reads with it what phones did, captured with Wireshark or dumpcap.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pcapng3==0.1.23 || {
    echo "could not install pcapng3==0.1.23" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
no limit of length: SectionHeaderBlock, InterfaceDescBlock, EnhancedPacketBlock
a limit of 262144 octets: AssertionError 
version 1.2: AssertionError 
a packet with a lost count and a number: KeyError 5
counts at the end: KeyError 5
a simple packet of 1514 octets, 60 kept: SectionHeaderBlock, InterfaceDescBlock, SimplePacketBlock of 64 octets
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import struct

from pcapng import block


def pack(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


FRAME = bytes(range(60))
SECTION = pack(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
MINOR = pack(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 2, -1))
LIMIT = pack(1, struct.pack("<HHI", 1, 0, 262144))
NO_LIMIT = pack(1, struct.pack("<HHI", 1, 0, 0))
PACKET = pack(6, struct.pack("<IIIII", 0, 413000, 1, 60, 60) + FRAME)
OPTIONS = option(4, bytes(8)) + option(5, bytes(8)) + bytes(4)
HASHED = pack(6, struct.pack("<IIIII", 0, 413000, 1, 60, 60) + FRAME + OPTIONS)
SHORT = pack(3, struct.pack("<I", 1514) + FRAME)
COUNTS = pack(5, struct.pack("<III", 0, 413000, 1))
for name, octets in (
    ("no limit of length", SECTION + NO_LIMIT + PACKET),
    ("a limit of 262144 octets", SECTION + LIMIT + PACKET),
    ("version 1.2", MINOR + NO_LIMIT + PACKET),
    ("a packet with a lost count and a number", SECTION + NO_LIMIT + HASHED),
    ("counts at the end", SECTION + NO_LIMIT + PACKET + COUNTS),
    ("a simple packet of 1514 octets, 60 kept", SECTION + NO_LIMIT + SHORT),
):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            blocks = block.unpack_all(octets)
        seen = ", ".join(type(each).__name__ for each in blocks)
        if isinstance(blocks[-1], block.SimplePacketBlock):
            seen += f" of {len(blocks[-1].pkt_data)} octets"
    except Exception as error:
        seen = f"{type(error).__name__} {error}"
    print(f"{name}: {seen}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
