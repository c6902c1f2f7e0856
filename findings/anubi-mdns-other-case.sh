#!/usr/bin/env bash
# anubi.mdns 0.1.0a0 answers no question in other letters than its own, without AA, and for a thousand times as long.
#
# Expected: RFC 6762, section 16: names are compared without regard to the case of the letters a to z. Section 18.4: in
# answers of multicast DNS the bit AA must be one. RFC 1035, section 3.2.1: the time to live is in seconds.
# Seen: "Gateway.local." is another name than "gateway.local."; the packets that it makes as answers have no bit but QR.
# The documentation of its records says that a ttl is in milliseconds (the README's example has 120); it is written as
# it is: of the two minutes that RFC 6762 recommends for an address the network makes 33 hours.
# Who meets it: whoever gives a device a name in .local with it that phones and PCs look for: some do not find it,
# others keep an address that went to another host.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    anubi.mdns==0.1.0a0 || {
    echo "could not install anubi.mdns==0.1.0a0" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
gateway.local.: answered
Gateway.local.: no answer
GATEWAY.LOCAL.: no answer
flags 8000: QR 1, AA 0
time to live: 120000 seconds
TEXT
)
seen=$(
    run <<'PY'
import struct

from anubi.mdns import DnsClass, DnsPacket, DnsQRecord, DnsRRecordA, DnsType

# Two minutes, in the units that the documentation names.
record = DnsRRecordA("gateway.local.", 120 * 1000, "192.0.2.1")
for name in "gateway.local.", "Gateway.local.", "GATEWAY.LOCAL.":
    asked = DnsQRecord(name, DnsType.A, DnsClass.IN)
    print(f"{name}: {'answered' if record.answer_to(asked) else 'no answer'}")
answer = DnsPacket(False)
answer.answer_records.append(record)
octets = answer.encode()
flags, = struct.unpack_from(">H", octets, 2)
print(f"flags {flags:04x}: QR {flags >> 15}, AA {flags >> 10 & 1}")
print(f"time to live: {struct.unpack_from('>I', octets, len(octets) - 10)[0]} seconds")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
