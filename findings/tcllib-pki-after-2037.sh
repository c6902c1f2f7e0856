#!/usr/bin/env bash
# tcllib 1.21 (Debian 12) reads the end of a certificate in 2038 to 2049 as a hundred years earlier.
#
# Expected: RFC 5280, section 4.1.2.5.1: a UTCTime whose year is 00 to 49 is in 2000 to 2049, and dates from 2050 on are
# a GeneralizedTime.
# Seen: pki::x509::parse_cert gives 1938 for 2038 and 1949 for 2049. A certificate that ends in 2050 is not read at all.
# Who meets it: whoever lists with it the certificates of an internal authority, of which many last 20 years.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcllib=1.21+dfsg-1 tcl8.6=8.6.13+dfsg-2 libtcl8.6=8.6.13+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { bash; }

expected=$(
    cat <<'TEXT'
2037: 2037-06-01 12:00
2038: 1938-06-01 12:00
2045: 1945-06-01 12:00
2049: 1949-06-01 12:00
2050: Expected UTCTime (0x17), but got 18
TEXT
)
seen=$(
    run <<'END'
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu TCL_LIBRARY=$PWD/usr/share/tcltk/tcl8.6 FOLDER=$PWD
cat >read.tcl <<'TCL'
set auto_path [list $env(FOLDER)/usr/share/tcltk/tcllib1.21 $env(TCL_LIBRARY)]
package require pki
foreach year {2037 2038 2045 2049 2050} {
    set file [open $year.pem]
    if {[catch {array set read [pki::x509::parse_cert [read $file]]} error]} {
        puts "$year: $error"
    } else {
        puts "$year: [clock format $read(notAfter) -gmt 1 -format {%Y-%m-%d %H:%M}]"
    }
    close $file
}
TCL
openssl req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=ucupdates-r2.contoso.com -out request.pem 2>/dev/null
mkdir authority
touch authority/index
cat >authority/openssl.cnf <<'CNF'
[ca]
default_ca = own
[own]
database = authority/index
new_certs_dir = authority
serial = authority/serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CNF
for year in 2037 2038 2045 2049 2050; do
    openssl ca -config authority/openssl.cnf -batch -notext -create_serial -selfsign -keyfile key.pem -in request.pem \
        -startdate 20251128000000Z -enddate "${year}0601120000Z" -out "$year.pem" 2>/dev/null
done
usr/bin/tclsh8.6 read.tcl
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
