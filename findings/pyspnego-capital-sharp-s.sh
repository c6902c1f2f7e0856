#!/usr/bin/env bash
# pyspnego 0.12.4 makes the key of an NTLM sign-in for WEISS where the account is weiß.
#
# Expected: MS-NLMP, section 3.3.2: the key is made of the user's name in capitals. MS-UCODEREF, section 3.1.5.3:
# Windows looks each 16-bit unit up in a table, and puts one in its place or leaves it. So ß, which has no capital of
# one unit, stays ß.
# Seen: str.upper() is taken, which makes SS of it (Unicode, SpecialCasing.txt). The key of weiß is that of weiss; the
# message carries the name as it is, so the server makes another key and refuses the right password.
# Who meets it: whoever signs in to a server that accepts NTLM under a name with ß, from anything but Windows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-deps \
    pyspnego==0.12.4 cryptography==45.0.7 cffi==1.17.1 pycparser==2.22 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
jones: expected 25c28390, seen 25c28390
müller: expected bf1d1775, seen bf1d1775
weiss: expected 7c4e1eda, seen 7c4e1eda
weiß: expected 1314cc88, seen 7c4e1eda
TEXT
)
seen=$(
    run <<'PY'
import hmac

from spnego._ntlm_raw.crypto import ntowfv1, ntowfv2

password = ntowfv1("Passw0rd")
for name, capitals in (("jones", "JONES"), ("müller", "MÜLLER"), ("weiss", "WEISS"), ("weiß", "WEIß")):
    expected = hmac.digest(password, (capitals + "CONTOSO").encode("utf-16-le"), "md5").hex()[:8]
    print(f"{name}: expected {expected}, seen {ntowfv2(name, password, 'CONTOSO').hex()[:8]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
