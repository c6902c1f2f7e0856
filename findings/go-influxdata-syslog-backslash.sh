#!/usr/bin/env bash
# influxdata-go-syslog 2.0.1 (Debian 12) drops a message's text where a value of its structured data has a Windows path.
#
# Expected: RFC 5424, section 6.3.3: a backslash before another character than a quotation mark, a backslash or "]" must
# be treated as an ordinary one, and what follows must not be altered. Section 6.3.3 also allows a parameter more than
# once in an element, as section 7.2.1 does with ip.
# Seen: Parse gives an error, or with best effort a message without the parameter, without what comes behind it in the
# element, without the elements that follow and without the text. Of a parameter that comes twice, the last value is
# left.
# Who meets it: whoever collects by Telegraf what a server of Windows says of a file: C:\Windows\Temp ends the message.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-github-influxdata-go-syslog-dev=2.0.1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
[file@32473 path="C:\\Temp" size="9"][host@32473 a="b"]
  strict: error <nil>
  best effort: map["file@32473":map["path":"C:\\Temp" "size":"9"] "host@32473":map["a":"b"]], text: phone updated
[file@32473 path="C:\Temp" size="9"][host@32473 a="b"]
  strict: error expecting chars `]`, `"`, and `\` to be escaped within param value [col 84]
  best effort: map["file@32473":map[]], text: none
[file@32473 size="9" path="C:\Temp"]
  strict: error expecting chars `]`, `"`, and `\` to be escaped within param value [col 93]
  best effort: map["file@32473":map["size":"9"]], text: none
[origin ip="192.0.2.1" ip="192.0.2.129"]
  strict: error <nil>
  best effort: map["origin":map["ip":"192.0.2.129"]], text: phone updated
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"

	"github.com/influxdata/go-syslog/rfc5424"
)

func main() {
	for _, data := range []string{
		`[file@32473 path="C:\\Temp" size="9"][host@32473 a="b"]`,
		`[file@32473 path="C:\Temp" size="9"][host@32473 a="b"]`,
		`[file@32473 size="9" path="C:\Temp"]`,
		`[origin ip="192.0.2.1" ip="192.0.2.129"]`,
	} {
		fmt.Println(data)
		line := []byte("<165>1 2026-11-30T10:15:00.003Z pool.contoso.com update - ID47 " + data + " phone updated")
		_, err := rfc5424.NewParser().Parse(line)
		fmt.Println("  strict: error", err)
		message, _ := rfc5424.NewParser(rfc5424.WithBestEffort()).Parse(line)
		text := "none"
		if message.Message() != nil {
			text = *message.Message()
		}
		fmt.Printf("  best effort: %q, text: %s\n", *message.StructuredData(), text)
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
