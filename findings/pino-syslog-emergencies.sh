#!/usr/bin/env bash
# pino-syslog 4.0.0 and syslog-client 1.1.1 (npm) send an emergency as an error or an information.
#
# Expected: RFC 5424, section 6.2.1: the number in front is 8 times the facility plus the severity, of which 0 is the
# highest: an emergency; facility 0 are messages of the kernel. Both libraries have names for both numbers.
# Seen: where 0 was set, it counts as nothing that was set. A level of pino that is to be an emergency is sent as an
# error (3), one that is to be an alert (1) as such. A client whose severity is Emergency sends informations (6), and
# one whose facility is Kernel sends as local0 (16); with a single message both are right. No error is raised.
# Who meets it: whoever is to be woken when the update server of all phones is down.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    pino-syslog@4.0.0 syslog-client@1.1.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
pino-syslog, emergency: facility 16, severity 3
pino-syslog, alert: facility 16, severity 1
syslog-client, {"severity":0}: facility 16, severity 6
syslog-client, {"severity":1}: facility 16, severity 1
syslog-client, {"facility":0}: facility 16, severity 6
syslog-client, a single message: facility 0, severity 0
TEXT
)
seen=$(
    run <<'JS'
process.removeAllListeners("warning"); // of Buffer(), which syslog-client calls
process.on("warning", () => {});
const { buildOptions } = require("pino-syslog/lib/utils");
const { messageBuilderFactory } = require("pino-syslog/lib/rfc5424");
const { createClient, Facility, Severity } = require("syslog-client");

const show = (pri) => `facility ${pri >> 3}, severity ${pri & 7}`;
const priority = (message) => show(Number(/^<(\d+)>/.exec(message)[1]));

const customLevels = {
  down: { level: 80, syslogSeverity: "emergency" },
  alert: { level: 70, syslogSeverity: "alert" },
};
const build = messageBuilderFactory(buildOptions({ customLevels, facility: 16 }));
for (const [name, { level }] of Object.entries(customLevels)) {
  const message = build({ level, time: Date.UTC(2026, 10, 29), hostname: "pool", pid: 1, msg: "no update" });
  console.log(`pino-syslog, ${customLevels[name].syslogSeverity}: ${priority(message)}`);
}

for (const set of [{ severity: Severity.Emergency }, { severity: Severity.Alert }, { facility: Facility.Kernel }]) {
  const client = createClient("127.0.0.1", set);
  const { facility, severity } = client;
  const message = client.buildFormattedMessage("no update", { facility, severity, syslogHostname: "pool" });
  console.log(`syslog-client, ${JSON.stringify(set)}: ${priority(message)}`);
}
const client = createClient("127.0.0.1", {});
const one = { facility: Facility.Kernel, severity: Severity.Emergency, syslogHostname: "pool" };
console.log(`syslog-client, a single message: ${priority(client.buildFormattedMessage("down", one))}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
