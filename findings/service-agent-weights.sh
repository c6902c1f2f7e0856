#!/usr/bin/env bash
# service-agent 4.0.2 (npm) asks the server with the small weight nearly always, and of equal ones mostly the second.
#
# Expected: RFC 2782, Weight: among SRV records of one priority the chance of each to be the first is its weight to the
# sum of all. Its README: it selects "a weighted random service at the highest priority".
# Seen: the record behind the one that the random number falls on is taken. Of 90 and 10 the server of 10 is asked 98
# times in 100, and of 50 and 50 the second one as often. 10 and 90 come out right by accident. dns-srv 0.3.0 (npm) has
# the same lines.
# Who meets it: whoever asks a pool by its SRV records with it: the server that should be spared gets the load.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts service-agent@4.0.2 >&2 || {
    echo "could not install service-agent@4.0.2" >&2
    exit 2
}
run() { node --no-deprecation -; }

expected=$(
    cat <<'TEXT'
weights 90 and 10: 2 and 98 of 100
weights 50 and 50: 2 and 98 of 100
weights 10 and 90: 9 and 91 of 100
TEXT
)
seen=$(
    run <<'JS'
const dns = require("dns");
const http = require("http");
const ServiceAgent = require("service-agent");

// Every chance comes up equally often, so that each run gives the same counts.
let turn = 0;
Math.random = () => (turn++ % 100) / 100;

const asked = {};
const serve = (name) =>
  new Promise((ready) => {
    const server = http.createServer((request, response) => {
      asked[name] = (asked[name] || 0) + 1;
      response.end();
    });
    server.listen(0, "localhost", () => ready(server));
  });
const ask = () =>
  new Promise((done, failed) => {
    const agent = new ServiceAgent({ service: "_http._tcp." });
    http
      .get({ host: "contoso.com", agent }, (response) => response.resume().on("end", done))
      .on("error", failed);
  });

(async () => {
  const [first, second] = [await serve("first"), await serve("second")];
  for (const weights of [[90, 10], [50, 50], [10, 90]]) {
    dns.resolveSrv = (name, done) =>
      done(
        null,
        [first, second].map((server, at) => ({
          name: "localhost",
          port: server.address().port,
          priority: 0,
          weight: weights[at],
        })),
      );
    Object.assign(asked, { first: 0, second: 0 });
    for (let count = 0; count < 100; count++) await ask();
    console.log(`weights ${weights.join(" and ")}: ${asked.first} and ${asked.second} of 100`);
  }
  first.close();
  second.close();
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
