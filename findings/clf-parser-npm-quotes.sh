#!/usr/bin/env bash
# clf-parser 0.0.2 (npm) leaves quotes around a referer, and ends an agent at a quotation mark in it.
#
# Expected: Apache's documentation of mod_log_config: the combined format is "%{Referer}i" and "%{User-agent}i" in
# quotes; a quotation mark in a value is written with a backslash before it, a value that is missing is "-".
# Seen: the referer is given with its quotes, so a missing one is "-" in quotes, not null, as the user is. An agent is
# cut at its first quotation mark, with the backslash left.
# Who meets it: whoever counts phones by agent, or the pages that sent them, in the log of a proxy before IIS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts clf-parser@0.0.2 >&2 || {
    echo "could not install clf-parser@0.0.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
"http://lync.contoso.com/" "UCPhone"
    user null, referer "http://lync.contoso.com/", agent UCPhone
"-" "UCPhone"
    user null, referer "-", agent UCPhone
"-" "UCPhone (\"CX700\"; 1.0)"
    user null, referer "-", agent UCPhone (\
TEXT
)
seen=$(
    run <<'JS'
const clf = require("clf-parser");

const head = '192.0.2.51 - - [30/Nov/2026:10:00:00 +0100] "GET /UCUpdates.cab HTTP/1.1" 200 512';
for (const tail of [
  '"http://lync.contoso.com/" "UCPhone"',
  '"-" "UCPhone"',
  '"-" "UCPhone (\\"CX700\\"; 1.0)"',
]) {
  const { remote_user: user, http_referer: referer, http_user_agent: agent } = clf(`${head} ${tail}`);
  console.log(`${tail}\n    user ${user}, referer ${referer}, agent ${agent}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
