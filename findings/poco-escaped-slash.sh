#!/usr/bin/env bash
# poco 1.11.0 (Debian 12) makes two folders of a name with an escaped slash in it, and asks the server for these.
#
# Expected: RFC 3986, section 2.2: an address with "%2F" and one with "/" are not the same, as a slash divides and an
# escaped one is part of a name; section 2.4: octets are unescaped when the parts have been divided, and not twice.
# getPathAndQuery is said to return the encoded path and query.
# Seen: the path is unescaped as a whole when it is read, and only what never may stand there is escaped again.
# "/phones%2Flogs/1" becomes "/phones/logs/1", "%3B" a semicolon. "%23" and "%3F" are kept, and so is all in a query.
# Who meets it: whoever fetches from a server whose names hold slashes, such as those of branches and objects in a
# store.
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
/phones%2Flogs/1 -> /phones/logs/1
/a%3Bb;c -> /a;b;c
/a%3Fb%23c -> /a%3Fb%23c
/a%20b -> /a%20b
/q?x=a%2Fb%26c -> /q?x=a%2Fb%26c
TEXT
)
seen=$(
    run <<'CPP'
#include <Poco/URI.h>

#include <iostream>

int main() {
    for (const char* path : {"/phones%2Flogs/1", "/a%3Bb;c", "/a%3Fb%23c", "/a%20b", "/q?x=a%2Fb%26c"}) {
        Poco::URI uri(std::string("http://pool.contoso.com") + path);
        std::cout << path << " -> " << uri.getPathAndQuery() << "\n";
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
