#!/usr/bin/env bash
# text2pcap of Wireshark 4.0.17 (Debian 12) gives the time of its own run where a date has its day or year as a word.
#
# Expected: text2pcap(1), -t: the text before a packet is read by a format of strftime(3), with %f for fractions. By
# strptime(3), %p says morning or afternoon, and %z has hours and minutes from UTC.
# Seen: a number that stands alone, and has hexadecimal digits only, does not count as text: "Nov 28 11:00:00", as
# syslog and ctime write it, is read as "Nov 11:00:00", which does not fit, and the packet gets the time of the run. A
# warning says so; the exit code is 0. With %f, what %p says is dropped, so 11 PM is 11 AM; without %f it counts. %z is
# read and dropped: 11:00 in New York is 11:00 UTC.
# Who meets it: whoever makes a capture of a device's log of packets, and looks with it for what came first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    wireshark-common=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export TZ=UTC
run() { python3 -; }

expected=$(
    cat <<'TEXT'
%Y-%m-%d %H:%M:%S.%f: 2025-11-28 11:00:00.25: 2025-11-28 11:00:00 and 0.25
%d/%b/%Y:%H:%M:%S: 28/Nov/2025:11:00:00: 2025-11-28 11:00:00 and 0
%d %b %Y %H:%M:%S: 28 Nov 2025 11:00:00: the time of this run, could not read Nov 11:00:00
%a %b %d %H:%M:%S %Y: Fri Nov 28 11:00:00 2025: the time of this run, could not read Fri Nov 11:00:00
%Y-%m-%d %I:%M:%S %p: 2025-11-28 11:00:00 PM: 2025-11-28 23:00:00 and 0
%Y-%m-%d %I:%M:%S.%f %p: 2025-11-28 11:00:00.25 PM: 2025-11-28 11:00:00 and 0.25
ISO: 2025-11-28T11:00:00-0500: 2025-11-28 16:00:00 and 0
%Y-%m-%dT%H:%M:%S%z: 2025-11-28T11:00:00-0500: 2025-11-28 11:00:00 and 0
TEXT
)
seen=$(
    run <<'PY'
import re
import struct
import subprocess
import time

TEXT = {"capture_output": True, "text": True, "check": True}
PACKETS = "000000 00 04 f2 aa bb cc 02 00 00 00 00 01 88 b5 61 62\n"


def show(form, text):
    with open("in.txt", "w") as file:
        file.write(f"{text}\n{PACKETS}")
    began = time.time()
    command = ["usr/bin/text2pcap", "-F", "nsecpcap", "-t", form, "in.txt", "out.pcap"]
    said = re.findall(r"First failure was for (.*) on input", subprocess.run(command, **TEXT).stderr)
    with open("out.pcap", "rb") as file:
        seconds, fraction = struct.unpack_from("<2I", file.read(), 24)
    day = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f" and {fraction / 1e9:g}"
    seen = "the time of this run" if seconds >= began - 1 else day
    print(f"{form}: {text}: {seen}", *said, sep=", could not read " if said else "")


show("%Y-%m-%d %H:%M:%S.%f", "2025-11-28 11:00:00.25")
show("%d/%b/%Y:%H:%M:%S", "28/Nov/2025:11:00:00")
show("%d %b %Y %H:%M:%S", "28 Nov 2025 11:00:00")
show("%a %b %d %H:%M:%S %Y", "Fri Nov 28 11:00:00 2025")
show("%Y-%m-%d %I:%M:%S %p", "2025-11-28 11:00:00 PM")
show("%Y-%m-%d %I:%M:%S.%f %p", "2025-11-28 11:00:00.25 PM")
show("ISO", "2025-11-28T11:00:00-0500")
show("%Y-%m-%dT%H:%M:%S%z", "2025-11-28T11:00:00-0500")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
