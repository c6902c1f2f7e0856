#!/usr/bin/env bash
# libtins 4.0 (Debian 12) turns names of a DNS message that end like the question into others when it adds an answer.
#
# Expected: RFC 1035, section 4.1.4: a name may go on elsewhere in the message, at a place that is counted from the
# beginning of the header. What stands before an added record stays where it is, and so do pointers to it.
# Seen: the place is compared with a number that does not count the 12 octets of the header. Pointers to the last 12
# octets of the question, such as to its "com", are moved as if that had moved. "fabrikam.com" and "ns.fabrikam.com" go
# on in the data of the new record, and so lose their end. Pointers to the beginning of the question are right. No
# exception is raised.
# Who meets it: whoever adds to an answer in passing, as a proxy or a test does.
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
given: c0 0c, read as pool.contoso.com NS ns.pool.contoso.com
added: c0 0c, read as pool.contoso.com NS ns.pool.contoso.com
given: c0 19, read as fabrikam.com NS ns.fabrikam.com
added: c0 39, read as fabrikam NS ns.fabrikam
TEXT
)
seen=$(
    run <<'CPP'
#include <tins/dns.h>

#include <cstdio>
#include <string>

using Tins::DNS;

void show(const char* name, const DNS::serialization_type& octets) {
    printf("%s: %02x %02x", name, octets[octets.size() - 2], octets[octets.size() - 1]);
    for (const DNS::resource& record : DNS(octets.data(), octets.size()).authority())
        printf(", read as %s NS %s\n", record.dname().c_str(), record.data().c_str());
}

int main() {
    const std::string question("\4pool\7contoso\3com\0\0\1\0\1", 22);
    const std::string ends[] = {std::string("\xc0\x0c", 2), std::string("\x08""fabrikam\xc0\x19", 11)};
    for (const std::string& end : ends) {
        std::string octets("\x12\x34\x81\x80\0\1\0\0\0\1\0\0", 12);
        octets += question + end + std::string("\0\2\0\1\0\0\0\x3c\0", 9);
        octets += char(3 + end.size()) + std::string("\2ns") + end;
        DNS message((const uint8_t*)octets.data(), octets.size());
        show("given", message.serialize());
        message.add_answer(DNS::resource("pool.contoso.com", "192.0.2.5", DNS::A, DNS::IN, 60));
        show("added", message.serialize());
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
