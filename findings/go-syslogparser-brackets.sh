#!/usr/bin/env bash
# golang-github-jeromer-syslogparser of 2015 (Debian 12) makes a message of what follows an escaped bracket.
#
# Expected: RFC 5424, section 6.3.3: in a value in quotes, a closing bracket is written with a backslash in front of
# it; the element ends at the first one without. Section 6: APP-NAME has up to 48 characters, MSGID up to 32.
# Seen: structured data ends at the first "]" that has a blank behind it, in a value or not. The rest of the value, all
# further parameters and elements are told as the beginning of the message. A MSGID of just 32 characters is told as an
# empty one, and the message as damaged.
# Who meets it: whoever reads a phone's messages with it, where a name in them is "[Lobby] Phone 1".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-jeromer-syslogparser-dev=0~20150717.ff71fe7a-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
data [a@32473 name="Lobby" floor="2"], message update failed
data [a@32473 name="[Lobby\]" floor="2"], message update failed
data [a@32473 name="[Lobby\], message Phone 1" floor="2"] update failed
MSGID of 31 characters: <nil>, read as 31
MSGID of 32 characters: No structured data, read as 0
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/jeromer/syslogparser"
	"github.com/jeromer/syslogparser/rfc5424"
)

func read(identifier, rest string) (syslogparser.LogParts, error) {
	text := "<134>1 2026-11-30T10:00:00Z phone.example.com app 12 " + identifier + " " + rest
	parser := rfc5424.NewParser([]byte(text))
	err := parser.Parse()
	return parser.Dump(), err
}

func main() {
	for _, name := range []string{`Lobby`, `[Lobby\]`, `[Lobby\] Phone 1`} {
		parts, err := read("-", `[a@32473 name="`+name+`" floor="2"] update failed`)
		if err != nil {
			panic(err)
		}
		fmt.Printf("data %s, message %s\n", parts["structured_data"], parts["message"])
	}
	for _, length := range []int{31, 32} {
		parts, err := read(strings.Repeat("A", length), "- text")
		fmt.Printf("MSGID of %d characters: %v, read as %d\n", length, err, len(parts["msg_id"].(string)))
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
