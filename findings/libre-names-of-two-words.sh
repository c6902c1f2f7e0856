#!/usr/bin/env bash
# libre 1.1.0 (Debian 12, libre-dev) gives B for the name of "Anna B", and 705032704 octets for 5000000000.
#
# Expected: RFC 3261, section 25.1: display-name is one text in quotes, or words with blanks between them. Section
# 20.42 has an example of a Via field with blanks around "/" and behind ":"; section 7.3.1: words such as UDP and tcp
# may be in either case. RFC 9112, section 6.2: a reader must expect any Content-Length.
# Seen: sip_addr_decode() gives the last word alone. sip_via_decode() gives a host that ends in ":", and the port as the
# first parameter. A length of HTTP or SIP is cut to 32 bits. Each of them says that all was well (0).
# Who meets it: users of baresip and others: a caller without quotes, as some pools and gateways send, has half a name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libre-dev=1.1.0-1+b2 libre0=1.1.0-1+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() {
    gcc -x c - -x none -w -DHAVE_INET6 -DHAVE_STDBOOL_H -DHAVE_INTTYPES_H -include sys/socket.h -Iusr/include/re \
        usr/lib/x86_64-linux-gnu/libre.so.0 -Wl,--allow-shlib-undefined -o main && ./main
}

expected=$(
    cat <<'TEXT'
"Anna B" <sip:anna@contoso.com>: 0, "Anna B" at sip:anna@contoso.com
Anna <sip:anna@contoso.com>: 0, "Anna" at sip:anna@contoso.com
Anna B <sip:anna@contoso.com>: 0, "B" at sip:anna@contoso.com
Anna Maria B. <sip:anna@contoso.com>: 0, "B." at sip:anna@contoso.com
SIP/2.0/UDP first.example.com:4000;ttl=16;branch=z9hG4bKa7c6a8dlze.1:
  0, transport UDP, by "first.example.com:4000", parameters ";ttl=16;branch=z9hG4bKa7c6a8dlze.1"
SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;branch=z9hG4bKa7c6a8dlze.1:
  0, transport UDP, by "first.example.com:", parameters "4000;ttl=16 ;branch=z9hG4bKa7c6a8dlze.1"
SIP/2.0/udp first.example.com:4000;ttl=16;branch=z9hG4bKa7c6a8dlze.1:
  0, transport ???, by "first.example.com:4000", parameters ";ttl=16;branch=z9hG4bKa7c6a8dlze.1"
4294967295 octets: 0, 4294967295
5000000000 octets: 0, 705032704
TEXT
)
seen=$(
    run <<'C'
#include <re.h>

static void show_name(const char *text) {
    struct sip_addr address;
    struct pl field;

    pl_set_str(&field, text);
    int result = sip_addr_decode(&address, &field);
    re_printf("%s: %d, \"%r\" at %r\n", text, result, &address.dname, &address.auri);
}

static void show_via(const char *text) {
    struct sip_via via;
    struct pl field;

    pl_set_str(&field, text);
    int result = sip_via_decode(&via, &field);
    re_printf("%s:\n  %d, transport %s, by \"%r\", parameters \"%r\"\n", text, result, sip_transp_name(via.tp),
              &via.sentby, &via.params);
}

static void show_length(const char *length) {
    struct mbuf *buffer = mbuf_alloc(512);
    struct http_msg *message;

    mbuf_printf(buffer, "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", length);
    buffer->pos = 0;
    int result = http_msg_decode(&message, buffer, false);
    re_printf("%s octets: %d, %u\n", length, result, message->clen);
}

int main(void) {
    show_name("\"Anna B\" <sip:anna@contoso.com>");
    show_name("Anna <sip:anna@contoso.com>");
    show_name("Anna B <sip:anna@contoso.com>");
    show_name("Anna Maria B. <sip:anna@contoso.com>");
    show_via("SIP/2.0/UDP first.example.com:4000;ttl=16;branch=z9hG4bKa7c6a8dlze.1");
    show_via("SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;branch=z9hG4bKa7c6a8dlze.1");
    show_via("SIP/2.0/udp first.example.com:4000;ttl=16;branch=z9hG4bKa7c6a8dlze.1");
    show_length("4294967295");
    show_length("5000000000");
    return 0;
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
