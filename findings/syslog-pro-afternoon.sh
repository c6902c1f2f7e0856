#!/usr/bin/env bash
# syslog-pro 1.0.0 (npm) dates messages of the afternoon to the morning, and those after midnight to noon.
#
# Expected: RFC 5424, section 6: TIME-HOUR is 00 to 23, BOM stands for the octets EF BB BF, and the value of an
# SD-PARAM is in quotation marks. RFC 3164, section 4.1.2: the hour is one of 24.
# Seen: the hours are counted from 01 to 12, in both formats and without a.m. or p.m.: 17:05 is 05:05, and 00:05 is
# 12:05. The mark is written as the letters BOM, and the values of timeQuality are without quotation marks. No error
# is raised.
# Who meets it: whoever reports with it when phones lost their update server, and lays the log beside a capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    syslog-pro@1.0.0 moment@2.29.4 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
2026-11-29T00:05:00.000Z
  <134>Nov 29 12:05:00 pool lync registered
  <134>1 2026-11-29T12:05:00+00:00 pool lync - - - BOMregistered
2026-11-29T09:05:00.000Z
  <134>Nov 29 09:05:00 pool lync registered
  <134>1 2026-11-29T09:05:00+00:00 pool lync - - - BOMregistered
2026-11-29T12:05:00.000Z
  <134>Nov 29 12:05:00 pool lync registered
  <134>1 2026-11-29T12:05:00+00:00 pool lync - - - BOMregistered
2026-11-29T17:05:00.000Z
  <134>Nov 29 05:05:00 pool lync registered
  <134>1 2026-11-29T05:05:00+00:00 pool lync - - - BOMregistered
with a mark and structured data:
  <134>1 2026-11-29T05:05:00+00:00 pool lync - - [timeQuality tzKnown=1] BOMregistered
TEXT
)
seen=$(
    run <<'JS'
process.env.TZ = "UTC";
const { RFC3164, RFC5424 } = require("syslog-pro");

const show = (text) => console.log("  " + text.trimEnd());
async function main() {
  for (const hour of [0, 9, 12, 17]) {
    Date.now = () => Date.UTC(2026, 10, 29, hour, 5);
    console.log(new Date(Date.now()).toISOString());
    show(await new RFC3164({ hostname: "pool", applacationName: "lync", facility: 16 }).buildMessage("registered"));
    show(await new RFC5424({ hostname: "pool", applacationName: "lync" }).buildMessage("registered", { facility: 16 }));
  }
  const full = new RFC5424({ hostname: "pool", applacationName: "lync", utf8BOM: true, encludeStructuredData: true });
  console.log("with a mark and structured data:");
  show(await full.buildMessage("registered", { facility: 16 }));
}
main();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
