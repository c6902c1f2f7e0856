#!/usr/bin/env bash
# libtins 4.0 (Debian 12) writes 44 for the length of a DHCP option of 300 octets, and all 300 behind it.
#
# Expected: the length of a DHCP option has one octet (RFC 2132, section 2); a longer one is sent in parts of at most
# 255 octets, all under the same number (RFC 3396, section 5). A library that does not do so refuses a longer one.
# Seen: the length is cut to its last eight bits. A reader takes the data behind the first 44 octets for further
# options: here "1" (49) for options 49 of 49 octets, and the subnet mask is gone. libtins itself reads its message so.
# No exception is raised.
# Who meets it: whoever answers phones with vendor options (43) or lists of routes (121) that have grown.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libtins4.0=4.0-1+b2 libtins-dev=4.0-1+b2 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib:$PWD/usr/lib/x86_64-linux-gnu
libraries=(usr/lib/libtins.so.4.0 usr/lib/x86_64-linux-gnu/libpcap.so.0.8)
run() { cat >main.cpp && g++ -w -Iusr/include main.cpp -o main "${libraries[@]}" && ./main; }

expected=$(
    cat <<'TEXT'
200 octets of data, the length says 200
  read: 53:1 43:200 1:4 255:0 0:0
300 octets of data, the length says 44
  read: 53:1 43:44 49:49 49:49 49:49 49:49 49:49 49:1 255:0 255:0 255:0 0:0 255:0 0:0
TEXT
)
seen=$(
    run <<'CPP'
#include <tins/dhcp.h>

#include <cstdio>

using Tins::DHCP;

int main() {
    for (size_t size : {200, 300}) {
        std::vector<uint8_t> data;
        while (data.size() < size) data.push_back(data.size() % 50 ? '1' : '7');
        DHCP message;
        message.type(DHCP::ACK);
        message.add_option(DHCP::option(43, data.begin(), data.end()));
        message.add_option(DHCP::option(1, 4, (const uint8_t*)"\xff\xff\xff\0"));
        message.end();
        DHCP::serialization_type octets = message.serialize();
        printf("%zu octets of data, the length says %d\n", size, octets[240 + 3 + 1]);
        DHCP again(octets.data(), octets.size());
        printf("  read:");
        for (const DHCP::option& option : again.options()) printf(" %d:%zu", option.option(), option.data_size());
        printf("\n");
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
