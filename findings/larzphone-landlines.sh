#!/usr/bin/env bash
# larzphone 0.1.0 says that telephones of Tokyo, Dublin and Beijing have no valid number, and dials extensions.
#
# Expected: ITU-T E.164 leaves the length of its national numbers to each country, and they have more than one: those of
# Tokyo are a digit shorter than mobile ones, and so are those of Dublin, Beijing and Bangkok. An extension is no part
# of the number (RFC 3966, section 5.3), nor is a "(0)" that is dialled inside of the country only.
# Seen: where the one length in its table is that of mobile numbers, each landline is not valid. "ext. 5" makes a number
# longer by a 5, and "+44 (0)20" keeps the 0, both without a word. A tel: URI needs a region, though it has a plus. The
# national form of a US number begins with 1.
# Who meets it: whoever checks with it the numbers of users of Lync, which keeps them as tel:+12015550123;ext=123.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    larzphone==0.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
+81 90 1234 5678
   +819012345678, valid, 0901 234 5678
+81 3 1234 5678
   +81312345678, not valid, 0312 345 678
+353 1 234 5678
   +35312345678, not valid, 0123 456 78
+86 10 1234 5678
   +861012345678, not valid, 0101 234 5678
+66 2 123 4567
   +6621234567, not valid, 0212 345 67
+1 201 555 0123
   +12015550123, valid, 1201 555 0123
+1 201 555 0123 ext. 5
   +120155501235, not valid, 1201 555 012 35
+44 20 7946 0123
   +442079460123, valid, 0207 946 0123
+44 (0)20 7946 0123
   +4402079460123, not valid, 0020 794 601 23
tel:+12015550123;ext=123
   PhoneError: a region is required for a number without '+': 'tel:+12015550123;ext=123'
TEXT
)
seen=$(
    run <<'PY'
from larzphone import PhoneError, parse

for number in (
    "+81 90 1234 5678",
    "+81 3 1234 5678",
    "+353 1 234 5678",
    "+86 10 1234 5678",
    "+66 2 123 4567",
    "+1 201 555 0123",
    "+1 201 555 0123 ext. 5",
    "+44 20 7946 0123",
    "+44 (0)20 7946 0123",
    "tel:+12015550123;ext=123",
):
    try:
        read = parse(number)
        seen = f"{read.e164()}, {'valid' if read.is_valid() else 'not valid'}, {read.national()}"
    except PhoneError as error:
        seen = f"PhoneError: {error}"
    print(f"{number}\n   {seen}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
