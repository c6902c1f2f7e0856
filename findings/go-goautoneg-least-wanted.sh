#!/usr/bin/env bash
# golang-github-munnerz-goautoneg of 2019 (Debian 12) chooses the type that is wanted least, or not at all.
#
# Expected: RFC 9110, section 12.5.1: q says how much a type is wanted, and of two ranges that hold a type the more
# specific one counts; section 12.4.2: q=0 stands for a type that is not acceptable. The order of ranges means nothing.
# Seen: ParseAccept() sorts by a comparison that holds both ways at once: more q comes first, but so does a range
# without a wildcard, even with less q. So the order of the words decides: the same two ranges give the type with 0.8
# or that with 0.2. A type with q=0 is chosen like any other.
# Who meets it: whoever says to an exporter or API server of Go, many of which have this package, what is preferred.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-munnerz-goautoneg-dev=0.0~git20191010.a7dc8b6-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
text/plain;q=0.2, text/xml;q=0.8: text/xml
text/plain;q=0.2, */*;q=0.8: text/xml
*/*;q=0.8, text/plain;q=0.2: text/plain
text/xml;q=0.8, text/plain;q=0: text/xml
*/*;q=0.8, text/plain;q=0: text/plain
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"

	"github.com/munnerz/goautoneg"
)

func main() {
	for _, wanted := range []string{
		"text/plain;q=0.2, text/xml;q=0.8",
		"text/plain;q=0.2, */*;q=0.8",
		"*/*;q=0.8, text/plain;q=0.2",
		"text/xml;q=0.8, text/plain;q=0",
		"*/*;q=0.8, text/plain;q=0",
	} {
		fmt.Printf("%s: %s\n", wanted, goautoneg.Negotiate(wanted, []string{"text/xml", "text/plain"}))
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
