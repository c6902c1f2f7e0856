#!/usr/bin/env bash
# botan 2.19.3 (Debian 12) reads no certificate that never ends, and gives no IPv6 address of one.
#
# Expected: RFC 5280, section 4.1.2.5: a certificate without a well-defined end has 99991231235959Z for it. Section
# 4.2.1.6: an iPAddress name has four octets for IPv4, sixteen for IPv6. RFC 9110, section 4.3.4: the name of a host
# that is given as an address is compared with those.
# Seen: "Time 99991231235959Z does not seem to be valid": years from 3101 on are refused, and the certificate with them.
# X509_Certificate::subject_info("IP") leaves out names of sixteen octets, so matches_dns_name() finds no IPv6 host.
# Who meets it: a client made with it: devices whose makers gave them certificates without an end cannot be reached.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libbotan-2-dev=2.19.3+dfsg-1+deb12u1 libbotan-2-19=2.19.3+dfsg-1+deb12u1 libtspi1=0.3.15-0.3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
lib=usr/lib/x86_64-linux-gnu
make_certificate() {
    mkdir -p ca && : >ca/index && echo 01 >ca/serial
    printf '[ca]\ndefault_ca=own\n[own]\ndatabase=ca/index\nserial=ca/serial\nnew_certs_dir=ca\n' >config
    printf 'default_md=sha256\npolicy=any\nx509_extensions=more\n[any]\nCN=supplied\n' >>config
    printf '[more]\nsubjectAltName=%s\n' "$2" >>config
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -subj /CN=pool \
        -out request 2>/dev/null
    openssl ca -batch -config config -selfsign -keyfile key -in request -notext -startdate 20260101000000Z \
        -enddate "$1" -out "$3" 2>/dev/null
}
run() {
    make_certificate 20300101000000Z DNS:pool.contoso.com 1.pem
    make_certificate 20550101000000Z DNS:pool.contoso.com 2.pem
    make_certificate 31001231235959Z DNS:pool.contoso.com 3.pem
    make_certificate 31010101000000Z DNS:pool.contoso.com 4.pem
    make_certificate 99991231235959Z DNS:pool.contoso.com 5.pem
    make_certificate 20300101000000Z IP:192.0.2.5,IP:2001:db8::5 6.pem
    g++ -x c++ - -x none -std=c++17 -w -Iusr/include/botan-2 "$lib/libbotan-2.so.19" \
        -Wl,--allow-shlib-undefined -o main && LD_LIBRARY_PATH=$lib ./main
}

expected=$(
    cat <<'TEXT'
1: ends 2030/01/01 00:00:00 UTC, DNS pool.contoso.com
   matches pool.contoso.com
2: ends 2055/01/01 00:00:00 UTC, DNS pool.contoso.com
   matches pool.contoso.com
3: ends 3100/12/31 23:59:59 UTC, DNS pool.contoso.com
   matches pool.contoso.com
4: Time 31010101000000Z does not seem to be valid
5: Time 99991231235959Z does not seem to be valid
6: ends 2030/01/01 00:00:00 UTC, IP 192.0.2.5
   matches 192.0.2.5
TEXT
)
seen=$(
    run <<'CPP'
#include <exception>
#include <iostream>
#include <string>

#include <botan/x509cert.h>

int main() {
    for (int number = 1; number <= 6; ++number) {
        try {
            const Botan::X509_Certificate certificate(std::to_string(number) + ".pem");
            std::cout << number << ": ends " << certificate.not_after().readable_string();
            for (const auto& kind : {"DNS", "IP"})
                for (const auto& name : certificate.subject_info(kind)) std::cout << ", " << kind << ' ' << name;
            std::cout << '\n';
            for (const std::string host : {"pool.contoso.com", "192.0.2.5", "2001:db8::5"})
                if (certificate.matches_dns_name(host)) std::cout << "   matches " << host << '\n';
        } catch (const std::exception& error) {
            std::cout << number << ": " << error.what() << '\n';
        }
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
