#!/usr/bin/env bash
# ntlm-info 0.0.1 gives R*, a control character and GA for the domain RĪGA, and nothing of a challenge of MÜNCHEN.
#
# Expected: MS-NLMP, section 2.2.1.2 (the module names version 31.0 as its source): with NTLMSSP_NEGOTIATE_UNICODE the
# target's name is in UTF-16, little-endian. Section 2.2.2.1: so are the names in TargetInfo, always; MsvAvSingleHost is
# a structure with 32 octets of a machine's random number.
# Seen: names are read as UTF-8, and zeros removed. What is outside ASCII gives other letters and control characters, or
# an error from which nothing of the challenge comes out: neither names nor the server's version. The octets of
# MsvAvSingleHost are read as such a text as well, and end in the same error.
# Who meets it: whoever asks IIS in front of Lync with it which domain a phone's user is to sign in to.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ntlm-info==0.0.1 || {
    echo "could not install ntlm-info==0.0.1" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
CONTOSO: target 'CONTOSO', {'MsvAvNbDomainName': 'CONTOSO'}
RĪGA: target 'R*\x01GA', {'MsvAvNbDomainName': 'R*\x01GA'}
MÜNCHEN: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xdc in position 2: invalid continuation byte
ŁÓDŹ: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xd3 in position 2: invalid continuation byte
timestamp: {'MsvAvTimestamp': 'Nov 30, 2026 10:00:00.123456'}
single host: UnicodeDecodeError: 'utf-8' codec can't decode byte 0x80 in position 32: invalid start byte
TEXT
)
seen=$(
    run <<'PY'
import importlib.util
import pathlib
import struct

# The package imports its tools for SMB as well, which this module does not need.
path = next(pathlib.Path("venv").rglob("ntlm_info/challenge_parser.py"))
spec = importlib.util.spec_from_file_location("challenge_parser", path)
parser = importlib.util.module_from_spec(spec)
spec.loader.exec_module(parser)

UNICODE = 0xA2890205
VERSION = bytes([10, 0, 0x61, 0x4F, 0, 0, 0, 15])


def challenge(domain, *pairs):
    name = domain.encode("utf-16-le")
    info = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in [*pairs, (0, b"")])
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 56, UNICODE) + bytes(range(8)) + bytes(8)
    return head + struct.pack("<HHI", len(info), len(info), 56 + len(name)) + VERSION + name + info


for domain in "CONTOSO", "RĪGA", "MÜNCHEN", "ŁÓDŹ":
    try:
        seen = parser.parse_challenge(challenge(domain, (2, domain.encode("utf-16-le"))))
        print(f"{domain}: target {seen.target_name!r}, {dict(seen.target_info)}")
    except ValueError as error:
        print(f"{domain}: {type(error).__name__}: {error}")
host = struct.pack("<II", 48, 0) + bytes([1, 0, 0, 0, 0, 32, 0, 0]) + bytes(range(0x70, 0x90))
for name, pair in ("timestamp", (7, struct.pack("<Q", 134405064001234560))), ("single host", (8, host)):
    try:
        print(f"{name}: {dict(parser.parse_challenge(challenge('CONTOSO', pair)).target_info)}")
    except ValueError as error:
        print(f"{name}: {type(error).__name__}: {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
