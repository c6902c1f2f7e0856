#!/usr/bin/env bash
# aiortp 0.8.0 marks the end of a digit as its beginning, and says nothing of a digit whose last packets are lost.
#
# Expected: RFC 4733, section 2.2.2: the marker is set where an event begins, in its first packet. Section 2.5.2: a
# receiver that gets no end of an event takes it as ended where the next one begins.
# Seen: the packets that begin a digit have no marker; the first of the three that end it has one. Of two digits, the
# first is not given where its three last packets are lost, though seven others of it came.
# Who meets it: whoever dials by it through a gateway that goes by the marker, or lets callers on a lossy line type in a
# number: it is short of a digit.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiortp==0.8.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
ends:    0 0 0 0 0 0 0 1 1 1
markers: 0 0 0 0 0 0 0 1 0 0
71, nothing lost: heard 71
71, 3 of 20 lost: heard 1
TEXT
)
seen=$(
    run <<'PY'
from aiortp.dtmf import DtmfEvent, DtmfReceiver, DtmfSender
from aiortp.packet import RtpPacket
from aiortp.sender import RtpSender


class Line:
    def __init__(self):
        self.packets = []

    def send(self, data, addr=None):
        self.packets.append(RtpPacket.parse(data))


def dial(digits):
    line = Line()
    sender = DtmfSender(RtpSender(line, payload_type=0))
    for place, digit in enumerate(digits):
        sender.send_digit(digit, duration_ms=160, timestamp=8000 * place)
    return line.packets


def heard(packets):
    digits = []
    receiver = DtmfReceiver(lambda digit, duration: digits.append(digit))
    for packet in packets:
        receiver.handle_packet(packet)
    return "".join(digits)


packets = dial("7")
print("ends:   ", *[int(DtmfEvent.parse(each.payload).end) for each in packets])
print("markers:", *[each.marker for each in packets])
packets = dial("71")
print("71, nothing lost: heard", heard(packets))
lost = [each for each in packets if each.timestamp or not DtmfEvent.parse(each.payload).end]
print(f"71, {len(packets) - len(lost)} of {len(packets)} lost: heard", heard(lost))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
