#!/usr/bin/env bash
# sipgrep 2.1.0 (Debian 12) leaves out the SIP message that follows a padded acknowledgement, so the first of a
# connection.
#
# Expected: RFC 894: a short frame is padded with zeros, which are no part of the IP packet; its length says where it
# ends. RFC 3261, section 18.3: in a stream, Content-Length says where a message ends. Section 7.3.1: names of fields
# may be in small letters; section 7.5: an empty line before a message is ignored.
# Seen: a network card makes 60 octets of an acknowledgement of 54. sipgrep takes the six zeros for the beginning of a
# message, and finds none in them and what follows. So INVITE, right behind the handshake, is not shown, nor the
# server's first answer. Without padding, or by -a, which puts nothing together, all are shown. Over UDP, a message with
# names in small letters is called bad, and one behind an empty line is not shown.
# Who meets it: whoever looks by it for the sign-in of a phone: REGISTER is the first message of its connection.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sipgrep=2.1.0-2+b1 libpcap0.8=1.10.3-1 libpcre3=2:8.39-15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
UDP: ['INVITE sip:pool SIP/2.0.']
TCP, not padded: ['INVITE sip:pool SIP/2.0.', 'ACK sip:pool SIP/2.0.', 'SUBSCRIBE sip:pool SIP/2.0.', 'SIP/2.0 200 OK.']
TCP, padded: ['ACK sip:pool SIP/2.0.', 'SUBSCRIBE sip:pool SIP/2.0.']
TCP, padded, -a: ['INVITE sip:pool SIP/2.0.', 'ACK sip:pool SIP/2.0.', 'SUBSCRIBE sip:pool SIP/2.0.', 'SIP/2.0 200 OK.']
UDP, small letters: ['BAD M:[INVITE sip:pool SIP/2.0']
UDP, an empty line before: []
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess

PHONE, POOL = bytes([192, 0, 2, 51]), bytes([192, 0, 2, 81])


def packet(protocol, payload, sender, receiver):
    head = struct.pack("!BBHHHBBH4s4s", 69, 0, 20 + len(payload), 1, 0, 64, protocol, 0, sender, receiver)
    return bytes.fromhex("0200000000810004f2aabbcc0800") + head + payload


def connection(*messages):
    """Frames of a connection: each message (whether the phone sends it, and its octets) is whole in a segment."""
    sent = [1001, 5001]
    yield packet(6, struct.pack("!HHIIBBHHH", 49152, 5060, 1000, 0, 80, 2, 8192, 0, 0), PHONE, POOL)
    yield packet(6, struct.pack("!HHIIBBHHH", 5060, 49152, 5000, 1001, 80, 18, 8192, 0, 0), POOL, PHONE)
    acknowledged = [part for phone, data in messages for part in ((phone, data), (not phone, b""))]
    for phone, data in ((True, b""), *acknowledged):
        ports, ends = ((49152, 5060), (PHONE, POOL)) if phone else ((5060, 49152), (POOL, PHONE))
        numbers, flags = sent if phone else sent[::-1], 24 if data else 16
        yield packet(6, struct.pack("!HHIIBBHHH", *ports, *numbers, 80, flags, 8192, 0, 0) + data, *ends)
        sent[0 if phone else 1] += len(data)


def show(what, frames, *options):
    with open("in.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack("<4I", 1764327600 + number, 0, len(data), len(data)) + data)
    command = ["usr/bin/sipgrep", "-C", "-R", *options, "-I", "in.pcap"]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    print(f"{what}:", [line for line in lines if "sip:pool" in line or line.startswith("SIP/")])


def message(first, sequence):
    fields = f"Call-ID: 51\r\nFrom: <sip:a@contoso.com>;tag=1\r\nTo: <sip:b@contoso.com>\r\nCSeq: {sequence}\r\n"
    return f"{first}\r\n{fields}Content-Length: 0\r\n\r\n".encode()


def datagram(data):
    return [packet(17, struct.pack("!HHHH", 5060, 5060, 8 + len(data), 0) + data, PHONE, POOL)]


names = ("INVITE", "ACK", "SUBSCRIBE")
asked = [message(f"{name} sip:pool SIP/2.0", f"1 {name}") for name in names]
story = [*((True, each) for each in asked), (False, message("SIP/2.0 200 OK", "1 SUBSCRIBE"))]
show("UDP", datagram(asked[0]))
short = list(connection(*story))
padded = [each.ljust(60, b"\0") for each in short]
show("TCP, not padded", short)
show("TCP, padded", padded)
show("TCP, padded, -a", padded, "-a")
show("UDP, small letters", datagram(asked[0].replace(b"Call-ID", b"call-id").replace(b"From", b"from")))
show("UDP, an empty line before", datagram(b"\r\n" + asked[0]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
