#!/usr/bin/env bash
# golang-github-k-sone-critbitgo 1.4.0 (Debian 12) has no way for an IPv6 address where there are two default routes.
#
# Expected: its documentation: a table of routes for IPv4 and IPv6, of which the one with the longest prefix matches.
# RFC 4291, section 2.3, and RFC 4632, section 5.1: ::/0 matches each IPv6 address, as 0.0.0.0/0 each IPv4 address.
# Seen: both begin with the same octets in the tree. With the default routes of both families and one more network of
# IPv6, the search ends at the route of IPv4, finds that it is none for the address, and does not look further: no
# route, and no error. Either default route alone is found, and so are both without a third one.
# Who meets it: whoever looks up with it where a phone's packets go, in a network that has both families.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-k-sone-critbitgo-dev=1.4.0-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
of [::/0]: 2001:db8:1::1 by ::/0, 2001:db8::1 by ::/0, 192.0.2.1 by nothing
of [0.0.0.0/0 ::/0]: 2001:db8:1::1 by ::/0, 2001:db8::1 by ::/0, 192.0.2.1 by 0.0.0.0/0
of [::/0 2001:db8::/48]: 2001:db8:1::1 by ::/0, 2001:db8::1 by 2001:db8::/48, 192.0.2.1 by nothing
of [0.0.0.0/0 ::/0 2001:db8::/48]: 2001:db8:1::1 by nothing, 2001:db8::1 by 2001:db8::/48, 192.0.2.1 by 0.0.0.0/0
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"net"

	"github.com/k-sone/critbitgo"
)

func main() {
	for _, routes := range [][]string{
		{"::/0"},
		{"0.0.0.0/0", "::/0"},
		{"::/0", "2001:db8::/48"},
		{"0.0.0.0/0", "::/0", "2001:db8::/48"},
	} {
		table := critbitgo.NewNet()
		for _, route := range routes {
			if err := table.AddCIDR(route, nil); err != nil {
				panic(err)
			}
		}
		fmt.Print("of ", routes)
		separator := ": "
		for _, address := range []string{"2001:db8:1::1", "2001:db8::1", "192.0.2.1"} {
			route, _, err := table.MatchIP(net.ParseIP(address))
			if err != nil {
				panic(err)
			}
			by := "nothing"
			if route != nil {
				by = route.String()
			}
			fmt.Printf("%s%s by %s", separator, address, by)
			separator = ", "
		}
		fmt.Println()
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
