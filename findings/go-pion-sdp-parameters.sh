#!/usr/bin/env bash
# golang-github-pion-sdp 3.0.6 (Debian 12) gives no parameters with a blank, and those of video for sound.
#
# Expected: RFC 8866, section 6.15: what follows the format in a=fmtp is the format's own matter, blanks included; many
# programs write "; " between two parameters. Section 5.14: a format's number is that of its m= line, so that sound and
# video may have the same one.
# Seen: GetCodecForPayloadType() leaves out an a=fmtp with a second blank, without an error. It puts the lines of all
# media into one table, in which the first name stays and later media fill what is empty: RED, which is sound, gets the
# packetization-mode of H.264, and H.264 is not to be had.
# Who meets it: whoever reads with it what a phone and its server agreed on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
    golang-github-pion-sdp-dev=3.0.6-1 golang-github-pion-randutil-dev=0.1.0-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
maxplaybackrate=16000;useinbandfec=1: 97 opus "maxplaybackrate=16000;useinbandfec=1", 98 red ""
maxplaybackrate=16000; useinbandfec=1: 97 opus "", 98 red ""
then video with number 98: 97 opus "maxplaybackrate=16000;useinbandfec=1", 98 red "packetization-mode=1"
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/pion/sdp"
)

func show(what string, lines ...string) {
	head := []string{"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"}
	var session sdp.SessionDescription
	if err := session.Unmarshal([]byte(strings.Join(append(head, lines...), "\r\n") + "\r\n")); err != nil {
		panic(err)
	}
	opus, err1 := session.GetCodecForPayloadType(97)
	red, err2 := session.GetCodecForPayloadType(98)
	if err1 != nil || err2 != nil {
		panic("a format is missing")
	}
	fmt.Printf("%s: 97 %s %q, 98 %s %q\n", what, opus.Name, opus.Fmtp, red.Name, red.Fmtp)
}

func main() {
	sound := []string{"m=audio 49170 RTP/AVP 97 98", "a=rtpmap:97 opus/48000/2", "a=rtpmap:98 red/8000"}
	short, blank := "maxplaybackrate=16000;useinbandfec=1", "maxplaybackrate=16000; useinbandfec=1"
	show(short, append(sound, "a=fmtp:97 "+short)...)
	show(blank, append(sound, "a=fmtp:97 "+blank)...)
	video := []string{"m=video 49172 RTP/AVP 98", "a=rtpmap:98 H264/90000", "a=fmtp:98 packetization-mode=1"}
	show("then video with number 98", append(append(sound, "a=fmtp:97 "+short), video...)...)
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
