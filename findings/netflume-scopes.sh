#!/usr/bin/env bash
# netflume 0.6.0 takes the interface that NetFlow 9 says something of for a number of packets.
#
# Expected: RFC 3954, section 6.1: a scope has types of its own, 1 "System", 2 "Interface", 3 "Line Card", 4 "Cache",
# 5 "Template"; they are not the field types of section 8, where 1 are octets and 2 packets. So routers say which
# number has which interface, and how it samples.
# Seen: a scope is looked up among the field types. Interface 7 is "packets: 7", a system's number "octets", a line card
# "flows", a cache "proto", a template "tos"; "in_if" and the like are nowhere. No error is raised.
# Who meets it: whoever learns with it the names of interfaces, or how each of them samples.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netflume==0.6.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
interface 7: {'packets': 7, 'if_name': 'Gi1/0/7'}
its sampling: {'packets': 7, 'sampling_interval': 100}
system 4711: {'octets': 4711, 'exported_packets': 52}
line card 3: {'flows': 3, 'exported_flows': 9}
cache 1: {'proto': 1, 'active_timeout': 60}
TEXT
)
seen=$(
    run <<'PY'
from struct import pack

from netflume import TemplateStore, parse_message


def flow_set(kind, data):
    data += bytes(-len(data) % 4)
    return pack("!HH", kind, 4 + len(data)) + data


def options_of(scope, number, fields):
    template = pack("!HHHHH", 256, 4, 4 * len(fields), scope, 4)
    for kind, value in fields:
        template += pack("!HH", kind, len(value))
    data = pack("!I", number) + b"".join(value for _, value in fields)
    sets = flow_set(1, template) + flow_set(256, data)
    message = pack("!HHIIII", 9, 2, 1000, 1764410400, 1, 0) + sets
    return parse_message(message, "192.0.2.1", TemplateStore())[2]


print("interface 7:", *options_of(2, 7, [(82, b"Gi1/0/7\0")]))
print("its sampling:", *options_of(2, 7, [(34, pack("!I", 100))]))
print("system 4711:", *options_of(1, 4711, [(41, pack("!I", 52))]))
print("line card 3:", *options_of(3, 3, [(42, pack("!I", 9))]))
print("cache 1:", *options_of(4, 1, [(36, pack("!H", 60))]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
