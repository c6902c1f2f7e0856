#!/usr/bin/env bash
# juwunit 0.1.4 reads no report with the times that JUnit's format has, and drops suites within suites.
#
# Expected: it loads JUnit's XML, by its README. The format of Ant, in which JUnit's reports began, has times without a
# zone, "2026-11-30T08:00:00" (its JUnit.xsd, ISO8601_DATETIME_PATTERN), and so writes unittest-xml-reporting.
# "testsuites" need not have a name, a report may be one "testsuite" alone, and a suite may hold suites (junit-10.xsd
# of Jenkins' xUnit plugin).
# Seen: a time without a zone is an error, and so are "testsuites" without a name, as unittest-xml-reporting and
# junitparser write them, and a suite alone. A failure in a suite within a suite is nowhere: no test, no failure, no
# error. pytest's reports are read.
# Who meets it: whoever reads with it reports of another program than those that it was tried with.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    juwunit==0.1.4 unittest-xml-reporting==4.0.0 lxml==6.1.3 junitparser==5.0.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
unittest-xml-reporting: at testsuites/@name: missing required attribute: name
the same with a name: at testsuites/testsuite[0]/@timestamp: invalid timestamp: its time
junitparser: at testsuites/@name: missing required attribute: name
one suite alone: invalid structure: missing <testsuites> element
in testsuites: 1 tests, 1 failures
in another suite: 0 tests, 0 failures
TEXT
)
seen=$(
    run <<'PY'
import io
import re
import unittest

import junitparser
import juwunit
import xmlrunner


class Phones(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1, 2)


def show(name, text):
    try:
        report = juwunit.Report.from_xml(text)
        print(f"{name}: {report.tests} tests, {report.failures} failures")
    except Exception as error:
        print(f"{name}: {re.sub('[0-9]{4}-.*', 'its time', str(error))}")


suite = unittest.defaultTestLoader.loadTestsFromTestCase(Phones)
output = io.BytesIO()
xmlrunner.XMLTestRunner(output=output, stream=io.StringIO()).run(suite)
written = output.getvalue().decode()
show("unittest-xml-reporting", written)
show("the same with a name", written.replace("<testsuites>", '<testsuites name="phones">'))
report = junitparser.JUnitXml()
report.add_testsuite(junitparser.TestSuite("phones"))
show("junitparser", report.tostring().decode())
FAILED = '<testsuite name="inner"><testcase name="one"><failure/></testcase></testsuite>'
show("one suite alone", FAILED)
show("in testsuites", f'<testsuites name="phones">{FAILED}</testsuites>')
show("in another suite", f'<testsuites name="phones"><testsuite name="outer">{FAILED}</testsuite></testsuites>')
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
