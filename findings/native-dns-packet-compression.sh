#!/usr/bin/env bash
# native-dns-packet 0.1.1 (npm) writes names as ends of names that nobody wrote, or cannot write a long message.
#
# Expected: a pointer to an earlier name has 14 bits, so names behind the first 16383 octets are written in full (RFC
# 1035, section 4.1.4). A label may be any word.
# Seen: the names that were written are kept in a plain object, which has members of its own: "constructor" is taken
# for one of them, so www.constructor becomes "www". A name that stands first behind 16383 octets and comes again is an
# error of a value out of range, and there is no message.
# Who meets it: whoever answers for a zone with many records over TCP, or asks for such names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    native-dns-packet@0.1.1 >&2 || {
    echo "could not install native-dns-packet@0.1.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
www.contoso is www.contoso
www.constructor is www
60 texts: 62 records
80 texts: ERR_OUT_OF_RANGE
TEXT
)
seen=$(
    run <<'JS'
process.removeAllListeners("warning");
const Packet = require("native-dns-packet");

function again(packet) {
  const buffer = Buffer.alloc(65000);
  return Packet.parse(buffer.subarray(0, Packet.write(buffer, packet)));
}
for (const name of ["www.contoso", "www.constructor"]) {
  const packet = new Packet();
  packet.question.push({ name, type: 1, class: 1 });
  console.log(name, "is", again(packet).question[0].name);
}
for (const texts of [60, 80]) {
  const packet = new Packet();
  packet.question.push({ name: "contoso.com", type: 16, class: 1 });
  for (let i = 0; i < texts; i += 1) {
    packet.answer.push({ name: "contoso.com", type: 16, class: 1, ttl: 60, data: ["x".repeat(200)] });
  }
  for (const name of ["sip.voice.example", "sip.voice.example"]) {
    packet.answer.push({ name, type: 1, class: 1, ttl: 60, address: "192.0.2.10" });
  }
  try {
    console.log(texts, "texts:", again(packet).answer.length, "records");
  } catch (error) {
    console.log(texts, "texts:", error.code);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
