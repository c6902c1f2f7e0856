#!/usr/bin/env bash
# sngrep 1.6.0 (Debian 12) does not see the last of two SIP messages that a connection carries together.
#
# Expected: RFC 3261, section 18.3: over a stream, the length in each says where it ends and the next
# one begins. TCP has no borders: several may be in one segment, and one may end where the next one begins. sngrep(8):
# -O saves all captured packets.
# Seen: of two messages in one segment, or in two segments with the border within the second, the second message is
# seen no sooner than with the next segment, whose own message waits then, and never behind the last one. Its packets
# are saved a second time.
# Who meets it: whoever looks for a phone's last message before the silence, or counts packets that sngrep saved.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sngrep=1.6.0-1 libpcap0.8=1.10.3-1 libncursesw6=6.4-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu TERM=xterm python3 -; }

expected=$(
    cat <<'TEXT'
each in a segment: 3 of 3 dialogs, 3 of 3 packets
two in a segment: 1 of 2 dialogs, 1 of 1 packets
two in a segment, then one: 2 of 3 dialogs, 3 of 2 packets
border within the second segment: 1 of 2 dialogs, 2 of 2 packets
TEXT
)
seen=$(
    run <<'END'
import re
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def message(call):
    return (
        "OPTIONS sip:pool.contoso.com SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 10.0.0.71:5060;branch=z9hG4bK{call}\r\n"
        "From: <sip:phone@contoso.com>;tag=1\r\n"
        "To: <sip:pool.contoso.com>\r\n"
        f"Call-ID: {call}@10.0.0.71\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def frame(sequence, flags, data):
    tcp = struct.pack(">HHIIBBHHH", 50000, 5060, sequence, 1, 0x50, flags, 65535, 0, 0) + data
    pseudo = PHONE + SERVER + struct.pack(">HH", 6, len(tcp)) + tcp
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 7, 0, 64, 6, 0) + PHONE + SERVER
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0200000000010004f2aabbcc0800") + ip + tcp


def said(case, calls, segments):
    with open("phone.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        sequence = 10
        frames = [frame(9, 2, b"")]
        for data in segments:
            frames.append(frame(sequence, 24, data))
            sequence += len(data)
        for seconds, data in enumerate(frames):
            file.write(struct.pack("<IIII", 1764327600 + seconds, 0, len(data), len(data)) + data)
    command = ["usr/bin/sngrep", "-N", "-I", "phone.pcap", "-O", "saved.pcap"]
    text = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout
    dialogs = re.findall(r"Dialog count: (\d+)", text)[-1]
    with open("saved.pcap", "rb") as file:
        file.read(24)
        packets = 0
        while head := file.read(16):
            file.read(struct.unpack("<4I", head)[2])
            packets += 1
    print(f"{case}: {dialogs} of {calls} dialogs, {packets} of {len(segments)} packets")


one, two, three = message("one"), message("two"), message("three")
said("each in a segment", 3, [one, two, three])
said("two in a segment", 2, [one + two])
said("two in a segment, then one", 3, [one + two, three])
said("border within the second segment", 2, [(one + two)[:100], (one + two)[100:]])
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
