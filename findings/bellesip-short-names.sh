#!/usr/bin/env bash
# belle-sip 5.1.64 (Debian 12) finds no Supported, Refer-To or Session-Expires that comes under its short name.
#
# Expected: RFC 3261, section 7.3.3: a field may come under its short name at any time, and must be accepted so;
# section 20 gives k for Supported, RFC 3515 r for Refer-To, RFC 4028 x for Session-Expires.
# Seen: it finds Subject where "s" came, Referred-By for "b", and so on. What came as k, r or x is in none of the
# message's fields, by neither name, and is missing when it is written again; the message is read without an error.
# Who meets it: whoever talks to devices that write short names to keep a message in one datagram: a transfer does not
# happen, and no timer keeps a call.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libantlr3c-3.4-0=3.4+dfsg-4 libavahi-compat-libdnssd1=0.8-10+deb12u1 libbctoolbox-dev=5.1.64-2 \
    libbctoolbox1=5.1.64-2 libbellesip-dev=5.1.64+dfsg-2 libbellesip1=5.1.64+dfsg-2 libbelr1=5.1.64-2 \
    libdecaf0=1.0.2-2 libmbedcrypto7=2.28.3-1 libmbedtls14=2.28.3-1 libmbedx509-1=2.28.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done

run() {
    cat >main.c
    gcc -Iusr/include main.c -o main -Lusr/lib/x86_64-linux-gnu -lbellesip -lbctoolbox -Wl,--allow-shlib-undefined
    LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu ./main
}

expected=$(
    cat <<'TEXT'
Call-ID of "Call-ID": found, of "i": found
Contact of "Contact": found, of "m": found
Content-Length of "Content-Length": found, of "l": found
Content-Type of "Content-Type": found, of "c": found
Event of "Event": found, of "o": found
Subject of "Subject": found, of "s": found
Content-Encoding of "Content-Encoding": found, of "e": found
Allow-Events of "Allow-Events": found, of "u": found
Supported of "Supported": found, of "k": none
Refer-To of "Refer-To": found, of "r": none
Referred-By of "Referred-By": found, of "b": found
Session-Expires of "Session-Expires": found, of "x": none
TEXT
)
seen=$(
    run <<'C'
#include <belle-sip/belle-sip.h>
#include <stdio.h>

static const char *NAMES[][3] = {
    {"i", "Call-ID", "1"}, {"m", "Contact", "<sip:a@phone1>"}, {"l", "Content-Length", "0"},
    {"c", "Content-Type", "application/sdp"}, {"o", "Event", "presence"}, {"s", "Subject", "Update"},
    {"e", "Content-Encoding", "gzip"}, {"u", "Allow-Events", "presence"}, {"k", "Supported", "timer"},
    {"r", "Refer-To", "<sip:b@phone1>"}, {"b", "Referred-By", "<sip:b@phone1>"}, {"x", "Session-Expires", "1800"},
};

static int find(const char *name, const char *wanted, const char *value) {
    char text[1000];
    snprintf(text, sizeof text, "OPTIONS sip:contoso.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        "From: <sip:a@contoso.com>;tag=1\r\nTo: <sip:a@contoso.com>\r\nCSeq: 1 OPTIONS\r\n%s: %s\r\n\r\n", name, value);
    belle_sip_message_t *message = belle_sip_message_parse(text);
    return belle_sip_message_get_header(message, wanted) != NULL;
}

int main(void) {
    belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *in_short = NAMES[i][0], *name = NAMES[i][1], *value = NAMES[i][2];
        printf("%s of \"%s\": %s, of \"%s\": %s\n", name, name, find(name, name, value) ? "found" : "none",
            in_short, find(in_short, name, value) ? "found" : "none");
    }
    return 0;
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
