#!/usr/bin/env bash
# belle-sip 5.1.64 (Debian 12) loses "Contact: *", and makes one contact of two that RFC 4475 tells apart.
#
# Expected: RFC 3261, section 10.2.2: "Contact: *" with "Expires: 0" removes all of a phone's contacts; section 20.19:
# Expires goes up to 4294967295; section 25.1: a name of a host may be one letter long. RFC 4475, section 3.1.1.5:
# users %00 and %00%00 are two contacts.
# Seen: the message is read without an error, but "*" and contacts at hosts that end in a label of one letter are in
# none of its fields, and are left out when it is written again. Of a user, all from %00 on is missing. Expires is -1
# for 4294967295.
# Who meets it: registrars and tests of phones that are built upon it: a phone that signs off all its contacts just
# asks which there are.
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
Contact: <sip:a@phone1.contoso.com>: [Contact: sip:a@phone1.contoso.com]
Contact: *, ...: [Expires: 0] no Contact when written again
Contact: <sip:a@phone1>: [Contact: sip:a@phone1]
Contact: <sip:a@p>: no Contact when written again
Contact: <sip:a@phone1.p>: no Contact when written again
Contact: <sip:a%20b@phone1>: [Contact: sip:a%20b@phone1]
Contact: <sip:%00@host5.example.com>, ...: [Contact: sip:host5.example.com] [Contact: sip:host5.example.com]
Contact: <sip:a%00b@phone1>: [Contact: sip:a@phone1]
Contact: <sip:a@phone1>, ...: [Contact: sip:a@phone1] [Expires: 2147483647]
Contact: <sip:a@phone1>, ...: [Contact: sip:a@phone1] [Expires: -1]
TEXT
)
seen=$(
    run <<'C'
#include <belle-sip/belle-sip.h>
#include <stdio.h>
#include <string.h>

static void show(const char *fields) {
    char text[1000];
    snprintf(text, sizeof text, "REGISTER sip:contoso.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        "From: <sip:a@contoso.com>;tag=1\r\nTo: <sip:a@contoso.com>\r\nCall-ID: 1\r\n"
        "CSeq: 1 REGISTER\r\n%s\r\n\r\n", fields);
    belle_sip_message_t *message = belle_sip_message_parse(text);
    int line_end = strcspn(fields, "\r");
    printf("%.*s%s:", line_end, fields, fields[line_end] ? ", ..." : "");
    const char *names[] = {"Contact", "Expires"};
    for (int name = 0; name < 2; name++) {
        const belle_sip_list_t *found = belle_sip_message_get_headers(message, names[name]);
        for (; found; found = found->next) {
            printf(" [%s]", belle_sip_object_to_string(found->data));
        }
    }
    puts(strstr(belle_sip_object_to_string(message), "\nContact") ? "" : " no Contact when written again");
    belle_sip_object_unref(message);
}

int main(void) {
    belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
    show("Contact: <sip:a@phone1.contoso.com>");
    show("Contact: *\r\nExpires: 0");
    show("Contact: <sip:a@phone1>");
    show("Contact: <sip:a@p>");
    show("Contact: <sip:a@phone1.p>");
    show("Contact: <sip:a%20b@phone1>");
    show("Contact: <sip:%00@host5.example.com>\r\nContact: <sip:%00%00@host5.example.com>");
    show("Contact: <sip:a%00b@phone1>");
    show("Contact: <sip:a@phone1>\r\nExpires: 2147483647");
    show("Contact: <sip:a@phone1>\r\nExpires: 4294967295");
    return 0;
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
