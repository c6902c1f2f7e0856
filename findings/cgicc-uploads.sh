#!/usr/bin/env bash
# cgicc 3.2.19 (Debian 12, libcgicc-dev) finds no field of a form whose boundary is in quotes, and others wrong.
#
# Expected: RFC 2045, section 5.1: the value of a parameter may be in quotes, which are no part of it; RFC 2046, section
# 5.1.1: a boundary with a colon or a blank needs them, and nothing needs to follow the last boundary. RFC 7578, section
# 4.8: a part may have Content-Transfer-Encoding, and other headers are ignored. In the name of a file a plus is a plus.
# Seen: the boundary is sought with its quotes, so that no part is found; there is no error. Without a line's end behind
# the last boundary the last part is missing. The type of a file goes on to the end of the headers, with the other
# headers in it. A plus in a file's name becomes a blank.
# Who meets it: whoever takes logs of devices with a CGI program, from clients other than browsers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libcgicc-dev=3.2.19-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
post() { # WHAT, BOUNDARY, HEADERS, END
    printf -- '--b1\r\nContent-Disposition: form-data; name="log"; filename="phone+1.log"\r\n' >body
    printf -- 'Content-Type: text/plain\r\n%b\r\nhello\r\n--b1--%b' "$3" "$4" >>body
    export REQUEST_METHOD=POST CONTENT_TYPE="multipart/form-data; boundary=$2" CONTENT_LENGTH
    CONTENT_LENGTH=$(wc -c <body)
    echo "$1: $(./main <body | tr '\r\n' '  ')"
}
run() {
    g++ -x c++ - -x none -w -Iusr/include usr/lib/x86_64-linux-gnu/libcgicc.a -o main
    post plain b1 '' '\r\n'
    post 'boundary in quotes' '"b1"' '' '\r\n'
    post 'nothing behind the last boundary' b1 '' ''
    post 'a header behind the type' b1 'Content-Transfer-Encoding: binary\r\n' '\r\n'
}

expected=$(
    cat <<'TEXT'
plain: log, file phone 1.log of type text/plain: hello
boundary in quotes: nothing
nothing behind the last boundary: nothing
a header behind the type: log, file phone 1.log of type text/plain  Content-Transfer-Encoding: binary: hello
TEXT
)
seen=$(
    run <<'CPP'
#include <cgicc/Cgicc.h>

#include <iostream>

int main() {
    cgicc::Cgicc form;
    for (const auto &file : form.getFiles()) {
        std::cout << file.getName() << ", file " << file.getFilename() << " of type " << file.getDataType() << ": ";
        std::cout << file.getData();
    }
    if (form.getFiles().empty() && form.getElements().empty())
        std::cout << "nothing";
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
