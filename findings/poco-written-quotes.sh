#!/usr/bin/env bash
# poco 1.11.0 (Debian 12) writes a quotation mark in quoted text so that the text ends there.
#
# Expected: RFC 9110, section 5.6.4: in quoted text a quotation mark and a backslash have a backslash before them. Of
# MessageHeader, quote is said to enclose a value in quotation marks, and splitParameters to read it.
# Seen: marks and backslashes are read right, and written without theirs. A realm that was read and is written again has
# the words behind the mark for a broken parameter; in a type of content, what stood in quotes becomes a parameter of
# its own. No exception is raised.
# Who meets it: whoever signs in at a server whose realm has a quotation mark, or passes on an upload's fields.
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
given:   realm="say \"a\", b=1", nonce="x"
realm:   say "a", b=1
written: realm="say "a", b=1", nonce="x"
given:   text/plain; name="a\"; charset=b; c\"d"; charset=utf-8
name:    a"; charset=b; c"d
written: text/plain; name="a"; charset=b; c"d"; charset=utf-8
again:   b
quoted:  "C:\new"
TEXT
)
seen=$(
    run <<'CPP'
#include <Poco/Net/HTTPAuthenticationParams.h>
#include <Poco/Net/MediaType.h>
#include <Poco/Net/MessageHeader.h>

#include <iostream>

using namespace Poco::Net;

int main() {
    std::string given = "realm=\"say \\\"a\\\", b=1\", nonce=\"x\"";
    HTTPAuthenticationParams realm(given);
    std::cout << "given:   " << given << "\nrealm:   " << realm.getRealm() << "\nwritten: " << realm.toString() << "\n";
    given = "text/plain; name=\"a\\\"; charset=b; c\\\"d\"; charset=utf-8";
    MediaType type(given);
    std::cout << "given:   " << given << "\nname:    " << type.getParameter("name") << "\nwritten: " << type.toString();
    std::cout << "\nagain:   " << MediaType(type.toString()).getParameter("charset") << "\n";
    std::string text;
    MessageHeader::quote("C:\\new", text);
    std::cout << "quoted:  " << text << "\n";
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
