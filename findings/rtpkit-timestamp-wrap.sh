#!/usr/bin/env bash
# rtpkit 0.3.0 gives a jitter of hours to a call without any, once the timestamps go past the end.
#
# Expected: RFC 3550, section 5.1: a timestamp has 32 bits, and its first value should be random. Section 6.4.1: jitter
# is of the difference of two packets' transit times, in units of the timestamp; that it goes past the end changes
# nothing in it. rtpkit says that its sequence numbers may do so.
# Seen: at the packet whose timestamp goes past the end the difference is 2 to the power of 32, of which a sixteenth
# becomes jitter: 268435456 units, or 9 hours at 8000 Hz. After 100 packets it is still 56 seconds. What was lost
# is counted right.
# Who meets it: whoever looks with it for how well phones hear each other, in one of 150 calls of an hour.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps rtpkit==0.3.0 >&2 || {
    echo "could not install rtpkit==0.3.0" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
from 0: lost 0, jitter 0 ms
from 4294967296 - 100 packets, 2 packets behind the end: lost 0, jitter 31457280 ms
from 4294967296 - 100 packets, 100 packets behind the end: lost 0, jitter 56352 ms
TEXT
)
seen=$(
    run <<'END'
from rtpkit.builder import RtpBuilder
from rtpkit.parser import parse_rtp
from rtpkit.stream import RtpStreamTracker

UNITS, HZ = 160, 8000


def said(first, count):
    tracker = RtpStreamTracker()
    for number in range(count):
        packet = (
            RtpBuilder()
            .with_payload_type(8)
            .with_ssrc(7)
            .with_sequence_number((65500 + number) % 65536)
            .with_timestamp((first + UNITS * number) % 2**32)
            .with_payload(bytes(UNITS))
            .build()
        )
        tracker.observe(parse_rtp(packet), arrival_time=UNITS * number / HZ, clock_rate=HZ)
    stats = tracker.stats(7)
    return f"lost {stats.lost_count}, jitter {stats.jitter / HZ * 1000:.0f} ms"


print("from 0:", said(0, 200))
for behind in (2, 100):
    print(f"from {2**32} - 100 packets, {behind} packets behind the end:", said(2**32 - 100 * UNITS, 100 + behind))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
