#!/usr/bin/env bash
# golang-github-jfbus-httprs of 2018 (Debian 12) counts the wrong way from the end of a file.
#
# Expected: the interface io.Seeker, which it gives to an answer: SeekEnd means relative to the end. So -3 is where the
# last three octets begin, as in a local file.
# Seen: it takes the offset from the length instead of adding it. -3 is behind the end, which the server refuses, and
# +3 is where the last three octets begin. No error tells of it before the file is read.
# Who meets it: whoever looks at the end of an update file without fetching it, for a signature or a directory.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-github-jfbus-httprs-dev=0.0~git20180614.7861a11-1.1 \
    golang-github-mitchellh-copystructure-dev=1.2.0-1 golang-github-mitchellh-reflectwalk-dev=1.0.1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
a local file, -3 from the end: at 9000 (<nil>), then "END" (<nil>)
an answer, -3 from the end: at 9006 (<nil>), then "" (Invalid range)
a local file, 3 from the end: at 9006 (<nil>), then "" (EOF)
an answer, 3 from the end: at 9000 (<nil>), then "END" (EOF)
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/jfbus/httprs"
)

func show(what string, file io.ReadSeeker, offset int64) {
	at, err := file.Seek(offset, io.SeekEnd)
	text := make([]byte, 8)
	count, end := file.Read(text)
	fmt.Printf("%s, %d from the end: at %d (%v), then %q (%v)\n", what, offset, at, err, text[:count], end)
}

func main() {
	content := strings.Repeat("firmware ", 1000) + "END"
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		http.ServeContent(writer, request, "update.cab", time.Unix(1795953600, 0), strings.NewReader(content))
	}))
	for _, offset := range []int64{-3, 3} {
		show("a local file", strings.NewReader(content), offset)
		response, err := http.Get(server.URL)
		if err != nil {
			panic(err)
		}
		show("an answer", httprs.NewHttpReadSeeker(response), offset)
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
