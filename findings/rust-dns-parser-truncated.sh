#!/usr/bin/env bash
# dns-parser 0.8.0 (Debian 12, librust-dns-parser-dev) clears all flags of a message that should say it is truncated.
#
# Expected: RFC 1035, section 4.1.1: TC says that a message is longer than what carries it; QR, the opcode, RD and the
# code of the answer stand beside it in the same 16 bits, and stay. RFC 4035, section 3.2.2: CD is copied from the
# question.
# Seen: Header::set_truncated() keeps what of the flags is TC, instead of adding it: an answer NXDOMAIN becomes a
# question without any flag, and TC is not set. Builder::build() does this to each message of more than 512 octets, and
# its documentation says that it is valid. Header::write() leaves out AD and CD of what Header::parse() read.
# Who meets it: whoever answers or asks with it where a message gets too long: nobody asks again by TCP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-byteorder-dev=1.4.3-2 librust-quick-error-dev=2.0.1-1 librust-dns-parser-dev=0.8.0-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, EDITION, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs)
    rust --crate-type lib --crate-name "${1//-/_}" --edition "$2" "${@:3}" "${file[0]}"
}
crate byteorder 2018 --cfg 'feature="std"'
crate quick-error 2018
crate dns-parser 2015 --extern byteorder --extern quick_error
run() { rust --edition 2021 --extern dns_parser - -o main && ./main; }

expected=$(
    cat <<'TEXT'
0100, truncated: 0000
8183, truncated: 0000
8580, truncated: 0000
8780, truncated: 0200
a question of 408 octets: 0100
a question of 542 octets: 0000
0130, read and written: 0100
81b0, read and written: 8180
TEXT
)
seen=$(
    run <<'RS'
use dns_parser::{Builder, Header, QueryClass, QueryType};

fn main() {
    for flags in [0x0100_u16, 0x8183, 0x8580, 0x8780] {
        let mut header = [0; 12];
        header[2..4].copy_from_slice(&flags.to_be_bytes());
        Header::set_truncated(&mut header);
        println!("{flags:04x}, truncated: {:02x}{:02x}", header[2], header[3]);
    }
    for count in [9, 12] {
        let mut builder = Builder::new_query(7, true);
        for number in 0..count {
            let name = format!("phone{number}.sales.floor.example.contoso.com");
            builder.add_question(&name, false, QueryType::A, QueryClass::IN);
        }
        let octets = builder.build().unwrap_or_else(|octets| octets);
        println!("a question of {} octets: {:02x}{:02x}", octets.len(), octets[2], octets[3]);
    }
    for flags in [0x0130_u16, 0x81b0] {
        let mut header = [0; 12];
        header[2..4].copy_from_slice(&flags.to_be_bytes());
        let read = Header::parse(&header).unwrap();
        read.write(&mut header);
        println!("{flags:04x}, read and written: {:02x}{:02x}", header[2], header[3]);
    }
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
