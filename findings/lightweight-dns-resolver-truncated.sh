#!/usr/bin/env bash
# lightweight-dns-resolver 0.1.0 gives a part of an answer for all of it, and a failure for a name without addresses.
#
# Expected: RFC 2181, section 9: an answer with the bit TC lacks something, so it is ignored and asked for again by TCP.
# RFC 1035, section 4.1.1: code 2 is a failure of the server, 3 a name that does not exist.
# Seen: what came before the cut is given as it stands. A failure, a name that does not exist, and a name without
# addresses are the same empty list. No error is raised.
# Who meets it: whoever checks with it whether all servers of a pool are in the zone: the list is too short and looks
# whole.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    lightweight-dns-resolver==0.1.0 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
all of it: 2 of 2
cut: 1 of 2
SERVFAIL: 0 of 0
NXDOMAIN: 0 of 0
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns_resolver.core import DNSResponseParser

NAME = "pool.contoso.com"
BOTH = dns.rrset.from_text(f"{NAME}.", 60, "IN", "A", "192.0.2.80", "192.0.2.81")


def given(addresses, cut=False, code=dns.rcode.NOERROR):
    answer = dns.message.make_response(dns.message.make_query(NAME, "A"))
    if addresses:
        answer.answer.append(dns.rrset.from_rdata_list(BOTH.name, BOTH.ttl, list(BOTH)[:addresses]))
    answer.set_rcode(code)
    if cut:
        answer.flags |= dns.flags.TC
    with contextlib.redirect_stdout(io.StringIO()):
        return len(DNSResponseParser(answer.to_wire()).parse())


print(f"all of it: {given(2)} of 2")
print(f"cut: {given(1, cut=True)} of 2")
print(f"SERVFAIL: {given(0, code=dns.rcode.SERVFAIL)} of 0")
print(f"NXDOMAIN: {given(0, code=dns.rcode.NXDOMAIN)} of 0")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
