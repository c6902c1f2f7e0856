#!/usr/bin/env bash
# brave-trace 0.1.0 takes a third of a millisecond for a third of a second, as traceroute of Linux writes it.
#
# Expected: its README: "Converts raw traceroute results to structured hop information cross-platform". It runs tracert
# on Windows and traceroute elsewhere, which prints times as "0.345 ms", and asterisks where a hop does not answer.
# Seen: digits before "ms" are read, so of "0.345 ms" it takes 345, and the average is a mean of such numbers. A hop of
# 11.2 ms is quicker than one of 1.9 ms. Hops that do not answer are left out, and so are those with IPv6 addresses. Of
# the whole milliseconds that tracert prints all is right.
# Who meets it: whoever looks on Linux for the hop at which telephones of a branch office wait.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    brave-trace==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Linux
   1 192.0.2.1 [345.0, 321.0, 298.0] mean 321.33
   3 203.0.113.9 [905.0, 950.0, 990.0] mean 948.33
   4 198.51.100.7 [200.0, 100.0, 300.0] mean 200.0
Windows
   1 192.0.2.1 [1.0, 1.0, 2.0] mean 1.33
   2 198.51.100.7 [12.0, 11.0, 13.0] mean 12.0
TEXT
)
seen=$(
    run <<'PY'
from brave_trace.core.parser import parse

LINUX = """\
traceroute to 198.51.100.7 (198.51.100.7), 30 hops max, 60 byte packets
 1  192.0.2.1  0.345 ms  0.321 ms  0.298 ms
 2  * * *
 3  203.0.113.9  1.905 ms  1.950 ms  1.990 ms
 4  198.51.100.7  11.200 ms  11.100 ms  11.300 ms
"""
WINDOWS = """\
  1    <1 ms     1 ms     2 ms  192.0.2.1
  2    12 ms    11 ms    13 ms  198.51.100.7
"""
for name, text in (("Linux", LINUX), ("Windows", WINDOWS)):
    print(name)
    for hop in parse(text):
        print("  ", hop.hop, hop.ip, [hop.rtt1, hop.rtt2, hop.rtt3], "mean", hop.avg_rtt)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
