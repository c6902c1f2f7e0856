#!/usr/bin/env bash
# vmime 0.9.2 (libvmime-dev of Debian 12) makes one part of two where blanks follow a boundary, and joins values as
# they came.
#
# Expected: RFC 2046, section 5.1.1: blanks may follow a boundary in its line (transport-padding), which a reader
# ignores. RFC 2231, section 3: a long value comes in numbered pieces; the numbers say how they belong together, not
# the order in which they come.
# Seen: a part whose boundary has a blank or tab behind it is none: it and its fields become the end of the part
# before. Pieces name*1 and name*0 are joined as they came, "1.log" before "phone".
# Who meets it: whoever takes logs out of mails or forms that went through a gateway that pads or sorts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libvmime-dev=0.9.2-8+b4 libvmime1=0.9.2-8+b4 libgsasl18=2.2.0-1+deb12u2 libgssglue1=0.7-1.1 \
    libidn12=1.41-1 libntlm0=1.6-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done

run() {
    cat >main.cpp
    g++ -std=c++17 -w -Iusr/include main.cpp -o main -Lusr/lib/x86_64-linux-gnu -lvmime -Wl,--allow-shlib-undefined
    LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu ./main
}

expected=$(
    cat <<'TEXT'
no blanks: [one] [two]
a blank behind the second: [one|--logs ||two]
a tab behind the second: [one|--logs<tab>||two]
a blank behind the end: [one] [two]
text/plain; name=phone1.log: phone1.log
text/plain; name*0=phone; name*1=1.log: phone1.log
text/plain; name*1=1.log; name*0=phone: 1.logphone
TEXT
)
seen=$(
    run <<'CPP'
#include <iostream>
#include <vmime/vmime.hpp>

static std::string visible(std::string text) {
    for (size_t at; (at = text.find_first_of("\r\n\t")) != std::string::npos;) {
        text.replace(at, 1, text[at] == '\r' ? "" : text[at] == '\n' ? "|" : "<tab>");
    }
    return text;
}

static void parts(const std::string &what, const std::string &second, const std::string &end) {
    vmime::message message;
    message.parse("Content-Type: multipart/mixed; boundary=logs\r\n\r\n--logs\r\n\r\none\r\n--logs" + second +
                  "\r\n\r\ntwo\r\n--logs--" + end + "\r\n");
    std::cout << what << ":";
    for (auto &part : message.getBody()->getPartList()) {
        std::string text;
        vmime::utility::outputStreamStringAdapter output(text);
        part->getBody()->getContents()->extract(output);
        std::cout << " [" << visible(text) << "]";
    }
    std::cout << "\n";
}

static void name(const std::string &type) {
    auto field = vmime::headerFieldFactory::getInstance()->create("Content-Type", type);
    auto parameters = vmime::dynamicCast<vmime::parameterizedHeaderField>(field);
    std::cout << type << ": " << parameters->getParameterAt(0)->getValue().getBuffer() << "\n";
}

int main() {
    parts("no blanks", "", "");
    parts("a blank behind the second", " ", "");
    parts("a tab behind the second", "\t", "");
    parts("a blank behind the end", "", " ");
    name("text/plain; name=phone1.log");
    name("text/plain; name*0=phone; name*1=1.log");
    name("text/plain; name*1=1.log; name*0=phone");
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
