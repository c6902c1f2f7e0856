#!/usr/bin/env bash
# pktanon 2 of 2016 (Debian 12) makes each UDP datagram eight octets longer, and breaks the later pieces of one.
#
# Expected: a profile that leaves each field as it is, AnonIdentity, copies the packets. RFC 768: the length of a
# datagram has the header in it, so the data are eight octets less. RFC 791, section 3.1: the offset says where a piece
# belongs.
# Seen: the header is counted as data, too: of 40 octets of data there are 48 in the copy, with lengths and checksums
# that are right for them. A later piece of a datagram, of which a warning is given, is written without its data, and
# with another place in the datagram. TCP is copied as it was.
# Who meets it: whoever anonymises a capture of phones by it: behind each DNS, DHCP and SIP message are octets that
# nobody sent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pktanon=2~git20160407.0.2bde4f2+dfsg-10 libpcap0.8=1.10.3-1 libxerces-c3.2=3.2.4+debian-1 \
    libicu72=72.1-3+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
sed 's/AnonShorten" newlen="0"/AnonIdentity"/' usr/share/doc/pktanon/examples/profiles/profile-identity.xml >profile.xml
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
before: protocol 6, frame of 94, place 0
after: protocol 6, frame of 94, place 0
before: protocol 17, frame of 82, place 0, UDP length 48
after: protocol 17, frame of 90, place 0, UDP length 56
before: protocol 17, frame of 74, place 1400
after: protocol 17, frame of 34, place 104
TEXT
)
seen=$(
    run <<'END'
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])
DATA = b"OPTIONS sip:pool.contoso.com SIP/2.0\r\n\r\n"


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(protocol, place, data):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 7, place // 8, 64, protocol, 0) + PHONE + SERVER
    return bytes.fromhex("0200000000010004f2aabbcc0800") + ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + data


def show(name):
    with open(name, "rb") as file:
        file.read(24)
        data = file.read(struct.unpack("<4I", file.read(16))[2])
    place, protocol = struct.unpack(">HxB", data[20:24])
    udp = f", UDP length {struct.unpack('>H', data[38:40])[0]}" if protocol == 17 and not place else ""
    print(f"{name}: protocol {protocol}, frame of {len(data)}, place {8 * place}{udp}")


tcp = struct.pack(">HHIIBBHHH", 50000, 80, 9, 1, 0x50, 24, 65535, 0, 0) + DATA
udp = struct.pack(">HHHH", 50000, 5060, 8 + len(DATA), 0) + DATA
for whole in (frame(6, 0, tcp), frame(17, 0, udp), frame(17, 1400, DATA)):
    with open("before", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        file.write(struct.pack("<IIII", 1764327600, 0, len(whole), len(whole)) + whole)
    command = ["usr/bin/pktanon", "-s", "65535", "-c", "profile.xml", "before", "after"]
    subprocess.run(command, check=True, capture_output=True)
    show("before")
    show("after")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
