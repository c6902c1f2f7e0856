#!/usr/bin/env bash
# vmime 0.9.2 (libvmime-dev of Debian 12) reads examples of RFC 5322 and RFC 2045 otherwise, where they have a comment.
#
# Expected: RFC 5322, appendix A.6.3: 09(comment):   55  :  06 is 09:55:06, six hours west of UTC; section 3.4.1: what
# stands before the "@" may be in quotes; section 4.4: readers must accept blanks around the "@". RFC 2045, section
# 5.1: charset=us-ascii (Plain text) is the charset us-ascii.
# Seen: the date becomes 09:00:00 of UTC, without an error. The comment is part of the charset's name. An address in
# quotes loses its second word and its host, for which it sets this machine's name.
# Who meets it: whoever sorts the mails and voice messages that a phone system sends with it.
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
Fri, 21 Nov 1997 09:55:06 -0600: Fri, 21 Nov 1997 09:55:06 -0600
Fri, 21 Nov 1997 09(comment):   55  :  06 -0600: Fri, 21 Nov 1997 09:00:00 +0000
Fri, 21 Nov 1997 09 : 55 : 06 -0600: Fri, 21 Nov 1997 09:55:06 -0600
Fri, 21 Nov 1997 09:55:06 -0600 (CST): Fri, 21 Nov 1997 09:55:06 -0600
text/plain; charset=us-ascii: [us-ascii]
text/plain; charset=us-ascii (Plain text): [us-ascii (Plain text)]
text/plain; charset="us-ascii" (Plain text): [us-ascii]
anna@contoso.com: [anna] at contoso.com
anna @ contoso.com: [anna] at another host
"anna"@contoso.com: [anna] at contoso.com
"anna b"@contoso.com: [anna] at another host
TEXT
)
seen=$(
    run <<'CPP'
#include <unistd.h>
#include <iostream>
#include <vmime/vmime.hpp>

static void date(const std::string &text) {
    vmime::datetime read;
    read.parse(text);
    std::cout << text << ": " << read.generate() << "\n";
}

static void charset(const std::string &type) {
    auto field = vmime::headerFieldFactory::getInstance()->create("Content-Type", type);
    auto parameters = vmime::dynamicCast<vmime::parameterizedHeaderField>(field);
    std::cout << type << ": [" << parameters->getParameterAt(0)->getValue().getBuffer() << "]\n";
}

static void address(const std::string &text) {
    char own[256] = "";
    gethostname(own, sizeof own - 1);
    vmime::mailbox box;
    box.parse(text);
    auto host = box.getEmail().getDomainName().getBuffer();
    bool named = text.find("@" + host) != std::string::npos || text.find("@ " + host) != std::string::npos;
    std::cout << text << ": [" << box.getEmail().getLocalName().getBuffer() << "] at "
              << (named ? host : "another host") << "\n";
}

int main() {
    date("Fri, 21 Nov 1997 09:55:06 -0600");
    date("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600");
    date("Fri, 21 Nov 1997 09 : 55 : 06 -0600");
    date("Fri, 21 Nov 1997 09:55:06 -0600 (CST)");
    charset("text/plain; charset=us-ascii");
    charset("text/plain; charset=us-ascii (Plain text)");
    charset("text/plain; charset=\"us-ascii\" (Plain text)");
    address("anna@contoso.com");
    address("anna @ contoso.com");
    address("\"anna\"@contoso.com");
    address("\"anna b\"@contoso.com");
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
