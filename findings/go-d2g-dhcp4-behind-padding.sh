#!/usr/bin/env bash
# golang-github-d2g-dhcp4 of 2015 (Debian 12) adds options behind the end of a message, where no client reads.
#
# Expected: RFC 2132, sections 3.1 and 3.2: option 255 is the end, with nothing but padding behind it. The comment of
# AddOption: it strips the end, adds an option, and puts the end behind it.
# Seen: ReplyPacket and RequestPacket fill a message up to the size of BOOTP. AddOption then strips the last zero, not
# the end: the option stands behind the end, and ParseOptions does not find it either. A message that is long enough
# is not filled up, and it works.
# Who meets it: whoever writes a small DHCP server with it, and adds the domain once the answer is made.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-github-d2g-dhcp4-dev=0.0~git20150413-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
given to ReplyPacket: domain "contoso.com", option 15 at 15, end at 28
added to the answer: domain "", option 15 at 31, end at 15
added to a longer answer: domain "contoso.com", option 15 at 35, end at 48
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/d2g/dhcp4"
)

var domain = dhcp4.Option{Code: dhcp4.OptionDomainName, Value: []byte("contoso.com")}

func answer(options ...dhcp4.Option) dhcp4.Packet {
	phone := net.HardwareAddr{0x00, 0x04, 0xf2, 0x00, 0x00, 0x51}
	request := dhcp4.RequestPacket(dhcp4.Discover, phone, nil, []byte{1, 2, 3, 4}, true, nil)
	server, address := net.IP{192, 0, 2, 1}, net.IP{192, 0, 2, 51}
	return dhcp4.ReplyPacket(request, dhcp4.Offer, server, address, time.Hour, options)
}

func show(what string, packet dhcp4.Packet) {
	options := packet.Options()
	end, at := bytes.IndexByte(options, byte(dhcp4.End)), bytes.Index(options, append([]byte{15, 11}, domain.Value...))
	fmt.Printf("%s: domain %q, option 15 at %d, end at %d\n", what, packet.ParseOptions()[15], at, end)
}

func main() {
	show("given to ReplyPacket", answer(domain))
	added := answer()
	added.AddOption(domain.Code, domain.Value)
	show("added to the answer", added)
	long := answer(dhcp4.Option{Code: dhcp4.OptionMessage, Value: []byte("offered by the lab")})
	long.AddOption(domain.Code, domain.Value)
	show("added to a longer answer", long)
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
