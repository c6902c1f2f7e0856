#!/usr/bin/env bash
# libpcap 1.10.3 (Debian 12) takes packets that were captured after 18 January 2038 for some of 1901 and later.
#
# Expected: draft-ietf-opsawg-pcap, section 5: the seconds of a packet are an unsigned number of 32 bits, so a file
# reaches to 2106; where time_t has 64 bits, as on amd64, a reader can hold them all.
# Seen: the seconds are read as a signed number. ngrep gives November 1903 for January 2040, and nfdump a year of nine
# digits; tcpdump can write a time neither of a pcap file nor of a pcapng file, which has 64 bits. capinfos 4.0.17,
# which reads with a library of its own, is right with both.
# Who meets it: whoever tests what phones and servers do after 2038, with clocks that are set forward.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libpcap0.8=1.10.3-1 tcpdump=4.99.3-1 ngrep=1.47+ds1-5+b1 libnet1=1.1.6+dfsg-3.2 nfdump=1.7.1-2+deb12u1 \
    wireshark-common=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/usr/lib PATH=$PWD/usr/bin:$PATH TZ=UTC
run() { python3 -; }

expected=$(
    cat <<'TEXT'
2026:
  capinfos in.pcap 2026-11-30 00:53:20.250000
  tcpdump  in.pcap 2026-11-30 00:53:20.250000
  capinfos in.pcapng 2026-11-30 00:53:20.250000
  tcpdump  in.pcapng 2026-11-30 00:53:20.250000
  ngrep    in.pcap   2026/11/30 00:53:20.250000 
  nfdump   in.pcap   2026-11-30 00:53:20.250
2040:
  capinfos in.pcap 2040-01-04 00:00:00.250000
  tcpdump  in.pcap [Error converting time] IP
  capinfos in.pcapng 2040-01-04 00:00:00.250000
  tcpdump  in.pcapng [Error converting time] IP
  ngrep    in.pcap   1903/11/28 17:31:44.250000 
  nfdump   in.pcap   584555953-02-28 07:57:35.866
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path

UDP = struct.pack(">HHHH", 5000, 5061, 12, 0) + b"ping"
IP = struct.pack(">BBHHHBBH", 0x45, 0, 32, 1, 0, 64, 17, 0) + bytes([10, 0, 0, 71, 10, 0, 0, 5])
FRAME = bytes.fromhex("020000000005020000000071" "0800") + IP + UDP


def last_words(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()


for year, seconds in ((2026, 1796000000), (2040, 2209248000)):
    size = len(FRAME), len(FRAME)
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    Path("in.pcap").write_bytes(head + struct.pack("<4I", seconds, 250000, *size) + FRAME)
    subprocess.run(("editcap", "-F", "pcapng", "in.pcap", "in.pcapng"), check=True)
    print(f"{year}:")
    for name in ("in.pcap", "in.pcapng"):
        print("  capinfos", name, last_words("capinfos", "-a", name)[-1].split(":", 1)[1].strip())
        print("  tcpdump ", name, last_words("tcpdump", "-ttttnr", name)[0][:26])
    print("  ngrep    in.pcap  ", last_words("ngrep", "-qtI", "in.pcap")[-2][2:29])
    Path(f"flows{year}").mkdir()
    last_words("nfpcapd", "-r", "in.pcap", "-w", f"flows{year}")
    print("  nfdump   in.pcap  ", last_words("nfdump", "-R", f"flows{year}", "-qo", "fmt:%ts")[0])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
