#!/usr/bin/env bash
# php-phpseclib3 3.0.19 (Debian 12) finds no IP address in a certificate, and no name in capital letters.
#
# Expected: validateURL() "validates an X.509 certificate against a URL", from RFC 2818, section 3.1: an address in the
# URL must be that of an iPAddress name exactly. RFC 6125, section 6.4.1: names are compared without regard to case.
# RFC 5280, section 4.2.1.6: a certificate may have names of other kinds, too.
# Seen: a pattern with "{1-3}" for "{1,3}" is to tell addresses from names, so no address ever matches, IPv6 neither.
# POOL.contoso.com does not match pool.contoso.com, in whichever of the two it stands. A name of the kind otherName, as
# Windows gives each domain controller (its GUID), ends the comparison with a TypeError where it comes first.
# Who meets it: programs in PHP that look after certificates of Windows' servers, whose names often have capitals.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-phpseclib3=3.0.19-1+deb12u6 php-constant-time=2.6.3-1 php-random-compat=2.0.21-1 \
    php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
cat >names <<'NAMES'
DNS:pool.contoso.com
DNS:Pool.Contoso.com
DNS:*.contoso.com
IP:192.0.2.5
IP:2001:db8::5
otherName:1.3.6.1.4.1.311.25.1;FORMAT:HEX,OCT:00112233445566778899aabbccddeeff
NAMES
run() {
    count=0
    while read -r name; do
        count=$((count + 1))
        printf '[req]\ndistinguished_name=subject\nx509_extensions=more\n[subject]\n[more]\n' >config
        printf 'subjectAltName=@names\n[names]\n%s=%s\nDNS.9=pool.fabrikam.com\n' "${name%%:*}.1" "${name#*:}" >>config
        LD_LIBRARY_PATH='' openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key \
            -days 2 -subj /CN=pool -config config -out "$count.pem" 2>/dev/null
    done <names
    usr/bin/php8.2 -n
}

expected=$(
    cat <<'TEXT'
DNS:pool.contoso.com
  pool.contoso.com: yes
  POOL.contoso.com: no
  192.0.2.5: no
  [2001:db8::5]: no
  pool.fabrikam.com: yes
DNS:Pool.Contoso.com
  pool.contoso.com: no
  POOL.contoso.com: no
  192.0.2.5: no
  [2001:db8::5]: no
  pool.fabrikam.com: yes
DNS:*.contoso.com
  pool.contoso.com: yes
  POOL.contoso.com: yes
  192.0.2.5: no
  [2001:db8::5]: no
  pool.fabrikam.com: yes
IP:192.0.2.5
  pool.contoso.com: no
  POOL.contoso.com: no
  192.0.2.5: no
  [2001:db8::5]: no
  pool.fabrikam.com: yes
IP:2001:db8::5
  pool.contoso.com: no
  POOL.contoso.com: no
  192.0.2.5: no
  [2001:db8::5]: no
  pool.fabrikam.com: yes
otherName:1.3.6.1.4.1.311.25.1;FORMAT:HEX,OCT:00112233445566778899aabbccddeeff
  pool.contoso.com: TypeError: preg_quote()
  POOL.contoso.com: TypeError: preg_quote()
  192.0.2.5: TypeError: preg_quote()
  [2001:db8::5]: TypeError: preg_quote()
  pool.fabrikam.com: TypeError: preg_quote()
TEXT
)
seen=$(
    run <<'PHP'
<?php
ini_set("include_path", getcwd() . "/usr/share/php");
require "phpseclib3/autoload.php";

foreach (file("names", FILE_IGNORE_NEW_LINES) as $place => $name) {
    echo "$name\n";
    $certificate = new phpseclib3\File\X509();
    $certificate->loadX509(file_get_contents(($place + 1) . ".pem"));
    foreach (["pool.contoso.com", "POOL.contoso.com", "192.0.2.5", "[2001:db8::5]", "pool.fabrikam.com"] as $host) {
        try {
            $match = $certificate->validateURL("https://$host/") ? "yes" : "no";
        } catch (TypeError $error) {
            $match = "TypeError: " . strtok($error->getMessage(), ":");
        }
        echo "  $host: $match\n";
    }
}
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
