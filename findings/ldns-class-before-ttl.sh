#!/usr/bin/env bash
# ldns 1.8.3 (Debian 12) reads no record whose class stands before its TTL.
#
# Expected: RFC 1035, section 5.1, gives both orders: "[<TTL>] [<class>] <type> <RDATA>" and "[<class>] [<TTL>] <type>
# <RDATA>". BIND 9.18 and NSD 4.6 read both.
# Seen: ldns-read-zone, ldns-compare-zones and ldns-verify-zone end at such a record with "could not parse the RR's
# rdata" and exit code 1. The other order, the class alone and the TTL alone are read.
# Who meets it: whoever checks or signs with it a zone that another program or a person wrote with the class first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
IN A: exit code 0, ['pool.contoso.com. 3600 IN A 192.0.2.5']
300 A: exit code 0, ['pool.contoso.com. 300 IN A 192.0.2.5']
300 IN A: exit code 0, ['pool.contoso.com. 300 IN A 192.0.2.5']
IN 300 A: exit code 1, ["Syntax error, could not parse the RR's rdata at line 6"]
IN 5m A: exit code 1, ["Syntax error, could not parse the RR's rdata at line 6"]
IN 300 AAAA: exit code 1, ["Syntax error, could not parse the RR's rdata at line 6"]
IN 300 TXT: exit code 1, ["Syntax error, could not parse the RR's rdata at line 6"]
compare: exit code 1, ["zone: Syntax error, could not parse the RR's rdata at line 6"]
verify: exit code 1, ["Syntax error, could not parse the RR's rdata at line 6"]
TEXT
)
seen=$(
    run <<'END'
import subprocess

HEAD = "$ORIGIN contoso.com.\n$TTL 3600\n@ IN SOA ns1 admin 1 3600 900 1209600 3600\n@ IN NS ns1\nns1 IN A 192.0.2.1\n"


def read(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    lines = [" ".join(line.split()) for line in (result.stdout + result.stderr).splitlines()]
    shown = [line for line in lines if "pool" in line or "rror" in line]
    return f"exit code {result.returncode}, {shown}"


for record in ("IN A", "300 A", "300 IN A", "IN 300 A", "IN 5m A", "IN 300 AAAA", "IN 300 TXT"):
    data = {"AAAA": "2001:db8::5", "TXT": '"a"'}.get(record.split()[-1], "192.0.2.5")
    with open("zone", "w") as file:
        file.write(f"{HEAD}pool {record} {data}\n")
    print(f"{record}: {read('usr/bin/ldns-read-zone', 'zone')}")
print("compare:", read("usr/bin/ldns-compare-zones", "-a", "zone", "zone"))
print("verify:", read("usr/bin/ldns-verify-zone", "zone"))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
