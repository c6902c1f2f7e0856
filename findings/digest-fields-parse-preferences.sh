#!/usr/bin/env bash
# digest-fields-parse 0.1.1 reads the preferences of RFC 9530 as names of algorithms, and writes them as RFC 9110 does.
#
# Expected: RFC 9530, section 4: Want-Content-Digest and Want-Repr-Digest are dictionaries, whose values are integers
# from 0 (not acceptable) to 10; its example is "sha-512=3, sha-256=10, unixsum=0". Sections 2 and 3: the values of
# Content-Digest and Repr-Digest are byte sequences, whose padding RFC 9651, section 4.1.8, requires when written.
# Seen: "sha-256=10" is the name of an algorithm, all have the weight 1, and the one with 0 comes as wanted. What it
# writes is "sha-256;q=1", of which a reader of dictionaries makes the value true. A Content-Digest is written without
# its padding, and so is not the field that was read; a parameter behind a value makes part of the value.
# Who meets it: a server that is to say which digest of a firmware file it wants: it gets the one that it refuses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    digest-fields-parse==0.1.1 http-sf==1.5.0 typing-extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
The example of RFC 9530, section 4:
  sha-512=3 1.0
  sha-256=10 1.0
  unixsum=0 1.0
Written: sha-256;q=1, sha-512;q=0.3
  a reader of dictionaries: {'sha-256': (True, {'q': 1}), 'sha-512': (True, {'q': Decimal('0.3')})}
Given:   sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:
Written: sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg:
With a parameter: {'sha-256': 'RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:;checked'}
TEXT
)
seen=$(
    run <<'PY'
import digest_fields_parse as fields
import http_sf

print("The example of RFC 9530, section 4:")
for one in fields.parse_want_repr_digest("sha-512=3, sha-256=10, unixsum=0"):
    print(" ", one.algorithm, one.q)
written = fields.serialize_want_repr_digest([{"algorithm": "sha-256", "q": 1}, {"algorithm": "sha-512", "q": 0.3}])
print("Written:", written)
print("  a reader of dictionaries:", http_sf.parse(written.encode(), tltype="dictionary"))
given = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
print("Given:  ", given)
print("Written:", fields.serialize_content_digest(fields.parse_content_digest(given)))
print("With a parameter:", dict(fields.parse_content_digest(given + ";checked")))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
