#!/usr/bin/env bash
# netflow2json 0.0.2 adds the octets of one host to those of another, and drops flows without NAT or of a second switch.
#
# Expected: a flow is known by its addresses, ports, and protocol (RFC 3954, section 2). RFC 3954, section 5.1: the
# sequence number counts for one source ID; each exporter has its own.
# Seen: addresses and ports are joined as texts without anything between them: 198.51.100.1 and port 23456 are the same
# as 198.51.100.12 and port 3456, so both flows become one, with the sum. A flow without the addresses behind a NAT is
# dropped. A message whose sequence number is up to ten lower than the last one of any exporter is dropped.
# Who meets it: who counts with it what phones or servers load: what it gives is of another host, or is not there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netflow2json==0.0.2 netflow==0.12.2 netaddr==1.3.0 flask==3.1.2 werkzeug==3.1.3 jinja2==3.1.6 markupsafe==3.0.3 \
    itsdangerous==2.2.0 click==8.3.0 blinker==1.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
one flow:
   192.0.2.7:23456 to 198.51.100.1:443 1000 octets
the other:
   192.0.2.7:3456 to 198.51.100.12:443 5 octets
both:
   192.0.2.7:3456 to 198.51.100.12:443 1005 octets
without addresses behind a NAT:
   nothing
a second switch, at 96:
   nothing
TEXT
)
seen=$(
    run <<'PY'
import json
import logging
import socket
import struct
import threading
import time
import urllib.request

logging.disable(logging.CRITICAL)
import flask.cli
from netflow2json.analyser import NetflowProcessor

flask.cli.show_server_banner = lambda *_: None  # it would print to where the rest goes

COLLECTOR, PAGE = 29955, 29080
FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4))
NAT = ((225, 4), (226, 4))


def message(sequence: int, source: int, template: int, fields: tuple, *flows: bytes) -> bytes:
    form = struct.pack("!HH", template, len(fields)) + b"".join(struct.pack("!HH", *field) for field in fields)
    data = b"".join(flows)
    data += b"\0" * (-len(data) % 4)
    head = struct.pack("!HHIIII", 9, 1 + len(flows), 5000, 1764500000, sequence, source)
    sets = struct.pack("!HH", 0, 4 + len(form)) + form + struct.pack("!HH", template, 4 + len(data)) + data
    return head + sets


def flow(source: str, target: str, ports: tuple[int, int], octets: int, nat: bool = True) -> bytes:
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    return ends + struct.pack("!HHBII", *ports, 6, octets, 1) + (ends if nat else b"")


def seen(what: str, *messages: bytes) -> None:
    for each in messages:
        sender.sendto(each, ("127.0.0.1", COLLECTOR))
        time.sleep(0.2)
    page = json.load(urllib.request.urlopen(f"http://127.0.0.1:{PAGE}/", timeout=5))
    print(f"{what}:")
    for each in page:
        print(f"   {each['src_ip']}:{each['src_port']} to {each['dst_ip']}:{each['dst_port']} {each['bytes']} octets")
    if not page:
        print("   nothing")


sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
collector = NetflowProcessor(PAGE, COLLECTOR, ["192.0.2.0/24"])
threading.Thread(target=collector.start, daemon=True).start()
time.sleep(1.5)
first = flow("192.0.2.7", "198.51.100.1", (23456, 443), 1000)
second = flow("192.0.2.7", "198.51.100.12", (3456, 443), 5)
seen("one flow", message(100, 1, 256, FIELDS + NAT, first))
seen("the other", message(101, 1, 256, FIELDS + NAT, second))
seen("both", message(102, 1, 256, FIELDS + NAT, first, second))
plain = flow("192.0.2.8", "198.51.100.9", (50000, 443), 70, nat=False)
seen("without addresses behind a NAT", message(103, 1, 257, FIELDS, plain))
seen("a second switch, at 96", message(96, 2, 256, FIELDS + NAT, first))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
