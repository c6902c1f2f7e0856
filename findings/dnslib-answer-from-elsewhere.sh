#!/usr/bin/env bash
# dnslib 0.9.26 takes an answer from a port that nobody asked, with an identifier that nobody sent.
#
# Expected: a resolver drops an answer that does not come from the address and port that it asked, and one whose
# identifier is not the question's (RFC 5452, section 9.1; RFC 2181, section 4.1).
# Seen: DNSRecord.send() gives the caller whatever comes first. An address that anybody made up is taken for the
# server's.
# Who meets it: whoever tests with it whether a DNS server with two addresses, or one behind translation, answers as it
# should: the test passes, and phones get no answer.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dnslib==0.9.26 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
from another port: 203.0.113.66
with another identifier: 203.0.113.66
TEXT
)
seen=$(
    run <<'PY'
import socket
import threading

from dnslib import RR, A, DNSRecord

asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.bind(("127.0.0.1", 0))
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.bind(("127.0.0.1", 0))


def serve(source, change):
    wire, peer = asked.recvfrom(512)
    reply = DNSRecord.parse(wire).reply()
    reply.add_answer(RR("www.example.com", rdata=A("203.0.113.66")))
    reply.header.id ^= change
    source.sendto(reply.pack(), peer)


for name, source, change in (("from another port", other, 0), ("with another identifier", asked, 1)):
    thread = threading.Thread(target=serve, args=(source, change))
    thread.start()
    try:
        answer = DNSRecord.question("www.example.com").send("127.0.0.1", asked.getsockname()[1], timeout=3)
        print(f"{name}: {DNSRecord.parse(answer).short()}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}")
    thread.join()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
