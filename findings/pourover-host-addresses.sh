#!/usr/bin/env bash
# pourover 0.1b8 gives part of a device's address, and leaves escapes in values.
#
# Expected: RFC 3164, section 4.1.2: the host of a syslog message is its name or its IP address. ArcSight's Common Event
# Format: an equals sign, a pipe or a backslash in a value has a backslash before it, which a reader removes.
# Seen: the prefix before "CEF:" ends at the first full stop or colon of the host: of 192.0.2.1 the 192 is left, of a
# name its first label, and two devices become one. Escapes stay in the values.
# Who meets it: whoever counts events by device.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps pourover==0.1b8 >&2 || {
    echo "could not install pourover==0.1b8" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
cx700: prefix 'Nov 30 22:11:20 cx700', product Up\|date, request /a\=b
lync.contoso.com: prefix 'Nov 30 22:11:20 lync', product Up\|date, request /a\=b
192.0.2.1: prefix 'Nov 30 22:11:20 192', product Up\|date, request /a\=b
192.0.2.2: prefix 'Nov 30 22:11:20 192', product Up\|date, request /a\=b
2001:db8::1: prefix 'Nov 30 22:11:20 2001', product Up\|date, request /a\=b
TEXT
)
seen=$(
    run <<'PY'
import warnings

warnings.simplefilter("ignore")
import pourover

for host in ("cx700", "lync.contoso.com", "192.0.2.1", "192.0.2.2", "2001:db8::1"):
    line = rf"Nov 30 22:11:20 {host} CEF:0|Contoso|Up\|date|1|100|request|5|src=192.0.2.51 request=/a\=b"
    message = pourover.parse_line(line)
    print(f"{host}: prefix {message.headers['Prefix']!r}, product {message.headers['DeviceProduct']}", end="")
    print(f", request {message.extensions['request']}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
