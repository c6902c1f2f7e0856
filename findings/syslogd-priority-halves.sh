#!/usr/bin/env bash
# syslogd 1.1.2 (npm) exchanges the facility and the severity of a syslog message.
#
# Expected: the number in front is 8 times the facility plus the severity (RFC 3164, section 4.1.1; RFC 5424, section
# 6.2.1): <165> is facility 20 (local4), severity 5 (notice).
# Seen: facility 5, severity 20, a severity that does not exist. A message of the kernel (facility 0) has no severity
# at all. No error is raised.
# Who meets it: whoever collects the messages of phones and switches with this server and filters by severity.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    syslogd@1.1.2 >&2 || {
    echo "could not install syslogd@1.1.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
<165> facility 5 severity 20, is to be 20 5
<34> facility 2 severity 4, is to be 4 2
<4> facility 4 severity NaN, is to be 0 4
TEXT
)
seen=$(
    run <<'JS'
const { parser } = require("syslogd");

for (const priority of [165, 34, 4]) {
  const { facility, severity } = parser(`<${priority}>Nov 28 10:58:44 sbs01 app: text`, {});
  console.log(`<${priority}> facility ${facility} severity ${severity}, is to be ${priority >> 3} ${priority & 7}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
