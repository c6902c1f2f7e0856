#!/usr/bin/env bash
# nanodns 1.0.4 makes other names of those that it passes on, and says that names do not exist which it has.
#
# Expected: RFC 1035, section 4.1.4: a name in a record may end with a pointer to where the rest stands in the
# message, so it is copied only after it was read. RFC 1034, section 4.3.2: a CNAME is the answer to a question for an
# address; RFC 2308, section 2.2: a name that has other data is no name error.
# Seen: names are written in full, but what is in a record stays as it was, so pointers lead to where the names stood
# before: where an answer has a second CNAME, dnspython cannot read it. Of its own names, one with an IPv4 address
# does not exist when asked for IPv6, nor does an alias when asked for an address.
# Who meets it: whoever puts it in front of an internal zone, in which phones look for ucupdates-r2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    nanodns==1.0.4 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
passed on:
download.contoso.com. 60 IN CNAME files.update.example.
files.update.example. 60 IN CNAME edge.update.example.
edge.update.example. 60 IN A 192.0.2.80
received:
BadLabelType The label type in DNS name wire format is unknown.
pool A NOERROR ['192.0.2.85']
pool AAAA NXDOMAIN []
ucupdates-r2 CNAME NOERROR ['pool.contoso.lan.']
ucupdates-r2 A NXDOMAIN []
TEXT
)
seen=$(
    run <<'PY'
import socket
import threading

import dns.exception
import dns.message
import dns.rcode
import dns.rrset
from nanodns.cache import DNSCache
from nanodns.config import Config, RecordEntry, ZoneConfig
from nanodns.handler import DNSHandler

CHAIN = {
    "download.contoso.com.": "files.update.example.",
    "files.update.example.": "edge.update.example.",
}


def upstream():
    data, sender = SERVER.recvfrom(4096)
    answer = dns.message.make_response(dns.message.from_wire(data))
    for name, target in CHAIN.items():
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", target))
    answer.answer.append(dns.rrset.from_text("edge.update.example.", 60, "IN", "A", "192.0.2.80"))
    print("passed on:")
    print("\n".join(map(str, answer.answer)))
    SERVER.sendto(answer.to_wire(), sender)


SERVER = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SERVER.bind(("127.0.0.1", 0))
config = Config()
config.server.upstream, config.server.upstream_port = ["127.0.0.1"], SERVER.getsockname()[1]
config.zones["contoso.lan"] = ZoneConfig()
config.records = [
    RecordEntry("pool.contoso.lan", "A", "192.0.2.85"),
    RecordEntry("ucupdates-r2.contoso.lan", "CNAME", "pool.contoso.lan"),
]
handler = DNSHandler(config, DNSCache())


def ask(name, kind):
    return handler.handle(dns.message.make_query(name, kind, id=1).to_wire())


thread = threading.Thread(target=upstream)
thread.start()
received = ask("download.contoso.com", "A")
thread.join()
print("received:")
try:
    print("\n".join(map(str, dns.message.from_wire(received).answer)))
except dns.exception.DNSException as error:
    print(type(error).__name__, error)
for name, kind in (("pool", "A"), ("pool", "AAAA"), ("ucupdates-r2", "CNAME"), ("ucupdates-r2", "A")):
    answer = dns.message.from_wire(ask(f"{name}.contoso.lan", kind))
    print(name, kind, dns.rcode.to_text(answer.rcode()), [str(each[0]) for each in answer.answer])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
