#!/usr/bin/env bash
# libosip2 5.3.0 (Debian 12) drops from a SIP challenge where to get a certificate or token, and writes no Lync answer.
#
# Expected: RFC 3261, section 25.1: a challenge takes any auth-param; RFC 8898, section 4: Bearer has authz_server, the
# server that gives tokens; RFC 7616: userhash; [MS-SIPAE]: TLS-DSK has sts-uri, the service that gives a phone its
# certificate. RFC 3261, section 16.6: a proxy passes on fields that it does not process as they came.
# Seen: osip_message_parse() says 0, keeps the parameters that it has a place for, and drops the others without a word:
# of Bearer nothing is left but the scheme. Authentication-Info is cut at its commas, also behind a scheme, as Lync
# writes it; the message is read, but osip_message_to_str() then gives no text for it (-2).
# Who meets it: a proxy, logger or tester made with it between phones and a pool: the phone finds no certificate.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libosip2-dev=5.3.0-2.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { gcc -x c - -x none -w -Iusr/include usr/lib/x86_64-linux-gnu/libosipparser2.a -o main && ./main; }

expected=$(
    cat <<'TEXT'
WWW-Authenticate: NTLM realm="S", targetname="pool.contoso.com", version=4
  WWW-Authenticate: NTLM realm="S", version=4, targetname="pool.contoso.com"
WWW-Authenticate: TLS-DSK realm="S", targetname="pool.contoso.com", sts-uri="https://pool/Cert.svc"
  WWW-Authenticate: TLS-DSK realm="S", targetname="pool.contoso.com"
WWW-Authenticate: Bearer authz_server="https://login.contoso.com/", scope="phone"
  WWW-Authenticate: Bearer
WWW-Authenticate: Digest realm="S", nonce="b", qop="auth", algorithm=SHA-256, userhash=true
  WWW-Authenticate: Digest realm="S", nonce="b", algorithm=SHA-256, qop="auth"
Authentication-Info: rspauth="01"
  Authentication-Info: rspauth="01"
Authentication-Info: NTLM rspauth="01", snum="1", srand="0A", targetname="pool.contoso.com"
  Authentication-Info: NTLM rspauth="01"
  Authentication-Info: snum="1"
  Authentication-Info: srand="0A"
  Authentication-Info: targetname="pool.contoso.com"
Authentication-Info: NTLM rspauth="01", snum="1", srand="0A", version=4
  parsed 0, written -2
Proxy-Authentication-Info: NTLM rspauth="01", snum="1", srand="0A", targetname="pool.contoso.com"
  Proxy-Authentication-Info: NTLM rspauth="01", snum="1", srand="0A", targetname="pool.contoso.com"
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osipparser2/osip_port.h>
#include <osipparser2/osip_parser.h>

static const char *FIELDS[] = {
    "WWW-Authenticate: NTLM realm=\"S\", targetname=\"pool.contoso.com\", version=4",
    "WWW-Authenticate: TLS-DSK realm=\"S\", targetname=\"pool.contoso.com\", sts-uri=\"https://pool/Cert.svc\"",
    "WWW-Authenticate: Bearer authz_server=\"https://login.contoso.com/\", scope=\"phone\"",
    "WWW-Authenticate: Digest realm=\"S\", nonce=\"b\", qop=\"auth\", algorithm=SHA-256, userhash=true",
    "Authentication-Info: rspauth=\"01\"",
    "Authentication-Info: NTLM rspauth=\"01\", snum=\"1\", srand=\"0A\", targetname=\"pool.contoso.com\"",
    "Authentication-Info: NTLM rspauth=\"01\", snum=\"1\", srand=\"0A\", version=4",
    "Proxy-Authentication-Info: NTLM rspauth=\"01\", snum=\"1\", srand=\"0A\", targetname=\"pool.contoso.com\"",
};

int main(void) {
    parser_init();
    for (int place = 0; place < 8; place++) {
        char text[1000], *written = NULL;
        size_t length;
        osip_message_t *message;

        snprintf(text, sizeof(text), "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/TLS 192.0.2.71;branch=z9hG4bK1\r\n"
                 "From: <sip:a@contoso.com>;tag=1\r\nTo: <sip:a@contoso.com>;tag=2\r\nCall-ID: 1\r\n"
                 "CSeq: 1 REGISTER\r\n%s\r\nContent-Length: 0\r\n\r\n", FIELDS[place]);
        osip_message_init(&message);
        int parsed = osip_message_parse(message, text, strlen(text));
        int result = osip_message_to_str(message, &written, &length);
        printf("%s\n", FIELDS[place]);
        if (result != 0) {
            printf("  parsed %d, written %d\n", parsed, result);
            continue;
        }
        char *line = strtok(strstr(written, "REGISTER\r\n") + 10, "\r\n");
        for (; line[0] != 'C'; line = strtok(NULL, "\r\n"))
            printf("  %s\n", line);
    }
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
