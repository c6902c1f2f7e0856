#!/usr/bin/env bash
# smidump 0.4.8 (Debian 12, smitools) writes the default '0004f2aabbcc'H as 0x0004ffffffff.
#
# Expected: RFC 2578, section 7.9: the default value of an object of OCTET STRING is a text, or octets in binary or
# hexadecimal digits, of which each pair is one octet.
# Seen: each octet from 80 on becomes ff, in either notation and in each form of output; below 80 all is right. No error
# is printed.
# Who meets it: whoever makes code, XML or documents of a MIB by it, where a default is a MAC address or a mask.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    smitools=0.4.8+dfsg2-16 libsmi2ldbl=0.4.8+dfsg2-16 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu SMIPATH=$PWD
run() {
    usr/bin/smidump --config=/dev/null --format="$1" CONTOSO-MIB 2>&1 |
        sed -n 's/ *<default>\(.*\)<.*/\1/p; s/ *"default" : "\(.*\)",/\1/p; s/^[^ ]*: .*errors.*/&/p' | paste -sd ' '
}

expected=$(
    cat <<'TEXT'
xml: 0x0004ffffffff 0x00047f 0x7f 0xff 0xff00 0xff02
python: 0x0004ffffffff 0x00047f 0x7f 0xff 0xff00 0xff02
TEXT
)
# The few names that the module below imports; this is the whole of them that it needs.
cat >SNMPv2-SMI <<'MIB'
SNMPv2-SMI DEFINITIONS ::= BEGIN
MODULE-IDENTITY MACRO ::= BEGIN TYPE NOTATION ::= empty VALUE NOTATION ::= value(VALUE OBJECT IDENTIFIER) END
OBJECT-TYPE MACRO ::= BEGIN TYPE NOTATION ::= empty VALUE NOTATION ::= value(VALUE ObjectName) END
org OBJECT IDENTIFIER ::= { iso 3 }
dod OBJECT IDENTIFIER ::= { org 6 }
internet OBJECT IDENTIFIER ::= { dod 1 }
private OBJECT IDENTIFIER ::= { internet 4 }
enterprises OBJECT IDENTIFIER ::= { private 1 }
END
MIB
{
    cat <<'MIB'
CONTOSO-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, OBJECT-TYPE, enterprises FROM SNMPv2-SMI;
contoso MODULE-IDENTITY
    LAST-UPDATED "202611300000Z" ORGANIZATION "Contoso" CONTACT-INFO "Contoso" DESCRIPTION "Phones"
    REVISION "202611300000Z" DESCRIPTION "The first one" ::= { enterprises 99999 }
MIB
    number=0
    for value in "'0004f2aabbcc'H" "'00047f'H" "'7f'H" "'80'H" "'fe00'H" "'1000000000000010'B"; do
        number=$((number + 1))
        cat <<MIB
object$number OBJECT-TYPE
    SYNTAX OCTET STRING (SIZE (0..6)) MAX-ACCESS read-write STATUS current DESCRIPTION "An address"
    DEFVAL { $value } ::= { contoso $number }
MIB
    done
    echo END
} >CONTOSO-MIB
seen=$(
    for format in xml python; do echo "$format: $(run $format)"; done
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
