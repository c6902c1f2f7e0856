#!/usr/bin/env bash
# golang-github-akrennmair-gopcap of 2015 (Debian 12) writes the time of a packet where its length belongs.
#
# Expected: draft-ietf-opsawg-pcap, section 5: before each packet stand seconds, microseconds, how many octets of it
# follow, and how many it had.
# Seen: where the octets that follow should be counted, its Writer puts the seconds once more, some 1700 million. No
# reader finds a packet in such a file; tcpdump 4.99.3 calls it an invalid length. The Reader takes microseconds for
# nanoseconds, and the Writer gives them back, so that the times of a copy would be right.
# Who meets it: whoever writes with it the packets of one phone into a file of their own.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-akrennmair-gopcap-dev=0.0~git20150728.0.00e1103-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
packet at 23:33:20.000250 octets: 60 of 60
packet at 23:33:20.000250 octets: 60 of 60
given:   40 d3 0f 69 90 d0 03 00 3c 00 00 00 3c 00 00 00
copied:  40 d3 0f 69 90 d0 03 00 40 d3 0f 69 3c 00 00 00
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"bytes"
	"fmt"

	pcap "github.com/akrennmair/gopcap"
)

func open(file []byte) *pcap.Reader {
	reader, err := pcap.NewReader(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	return reader
}

func main() {
	file := "\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + string(make([]byte, 8)) + "\xff\xff\x00\x00\x01\x00\x00\x00"
	packet := "\x40\xd3\x0f\x69\x90\xd0\x03\x00\x3c\x00\x00\x00\x3c\x00\x00\x00" + string(make([]byte, 60))
	given := open([]byte(file + packet + packet))
	copied := &bytes.Buffer{}
	writer, err := pcap.NewWriter(copied, &given.Header)
	if err != nil {
		panic(err)
	}
	for packet := given.Next(); packet != nil; packet = given.Next() {
		fmt.Println("packet at", packet.Time.UTC().Format("15:04:05.000000"), "octets:", packet.Caplen, "of", packet.Len)
		if err := writer.Write(packet); err != nil {
			panic(err)
		}
	}
	fmt.Printf("given:   % x\ncopied:  % x\n", packet[:16], copied.Bytes()[24:40])
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
