#!/usr/bin/env bash
# poco 1.11.0 (Debian 12) gives -4 for the version and the mode of an NTP server, and drops the fraction of its time.
#
# Expected: RFC 5905, section 7.3: a message begins with two bits of leap indicator (0 to 3), three of version (4 now)
# and three of mode (4 for a server); a time is 32 bits of seconds and 32 of their fraction. The manual of NTPPacket
# gives each by a method of that name, and the times as Poco::Timestamp, which counts microseconds.
# Seen: the bits are read as signed numbers: version 4 is -4, version 3 is 3, mode 4 is -4, and a leap indicator of 3,
# not synchronized, is -1. All times are whole seconds, up to a second too early.
# Who meets it: whoever checks the mode or the leap indicator of an answer before using it, or compares clocks by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libpoco-dev=1.11.0-3+deb12u1 libpocofoundation80=1.11.0-3+deb12u1 libpoconet80=1.11.0-3+deb12u1 \
    libpcre3=2:8.39-15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
options=(-w -Iusr/include -Lusr/lib/x86_64-linux-gnu -lPocoNet -lPocoFoundation -Wl,-rpath-link,lib/x86_64-linux-gnu)
run() { cat >main.cpp && g++ main.cpp -o main "${options[@]}" && ./main; }

expected=$(
    cat <<'TEXT'
given leap 0 version 3 mode 4, read 0 3 -4, time .75 read .000000
given leap 0 version 4 mode 4, read 0 -4 -4, time .75 read .000000
given leap 3 version 4 mode 4, read -1 -4 -4, time .75 read .000000
TEXT
)
seen=$(
    run <<'CPP'
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/NTPPacket.h>

#include <cstdio>

int main() {
    for (int first : {0x1c, 0x24, 0xe4}) {
        unsigned char octets[48] = {(unsigned char)first, 1};
        const unsigned char time[] = {0xee, 0xb6, 0x5c, 0x80, 0xc0, 0, 0, 0};
        for (int at = 0; at < 8; at++) octets[40 + at] = time[at];
        Poco::Net::NTPPacket packet;
        packet.setPacket(octets);
        printf("given leap %d version %d mode %d,", first >> 6, first >> 3 & 7, first & 7);
        printf(" read %d %d %d,", packet.leapIndicator(), packet.version(), packet.mode());
        printf(" time .75 read .%s\n", Poco::DateTimeFormatter::format(packet.transmitTime(), "%F").c_str());
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
