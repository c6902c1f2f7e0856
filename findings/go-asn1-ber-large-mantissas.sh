#!/usr/bin/env bash
# golang-gopkg-asn1-ber.v1 1.5.4 (Debian 12) reads 100.5 as -27.5, and 255 as -1.
#
# Expected: X.690, section 8.5.7: in the binary form of a REAL the sign is a bit of the first octet, and section
# 8.5.7.5: the last octets are an unsigned number, the mantissa. So it may begin with any bit.
# Seen: ParseReal() reads the mantissa as it reads an INTEGER. Where its first bit is set, which is so for half of all
# numbers in the shortest form, another number of the other sign comes out, without an error. With an octet of 0 in
# front it would be right. What the package writes itself is in the decimal form.
# Who meets it: whoever reads with it what a device measured, a load or a signal, from an encoder in C or Java.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-gopkg-asn1-ber.v1-dev=1.5.4-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
100 as 80 00 64: 100
0.75 as 80 fe 03: 0.75
100.5 as 80 ff c9: -27.5
-100.5 as c0 ff c9: 27.5
255 as 80 00 ff: -1
255 as 80 00 00 ff: 255
40000 as 80 00 9c 40: -25536
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"

	ber "gopkg.in/asn1-ber.v1"
)

func main() {
	for _, each := range []struct {
		number float64
		octets string
	}{
		{100, "\x80\x00\x64"},
		{0.75, "\x80\xfe\x03"},
		{100.5, "\x80\xff\xc9"},
		{-100.5, "\xc0\xff\xc9"},
		{255, "\x80\x00\xff"},
		{255, "\x80\x00\x00\xff"},
		{40000, "\x80\x00\x9c\x40"},
	} {
		packet := ber.DecodePacket([]byte("\x09" + string(rune(len(each.octets))) + each.octets))
		fmt.Printf("%v as % x: %v\n", each.number, each.octets, packet.Value)
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
