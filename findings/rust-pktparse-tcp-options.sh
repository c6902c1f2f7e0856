#!/usr/bin/env bash
# pktparse 0.7.1 (Debian 12, librust-pktparse-dev) gives no options of a TCP segment, whoever sent it.
#
# Expected: RFC 9293, section 3.1: the data offset says where options end; the option "end of option list" is needed
# only where they would not end there. Section 3.2: an option of an unknown kind is skipped by its length.
# Seen: the reader of options stops well at an "end of option list" alone. Where they fill their room, which all
# systems take care of, it meets the end of the data and drops all that it read: options is None, as in a segment
# without any. So it is at a kind that it does not know, timestamps (8) and SACK (5) among them. The result is "Ok".
# Who meets it: whoever looks for the MSS or the window scale of a connection that gets slow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-memchr-dev=2.5.0-1 librust-minimal-lexical-dev=0.2.1-2 librust-nom-dev=7.1.1-1 \
    librust-pktparse-dev=0.7.1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs)
    rust --crate-type lib --crate-name "${1//-/_}" --edition 2018 "${@:2}" "${file[0]}"
}
crate memchr
crate minimal-lexical
crate nom --extern memchr=libmemchr.rlib --extern minimal_lexical --cfg 'feature="std"' --cfg 'feature="alloc"'
crate pktparse --extern nom
run() { rust --edition 2021 --extern pktparse - -o main && ./main; }

expected=$(
    cat <<'TEXT'
MSS: options None, data "hello"
MSS, end, and padding: options Some([MaximumSegmentSize(MaximumSegmentSize { mss: 1460 }), EndOfOptions]), data "hello"
MSS, window scale, SACK permitted as Windows sends them: options None, data "hello"
with timestamps as Linux sends them: options None, data "hello"
timestamps, end, and padding: options None, data "hello"
TEXT
)
seen=$(
    run <<'RS'
fn show(what: &str, options: &[u8]) {
    let offset = (5 + options.len() / 4) as u8;
    let mut segment = vec![0xc0, 0x00, 0x00, 0x50, 0, 0, 0, 1, 0, 0, 0, 0, offset << 4, 0x02, 0xff, 0xff, 0, 0, 0, 0];
    segment.extend(options);
    segment.extend(b"hello");
    let (data, header) = pktparse::tcp::parse_tcp_header(&segment).unwrap();
    println!("{what}: options {:?}, data {:?}", header.options, std::str::from_utf8(data).unwrap());
}

fn main() {
    show("MSS", b"\x02\x04\x05\xb4");
    show("MSS, end, and padding", b"\x02\x04\x05\xb4\x00\x00\x00\x00");
    show(
        "MSS, window scale, SACK permitted as Windows sends them",
        b"\x02\x04\x05\xb4\x01\x03\x03\x08\x01\x01\x04\x02",
    );
    show(
        "with timestamps as Linux sends them",
        b"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x00\x01\x03\x03\x07",
    );
    show(
        "timestamps, end, and padding",
        b"\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00",
    );
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
