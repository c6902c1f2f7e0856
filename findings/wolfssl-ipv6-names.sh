#!/usr/bin/env bash
# wolfSSL 5.5.4 (Debian 12) finds an IPv6 address in a certificate only where it is asked for with all its zeros.
#
# Expected: RFC 5280, section 4.2.1.6: an iPAddress name is sixteen octets; RFC 4291, section 2.2: 2001:db8::5 is one of
# several ways to write the same. RFC 5280, section 4.1.2.4: a name may be a BMPString; a CN in it is the same name.
# Seen: wolfSSL_X509_check_ip_asc() compares texts: the one that it makes of the octets is
# 2001:0DB8:0000:0000:0000:0000:0000:0005, and 2001:db8::5, which inet_ntop() writes, does not match it. A BMPString
# is taken for octets that end at the first zero: its subject is "/CN=", and the host is not found.
# Who meets it: devices with this library that reach a server by its IPv6 address, or one whose old CA writes BMPString.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libwolfssl-dev=5.5.4-2+deb12u3 libwolfssl35=5.5.4-2+deb12u3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
lib=usr/lib/x86_64-linux-gnu
make_certificate() {
    printf '[req]\ndistinguished_name=subject\nx509_extensions=more\nprompt=no\nstring_mask=%s\n' "$1" >config
    printf '[subject]\nCN=pool.contoso.com\n[more]\n%s\n' "$2" >>config
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -days 2 -config config \
        -out "$3" 2>/dev/null
}
run() {
    make_certificate utf8only subjectAltName=IP:192.0.2.5,IP:2001:db8::5 addresses.pem
    make_certificate utf8only basicConstraints=CA:FALSE utf8.pem
    make_certificate MASK:2048 basicConstraints=CA:FALSE bmp.pem
    gcc -x c - -x none -w -Iusr/include "$lib/libwolfssl.so.35" -Wl,--allow-shlib-undefined -o main &&
        LD_LIBRARY_PATH=$lib ./main
}

expected=$(
    cat <<'TEXT'
192.0.2.5: 1
2001:db8::5: 0
2001:DB8::5: 0
2001:0db8:0000:0000:0000:0000:0000:0005: 1
2001:0DB8:0000:0000:0000:0000:0000:0005: 1
utf8.pem: /CN=pool.contoso.com, pool.contoso.com: 1
bmp.pem: /CN=, pool.contoso.com: 0
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/openssl/x509v3.h>

static const char *ADDRESSES[] = {
    "192.0.2.5",
    "2001:db8::5",
    "2001:DB8::5",
    "2001:0db8:0000:0000:0000:0000:0000:0005",
    "2001:0DB8:0000:0000:0000:0000:0000:0005",
};

int main(void) {
    wolfSSL_Init();
    WOLFSSL_X509 *certificate = wolfSSL_X509_load_certificate_file("addresses.pem", SSL_FILETYPE_PEM);
    for (int place = 0; place < 5; place++)
        printf("%s: %d\n", ADDRESSES[place], wolfSSL_X509_check_ip_asc(certificate, ADDRESSES[place], 0));
    const char *files[] = {"utf8.pem", "bmp.pem"};
    const char *host = "pool.contoso.com";
    for (int place = 0; place < 2; place++) {
        certificate = wolfSSL_X509_load_certificate_file(files[place], SSL_FILETYPE_PEM);
        printf("%s: %s, %s: %d\n", files[place],
               wolfSSL_X509_NAME_oneline(wolfSSL_X509_get_subject_name(certificate), NULL, 0), host,
               wolfSSL_X509_check_host(certificate, host, strlen(host), 0, NULL));
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
