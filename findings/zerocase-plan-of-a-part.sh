#!/usr/bin/env bash
# zerocase 0.1.7 takes the plan of a subtest for that of all tests, and counts lines of what a test says of itself.
#
# Expected: TAP 14, "Subtests": lines that are indented are a test of their own, with a plan of its own; node's test
# runner writes so, the plan behind the tests. "YAML Diagnostics": lines between "---" and "..." are no tests. A TODO
# test did run ("Directives").
# Seen: the first plan is taken, which is a part's: of three tests with their parts, "1 of 1" ran. A line "ok: true" of
# a diagnosis counts as a test, also of one that was skipped. Tests with TODO did not run.
# Who meets it: whoever has it watch that a run has as many tests as it should: it refuses whole runs of node's, and
# takes empty ones for whole.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    zerocase==0.1.7 didrun==0.1.6 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
three tests: 3 of 3 ran
three tests, one of parts: 1 of 1 ran
one test, with a diagnosis: 1 of 1 ran
a test that is skipped, with one: 1 of 1 ran
two tests, one to do: 1 of 2 ran
TEXT
)
seen=$(
    run <<'PY'
from zerocase.parse import tap

RUNS = {
    "three tests": ["TAP version 14", "ok 1 - dns", "ok 2 - connect", "ok 3 - download", "1..3"],
    "three tests, one of parts": [
        "TAP version 14",
        "# Subtest: dns",
        "    ok 1 - finds the address",
        "    1..1",
        "ok 1 - dns",
        "ok 2 - connect",
        "ok 3 - download",
        "1..3",
    ],
    "one test, with a diagnosis": ["TAP version 14", "1..1", "ok 1 - dns", "  ---", "  ok: true", "  ..."],
    "a test that is skipped, with one": ["TAP version 14", "1..1", "ok 1 - dns # SKIP", "  ---", "  ok: true", "  ..."],
    "two tests, one to do": ["TAP version 14", "1..2", "ok 1 - dns", "not ok 2 - connect # TODO later"],
}
for name, lines in RUNS.items():
    seen = tap("\n".join([*lines, ""]))
    print(f"{name}: {seen.executed} of {seen.total} ran")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
