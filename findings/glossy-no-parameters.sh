#!/usr/bin/env bash
# glossy 0.1.7 (npm) gives no severity of the most severe message, and mixes up an element without parameters.
#
# Expected: RFC 5424, section 6.2.1: the priority 0 is an emergency of the kernel. Section 6.3.1: an element of
# structured data is a name and any number of parameters, also none; elements follow each other without a blank.
# Seen: with priority 0, neither facility nor severity is given. A name without parameters is taken on to the next
# blank, so it and the element behind it become one, whose name has brackets in it.
# Who meets it: whoever collects with it the logs of servers and phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    glossy@0.1.7 >&2 || {
    echo "could not install glossy@0.1.7" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
<8> [update@32473 phone="71"]
   user emerg {"update@32473":{"phone":"71"}}
<1> [update@32473 phone="71"]
   kern alert {"update@32473":{"phone":"71"}}
<0> [update@32473 phone="71"]
   undefined undefined {"update@32473":{"phone":"71"}}
<8> [origin@32473 ip="10.0.0.5"][update@32473 phone="71"]
   user emerg {"origin@32473":{"ip":"10.0.0.5"},"update@32473":{"phone":"71"}}
<8> [origin@32473][update@32473 phone="71"]
   user emerg {"origin@32473][update@32473":{"phone":"71"}}
TEXT
)
seen=$(
    run <<'JS'
const { Parse } = require("glossy");

const element = '[update@32473 phone="71"]';
for (const [priority, data] of [
  [8, element],
  [1, element],
  [0, element],
  [8, `[origin@32473 ip="10.0.0.5"]${element}`],
  [8, `[origin@32473]${element}`],
]) {
  const seen = Parse.parse(`<${priority}>1 2026-11-28T10:00:00Z pool.contoso.com app 1 ID ${data} hello`);
  console.log(`<${priority}> ${data}\n   ${seen.facility} ${seen.severity} ${JSON.stringify(seen.structuredData)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
