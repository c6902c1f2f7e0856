#!/usr/bin/env bash
# khost 3.2.6 (knot-host of Debian 12) asks no name for PTR, and says 0 of a host that is not there.
#
# Expected: its manual: the name is a domain name that is to be looked up, an address is asked for PTR, and "-t" sets
# the type; "Exit status of 0 means successful operation. Any other exit status indicates an error". BIND's host, whose
# output it has, asks any name for PTR, and exits with 1 where there is no such name. RFC 6763, section 4: services are
# listed by PTR records of names such as _sip._udp.contoso.com. RFC 2317: so are hosts of a small network.
# Seen: "-t PTR" with a name is "invalid IPv4/IPv6 address", the name of a reverse zone included, and no question is
# sent. NXDOMAIN and SERVFAIL exit with 0, as an address does.
# Who meets it: whoever looks for why a phone has no name, or tests in a script if its server's name is there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    knot-host=3.2.6-1 libknot13=3.2.6-1 libdnssec9=3.2.6-1 libzscanner4=3.2.6-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the package" >&2
    exit 2
}
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
-t A pool.contoso.com: asked, exit code 0
  pool.contoso.com. has IPv4 address 192.0.2.5
-t SRV _tls.contoso.com: asked, exit code 0
  _tls.contoso.com. has SRV record 0 0 5061 pool.contoso.com.
192.0.2.5: asked, exit code 0
  5.2.0.192.in-addr.arpa. points to pool.contoso.com.
-t PTR 5.2.0.192.in-addr.arpa: not asked, exit code 1
  ;; ERROR: invalid IPv4/IPv6 address 5.2.0.192.in-addr.arpa
-t PTR _sip._udp.contoso.com: not asked, exit code 1
  ;; ERROR: invalid IPv4/IPv6 address _sip._udp.contoso.com
-t A nosuch.contoso.com: asked, exit code 0
  Host nosuch.contoso.com. type A error: NXDOMAIN
-t A broken.contoso.com: asked, exit code 0
  Host broken.contoso.com. type A error: SERVFAIL
TEXT
)
seen=$(
    run <<'END'
import socket
import subprocess
import threading

import dns.message
import dns.rcode
import dns.rrset

RECORDS = {
    "_sip._udp.contoso.com.": ("PTR", "pool._sip._udp.contoso.com."),
    "5.2.0.192.in-addr.arpa.": ("PTR", "pool.contoso.com."),
    "pool.contoso.com.": ("A", "192.0.2.5"),
    "_tls.contoso.com.": ("SRV", "0 0 5061 pool.contoso.com."),
}
asked = []


def serve(server):
    while True:
        octets, client = server.recvfrom(4096)
        question = dns.message.from_wire(octets)
        answer = dns.message.make_response(question, recursion_available=True)
        name = str(question.question[0].name)
        asked.append(name)
        if name == "broken.contoso.com.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name in RECORDS:
            answer.answer.append(dns.rrset.from_text(name, 300, "IN", *RECORDS[name]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        server.sendto(answer.to_wire(), client)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
threading.Thread(target=serve, args=(server,), daemon=True).start()
there = f"[127.0.0.1]:{server.getsockname()[1]}"
for words in (
    ("-t", "A", "pool.contoso.com"),
    ("-t", "SRV", "_tls.contoso.com"),
    ("192.0.2.5",),
    ("-t", "PTR", "5.2.0.192.in-addr.arpa"),
    ("-t", "PTR", "_sip._udp.contoso.com"),
    ("-t", "A", "nosuch.contoso.com"),
    ("-t", "A", "broken.contoso.com"),
):
    asked.clear()
    result = subprocess.run(["usr/bin/khost", *words, there], capture_output=True, text=True, timeout=60)
    shown = " ".join((result.stdout + result.stderr).split())
    print(f"{' '.join(words)}: {'asked' if asked else 'not asked'}, exit code {result.returncode}")
    print(" ", shown)
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
