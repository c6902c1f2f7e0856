#!/usr/bin/env bash
# chaosreader 0.96 (Debian 12) loses each packet that came in the same microsecond as another.
#
# Expected: nothing says that the times of a capture differ; Windows counts them in steps of up to 16 ms, and a network
# card that puts segments together gives all of them one time. RFC 4291, section 2.2: 2001:db8::71.
# Seen: packets are kept in a table by their time, so a later one takes the place of an earlier one, also of another
# conversation: of three segments of a download the last is left, and nothing is said of it. IPv6 addresses are written
# octet by octet without leading zeros: "201:db8::71" for 2001:db8::71.
# Who meets it: whoever takes files or requests out of a capture from a Windows server with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    chaosreader=0.96-12 libnet-dns-perl=1.36-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
segments at one time: 1
  201:db8::71:50000,201:db8::5:80                http
  session_0001.http.html [b'first ten', b'second ten', b'third ten']
  session_0001.part_01.asc [b'first ten', b'second ten', b'third ten']
segments at one time: 2
  201:db8::71:50000,201:db8::5:80                http
  session_0001.http.html [b'second ten']
  session_0001.part_01.empty []
segments at one time: 3
  201:db8::71:50000,201:db8::5:80                http
  session_0001.http.html [b'third ten']
  session_0001.part_01.empty []
TEXT
)
seen=$(
    run <<'PY'
import glob
import os
import re
import shutil
import socket
import struct
import subprocess

REQUEST = b"GET /phones HTTP/1.1\r\nHost: pool\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 31\r\n\r\n-first ten-second ten-third ten"
PHONE, SERVER = "2001:db8::71", "2001:db8::5"


def frame(out, number, acknowledged, flags, data=b""):
    ports = (50000, 80) if out else (80, 50000)
    tcp = struct.pack(">HHIIBBHHH", *ports, number, acknowledged, 0x50, flags, 65535, 0, 0) + data
    ends = [socket.inet_pton(socket.AF_INET6, end) for end in (PHONE, SERVER)]
    ip = struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64) + ends[not out] + ends[out] + tcp
    return bytes.fromhex("001122334455" "0004f2aabbcc" "86dd") + ip


def conversation():
    mine, cuts = 101 + len(REQUEST), (0, len(ANSWER) - 21, len(ANSWER) - 10, len(ANSWER))
    yield frame(True, 100, 0, 2)
    yield frame(False, 500, 101, 18)
    yield frame(True, 101, 501, 16)
    yield frame(True, 101, 501, 24, REQUEST)
    for start, end in zip(cuts, cuts[1:]):
        yield frame(False, 501 + start, mine, 24, ANSWER[start:end])
    yield frame(False, 501 + len(ANSWER), mine, 17)


def show(step):
    with open("phones.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for place, whole in enumerate(conversation()):
            time = place if place < 4 else 4 + (place - 4) // step
            file.write(struct.pack("<IIII", 1764327600, time * 1000, len(whole), len(whole)) + whole)
    shutil.rmtree("out", ignore_errors=True)
    os.mkdir("out")
    library = [f"-I{os.getcwd()}/usr/share/perl5", f"-I{os.getcwd()}/usr/lib/x86_64-linux-gnu/perl5/5.36"]
    command = ["perl", *library, f"{os.getcwd()}/usr/bin/chaosreader", f"{os.getcwd()}/phones.pcap"]
    result = subprocess.run(command, cwd="out", capture_output=True, text=True, timeout=100)
    print(f"segments at one time: {step}")
    for line in re.findall(r"^ +\d+ +(.*)", result.stdout, re.M):
        print(" ", line.strip())
    for name in sorted(glob.glob("out/session*")):
        with open(name, "rb") as file:
            text = file.read()
        print(" ", os.path.basename(name), re.findall(rb"[a-z]+ ten", text))


for step in (1, 2, 3):
    show(step)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
