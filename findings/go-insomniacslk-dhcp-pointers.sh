#!/usr/bin/env bash
# golang-github-insomniacslk-dhcp of 2022 (Debian 12) reads no search list in which a name goes on in another.
#
# Expected: RFC 3397, section 2: the names of option 119 are compressed as in RFC 1035, section 4.1.4: the end of a
# name may be a pointer to a name before it, which may end in a pointer, too.
# Seen: where that is so, it refuses the whole option ("cannot handle nested pointers"), and DomainSearch() of the
# message is empty. isc-dhcp-server 4.4.3-P1 sends the third list below for "contoso.com", "eng.contoso.com" and
# "lab.eng.contoso.com"; dnsmasq 2.90 writes no pointer to a pointer.
# Who meets it: clients made with it, as that of u-root, in a network of ISC dhcpd with domains below each other.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-insomniacslk-dhcp-dev=0.0~git20220915.043f172-2 \
    golang-github-u-root-uio-dev=0.0~git20220204.dac05f7-2 golang-golang-x-sys-dev=0.3.0-1 \
    golang-golang-x-net-dev=1:0.7.0+dfsg-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
no pointer: ["contoso.com" "eng.contoso.com" "lab.eng.contoso.com"], error: <nil>
one in each name: ["contoso.com" "eng.contoso.com" "lab.eng.contoso.com"], error: <nil>
one to a name with one: [], error: rfc1035label: cannot handle nested pointers
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/rfc1035label"
)

func show(what, value string) {
	message, err := dhcpv4.New(dhcpv4.WithGeneric(dhcpv4.OptionDNSDomainSearchList, []byte(value)))
	if err != nil {
		panic(err)
	}
	_, err = rfc1035label.FromBytes([]byte(value))
	names := []string{}
	if list := message.DomainSearch(); list != nil {
		names = list.Labels
	}
	fmt.Printf("%s: %q, error: %v\n", what, names, err)
}

func main() {
	first := "\x07contoso\x03com\x00"
	show("no pointer", first+"\x03eng\x07contoso\x03com\x00"+"\x03lab\x03eng\x07contoso\x03com\x00")
	show("one in each name", first+"\x03eng\xc0\x00"+"\x03lab\x03eng\xc0\x00")
	show("one to a name with one", first+"\x03eng\xc0\x00"+"\x03lab\xc0\x0d")
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
