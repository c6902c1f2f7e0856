#!/usr/bin/env bash
# racket 8.7 (Debian 12): its net/dns gives the first address of a name for ever, and none behind a DNAME record.
#
# Expected: RFC 1035, section 3.2.1: a record may be kept for its TTL; with a TTL of 0, for the one transaction only.
# RFC 6672, section 3.1: a server that renames a whole domain puts the DNAME record before the alias that it makes of
# it, whoever asks. RFC 3597, section 3: a record of a type that a program does not know is opaque data.
# Seen: all answers are kept as long as the program runs; the TTL is read, and never looked at. An answer with a type
# that is not among the 18 of its table (DNAME, NAPTR, RRSIG, HTTPS) raises "car: contract violation", even where the
# address that was asked for is in the answer as well.
# Who meets it: programs in Racket that run on: when a pool moves to another address, they stay with the old one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    racket=8.7+dfsg1-1 racket-common=8.7+dfsg1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
roots=$PWD/usr/lib/racket/compiled
mkdir -p "$roots$(dirname "$PWD")"
ln -s "$roots" "$roots$PWD"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
if ! unshare --map-root-user --net true 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
# Its port is always 53: a network namespace of its own lends that to a user.
run() { unshare --map-root-user --net venv/bin/python - "$roots"; }

expected=$(
    cat <<'TEXT'
pool.contoso.com: 192.0.2.5
pool.contoso.com: 192.0.2.5
POOL.contoso.com: 192.0.2.6
one.contoso.com: 192.0.2.5
pool.old.example: car: contract violation
dnspython, after that: pool.contoso.com. 1 IN A 192.0.2.7
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import sys
import threading

import dns.message
import dns.rrset

RECORDS = {
    "one.contoso.com.": [("one.contoso.com.", "CNAME", "pool.contoso.com."), ("pool.contoso.com.", "A", "192.0.2.5")],
    "pool.old.example.": [
        ("old.example.", "DNAME", "contoso.com."),
        ("pool.old.example.", "CNAME", "pool.contoso.com."),
        ("pool.contoso.com.", "A", "192.0.2.5"),
    ],
}


def serve(server):
    asked = 0
    while True:
        octets, client = server.recvfrom(4096)
        question = dns.message.from_wire(octets)
        answer = dns.message.make_response(question, recursion_available=True)
        name = str(question.question[0].name).lower()
        if name == "pool.contoso.com.":
            asked += 1
        for owner, kind, data in RECORDS.get(name) or [(name, "A", f"192.0.2.{4 + asked}")]:
            answer.answer.append(dns.rrset.from_text(owner, 1, "IN", kind, data))
        server.sendto(answer.to_wire(), client)


subprocess.run("ip link set lo up", shell=True, check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
threading.Thread(target=serve, args=(server,), daemon=True).start()
with open("main.rkt", "w") as file:
    file.write("""
#lang racket/base
(require "usr/share/racket/pkgs/net-lib/net/dns.rkt")
(define (show name)
  (define seen (with-handlers ([exn:fail? (lambda (e) (car (regexp-match "^[^\\n]*" (exn-message e))))])
    (dns-get-address "127.0.0.1" name)))
  (printf "~a: ~a\\n" name seen))
(for ([again 2]) (show "pool.contoso.com") (sleep 1.5))
(show "POOL.contoso.com")
(show "one.contoso.com")
(show "pool.old.example")
""")
here = os.getcwd()
subprocess.run(
    ["usr/bin/racket", "-X", f"{here}/usr/share/racket/collects", "-G", f"{here}/etc/racket", "-R", sys.argv[1],
     "main.rkt"], check=True, timeout=300,
)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.sendto(dns.message.make_query("pool.contoso.com", "A").to_wire(), ("127.0.0.1", 53))
    print("dnspython, after that:", dns.message.from_wire(client.recv(4096)).answer[0])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
