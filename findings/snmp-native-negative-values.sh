#!/usr/bin/env bash
# snmp-native 1.2.0 (npm) sets 56 where -200 is meant, and reads numbers from 2^53 on as others.
#
# Expected: X.690, section 8.3: an integer is in two's complement, whose highest bit is the sign, in as few octets as
# hold it: -200 takes two. RFC 2578, section 7.1.10: a Counter64 has 64 bits.
# Seen: -129 to -255 are written in one octet, which is a number of 1 to 127; likewise -32769 to -65535 in two, and so
# on. It reads its own -200 as 56. A Counter64 beyond 2^53 is given as another number, without a word.
# Who meets it: whoever sets with it a limit of a temperature or level below zero, in tenths of a degree, say.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    snmp-native@1.2.0 >&2 || {
    echo "could not install snmp-native@1.2.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
-1 is written as 0201ff, read as -1
-128 is written as 020180, read as -128
-129 is written as 02017f, read as 127
-200 is written as 020138, read as 56
-255 is written as 020101, read as 1
-256 is written as 0202ff00, read as -256
-32768 is written as 02028000, read as -32768
-32769 is written as 02027fff, read as 32767
-65535 is written as 020101, read as 1
-65536 is written as 0203ff0000, read as -65536
9007199254740992 is read as 9007199254740992
9007199254740993 is read as 9007199254740992
72057594037927935 is read as 72057594037927936
TEXT
)
seen=$(
    run <<'JS'
const ber = require("snmp-native/lib/asn1ber");

for (const value of [-1, -128, -129, -200, -255, -256, -32768, -32769, -65535, -65536]) {
  const written = ber.encodeInteger(value);
  console.log(`${value} is written as ${written.toString("hex")}, read as ${ber.parseInteger(written)}`);
}
for (const octets of ["0020000000000000", "0020000000000001", "00ffffffffffffff"]) {
  const read = ber.parseInteger(Buffer.from(`4608${octets}`, "hex"));
  console.log(`${BigInt(`0x${octets}`)} is read as ${BigInt(read)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
