#!/usr/bin/env bash
# junit-to-ctrf 0.0.14 and junitxml-to-javascript 1.1.4 (npm) take 1,234.567 seconds of a test for one second.
#
# Expected: surefire-test-report.xsd of Maven, which the second names in its source, and the schema that Jenkins has for
# JUnit reports: a time is of the type SUREFIRE_TIME, whose pattern lets commas stand between groups of three digits.
# That is what Surefire writes of a test of more than 1000 seconds: time="1,234.567".
# Seen: both take parseFloat() of the text, which ends at the comma: one second. The same test is a thousand times
# quicker than before as soon as it takes more than a quarter of an hour. So is the sum of a suite.
# Who meets it: whoever watches with them how long the tests of a phone's update take.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    junit-to-ctrf@0.0.14 junitxml-to-javascript@1.1.4 >&2 || {
    echo "could not install junit-to-ctrf@0.0.14 junitxml-to-javascript@1.1.4" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
time="999.999": 1000.0 s, 1000.0 s, the suite 1000.0 s
time="1234.567": 1234.6 s, 1234.6 s, the suite 1234.6 s
time="1,234.567": 1.0 s, 1.0 s, the suite 1.0 s
TEXT
)
seen=$(
    run <<'JS'
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/main.js"));
const Parser = require("junitxml-to-javascript");
const { convertJUnitToCTRFReport } = await import(pathToFileURL("node_modules/junit-to-ctrf/dist/index.js"));

for (const time of ["999.999", "1234.567", "1,234.567"]) {
  const test = `<testcase classname="phone" name="update" time="${time}"/>`;
  const xml = `<testsuites><testsuite name="phone" tests="1" time="${time}">${test}</testsuite></testsuites>`;
  fs.writeFileSync("report.xml", xml);
  const first = (await convertJUnitToCTRFReport("report.xml")).results.tests[0].duration / 1000;
  const second = await new Parser({ sumTestCasesDuration: false }).parseXMLString(xml);
  const [suite] = second.testsuites;
  const all = [first, suite.testCases[0].duration, suite.durationSec].map((seconds) => `${seconds.toFixed(1)} s`);
  console.log(`time="${time}": ${all[0]}, ${all[1]}, the suite ${all[2]}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
