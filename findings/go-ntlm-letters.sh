#!/usr/bin/env bash
# golang-github-thomsonreuterseikon-go-ntlm of 2015 (Debian 12) signs in as Bukasz where the user is łukasz.
#
# Expected: [MS-NLMP], section 2.2.1.3: where Unicode was chosen, the names of an answer are in UTF-16; section 3.3.2:
# the key is made of the password and the names in UTF-16 as well. Each of its units is two octets.
# Seen: the second octet of each unit is always 0. Of "ł" (0142) becomes "B" (0042), of "ё" (0451) "Q" (0051), and no
# error says so. Letters below 0100, as "ü", are right, also those of its own tests. The key is made the same way.
# Who meets it: whoever signs in with it as a user, or with a password, that is not written in western letters: the
# server says 401, as if the password were wrong.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-thomsonreuterseikon-go-ntlm-dev=0.0~git20151030.0.b00ec39-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
alice: sent 61 00 6c 00 69 00 63 00 65 00, "alice"
müller: sent 6d 00 fc 00 6c 00 6c 00 65 00 72 00, "müller"
łukasz: sent 42 00 75 00 6b 00 61 00 73 00 7a 00, "Bukasz"
фёдор: sent 44 00 51 00 34 00 3e 00 40 00, "DQ4>@"
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"encoding/binary"
	"fmt"

	"github.com/ThomsonReutersEikon/go-ntlm/ntlm"
)

const challenge = "NTLMSSP\x00\x02\x00\x00\x00" + "\x00\x00\x00\x00\x38\x00\x00\x00" + "\x05\x82\x88\x02" + "12345678" +
	"\x00\x00\x00\x00\x00\x00\x00\x00" + "\x04\x00\x04\x00\x38\x00\x00\x00" + "\x06\x01\xb1\x1d\x00\x00\x00\x0f" +
	"\x00\x00\x00\x00"

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	for _, user := range []string{"alice", "müller", "łukasz", "фёдор"} {
		session, err := ntlm.CreateClientSession(ntlm.Version2, ntlm.ConnectionOrientedMode)
		must(err)
		session.SetUserInfo(user, "secret", "CONTOSO")
		asked, err := ntlm.ParseChallengeMessage([]byte(challenge))
		must(err)
		must(session.ProcessChallengeMessage(asked))
		answer, err := session.GenerateAuthenticateMessage()
		must(err)
		octets := answer.Bytes()
		length, at := binary.LittleEndian.Uint16(octets[36:]), binary.LittleEndian.Uint32(octets[40:])
		fmt.Printf("%s: sent % x, %q\n", user, octets[at:at+uint32(length)], answer.UserName.String())
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
