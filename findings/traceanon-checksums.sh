#!/usr/bin/env bash
# traceanon 3.0.22 (Debian 12) makes 0 of all checksums, and leaves IPv6 addresses and those of ARP as they were.
#
# Expected: traceanon(1) replaces "IP addresses found in the IP header", by another prefix or by CryptoPAn, and "also
# fixes the checksums inside TCP and UDP headers". RFC 9293, section 3.1, and RFC 791: a checksum of 0 is right for one
# packet in 65535. RFC 8200, section 8.1: a UDP datagram over IPv6 with 0 is dropped.
# Seen: the checksums of IPv4, TCP and UDP are 0, also that of UDP over IPv6, whose addresses are the old ones in both
# ways. So are those in ARP, which say who has which. No warning is given.
# Who meets it: whoever gives a capture of phones away by it: programs that check drop all of it, and the phones'
# addresses are in it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libtrace-tools=3.0.22-0.1 libtrace3=3.0.22-0.1 libwandio1=3.0.22-0.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/usr/lib python3 -; }

expected=$(
    cat <<'TEXT'
--prefix=192.0.2.0/24:
  IPv4: 192.0.2.71, checksums 0x0000 0x0000
  IPv6: 2001:db8::71, checksums 0x0000
  ARP: 10.0.0.71
--cryptopan=a secret key:
  IPv4: another address, checksums 0x0000 0x0000
  IPv6: 2001:db8::71, checksums 0x0000
  ARP: 10.0.0.71
TEXT
)
seen=$(
    run <<'END'
import ipaddress
import struct
import subprocess

OLD, KNOWN = ipaddress.ip_address("10.0.0.71"), ("10.0.0.71", "192.0.2.71")
PHONE, SERVER = OLD.packed, bytes([10, 0, 0, 5])
PHONE6, SERVER6 = (ipaddress.ip_address(address).packed for address in ("2001:db8::71", "2001:db8::5"))


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(addresses):
    udp = struct.pack(">HHHH", 50000, 5060, 48, 0) + b"OPTIONS sip:pool.contoso.com SIP/2.0\r\n\r\n"
    return udp[:6] + struct.pack(">H", checksum(addresses + struct.pack(">HH", 17, 48) + udp)) + udp[8:]


ip = struct.pack(">BBHHHBBH", 0x45, 0, 68, 7, 0, 64, 17, 0) + PHONE + SERVER
ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
FRAMES = [
    (b"\x08\0", ip + datagram(PHONE + SERVER)),
    (b"\x86\xdd", struct.pack(">IHBB", 6 << 28, 48, 17, 64) + PHONE6 + SERVER6 + datagram(PHONE6 + SERVER6)),
    (b"\x08\x06", bytes.fromhex("00010800060400010004f2aabbcc") + PHONE + bytes(6) + SERVER),
]
with open("before", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for kind, data in FRAMES:
        whole = bytes.fromhex("0200000000010004f2aabbcc") + kind + data
        file.write(struct.pack("<IIII", 1764327600, 0, len(whole), len(whole)) + whole)
for option in ("--prefix=192.0.2.0/24", "--cryptopan=a secret key"):
    print(f"{option}:")
    command = ["usr/bin/traceanon", "-s", "-d", option, "pcapfile:before", "pcapfile:after"]
    subprocess.run(command, check=True)
    with open("after", "rb") as file:
        file.read(24)
        v4, v6, arp = (file.read(struct.unpack("<4I", file.read(16))[2])[14:] for _ in FRAMES)
    address = str(ipaddress.ip_address(v4[12:16]))
    address = address if address in KNOWN else "another address"
    print(f"  IPv4: {address}, checksums 0x{v4[10:12].hex()} 0x{v4[26:28].hex()}")
    print(f"  IPv6: {ipaddress.ip_address(v6[8:24])}, checksums 0x{v6[46:48].hex()}")
    print(f"  ARP: {ipaddress.ip_address(arp[14:18])}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
