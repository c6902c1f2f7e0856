#!/usr/bin/env bash
# logger of util-linux 2.38.1 (Debian 12) writes a tag with a blank so that rsyslog 8.2302.0 takes data for text.
#
# Expected: RFC 5424, section 6: a blank ends each field of the header, and none may be in a program's name. logger(1)
# says that a message's ID must not have one, and refuses it; of -t it says nothing, and --rfc3164 takes a tag with one.
# Seen: the tag is written as it is. Its second word becomes the process, what logger writes for the process the ID, "-"
# for the ID the structured data, and the structured data the beginning of the text. No error is raised: to the reader,
# all of it is valid.
# Who meets it: whoever reports with it from a script, with the model of a phone as the tag, and looks for the message
# by a parameter of its structured data.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    bsdutils=1:2.38.1-5+deb12u3 rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
libraries=$PWD/usr/lib/x86_64-linux-gnu
run() { LD_LIBRARY_PATH=$libraries:$PWD/lib/x86_64-linux-gnu python3 - "$PWD" "$libraries/rsyslog"; }

expected=$(
    cat <<'TEXT'
-t CX700: program CX700, process -, ID -, data [phone@32473 status="404"], text no answer
-t CX700 check: program CX700, process check, ID -, data -, text [phone@32473 status="404"] no answer
-t CX700 --msgid M1: program CX700, process -, ID M1, data [phone@32473 status="404"], text no answer
-t CX700 --msgid M 1: refused
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess
import sys
import time
from pathlib import Path

here, out = sys.argv[1], Path("messages")
DATA = ("--sd-id", "phone@32473", "--sd-param", 'status="404"')
CASES = (("-t", "CX700"), ("-t", "CX700 check"), ("-t", "CX700", "--msgid", "M1"), ("-t", "CX700", "--msgid", "M 1"))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
Path("conf").write_text(f"""
module(load="imudp")
template(name="fields" type="string"
    string="program %app-name%, process %procid%, ID %msgid%, data %structured-data%, text %msg%\\n")
input(type="imudp" address="127.0.0.1" port="{port}")
action(type="omfile" file="{here}/messages" template="fields")
""")
options = ("-n", "-f", f"{here}/conf", "-i", f"{here}/pid", "-M", sys.argv[2])
server = subprocess.Popen((f"{here}/usr/sbin/rsyslogd", *options))


def lines() -> list[str]:
    return out.read_text().splitlines() if out.exists() else []


try:
    for case in CASES:
        before, end = len(lines()), time.monotonic() + 10
        to = ("-n", "127.0.0.1", "-P", str(port), "-d")
        while len(lines()) == before and time.monotonic() < end:
            command = (f"{here}/usr/bin/logger", *to, "--rfc5424=notq", *case, *DATA, "no answer")
            if subprocess.run(command, capture_output=True).returncode:
                break
            time.sleep(1)
        print(f"{' '.join(case)}: {lines()[-1] if len(lines()) > before else 'refused'}")
finally:
    server.terminate()
    server.wait(10)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
