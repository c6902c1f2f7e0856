#!/usr/bin/env bash
# @astronautlabs/mdns 1.0.10 (npm) gives the last of repeated keys, and writes 192.0.2.33 in IPv6 as 12.0.2.33.
#
# Expected: RFC 6763, section 6.4: of keys that are there more than once, the first one counts, and the case of letters
# makes no other key, as the package's own comment says of them. Section 6.1: an empty string in a TXT record is passed
# over. RFC 4291, section 2.2: each part of the dotted end of an address is one octet.
# Seen: the last value counts, and A is another key than a. At an empty string the reading of the record stops where it
# is, so that what follows in it is read as the next record's name. An octet below 16 is written as one hexadecimal
# digit without its zero. A key with a letter beyond ASCII is broken into octets.
# Who meets it: who looks for phones, printers, or players with it, whose records say paths and versions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @astronautlabs/mdns@1.0.10 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
["a=1","b=2"]: {"a":"1","b":"2"}, next record: h. 192.0.2.7
["a=1","a=2"]: {"a":"2"}, next record: h. 192.0.2.7
["a=1","A=2"]: {"a":"1","A":"2"}, next record: h. 192.0.2.7
["","a=1"]: {}, next record: a=1.h. 192.0.2.7
["a=1","","b=2"]: {"a":"1"}, next record: b=2.h. 192.0.2.7
["größe=1"]: {"gr����e":"1"}, next record: h. 192.0.2.7
2001:db8::7 is written as 20010db8000000000000000000000007
::ffff:198.51.100.33 is written as 00000000000000000000ffffc6336421
::ffff:192.0.2.33 is written as 00000000000000000000ffff0c000221
TEXT
)
seen=$(
    run <<'JS'
const { AAAARecord, ResourceRecord } = require("@astronautlabs/mdns/dist/ResourceRecord");
const { BufferWrapper } = require("@astronautlabs/mdns/dist/BufferWrapper");

const record = (type, data) => {
  const head = Buffer.from([1, 0x68, 0, 0, type, 0, 1, 0, 0, 0, 120, 0, data.length]);
  return Buffer.concat([head, data]);
};
const texts = (...strings) =>
  Buffer.concat(strings.map((text) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])));
for (const strings of [["a=1", "b=2"], ["a=1", "a=2"], ["a=1", "A=2"], ["", "a=1"], ["a=1", "", "b=2"], ["größe=1"]]) {
  const message = Buffer.concat([record(16, texts(...strings)), record(1, Buffer.from([192, 0, 2, 7]))]);
  const wrapper = new BufferWrapper(message);
  const { txt } = ResourceRecord.fromBuffer(wrapper);
  const { name, address } = ResourceRecord.fromBuffer(wrapper);
  console.log(`${JSON.stringify(strings)}: ${JSON.stringify(txt)}, next record: ${name} ${address}`);
}
for (const address of ["2001:db8::7", "::ffff:198.51.100.33", "::ffff:192.0.2.33"]) {
  const wrapper = new BufferWrapper();
  new AAAARecord({ name: "h.", address }).writeTo(wrapper);
  console.log(`${address} is written as ${wrapper.unwrap().subarray(-16).toString("hex")}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
