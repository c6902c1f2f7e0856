#!/usr/bin/env bash
# jc 1.26.1 joins the search lists of a resolv.conf in which there are several.
#
# Expected: "domain" and "search" exclude each other, and of several the last one wins (resolv.conf(5) of glibc and of
# Linux man-pages).
# Seen: all names of all search lines are in one list, and a domain stands beside it. Here the resolver looks for "sip"
# in contoso.com only; by the output it also does in old.example. No warning is given.
# Who meets it: whoever reads from this output in which domain a host looks for its servers, where a DHCP client or an
# administrator added a line.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jc==1.26.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
{'domain': 'old.example', 'search': ['lab.old.example', 'old.example', 'contoso.com'], 'nameservers': ['192.0.2.1']}
TEXT
)
seen=$(
    run <<'PY'
import jc

FILE = """domain old.example
search lab.old.example old.example
search contoso.com
nameserver 192.0.2.1
"""
print(jc.parse("resolve_conf", FILE))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
