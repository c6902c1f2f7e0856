#!/usr/bin/env bash
# adns 1.6.0 (adns-tools and libadns1 of Debian 12) finds no address of a name that is an alias of an alias.
#
# Expected: RFC 1034, section 3.6.2: chains of aliases are inefficient, but software should follow them, not fail.
# adns.h: adns_qf_cname_strict, the default, forbids "CNAME refs": records, as SRV, that point to an alias.
# Seen: of all names at large hosts, which give each customer an alias of their own alias, it finds nothing ("DNS alias
# found where canonical name wanted"); the looser flag of adnshost (-Cl) does not help. The address was in the answer.
# adnslogres writes the numbers of hosts into a log where the reverse zone of a small network (RFC 2317) has an alias
# of an alias; with one alias it finds the name.
# Who meets it: whoever puts names into the logs of a web server or a proxy with it, or looks after a pool's names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    adns-tools=1.6.0-2 libadns1=1.6.0-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
# Its port is always 53: a network namespace of its own lends that to a user.
if ! unshare --map-root-user --net true 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net venv/bin/python -; }

expected=$(
    cat <<'TEXT'
pool:
  pool.contoso.com A INET 192.0.2.5
one:
  one.contoso.com CNAME pool.contoso.com
  pool.contoso.com A INET 192.0.2.5
two:
  two.contoso.com CNAME one.contoso.com
  Error during DNS A lookup for two.contoso.com: DNS alias found where canonical name wanted
two, -Cl:
  two.contoso.com CNAME one.contoso.com
  Error during DNS A lookup for two.contoso.com: DNS alias found where canonical name wanted
log:
  pool.contoso.com - - "POST /RequestHandlerExt/ucdevice.upx" 200
  six.contoso.com - - "POST /RequestHandlerExt/ucdevice.upx" 200
  192.0.2.7 - - "POST /RequestHandlerExt/ucdevice.upx" 200
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import threading

import dns.message
import dns.rrset

RECORDS = {
    "pool.contoso.com.": ("A", "192.0.2.5"),
    "one.contoso.com.": ("CNAME", "pool.contoso.com."),
    "two.contoso.com.": ("CNAME", "one.contoso.com."),
    "5.2.0.192.in-addr.arpa.": ("PTR", "pool.contoso.com."),
    "6.2.0.192.in-addr.arpa.": ("CNAME", "6.0-15.2.0.192.in-addr.arpa."),
    "6.0-15.2.0.192.in-addr.arpa.": ("PTR", "six.contoso.com."),
    "six.contoso.com.": ("A", "192.0.2.6"),
    "7.2.0.192.in-addr.arpa.": ("CNAME", "7.0-127.2.0.192.in-addr.arpa."),
    "7.0-127.2.0.192.in-addr.arpa.": ("CNAME", "7.0-15.2.0.192.in-addr.arpa."),
    "7.0-15.2.0.192.in-addr.arpa.": ("PTR", "seven.contoso.com."),
    "seven.contoso.com.": ("A", "192.0.2.7"),
}


def serve(server):
    while True:
        octets, client = server.recvfrom(4096)
        question = dns.message.from_wire(octets)
        answer = dns.message.make_response(question, recursion_available=True)
        name, wanted = str(question.question[0].name), question.question[0].rdtype
        while name in RECORDS:
            kind, data = RECORDS[name]
            if kind == "CNAME" or dns.rdatatype.from_text(kind) == wanted:
                answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, data))
            if kind != "CNAME":
                break
            name = data
        server.sendto(answer.to_wire(), client)


subprocess.run("ip link set lo up", shell=True, check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
threading.Thread(target=serve, args=(server,), daemon=True).start()
environment = dict(os.environ, LD_LIBRARY_PATH="usr/lib", ADNS_RES_CONF_TEXT="nameserver 127.0.0.1")


def show(what, command, given=None):
    result = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, timeout=60)
    print(f"{what}:")
    for line in (result.stdout + result.stderr).splitlines():
        print(" ", line)


HOST = ["usr/bin/adnshost", "--config", "nameserver 127.0.0.1"]
for name in ("pool", "one", "two"):
    show(name, [*HOST, f"{name}.contoso.com"])
show("two, -Cl", [*HOST, "-Cl", "two.contoso.com"])
log = "".join(f'192.0.2.{number} - - "POST /RequestHandlerExt/ucdevice.upx" 200\n' for number in (5, 6, 7))
show("log", ["usr/bin/adnslogres", "-C", "nameserver 127.0.0.1"], log)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
