#!/usr/bin/env bash
# sarif-tools 3.0.5 takes an error for a note or a warning, where the rule is that of an extension of the tool.
#
# Expected: SARIF 2.1.0, sections 3.27.7 and 3.52.7: "rule" of a result has the index of the rule, and "toolComponent"
# says in which part of the tool: without one, the driver, else an extension. CodeQL puts its rules into extensions
# with --sarif-group-rules-by-pack.
# Section 3.27.10: a result without a level has that of its rule. Section 3.27.5: ruleId may be left out.
# Seen: the index is looked up in the driver, whatever toolComponent says. If the driver has as many rules, the level is
# that of another rule; if not, it is "warning". A result without ruleId ends all with a KeyError. Results that are
# suppressed, or that are gone since the baseline ("absent"), count as any other.
# Who meets it: whoever lets it end a build at errors, and looks for them with a tool that has extensions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sarif-tools==3.0.5 jsonpath-ng==1.16.0 ply==3.11 PyYAML==6.0.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
style/name, of the driver: a note: note
sql/injection, of the extension: an error: note
path/outside, of the extension: an error: warning
style/name, suppressed: error
style/name, gone: error
without ruleId: KeyError('ruleId')
TEXT
)
seen=$(
    run <<'PY'
import json

from sarif import loader


def rule(name, level):
    return {"id": name, "defaultConfiguration": {"level": level}}


def result(name, text, **more):
    return {"ruleId": name, "message": {"text": text}, **more}


TOOL = {
    "driver": {"name": "scanner", "rules": [rule("style/name", "note")]},
    "extensions": [{"name": "queries", "rules": [rule("sql/injection", "error"), rule("path/outside", "error")]}],
}
RESULTS = [
    result("style/name", "of the driver: a note", rule={"index": 0}),
    result("sql/injection", "of the extension: an error", rule={"index": 0, "toolComponent": {"index": 0}}),
    result("path/outside", "of the extension: an error", rule={"index": 1, "toolComponent": {"index": 0}}),
    result("style/name", "suppressed", level="error", suppressions=[{"kind": "inSource"}]),
    result("style/name", "gone", level="error", baselineState="absent"),
]


def read(results):
    with open("seen.sarif", "w") as file:
        json.dump({"version": "2.1.0", "runs": [{"tool": TOOL, "results": results}]}, file)
    return loader.load_sarif_file("seen.sarif").get_records()


for record in read(RESULTS):
    print(f"{record['Code']}, {record['Description']}: {record['Severity']}")
try:
    print(read([{"message": {"text": "no rule"}}]))
except Exception as error:
    print("without ruleId:", repr(error))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
