#!/usr/bin/env bash
# ntp-packet-parser 0.5.0 (npm) gives an NTP server's precision as 236 and its root delay as a date in 1900.
#
# Expected: precision is a signed octet, a power of two: 0xEC is -20, a microsecond; root delay and root dispersion are
# lengths of time in units of 1/65536 second (RFC 5905, sections 6 and 7.3). A time whose highest bit is not set is
# later than 2036-02-07 06:28:16 (RFC 4330, section 3).
# Seen: 236, that is 2 to the 236th seconds; half a second of delay is 1900-01-01T00:00:00.500Z; a hundred seconds into
# the next era are in 1900. No error is raised.
# Who meets it: whoever checks the clock that phones get; a certificate's dates are judged by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ntp-packet-parser@0.5.0 >&2 || {
    echo "could not install ntp-packet-parser@0.5.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
[236,"1900-01-01T00:00:00.500Z","1900-01-01T00:00:01.000Z","1900-01-01T00:01:40.000Z"]
TEXT
)
seen=$(
    run <<'JS'
const { NtpPacketParser } = require("ntp-packet-parser");

const packet = Buffer.alloc(48);
packet.set([0x24, 2, 6, 0xec]);
packet.writeInt32BE(1 << 15, 4);
packet.writeInt32BE(1 << 16, 8);
packet.writeUInt32BE(100, 40);
const { precision, rootDelay, rootDispersion, transmitTimestamp } = NtpPacketParser.parse(packet);
console.log(JSON.stringify([precision, rootDelay, rootDispersion, transmitTimestamp]));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
