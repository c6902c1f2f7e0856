#!/usr/bin/env bash
# eduroam-log-parser 0.2.0 skips each sign-in that failed by TLS, as FreeRADIUS 3.2.1 writes it.
#
# Expected: "FreeRADIUS Auth: lines", with a classifier of failures for TLS and certificates; its example is "Login
# incorrect (TLS Alert read:fatal:certificate unknown)". FreeRADIUS 3.2.1 (Debian 12) writes the module in front of
# the reason, and "(TLS)": (eap_tls: (TLS) Alert read:fatal:unknown CA). Its times are the server's local time.
# Seen: the reason ends at the first closing parenthesis, and then no line is recognized: None, the same as for a line
# of another kind, and in the statistics "skipped". Of the older form all is read, but local time becomes UTC.
# Who meets it: whoever asks of the logs why telephones do not get into the network by 802.1X.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    eduroam-log-parser==0.2.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Login OK
    ['OK', '', '2026-11-30T08:00:00+00:00']
Login incorrect (TLS Alert read:fatal:unknown CA)
    ['FAIL', 'tls_handshake_failure', '2026-11-30T08:00:00+00:00']
Login incorrect (eap_tls: TLS Alert read:fatal:unknown CA)
    ['FAIL', 'tls_handshake_failure', '2026-11-30T08:00:00+00:00']
Login incorrect (eap_tls: (TLS) Alert read:fatal:unknown CA)
    None
Login incorrect (eap_peap: (TLS) PEAP - Alert read:fatal:certificate expired)
    None
{"total_lines": 5, "skipped": 2, "by_result": {"OK": 1, "FAIL": 2}}
TEXT
)
seen=$(
    run <<'PY'
import json
import os
import pathlib
import time

from eduroam_log_parser import parse_radius_auth, process_directory

os.environ["TZ"] = "Europe/Berlin"
time.tzset()
BEGINNING = "Mon Nov 30 08:00:00 2026 : Auth: (42) "
END = ": [phone7@contoso.com] (from client switch1 port 7 cli 00-04-F2-00-00-07)"
LINES = [
    BEGINNING + what + END
    for what in (
        "Login OK",
        "Login incorrect (TLS Alert read:fatal:unknown CA)",
        "Login incorrect (eap_tls: TLS Alert read:fatal:unknown CA)",
        "Login incorrect (eap_tls: (TLS) Alert read:fatal:unknown CA)",
        "Login incorrect (eap_peap: (TLS) PEAP - Alert read:fatal:certificate expired)",
    )
]
for line in LINES:
    record = parse_radius_auth(line, "salt")
    print(line[len(BEGINNING):-len(END)])
    print("   ", record and [record[name] for name in ("result", "failure_category", "timestamp")])
folder = pathlib.Path("logs")
folder.mkdir()
(folder / "radius.log").write_text("\n".join(LINES) + "\n")
statistics = process_directory(folder, pathlib.Path("out"), salt="salt", sources=["radius"])
print(json.dumps({name: statistics[name] for name in ("total_lines", "skipped", "by_result")}))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
