#!/usr/bin/env bash
# zone2json of pdns 4.7.3 (Debian 12) puts the names behind a relative $ORIGIN outside of the zone.
#
# Expected: RFC 1035, section 5.1: a name without a dot at its end is relative, and the origin is put behind it; the
# argument of $ORIGIN is such a name. BIND 9.18 reads it so. Parentheses may stand anywhere in a record.
# Seen: the argument is taken for absolute: what belongs below contoso.com is a name of the root. No error is raised,
# and all of it counts as parsed. (Upstream's issue 3629, of 2016, is open.) A parenthesis right behind the owner is an
# error, and leaves the whole zone out.
# Who meets it: whoever moves the zone in which phones look for their server to PowerDNS, whose zone2sql and backend for
# such files read them with the same code.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pdns-server=4.7.3-2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 - usr/bin/zone2json; }

expected=$(
    cat <<'TEXT'
no origin: exit 0 ucupdates-r2.phones.contoso.com.
$ORIGIN phones.contoso.com.: exit 0 ucupdates-r2.phones.contoso.com.
$ORIGIN phones: exit 0 ucupdates-r2.phones.
one behind the other: exit 0 a.phones. b.east.
3600 IN A (: exit 0 ucupdates-r2.contoso.com.
( 3600 IN A: exit 1
TEXT
)
seen=$(
    run <<'PY'
import json
import subprocess
import sys
from pathlib import Path

HEAD = """\
$ORIGIN contoso.com.
@ 3600 IN SOA ns hostmaster 1 7200 1800 1209600 3600
@ 3600 IN NS ns
ns 3600 IN A 192.0.2.53
"""


def show(title: str, *lines: str) -> None:
    Path("zone").write_text(HEAD + "\n".join(lines) + "\n")
    command = (sys.argv[1], "--zone=zone", "--zone-name=contoso.com")
    run = subprocess.run(command, capture_output=True, text=True)
    text = run.stdout.strip()
    names = [one["name"] for one in json.loads(text)["records"] if one["type"] == "A"][1:] if text else []
    print(f"{title}: exit {run.returncode}", *names)


show("no origin", "ucupdates-r2.phones 3600 IN A 192.0.2.81")
show("$ORIGIN phones.contoso.com.", "$ORIGIN phones.contoso.com.", "ucupdates-r2 3600 IN A 192.0.2.81")
show("$ORIGIN phones", "$ORIGIN phones", "ucupdates-r2 3600 IN A 192.0.2.81")
show("one behind the other", "$ORIGIN phones", "a 3600 IN A 192.0.2.81", "$ORIGIN east", "b 3600 IN A 192.0.2.82")
show("3600 IN A (", "ucupdates-r2 3600 IN A (", "192.0.2.81 )")
show("( 3600 IN A", "ucupdates-r2 ( 3600 IN A", "192.0.2.81 )")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
