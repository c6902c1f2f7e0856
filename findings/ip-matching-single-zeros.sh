#!/usr/bin/env bash
# ip-matching 2.1.2 (npm) writes "::" for a single zero field.
#
# Expected: the comment on its toString() has it "according to RFC 5952", the longest run of multiple zero fields as
# "::". RFC 5952, 4.2.2: it must not be used to shorten just one field of zeros. So 2001:db8:0:1:1:1:1:1 stays as it
# is.
# Seen: a run of one is a run. What it writes is the same address, and not the text that others have for it: the same
# address is two keys. Where there is a longer run, and in toLongString(), all is right. No error is raised.
# Who meets it: whoever compares addresses as text with those of unbound, Kea or Python.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ip-matching@2.1.2 >&2 || {
    echo "could not install ip-matching@2.1.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
2001:DB8:0:1:1:1:1:1: 2001:db8::1:1:1:1:1, RFC 5952 has 2001:db8:0:1:1:1:1:1: false
0:1:2:3:4:5:6:7: ::1:2:3:4:5:6:7, RFC 5952 has 0:1:2:3:4:5:6:7: false
2001:db8:1:2:3:4:5:0: 2001:db8:1:2:3:4:5::, RFC 5952 has 2001:db8:1:2:3:4:5:0: false
2001:db8:0:0:1:0:0:1: 2001:db8::1:0:0:1, RFC 5952 has 2001:db8::1:0:0:1: true
2001:db8:0:0:0:0:0:1: 2001:db8::1, RFC 5952 has 2001:db8::1: true
TEXT
)
seen=$(
    run <<'JS'
const { IPv6 } = require("ip-matching");

for (const [text, rfc] of [
  ["2001:DB8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"],
  ["2001:db8:1:2:3:4:5:0", "2001:db8:1:2:3:4:5:0"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
]) {
  const written = new IPv6(text).toString();
  console.log(`${text}: ${written}, RFC 5952 has ${rfc}: ${written === rfc}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
