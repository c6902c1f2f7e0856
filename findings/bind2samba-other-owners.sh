#!/usr/bin/env bash
# bind2samba 1.0.3 makes the mail server of a host that of the zone, and a host of a time to live.
#
# Expected: RFC 1035, section 5.1: a line that begins with a blank is for the owner of the line in front of it; "@" is
# the zone itself; a time to live may stand before the class; types and classes are read without regard to case. An MX
# record is for its owner.
# Seen: each MX record is written for "@", and none that stands for "@" is read. A line for the former owner is left
# out, or, where a time to live stands first, gives a host with that number for its name. Small letters, SRV and TXT are
# left out, without a word. The reverse zone of all of a /20 is that of its first /24, where 198.51.100.7 is not.
# Who meets it: who moves a zone from BIND to the domain controllers of Samba.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    bind2samba==1.0.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
example.com pool A 192.0.2.10
example.com 3600 A 192.0.2.12
example.com @ MX relay.example.com 20
example.com alias CNAME pool.example.com
example.com far A 198.51.100.7
96.51.198.in-addr.arpa 7.100.51.198.in-addr.arpa PTR far.example.com
6 commands of 10 records
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from bind2samba.bind2samba import HANDLERS, read_file

ZONE = """\
example.com. IN SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ IN MX 10 mail.example.com.
@ IN A 192.0.2.1
pool IN A 192.0.2.10
     IN A 192.0.2.11
     3600 IN A 192.0.2.12
printer IN MX 20 relay.example.com.
phone in a 192.0.2.20
alias 3600 IN CNAME pool
_sip._tls IN SRV 0 0 5061 pool
far IN A 198.51.100.7
"""
reverse = [ipaddress.IPv4Network("198.51.96.0/20")]
commands = read_file(ZONE.splitlines(), None, reverse, [], list(HANDLERS))
for command in commands:
    print(" ".join(command[4:]))
print(f"{len(commands)} commands of 10 records")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
