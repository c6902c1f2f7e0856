#!/usr/bin/env bash
# xunitparser 1.3.4 finds no test in a JUnit file whose suites are nested, and says nothing.
#
# Expected: a testsuite may hold testsuites (junit-10.xsd of Jenkins' xUnit plugin), as PHPUnit writes them, and
# junitparser 5.0.3 finds the test case in them. The one test here has failed.
# Seen: no test case is returned, so a report with a failure looks like one without any.
# Who meets it: whoever watches checks of many phones or sites, one suite each, by their JUnit reports.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    xunitparser==1.3.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[('dns', 'failure')]
[]
TEXT
)
seen=$(
    run <<'PY'
import io

import xunitparser

CASE = '<testcase classname="path" name="dns"><failure message="no record"/></testcase>'
for text in (
    f'<testsuites><testsuite name="site">{CASE}</testsuite></testsuites>',
    f'<testsuites><testsuite name="site"><testsuite name="phone">{CASE}</testsuite></testsuite></testsuites>',
):
    suite, _ = xunitparser.parse(io.StringIO(text))
    print([(case.methodname, case.result) for case in suite])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
