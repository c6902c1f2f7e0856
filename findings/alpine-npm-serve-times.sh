#!/usr/bin/env bash
# alpine 0.2.1 (npm) has one name for Apache's microseconds and seconds, and keeps the one that stands last.
#
# Expected: mod_log_config: %D is the time taken in microseconds, %T the same in seconds; the two are fields of their
# own. Its README: a LogFormat of one's own is taken as it stands in Apache's configuration.
# Seen: both are "serveTime", without a unit. In a format with both the second replaces the first, and which one it was
# depends on the order. No error is raised.
# Who meets it: whoever looks for slow answers in logs that have both, as many examples of LogFormat do.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    alpine@0.2.1 byline@4.2.2 through2@0.6.5 underscore.string@2.4.0 readable-stream@1.0.34 xtend@4.0.2 \
    core-util-is@1.0.3 inherits@2.0.4 isarray@0.0.1 string_decoder@0.10.31 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
%h %>s %D: {"remoteHost":"192.0.2.9","status":"200","serveTime":"2034871"}
%h %>s %T: {"remoteHost":"192.0.2.9","status":"200","serveTime":"2"}
%h %>s %D %T: {"remoteHost":"192.0.2.9","status":"200","serveTime":"2"}
%h %>s %T %D: {"remoteHost":"192.0.2.9","status":"200","serveTime":"2034871"}
TEXT
)
seen=$(
    run <<'JS'
const Alpine = require("alpine");

for (const [format, line] of [
  ["%h %>s %D", "192.0.2.9 200 2034871"],
  ["%h %>s %T", "192.0.2.9 200 2"],
  ["%h %>s %D %T", "192.0.2.9 200 2034871 2"],
  ["%h %>s %T %D", "192.0.2.9 200 2 2034871"],
]) {
  const { originalLine, ...fields } = new Alpine(format).parseLine(line);
  console.log(`${format}: ${JSON.stringify(fields)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
