#!/usr/bin/env bash
# pysflow 0.1.2 reads no datagram with an expanded sample, a maker's own record or an agent without an address.
#
# Expected: sFlow version 5 (sflow_version_5.txt of sflow.org), section 5: each sample and each record carries its
# length, so that a reader skips those that it does not know; expanded samples (formats 3 and 4) are for interfaces
# past 2^24; makers may define records under their own enterprise number; an agent's address may be of type unknown
# (0).
# Seen: one record that is not in its lists ends the whole datagram with a ValueError, the samples that stand before it
# included; the lengths are read and not used. A type of 0 ends with a TypeError.
# Who meets it: who counts packets of phones from a switch that sends one such record in each datagram: there are none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pysflow==0.1.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
one sample: 1 samples
with a maker's own record: ends with ValueError Unknown data format: (4413, 1)
with an expanded sample: ends with ValueError Unknown data format: (0, 3)
agent of unknown address: ends with TypeError Unknown address type: 0
TEXT
)
seen=$(
    run <<'PY'
import struct
import warnings

warnings.simplefilter("ignore")
import sflow


def words(*values):
    return struct.pack(">%dI" % len(values), *values)


def record(kind, body):
    return words(kind, len(body)) + body


def flow(*records):
    return record(1, words(1, 5, 100, 1000, 0, 5, 6, len(records)) + b"".join(records))


def expanded():
    return record(3, words(1, 0, 5, 100, 1000, 0, 0, 5, 0, 6, 0))


def datagram(*samples, agent=words(1, 0xC0000201)):
    return words(5) + agent + words(0, 1, 1000, len(samples)) + b"".join(samples)


ethernet = record(2, words(64) + bytes.fromhex("0004f2aabbcc0000020000000001 0000".replace(" ", "")) + words(0x800))
own = record((4413 << 12) | 1, words(7))
for name, data in (
    ("one sample", datagram(flow(ethernet))),
    ("with a maker's own record", datagram(flow(ethernet), flow(ethernet, own))),
    ("with an expanded sample", datagram(flow(ethernet), expanded())),
    ("agent of unknown address", datagram(flow(ethernet), agent=words(0))),
):
    try:
        print(name + ":", len(sflow.decode(data)["samples"]), "samples")
    except Exception as error:
        print(name + ": ends with", type(error).__name__, error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
