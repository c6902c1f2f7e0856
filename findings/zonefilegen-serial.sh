#!/usr/bin/env bash
# zonefilegen 0.2.0 gives a changed zone the serial number 1 again where a name in its SOA record has a hyphen.
#
# Expected: RFC 1912, section 2.2: the serial number must be incremented with each change, or secondary servers do not
# notice it. The README says that serial numbers are incremented when the input has changed. RFC 952 allows a hyphen in
# a host's name.
# Seen: it looks for the old number behind two names of letters, digits, "_" and dots. Where the name server or the
# mailbox has a hyphen it finds none, says in a warning that the number "will be reset", and writes 1 after each change.
# A time to live of 0 (RFC 2181, section 8: do not keep this) is left out, so the record is kept for the default time.
# Who meets it: whoever adds ucupdates-r2 to a zone with it: the secondary server that phones ask never hears of it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    zonefilegen==0.2.0 toml==0.10.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
ns1.example.com, hostmaster.example.com: 1 2 3
ns-1.example.com, hostmaster.example.com: 1 1 1
ns1.example.com, dns-admin.example.com: 1 1 1
ttl 60: ucupdates-r2.example.com. 60 IN A 192.0.2.9
ttl 0: ucupdates-r2.example.com.  IN A 192.0.2.9
TEXT
)
seen=$(
    run <<'PY'
import pathlib
import re
import subprocess

INPUT = """origin = "example.com."
default_ttl = 3600
networks = ["192.0.2.0/24"]
[soa]
mname = "{server}."
rname = "{mailbox}."
refresh = 3600
retry = 900
expire = 604800
negative_caching_ttl = 300
[[rrset]]
name = "@"
type = "NS"
data = "{server}."
[[rrset]]
name = "ucupdates-r2"
type = "A"
ttl = {ttl}
data = "192.0.2.{host}"
"""


def serial(server, mailbox):
    found = []
    for host in 10, 11, 12:
        pathlib.Path("zone.toml").write_text(INPUT.format(server=server, mailbox=mailbox, host=host, ttl=60))
        subprocess.run(["venv/bin/zonefilegen", "zone.toml", "zones"], check=True, stderr=subprocess.DEVNULL)
        found.append(re.search(r"\(\s*(\d+)", pathlib.Path("zones/example.com.zone").read_text())[1])
    print(f"{server}, {mailbox}: {' '.join(found)}")


pathlib.Path("zones").mkdir()
for server, mailbox in (
    ("ns1.example.com", "hostmaster.example.com"),
    ("ns-1.example.com", "hostmaster.example.com"),
    ("ns1.example.com", "dns-admin.example.com"),
):
    pathlib.Path("zones/example.com.zone").unlink(missing_ok=True)
    serial(server, mailbox)
for ttl in 60, 0:
    pathlib.Path("zone.toml").write_text(INPUT.format(server="ns1.example.com", mailbox="a.b", host=9, ttl=ttl))
    subprocess.run(["venv/bin/zonefilegen", "zone.toml", "zones"], check=True, stderr=subprocess.DEVNULL)
    print(f"ttl {ttl}: {pathlib.Path('zones/example.com.zone').read_text().splitlines()[-1]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
