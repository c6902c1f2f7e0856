#!/usr/bin/env bash
# trparse 0.3.0 takes the times of a second router for those of the first one, and drops probes without an answer.
#
# Expected: traceroute's manual page: each line has the answers of three probes, each with the address of who answered
# where it is another one than before; "*" is a probe without an answer. The package says that it parses traceroute6 as
# well. RFC 4007, section 11: an address of a link has its zone behind "%".
# Seen: of a line the first address is found, and all times are its own: where probes took two ways there is one. Of "*
# * *" one probe is there, of a "*" at the beginning or end of a line none. The target's IPv6 address is None, and a hop
# with a zone has no address.
# Who meets it: whoever looks with it by which routers a phone's update server is reached, or at which one packets get
# lost.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    trparse==0.3.0 || {
    echo "could not install trparse==0.3.0" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
to pool.contoso.com, 192.0.2.81
1  gw.contoso.com (192.0.2.1)  0.345 ms  0.312 ms  0.298 ms
    192.0.2.1 0.345, 192.0.2.1 0.312, 192.0.2.1 0.298
2  * * *
    None None
3  a.example.net (198.51.100.1)  1.2 ms b.example.net (198.51.100.2)  1.4 ms  1.3 ms
    198.51.100.1 1.2, 198.51.100.1 1.4, 198.51.100.1 1.3
4  * c.example.net (198.51.100.3)  2.1 ms *
    198.51.100.3 2.1
to pool.contoso.com, None
1  fe80::1%eth0 (fe80::1%eth0)  0.3 ms  0.2 ms  0.3 ms
    None 0.3, None 0.2, None 0.3
TEXT
)
seen=$(
    run <<'PY'
import trparse

TEXT = """traceroute to pool.contoso.com (192.0.2.81), 30 hops max, 60 byte packets
 1  gw.contoso.com (192.0.2.1)  0.345 ms  0.312 ms  0.298 ms
 2  * * *
 3  a.example.net (198.51.100.1)  1.2 ms b.example.net (198.51.100.2)  1.4 ms  1.3 ms
 4  * c.example.net (198.51.100.3)  2.1 ms *
"""
SIX = """traceroute to pool.contoso.com (2001:db8::81), 30 hops max, 80 byte packets
 1  fe80::1%eth0 (fe80::1%eth0)  0.3 ms  0.2 ms  0.3 ms
"""
for text in TEXT, SIX:
    route = trparse.loads(text)
    print(f"to {route.dest_name}, {route.dest_ip}")
    for line, hop in zip(text.splitlines()[1:], route.hops):
        print(line.strip())
        print("   ", ", ".join(f"{probe.ip} {probe.rtt}" for probe in hop.probes))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
