#!/usr/bin/env bash
# ip-ptr 3.0.0 (npm) makes labels of the name of an interface.
#
# Expected: RFC 3596, section 2.5: a name below ip6.arpa has 32 hexadecimal digits, one a label. RFC 4007, section 11:
# "%" and the interface may follow a link-local address, as Windows and Linux write it; they are no part of the address.
# Its documentation: it throws on what is no valid address.
# Seen: the interface becomes labels: fe80::1%eth0 begins with "0.h.t.e.%", fe80::1%11 with "1.1.%". Nothing is thrown.
# Who meets it: whoever asks for names of the neighbours that ipconfig or "ip neigh" shows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts ip-ptr@3.0.0 >&2 || {
    echo "could not install ip-ptr@3.0.0" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
192.0.2.51
    51.2.0.192.in-addr.arpa
fe80::204:f2ff:feaa:bbcc
    c.c.b.b.a.a.e.f.f.f.2.f.4.0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa
fe80::204:f2ff:feaa:bbcc%11
    1.1.%.c.c.b.b.a.a.e.f.f.f.2.f.4.0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa
fe80::1%eth0
    0.h.t.e.%.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa
fe80::g
    Invalid IP address: fe80::g
TEXT
)
seen=$(
    run <<'JS'
import ipPtr from "ip-ptr";

const long = "fe80::204:f2ff:feaa:bbcc";
for (const address of ["192.0.2.51", long, `${long}%11`, "fe80::1%eth0", "fe80::g"]) {
  let seen;
  try {
    seen = ipPtr(address);
  } catch (error) {
    seen = error.message;
  }
  console.log(`${address}\n    ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
