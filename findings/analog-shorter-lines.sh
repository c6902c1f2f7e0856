#!/usr/bin/env bash
# analog 6.0.17 (Debian 12) counts requests without their hosts where IIS goes on with fewer fields.
#
# Expected: the W3C's draft of the extended log format: "#Fields" says what the lines behind it hold, until the next
# one. The pages of analog: it understands such logs of IIS, with more than one "#Fields", too.
# Seen: where the lines have fewer fields than stood up to the host (c-ip) in an earlier "#Fields" of the file, their
# requests are counted, and their hosts are missing from the report. It warns of nothing.
# Who meets it: whoever counts phones in a log of IIS of which someone made the lines shorter on the way.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    analog=2:6.0.17-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
11 fields, then 11: Successful requests: 2, hosts: 192.0.2.71, 192.0.2.72
11 fields, then 9: Successful requests: 2, hosts: 192.0.2.71, 192.0.2.72
11 fields, then 8: Successful requests: 2, hosts: 192.0.2.71
8 fields, then 11: Successful requests: 2, hosts: 192.0.2.71, 192.0.2.72
8 fields alone: Successful requests: 1, hosts: 192.0.2.72
TEXT
)
seen=$(
    run <<'PY'
import re
import subprocess

LONG = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status sc-bytes"
EIGHT = "date time s-ip cs-method cs-uri-stem c-ip sc-status sc-bytes"
NINE = "date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status sc-bytes"
VALUES = {"date": "2026-11-27", "time": "10:00:01", "s-ip": "192.0.2.81", "cs-method": "POST", "s-port": "80"}
VALUES |= {"cs-uri-stem": "/RequestHandler/ucdevice.upx", "sc-status": "200", "sc-bytes": "1200"}
LANGUAGE = "usr/share/analog/lang/uk"
SETTINGS = ["LOGFILE none", "ALL OFF", "GENERAL ON", "HOST ON", "HOSTFLOOR 1r", "OUTPUT ASCII"]
SETTINGS += [f"LANGFILE {LANGUAGE}.lng", f"DOMAINSFILE {LANGUAGE}dom.tab", f"DESCFILE {LANGUAGE}desc.txt"]


def show(what, *parts):
    with open("ex261127.log", "w") as log:
        for fields, phone in parts:
            log.write(f"#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n#Fields: {fields}\n")
            values = VALUES | {"c-ip": phone}
            log.write(" ".join(values.get(field, "-") for field in fields.split()) + "\n")
    command = ["usr/bin/analog", "-G", "-A", "+O-", *(f"+C{setting}" for setting in SETTINGS), "./ex261127.log"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    requests = re.findall("Successful requests: .*", result.stdout)
    hosts = re.findall("[0-9]+: .*: (192.*)", result.stdout)
    assert "Warning" not in result.stderr, result.stderr
    print(f"{what}: {' '.join(requests)}, hosts: {', '.join(hosts)}")


show("11 fields, then 11", (LONG, "192.0.2.71"), (LONG, "192.0.2.72"))
show("11 fields, then 9", (LONG, "192.0.2.71"), (NINE, "192.0.2.72"))
show("11 fields, then 8", (LONG, "192.0.2.71"), (EIGHT, "192.0.2.72"))
show("8 fields, then 11", (EIGHT, "192.0.2.71"), (LONG, "192.0.2.72"))
show("8 fields alone", (EIGHT, "192.0.2.72"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
