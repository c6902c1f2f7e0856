#!/usr/bin/env bash
# golang-github-gopacket-gopacket 1.0.0 (Debian 12) gives a phone's video VLAN for its voice VLAN.
#
# Expected: ANSI/TIA-1057, section 10.2.3: a switch sends a Network Policy TLV for each kind of application: voice,
# voice signaling, video and so on; a phone takes the one that is for it. IEEE 802.1AB, section 8.5.9: there may be
# several management addresses, one of each kind.
# Seen: DecodeMedia() has room for one policy, and LinkLayerDiscoveryInfo for one address. Each that comes overwrites
# the one before, so that the last one is left, and nothing says that there were more.
# Who meets it: whoever reads with it from a capture in which VLAN a phone was sent to, where rooms have video as well.
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
voice alone: Voice, VLAN 100, at 192.0.2.1, of 1 TLVs
voice, then video: Video Conferencing, VLAN 200, at 2001:db8::1, of 2 TLVs
video, then voice: Voice, VLAN 100, at 192.0.2.1, of 2 TLVs
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"net"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

func tlv(kind int, value string) string {
	head := kind<<9 | len(value)
	return string([]byte{byte(head >> 8), byte(head)}) + value
}

func policy(application byte, vlan, priority, dscp int) string {
	bits := 1<<22 | vlan<<9 | priority<<6 | dscp
	return tlv(127, "\x00\x12\xbb\x02"+string([]byte{application, byte(bits >> 16), byte(bits >> 8), byte(bits)}))
}

func address(family byte, text string) string {
	octets := net.ParseIP(text)
	if family == 1 {
		octets = octets.To4()
	}
	return tlv(8, string([]byte{byte(len(octets) + 1), family})+string(octets)+"\x02\x00\x00\x00\x01\x00")
}

func show(what, tlvs string) {
	frame := "\x01\x80\xc2\x00\x00\x0e\x00\x00\x5e\x00\x53\x01\x88\xcc"
	frame += tlv(1, "\x04\x00\x00\x5e\x00\x53\x01") + tlv(2, "\x05Gi1/0/7") + tlv(3, "\x00\x78") + tlvs + tlv(0, "")
	packet := gopacket.NewPacket([]byte(frame), layers.LayerTypeEthernet, gopacket.Default)
	info := packet.Layer(layers.LayerTypeLinkLayerDiscoveryInfo).(*layers.LinkLayerDiscoveryInfo)
	media, err := info.DecodeMedia()
	if err != nil {
		panic(err)
	}
	found := media.NetworkPolicy
	fmt.Printf("%s: %s, VLAN %d", what, found.ApplicationType, found.VLANId)
	fmt.Printf(", at %s, of %d TLVs\n", net.IP(info.MgmtAddress.Address), len(info.OrgTLVs))
}

func main() {
	voice, video := policy(1, 100, 5, 46), policy(6, 200, 4, 34)
	show("voice alone", voice+address(1, "192.0.2.1"))
	show("voice, then video", voice+video+address(1, "192.0.2.1")+address(2, "2001:db8::1"))
	show("video, then voice", video+voice+address(2, "2001:db8::1")+address(1, "192.0.2.1"))
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
