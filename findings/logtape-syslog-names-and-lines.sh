#!/usr/bin/env bash
# @logtape/syslog 1.3.10 (npm) writes structured data that no syslog server can read, and two messages of two lines.
#
# Expected: its README: "RFC 5424 compliant". RFC 5424, section 6.3.3: the name of a parameter has no blank, "=", "]" or
# quotation mark in it, and at most 32 characters. RFC 6587, section 3.4.1: by TCP the length before a message says
# where it ends; where a line's end does (3.4.2), a message can have none in it.
# Seen: names of properties are written as they are, so that one with a blank or a bracket ends the structured data or
# makes it invalid. A message of two lines is sent with its line's end in it and another behind it: the server gets a
# second message without a header, so without time, host and severity.
# Who meets it: whoever logs with it what devices answer, as the fields of a form or a failure of several lines.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @logtape/syslog@1.3.10 @logtape/logtape@1.3.10 >&2 || {
    echo "could not install @logtape/syslog@1.3.10 @logtape/logtape@1.3.10" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
<134>1 TIME phone check 7 - [logtape@32473 serial="a\]b"] one line
<134>1 TIME phone check 7 - [logtape@32473 serial number="7"] a blank
<134>1 TIME phone check 7 - [logtape@32473 slot[1]="7"] a bracket
<134>1 TIME phone check 7 - - two
lines
TEXT
)
seen=$(
    run <<'JS'
import net from "node:net";
import { configure, dispose, getLogger } from "@logtape/logtape";
import { getSyslogSink } from "@logtape/syslog";

const server = net.createServer((connection) => {
  let text = "";
  connection.on("data", (data) => (text += data));
  connection.on("end", () => {
    process.stdout.write(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"));
    server.close();
  });
});
server.listen(0, "127.0.0.1", async () => {
  const sink = getSyslogSink({
    hostname: "127.0.0.1",
    port: server.address().port,
    protocol: "tcp",
    syslogHostname: "phone",
    appName: "check",
    processId: "7",
    includeStructuredData: true,
  });
  await configure({
    sinks: { sink },
    loggers: [
      { category: "check", sinks: ["sink"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
  });
  const logger = getLogger("check");
  logger.info("one line", { serial: "a]b" });
  logger.info("a blank", { "serial number": 7 });
  logger.info("a bracket", { "slot[1]": 7 });
  logger.info("two\nlines");
  await dispose();
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
