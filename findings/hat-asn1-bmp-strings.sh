#!/usr/bin/env bash
# hat-asn1 0.7.1 writes each kind of string in UTF-8, also those of two and four octets a letter, and -128 too long.
#
# Expected: its README: BER by X.690. There a BMPString has two octets for each letter and a UniversalString four
# (section 8.23), and an integer is in as few octets as can be: its first nine bits are not all ones (section 8.3.2).
# Seen: "phone007" as a BMPString is eight octets, in which asn1crypto reads four other letters. The name "Contoso" as
# Microsoft's authority may write it is read with a NUL before each letter. -128 and -32768 have an octet too many. No
# error is raised, so long as the octets happen to be UTF-8.
# Who meets it: whoever reads or writes names of certificates of a Windows site with it, or negative numbers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    hat-asn1==0.7.1 hat-json==0.6.8 hat-util==0.6.22 hat-peg==0.5.11 jsonschema==4.26.0 \
    jsonschema-specifications==2025.9.1 referencing==0.37.0 rpds-py==2026.9.1 attrs==26.1.0 \
    typing_extensions==4.15.0 PyYAML==6.0.4 tomli_w==1.2.0 asn1crypto==1.5.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Name: 1e0870686f6e65303037, not 1e1000700068006f006e0065003000300037
  asn1crypto reads '\u7068\u6f6e\u6530\u3037'
Long: 1c0870686f6e65303037, not 1c2000000070000000680000006f0000006e00000065000000300000003000000037
  asn1crypto reads no text of it
read of Contoso: '\x00C\x00o\x00n\x00t\x00o\x00s\x00o'
-127 is 020181 not 020181
-128 is 0202ff80 not 020180
-32768 is 0203ff8000 not 02028000
TEXT
)
seen=$(
    run <<'PY'
from asn1crypto import core
from hat import asn1

TYPES = asn1.create_repository(
    "Test DEFINITIONS ::= BEGIN Name ::= BMPString Long ::= UniversalString Number ::= INTEGER END"
)
encoder = asn1.ber.BerEncoder(TYPES)


def written(name, value):
    return bytes(encoder.encode(asn1.TypeRef("Test", name), value))


for name, other in (("Name", core.BMPString), ("Long", core.UniversalString)):
    octets = written(name, "phone007")
    print(f"{name}: {octets.hex()}, not {other('phone007').dump().hex()}")
    print("  asn1crypto reads", ascii(other.load(octets).native) if name == "Name" else "no text of it")
microsoft = core.BMPString("Contoso").dump()
print("read of Contoso:", ascii(encoder.decode(asn1.TypeRef("Test", "Name"), microsoft)[0]))
for number in (-127, -128, -32768):
    print(number, "is", written("Number", number).hex(), "not", core.Integer(number).dump().hex())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
