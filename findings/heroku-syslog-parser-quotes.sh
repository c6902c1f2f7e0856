#!/usr/bin/env bash
# heroku-syslog-parser 0.0.4 drops all that follows a quoted value with a blank, and reads no time in UTC.
#
# Expected: a comment of its source: key=value, key="value" and key='value' are read into a dictionary. Lines of
# Heroku's router have quoted values with blanks, as desc="Request timeout" of the error H12. RFC 5424, section 6.2.3:
# the offset of a time may be Z.
# Seen: the quotation mark at the end stays in each quoted value. A value ends at its first blank, and the reading with
# it: of a request that timed out there is no method, path, or status, and no error. So it is behind an empty value. A
# message whose time ends in Z is refused.
# Who meets it: who counts failed requests of phones or browsers by such lines: those that failed have no path.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    heroku-syslog-parser==0.0.4 pyparsing==2.4.7 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2026-11-30T12:00:00+00:00: read, text
2026-11-30T12:00:00.5+00:00: read, text
2026-11-30T12:00:00Z: not read
at=info method=GET path="/logs" status=200
   at is info, method is GET, path is /logs", status is 200
at=error code=H12 desc="Request timeout" method=GET path="/" status=503
   at is error, code is H12, desc is Request
method=GET fwd="192.0.2.7, 198.51.100.1" status=200
   method is GET, fwd is 192.0.2.7,
method=GET query='' status=200
   method is GET
TEXT
)
seen=$(
    run <<'PY'
from heroku_syslog_parser import HerokuLogParser, ParseError

for time in ("2026-11-30T12:00:00+00:00", "2026-11-30T12:00:00.5+00:00", "2026-11-30T12:00:00Z"):
    try:
        read = HerokuLogParser.parse(f"<158>1 {time} host heroku router - text")
        print(f"{time}: read, {read['msg']}")
    except ParseError:
        print(f"{time}: not read")
for text in (
    'at=info method=GET path="/logs" status=200',
    'at=error code=H12 desc="Request timeout" method=GET path="/" status=503',
    'method=GET fwd="192.0.2.7, 198.51.100.1" status=200',
    "method=GET query='' status=200",
):
    print(text)
    print("   " + ", ".join(f"{key} is {value}" for key, value in HerokuLogParser.parse_dict(text).items()))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
