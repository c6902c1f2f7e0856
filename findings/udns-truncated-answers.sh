#!/usr/bin/env bash
# udns 0.4 (libudns0 and udns-utils of Debian 12) never asks by TCP, and finds no address in front of an alias.
#
# Expected: RFC 7766, section 5: a resolver must be able to ask by TCP, and does so where an answer is truncated. RFC
# 1034, section 3.7: the records of an answer; no rule gives their order, though most servers put an alias in front.
# Seen: dnsget says "temporary failure in name resolution" of a name whose answer is marked as truncated, after tries by
# UDP alone, and exits with 1. Where the address stands before the alias it prints the alias and "valid domain but no
# data of requested type", exit code 100.
# Who meets it: whoever takes names from large pools with it, or with programs that use its library.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    udns-utils=0.4-1+b1 libudns0=0.4-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the package" >&2
    exit 2
}
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/usr/lib
# Its port is always 53: a network namespace of its own lends that to a user.
if ! unshare --map-root-user --net true 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net venv/bin/python -; }

expected=$(
    cat <<'TEXT'
pool: asked by ['UDP'], exit code 0
  pool.contoso.com. A 192.0.2.5
before: asked by ['UDP'], exit code 0
  before.contoso.com. CNAME pool.contoso.com.
  pool.contoso.com. A 192.0.2.5
behind: asked by ['UDP'], exit code 100
  behind.contoso.com. CNAME pool.contoso.com.
  dnsget: unable to lookup A record for behind.contoso.com: valid domain but no data of requested type
large: asked by ['UDP'], exit code 1
  dnsget: unable to lookup A record for large.contoso.com: temporary failure in name resolution
TEXT
)
seen=$(
    run <<'END'
import socket
import struct
import subprocess
import threading

import dns.flags
import dns.message
import dns.rrset

ADDRESS = dns.rrset.from_text("pool.contoso.com.", 300, "IN", "A", "192.0.2.5")
asked = []


def answer(octets, by):
    question = dns.message.from_wire(octets)
    reply = dns.message.make_response(question, recursion_available=True)
    name = str(question.question[0].name)
    asked.append(by)
    if name == "large.contoso.com." and by == "UDP":
        reply.flags |= dns.flags.TC
    elif name == "large.contoso.com.":
        reply.answer.append(dns.rrset.from_text(name, 300, "IN", "A", "192.0.2.6"))
    else:
        alias = dns.rrset.from_text(name, 300, "IN", "CNAME", "pool.contoso.com.")
        records = [alias, ADDRESS] if name == "before.contoso.com." else [ADDRESS, alias]
        reply.answer.extend(records if name != "pool.contoso.com." else [ADDRESS])
    return reply.to_wire()


def serve_udp(server):
    while True:
        octets, client = server.recvfrom(4096)
        server.sendto(answer(octets, "UDP"), client)


def serve_tcp(listener):
    while True:
        client = listener.accept()[0]
        octets = answer(client.recv(4096)[2:], "TCP")
        client.sendall(struct.pack(">H", len(octets)) + octets)


subprocess.run("ip link set lo up", shell=True, check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
threading.Thread(target=serve_udp, args=(server,), daemon=True).start()
threading.Thread(target=serve_tcp, args=(socket.create_server(("127.0.0.1", 53)),), daemon=True).start()
for name in ("pool", "before", "behind", "large"):
    asked.clear()
    command = ["usr/bin/dnsget", "-n", "127.0.0.1", "-t", "A", f"{name}.contoso.com"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    print(f"{name}: asked by {sorted(set(asked))}, exit code {result.returncode}")
    for line in (result.stdout + result.stderr).splitlines():
        print(" ", line)
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
