#!/usr/bin/env bash
# netstat2df 0.10 gives port 443 of IIS to the next program in the list, and leaves out connections behind the last one.
#
# Expected: its description: each connection with the name of its program. "netstat -b" of Windows writes that in
# brackets below the connection, or "Can not obtain ownership information" (so for HTTP.SYS, in process 4, which has the
# ports of IIS), or nothing (so for TIME_WAIT, in process 0).
# Seen: it gives all lines down to a name in brackets to that program. Those of process 4 belong to the next program
# then, though the number of the process is right. Lines behind the last name are lost. No error is raised.
# Who meets it: whoever looks with it for what answers phones at port 443 of a server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netstat2df==0.10 \
    pandas==3.1.1 \
    numpy==2.4.6 \
    python-dateutil==4.0.0 \
    tzdata==2026.6 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
135 LISTENING 1000 svchost.exe
443 LISTENING 4 RtcHost.exe
5061 ESTABLISHED 3020 RtcHost.exe
TEXT
)
seen=$(
    run <<'PY'
import os
import pathlib

pathlib.Path("netstat.exe").write_text("""#!/bin/sh
case $* in *UDP*) exit ;; esac
cat <<'LINES'

Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1000
  RpcSs
 [svchost.exe]
  TCP    0.0.0.0:443            0.0.0.0:0              LISTENING       4
 Can not obtain ownership information
  TCP    192.0.2.7:5061         192.0.2.9:49152        ESTABLISHED     3020
 [RtcHost.exe]
  TCP    192.0.2.7:49200        192.0.2.5:389          TIME_WAIT       0
LINES
""")
os.chmod("netstat.exe", 0o755)
os.environ["PATH"] = f"{os.getcwd()}:{os.environ['PATH']}"

from netstat2df import get_netstat_ipv4_df

for row in get_netstat_ipv4_df().to_dict("records"):
    print(row["aa_local_port"], row["aa_status"], row["aa_pid"], row["aa_executeable"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
