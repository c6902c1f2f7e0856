#!/usr/bin/env bash
# pdns-server 4.7.3 (Debian 12) answers with a root's name where a NAPTR or an HTTPS record has a relative target.
#
# Expected: RFC 1035, section 5.1: a name in a zone file without a dot at its end is relative, and the origin is put
# behind it, in each record. RFC 3403, section 4.1 (NAPTR), and RFC 9460, section 2.1 (SVCB, HTTPS): the target is a
# name. BIND 9.18, NSD 4.6 and ldns 1.8 read it so.
# Seen: its backend for zone files completes the targets of MX, SRV, PTR and CNAME, and gives "_sips._tcp." and "pool."
# for those of NAPTR, HTTPS, SVCB, KX and LP records. No error is raised. zone2json and zone2sql write them without a
# dot, which is what makes a name of the root in PowerDNS' own tables.
# Who meets it: phones that look for their registrar by NAPTR (RFC 3263): they ask for _sips._tcp. and find nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pdns-server=4.7.3-2 pdns-backend-bind=4.7.3-2 libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 >&2 || {
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
SRV 0 0 5061 pool.contoso.com.
MX 10 pool.contoso.com.
NAPTR 100 10 "S" "SIPS+D2T" "" _sips._tcp.
HTTPS 1 pool.
SVCB 1 pool.
KX 1 pool.
LP 10 pool.
'MX', 'pool.contoso.com'
'NAPTR', '100 10 "S" "SIPS+D2T" "" _sips._tcp'
TEXT
)
seen=$(
    run <<'END'
import os
import socket
import subprocess
import time

import dns.message
import dns.query

ZONE = """\
$ORIGIN contoso.com.
$TTL 3600
@ IN SOA ns1 admin 1 3600 900 1209600 3600
@ IN NS ns1
ns1 IN A 192.0.2.1
pool IN A 192.0.2.5
_sips._tcp IN SRV 0 0 5061 pool
@ IN MX 10 pool
@ IN NAPTR 100 10 "S" "SIPS+D2T" "" _sips._tcp
@ IN HTTPS 1 pool
@ IN SVCB 1 pool
@ IN KX 1 pool
@ IN LP 10 pool
"""
with open("zone", "w") as file:
    file.write(ZONE)
with open("named.conf", "w") as file:
    file.write(f'zone "contoso.com" {{ type master; file "{os.path.abspath("zone")}"; }};\n')
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = ["usr/sbin/pdns_server", "--launch=bind", "--bind-config=named.conf", "--local-address=127.0.0.1"]
command += [f"--local-port={port}", "--daemon=no", "--guardian=no", "--config-dir=.", "--socket-dir=."]
command += ["--module-dir=usr/lib/x86_64-linux-gnu/pdns"]
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    time.sleep(3)
    asked = [("_sips._tcp.contoso.com", "SRV")]
    asked += [("contoso.com", kind) for kind in ("MX", "NAPTR", "HTTPS", "SVCB", "KX", "LP")]
    for name, kind in asked:
        answer = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=port, timeout=5).answer
        print(kind, *(record.to_text() for records in answer for record in records))
finally:
    server.kill()
converted = subprocess.run(["usr/bin/zone2sql", "--named-conf=named.conf", "--gsqlite"], capture_output=True, text=True)
for line in converted.stdout.splitlines():
    if "'NAPTR'" in line or "'MX'" in line:
        print(line.partition("'contoso.com', ")[2].partition(", 3600")[0])
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
