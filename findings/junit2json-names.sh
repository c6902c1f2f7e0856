#!/usr/bin/env bash
# junit2json 4.0.0 (npm) makes numbers of the names in a JUnit report, so two cases get one name.
#
# Expected: name, classname, message and type are text (the JUnit schema's xs:string; junitparser 5.0.3 and Jenkins'
# reader keep them). A suite "00012345" and cases "1.10" and "1.1" are three names.
# Seen: the suite is 12345, both cases are 1.1, the message "1e3" is 1 and the type "0x10" is 0.
# Who meets it: whoever shows reports whose cases are named by serial numbers, versions or extensions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    junit2json@4.0.0 >&2 || {
    echo "could not install junit2json@4.0.0" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
suite 12345
case 1.1
case 1.1 failed with 1 of type 0
case 1.1.0
TEXT
)
seen=$(
    run <<'JS'
import { parse } from "junit2json";

const report = await parse(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="00012345" tests="3" failures="1">
    <testcase name="1.10" classname="firmware"/>
    <testcase name="1.1" classname="firmware"><failure message="1e3" type="0x10"/></testcase>
    <testcase name="1.1.0" classname="firmware"/>
  </testsuite>
</testsuites>`);
for (const suite of report.testsuite) {
  console.log("suite", suite.name);
  for (const test of suite.testcase) {
    const failure = (test.failure || [])[0];
    console.log("case", test.name, ...(failure ? ["failed with", failure.message, "of type", failure.type] : []));
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
