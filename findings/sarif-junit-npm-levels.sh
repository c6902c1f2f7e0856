#!/usr/bin/env bash
# sarif-junit 1.1.4 (npm) makes a passed test of each finding that does not repeat its rule's level.
#
# Expected: SARIF 2.1.0, section 3.27.10: a result without a level has that of its rule (section 3.50.3), and without
# one there, "warning". Section 3.27.12: a result may have no location. Section 3.11: its message may be that of its
# rule, by its name. It makes failures of errors and warnings.
# Seen: without a level of its own, an error is a test that passed, as CodeQL writes all of its results. A result
# without a location ends it with a TypeError, and one whose message is its rule's is refused, with all others.
# Who meets it: whoever lets a pipeline fail by the JUnit report of what a scanner found.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    sarif-junit@1.1.4 >&2 || {
    echo "could not install sarif-junit@1.1.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
own level: failed
level of the rule: passed
no level: passed
no location: TypeError
message of the rule: message.text in Sarif is undefined
TEXT
)
seen=$(
    run <<'JS'
const parser = require("./node_modules/sarif-junit/lib/parser.js");

const location = { physicalLocation: { artifactLocation: { uri: "check.py" }, region: { startLine: 7 } } };
const rules = [{ id: "R1", defaultConfiguration: { level: "error" }, messageStrings: { one: { text: "bad" } } }];
const RESULTS = {
  "own level": { ruleId: "R1", level: "error", message: { text: "bad" }, locations: [location] },
  "level of the rule": { ruleId: "R1", ruleIndex: 0, message: { text: "bad" }, locations: [location] },
  "no level": { ruleId: "R2", message: { text: "bad" }, locations: [location] },
  "no location": { ruleId: "R1", level: "error", message: { text: "bad" } },
  "message of the rule": { ruleId: "R1", ruleIndex: 0, level: "error", message: { id: "one" }, locations: [location] },
};
for (const [name, result] of Object.entries(RESULTS)) {
  const sarif = { version: "2.1.0", runs: [{ tool: { driver: { name: "scanner", rules } }, results: [result] }] };
  let seen;
  try {
    const { builder, error } = parser(JSON.stringify(sarif), "one");
    const last = error || builder.build().split("<testcase").pop();
    seen = error ? error.split(" for object")[0] : last.includes("<failure") ? "failed" : "passed";
  } catch (error) {
    seen = error.constructor.name;
  }
  console.log(`${name}: ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
