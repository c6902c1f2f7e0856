#!/usr/bin/env bash
# dnswalk 2.0.2 (Debian 12) says "unknown host" of each name without an IPv4 address, and looks at no SRV record.
#
# Expected: RFC 1034, section 3.6.2: an alias may lead to a name with records of any type. RFC 3596: a host may have
# IPv6 addresses alone; RFC 3901 and RFC 5321, section 5.2, reckon with name and mail servers that do. RFC 2782: the
# target of an SRV record must have addresses and must be no alias. dnswalk(1): "checks for internal consistency".
# Seen: what NS, MX and CNAME lead to is asked for by gethostbyname(), for IPv4 only. "BAD: unknown host" is said of a
# name server by IPv6, "WARN" of such a mail server, and of the aliases of texts and of SRV records by which half the
# world signs its mail. SRV records that lead to nowhere or to an alias pass in silence.
# Who meets it: whoever checks the zone of a site with it before phones are moved to it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    dnswalk=2.0.2.dfsg.1-3 libnet-dns-perl=1.36-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
echo "nameserver 127.0.0.1" >resolv.conf
if ! unshare --map-root-user --net --mount mount --bind resolv.conf /etc/resolv.conf 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net --mount venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Checking contoso.com.
BAD: contoso.com. has only one authoritative nameserver
SOA=ns.contoso.com contact=admin.contoso.com.
BAD: eng.contoso.com NS ns6.contoso.com: unknown host
BAD: lab.contoso.com NS gone.contoso.com: unknown host
WARN: contoso.com MX mail6.contoso.com: unknown host
WARN: six.contoso.com CNAME mail6.contoso.com: unknown host
WARN: key._domainkey.contoso.com CNAME text.contoso.com: unknown host
WARN: _sip._tls.contoso.com CNAME _sips._tcp.contoso.com: unknown host
TEXT
)
seen=$(
    run <<'PY'
import socket
import struct
import subprocess
import threading

import dns.message
import dns.rdatatype
import dns.rrset

ZONE = """
contoso.com. SOA ns.contoso.com. admin.contoso.com. 1 3600 600 86400 300
contoso.com. NS ns.contoso.com.
eng.contoso.com. NS ns6.contoso.com.
lab.contoso.com. NS gone.contoso.com.
contoso.com. MX 10 mail6.contoso.com.
ns.contoso.com. A 127.0.0.1
pool.contoso.com. A 127.0.0.1
ns6.contoso.com. AAAA 2001:db8::53
mail6.contoso.com. AAAA 2001:db8::25
dual.contoso.com. CNAME pool.contoso.com.
six.contoso.com. CNAME mail6.contoso.com.
key._domainkey.contoso.com. CNAME text.contoso.com.
text.contoso.com. TXT "v=DKIM1"
_sip._tls.contoso.com. CNAME _sips._tcp.contoso.com.
_sips._tcp.contoso.com. SRV 0 0 5061 pool.contoso.com.
_ntp._udp.contoso.com. SRV 0 0 123 gone.contoso.com.
_sipinternaltls._tcp.contoso.com. SRV 0 0 5061 dual.contoso.com.
1.0.0.127.in-addr.arpa. PTR pool.contoso.com.
"""
RECORDS = []
for line in ZONE.split("\n")[1:-1]:
    owner, its_kind, data = line.split(None, 2)
    RECORDS.append(dns.rrset.from_text(owner, 300, "IN", its_kind, data))


def answer(octets):
    question = dns.message.from_wire(octets)
    reply = dns.message.make_response(question, recursion_available=True)
    name, kind = str(question.question[0].name).lower(), question.question[0].rdtype
    if kind == dns.rdatatype.AXFR:
        reply.answer = [*RECORDS[:-1], RECORDS[0]]
        return reply.to_wire()
    for _ in range(3):
        for record in RECORDS:
            if str(record.name) == name and record.rdtype in (kind, dns.rdatatype.CNAME):
                reply.answer.append(record)
                name = str(record[0].target) if record.rdtype == dns.rdatatype.CNAME else ""
    return reply.to_wire()


def serve_datagrams(server):
    while True:
        octets, client = server.recvfrom(4096)
        server.sendto(answer(octets), client)


def serve_streams(server):
    while True:
        client = server.accept()[0]
        with client, client.makefile("rb") as stream:
            while head := stream.read(2):
                octets = answer(stream.read(struct.unpack(">H", head)[0]))
                client.sendall(struct.pack(">H", len(octets)) + octets)


subprocess.run("ip link set lo up && mount --bind resolv.conf /etc/resolv.conf", shell=True, check=True)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 53))
streams = socket.create_server(("127.0.0.1", 53))
threading.Thread(target=serve_datagrams, args=(datagrams,), daemon=True).start()
threading.Thread(target=serve_streams, args=(streams,), daemon=True).start()
result = subprocess.run(
    ["perl", "-Iusr/share/perl5", "-Iusr/lib/x86_64-linux-gnu/perl5/5.36", "usr/bin/dnswalk", "contoso.com."],
    capture_output=True, text=True, timeout=100,
)
for line in result.stdout.splitlines():
    print(line.replace("\t", " "))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
