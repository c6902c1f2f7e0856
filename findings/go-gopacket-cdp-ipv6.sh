#!/usr/bin/env bash
# golang-github-gopacket-gopacket 1.0.0 (Debian 12) leaves out each IPv6 address that a switch sends by CDP.
#
# Expected: before an address stands its protocol, in the form of 802.2 with an Ethernet type at its end: 86dd is IPv6,
# 0800 is IPv4, as tcpdump 4.99.3 and tshark 4.0.17 read it and as switches send it.
# Seen: it compares with the end 0800, and calls that IPv6. So an address behind 86dd is left out of Addresses and
# MgmtAddresses, without an error or a word that there was one. IPv4, with its short form, is read.
# Who meets it: whoever reads with it where the switch of a phone can be reached, in a network that has IPv6 alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-gopacket-gopacket-dev=1.0.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
IPv4: switch at [192.0.2.1], managed at [192.0.2.1], left over: 0, error: <nil>
IPv6: switch at [], managed at [], left over: 0, error: <nil>
both: switch at [192.0.2.1], managed at [192.0.2.1], left over: 0, error: <nil>
the type of IPv4: switch at [2001:db8::1], managed at [2001:db8::1], left over: 0, error: <nil>
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

func tlv(kind byte, value string) string {
	return string([]byte{0, kind, 0, byte(len(value) + 4)}) + value
}

func show(what, addresses string) {
	cdp := "\x02\xb4\x00\x00" + tlv(1, "switch") + tlv(2, addresses) + tlv(3, "Gi1/0/7") + tlv(22, addresses)
	frame := "\x01\x00\x0c\xcc\xcc\xcc\x00\x00\x5e\x00\x53\x01\x00" + string([]byte{byte(len(cdp) + 8)})
	frame += "\xaa\xaa\x03\x00\x00\x0c\x20\x00" + cdp
	packet := gopacket.NewPacket([]byte(frame), layers.LayerTypeEthernet, gopacket.Default)
	info := packet.Layer(layers.LayerTypeCiscoDiscoveryInfo).(*layers.CiscoDiscoveryInfo)
	fmt.Printf("%s: %s at %v, managed at %v", what, info.DeviceID, info.Addresses, info.MgmtAddresses)
	fmt.Printf(", left over: %d, error: %v\n", len(info.Unknown), packet.ErrorLayer())
}

func main() {
	four := "\x01\x01\xcc\x00\x04\xc0\x00\x02\x01"
	six := "\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
	show("IPv4", "\x00\x00\x00\x01"+four)
	show("IPv6", "\x00\x00\x00\x01"+"\x02\x08\xaa\xaa\x03\x00\x00\x00\x86\xdd"+six)
	show("both", "\x00\x00\x00\x02"+four+"\x02\x08\xaa\xaa\x03\x00\x00\x00\x86\xdd"+six)
	show("the type of IPv4", "\x00\x00\x00\x01"+"\x02\x08\xaa\xaa\x03\x00\x00\x00\x08\x00"+six)
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
