#!/usr/bin/env bash
# aio-statsd 0.2.9 lowers a gauge where it should set it to a value below zero.
#
# Expected: StatsD's documentation, metric types, "Gauges": a value with a sign changes the gauge by that much, so a
# gauge is set below zero by setting it to zero first. gauge() is there beside increment() and decrement().
# Seen: gauge(-61) sends what decrement(61) does, "level:-61|g", for StatsD and for Telegraf. So a level that is
# reported as -61 each second falls by 61 each second. A packet that gets too long is an error, and so is each metric
# behind it.
# Who meets it: whoever reports with it levels of signals or temperatures.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aio-statsd==0.2.9 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
gauge(61): level:61|g
gauge(-61): level:-61|g
decrement(61): level:-61|g
Telegraf, gauge(-61): level:-61|g
Telegraf, decrement(61): level:-61|g
three times gauge(-61): -183
one: 7 octets
a.long.name.of.a.metric: RuntimeError
two: RuntimeError
TEXT
)
seen=$(
    run <<'PY'
from aio_statsd import StatsdProtocol, TelegrafStatsdProtocol

for value in (61, -61):
    print(f"gauge({value}):", StatsdProtocol().gauge("level", value).msg)
print("decrement(61):", StatsdProtocol().decrement("level", 61).msg)
print("Telegraf, gauge(-61):", *TelegrafStatsdProtocol().gauge("level", -61).get_msg_list())
print("Telegraf, decrement(61):", *TelegrafStatsdProtocol().decrement("level", 61).get_msg_list())


def level(messages):
    """What a gauge is at last, by the rules of StatsD."""
    now = 0
    for each in messages:
        value = each.split(":")[1].split("|")[0]
        now = now + int(value) if value[0] in "+-" else int(value)
    return now


print("three times gauge(-61):", level([StatsdProtocol().gauge("level", -61).msg] * 3))
packet = StatsdProtocol(mtu_limit=30)
for name in ("one", "a.long.name.of.a.metric", "two"):
    try:
        print(f"{name}: {len(packet.counter(name, 1).msg)} octets")
    except RuntimeError:
        print(f"{name}: RuntimeError")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
