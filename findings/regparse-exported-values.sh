#!/usr/bin/env bash
# regparse 1.0.1 finds no value with "=" or ":" in its name, and gives a path with two backslashes for each.
#
# Expected: regedit writes a text between quotation marks, with a backslash before each backslash and quotation mark of
# it, in names as in values; dword is a number without a sign, as winreg gives it; hex(2), hex(7) and hex(b) are a
# text, a list of texts and a number of 64 bits. Its README: getval() "automatically" parses a value.
# Seen: the escapes stay in. A name ends at its first "=" or ":", though in quotes, so that the value is absent. A
# dword from 80000000 on is negative, and hex() comes as octets whatever its type is. "-", which removes a value, is
# given as its text. All names are in small letters, and "[-HKEY...]" is a key.
# Who meets it: who compares what is set for Lync with the registry of a PC: no path and no URL as a name is the same.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    regparse==1.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Path 'C:\\\\Program Files\\\\Lync\\\\communicator.exe'
Quoted 'say \\"hi\\"'
sip:a@example.com 'absent'
Server=A 'absent'
Plain '3'
Number -2147483648
Expanded b'%\x00T\x00%\x00\x00\x00'
Long b'\x01\x00\x00\x00\x00\x00\x00\x00'
Gone '-'
['hkey_current_user\\software\\microsoft\\communicator']
TEXT
)
seen=$(
    run <<'PY'
import regparse

KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Communicator"
TEXT = (
    "Windows Registry Editor Version 5.00\n\n"
    rf"""[{KEY}]
"Path"="C:\\Program Files\\Lync\\communicator.exe"
"Quoted"="say \"hi\""
"sip:a@example.com"="1"
"Server=A"="2"
"Plain"="3"
"Number"=dword:80000000
"Expanded"=hex(2):25,00,54,00,25,00,00,00
"Long"=hex(b):01,00,00,00,00,00,00,00
"Gone"=-
"""
)
with open("a.reg", "wb") as file:
    file.write(b"\xff\xfe" + TEXT.replace("\n", "\r\n").encode("utf-16-le"))
registry = regparse.RegParse()
registry.readfile("a.reg")
for name in ("Path", "Quoted", "sip:a@example.com", "Server=A", "Plain", "Number", "Expanded", "Long", "Gone"):
    print(name, repr(registry.getval(KEY, name, "absent")))
print(registry.config.sections())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
