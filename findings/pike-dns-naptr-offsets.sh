#!/usr/bin/env bash
# pike8.0-core 8.0.1738 (Debian 12): its DNS server's answer with a NAPTR record gives the SRV record to the root.
#
# Expected: RFC 1035, section 4.1.4: a pointer leads to where the name was written before. RFC 3403, section 4.1: behind
# the order and the preference come three texts, then the replacement. RFC 3263, section 4.1, sends the SRV record
# that a NAPTR record leads to in the additional section.
# Seen: mkrdata() of Protocols.DNS notes for the replacement the place where the order is. Whatever name is written
# later and ends in the same way points there, into the texts or the length, so its owner becomes another one: the
# root in the third answer. Where nothing follows, or no name is shared, nothing is lost.
# Who meets it: whoever serves NAPTR records of SIP with it: the phone gets a record that belongs to no service.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pike8.0-core=8.0.1738-1+b2 libnettle8=3.8.1-2 libhogweed6=3.8.1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
contoso.com. MX:
  contoso.com. 300 IN MX 10 pool.contoso.com.
  pool.contoso.com. 300 IN A 192.0.2.5
contoso.com. NAPTR alone:
  contoso.com. 300 IN NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.contoso.com.
contoso.com. NAPTR with SRV and A:
  contoso.com. 300 IN NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.contoso.com.
  . 300 IN SRV 0 0 5061 pool.contoso.com.
  pool.contoso.com. 300 IN A 192.0.2.5
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess

import dns.message
import dns.query

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    any_socket.bind(("127.0.0.1", 0))
    port = any_socket.getsockname()[1]
with open("main.pike", "w") as file:
    file.write("""
mapping mx = (["name": "contoso.com", "type": 15, "cl": 1, "ttl": 300, "preference": 10, "mx": "pool.contoso.com"]);
mapping naptr = (["name": "contoso.com", "type": 35, "cl": 1, "ttl": 300, "order": 50, "preference": 50,
    "flags": "s", "service": "SIPS+D2T", "regexp": "", "replacement": "_sips._tcp.contoso.com"]);
mapping srv = (["name": "_sips._tcp.contoso.com", "type": 33, "cl": 1, "ttl": 300, "priority": 0, "weight": 0,
    "port": 5061, "target": "pool.contoso.com"]);
mapping address = (["name": "pool.contoso.com", "type": 1, "cl": 1, "ttl": 300, "a": "192.0.2.5"]);

class Phones {
    inherit Protocols.DNS.server;
    mapping reply_query(mapping query, mapping from, function callback) {
        array more = query->id == 2 ? ({}) : ({ address });
        if (query->id == 3) more = ({ srv, address });
        return (["aa": 1, "an": ({ query->id == 1 ? mx : naptr }), "ar": more]);
    }
}

object phones;
int main(int count, array(string) words) {
    phones = Phones("127.0.0.1", (int)words[1]);
    write("ready\\n");
    return -1;
}
""")
lib = os.path.abspath("usr/lib")
environment = dict(
    os.environ, PIKE_MODULE_PATH=f"{lib}/pike8.0/modules", PIKE_INCLUDE_PATH=f"{lib}/pike8.0/include",
    LD_LIBRARY_PATH=f"{lib}/x86_64-linux-gnu",
)
server = subprocess.Popen(
    ["usr/bin/pike8.0", f"-m{lib}/pike8.0/master.pike", "main.pike", str(port)], env=environment,
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
)
try:
    server.stdout.readline()
    for number, (kind, what) in enumerate((("MX", ""), ("NAPTR", " alone"), ("NAPTR", " with SRV and A")), 1):
        question = dns.message.make_query("contoso.com", kind, id=number)
        answer = dns.query.udp(question, "127.0.0.1", 20, port)
        print(f"contoso.com. {kind}{what}:")
        for record in answer.answer + answer.additional:
            print(" ", record)
finally:
    server.kill()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
