#!/usr/bin/env bash
# logfmt 1.4.0 (npm) removes backslashes from values, and makes the letter n of a line break.
#
# Expected: the description of the format by its author (package kr/logfmt of Go): without quotes a value is all up to a
# blank, "=" or quotation mark, a backslash included; in quotes it is a string of Go, in which \n is a line break.
# Seen: without quotes each backslash is removed, so the folder of a file of Windows is gone. In quotes, \n is the
# letter n, \t the letter t. What its own stringify writes is in quotes, with escapes, and is read well.
# Who meets it: whoever reads with it what services in Go write of paths or of errors of several lines.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    logfmt@1.4.0 split@0.2.10 through@2.3.8 >&2 || {
    echo "could not install logfmt@1.4.0 split@0.2.10 through@2.3.8" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
at=info status=404: {"at":"info","status":"404"}
file=C:\new\logs\CX700.cab: {"file":"C:newlogsCX700.cab"}
text="one\ntwo\tthree": {"text":"onentwotthree"}
file="C:\\new\\logs": {"file":"C:\\new\\logs"}
TEXT
)
seen=$(
    run <<'JS'
const logfmt = require("logfmt");

for (const line of [
  "at=info status=404",
  String.raw`file=C:\new\logs\CX700.cab`,
  String.raw`text="one\ntwo\tthree"`,
  logfmt.stringify({ file: String.raw`C:\new\logs` }),
])
  console.log(`${line}: ${JSON.stringify(logfmt.parse(line))}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
