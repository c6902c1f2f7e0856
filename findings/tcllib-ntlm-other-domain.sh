#!/usr/bin/env bash
# tcllib 1.21 (Debian 12) signs in by NTLM as a user of the server's domain, not of the one that it is told.
#
# Expected: MS-NLMP, section 3.1.5.1.2: the domain of the last message is that of the user. The target name of the
# challenge, section 2.2.1.2, says of the server where it is. sasl(3tcl): the callback is asked for a realm, which "in
# the case of the NTLM mechanism" is the Windows domain name.
# Seen: CONTOSO is in the first message, and the last one has the target name in its place: the name of a server that is
# in no domain, or of a domain that trusts CONTOSO. Of a challenge without a target name there is no domain.
# Who meets it: whoever asks IIS with it as a user of a domain, where the server is in another one or in none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcllib=1.21+dfsg-1 tcl8.6=8.6.13+dfsg-2 libtcl8.6=8.6.13+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() {
    LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu TCL_LIBRARY=$PWD/usr/share/tcltk/tcl8.6 \
        TCLLIBPATH=$PWD/usr/share/tcltk/tcllib1.21 usr/bin/tclsh8.6
}

expected=$(
    cat <<'TEXT'
target CONTOSO: first message CONTOSO, last one CONTOSO\phone
target POOL01: first message CONTOSO, last one POOL01\phone
target none: first message CONTOSO, last one \phone
TEXT
)
seen=$(
    run <<'TCL'
package require SASL
package require SASL::NTLM

proc callback {context what args} {
    array set told {login {} username phone password SecREt01 realm CONTOSO hostname CLIENT}
    return $told($what)
}

foreach {name target flags} {CONTOSO CONTOSO 0x00010205 POOL01 POOL01 0x00020205 none {} 0x00000201} {
    set unicode [encoding convertto unicode $target]
    set length [string length $unicode]
    set nonce [binary format H* 0123456789abcdef]
    set challenge NTLMSSP\0[binary format issiia8a8 2 $length $length 40 $flags $nonce {}]$unicode
    set context [SASL::new -mechanism NTLM -callback callback]
    SASL::step $context {}
    array set first [SASL::NTLM::Decode [SASL::response $context]]
    SASL::step $context $challenge
    array set last [SASL::NTLM::Decode [SASL::response $context]]
    puts "target $name: first message $first(domain), last one $last(domain)\\$last(user)"
}
TCL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
