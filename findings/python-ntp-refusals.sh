#!/usr/bin/env bash
# python-ntp 1.0.0 ends with an IndexError where a time server refuses, or asks to wait, and squares the jitter.
#
# Expected: RFC 5905, section 7.4: stratum 0 is a "kiss of death"; RATE asks for fewer questions, DENY and RSTR for
# none. The package has errors of its own for these. Section 10: the jitter is the root of the mean of the squared
# differences, so it grows as they do.
# Seen: its errors have no text, and where they are caught the text is logged, so the client ends with another error.
# The root is taken of the number of samples alone, not of the sum: where the differences are ten times as large, the
# jitter is a hundred times as large, in square seconds. By it, servers are chosen.
# Who meets it: whoever asks a public server with it, which limits how often it is asked.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    python-ntp==1.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
RATE: IndexError('tuple index out of range')
DENY: IndexError('tuple index out of range')
half of them 0.5 s later: jitter 0.378, by the RFC 0.378
half of them 5.0 s later: jitter 37.796, by the RFC 3.780
half of them 50.0 s later: jitter 3779.645, by the RFC 37.796
TEXT
)
seen=$(
    run <<'PY'
import struct

import ntp

NOW = 1_764_327_600


def answered(request, stratum, name, late):
    seconds, fraction = struct.unpack("!LL", request[40:48])
    there = ntp.ntptime(NOW + late)
    return struct.pack(
        "!BBbbHHHH4sLLLLLLLL", 0x24, stratum, 4, -20, 0, 0, 0, 0, name, *there, seconds, fraction, *there, *there
    )


for name in (b"RATE", b"DENY"):
    server = ntp.NtpAssociation(address="192.0.2.1")
    request = server.prepare_request(NOW)
    try:
        server.process_response(answered(request, 0, name, 0), NOW)
        print(name.decode(), "is understood")
    except Exception as error:
        print(f"{name.decode()}: {error!r}")

for step in (0.5, 5.0, 50.0):
    server = ntp.NtpAssociation(address="192.0.2.1")
    for count in range(8):
        request = server.prepare_request(NOW)
        server.process_response(answered(request, 1, b"GPS\0", step * (count % 2)), NOW)
    print(f"half of them {step} s later: jitter {server.state.jitter:.3f}, by the RFC {step * (4 / 7) ** 0.5:.3f}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
