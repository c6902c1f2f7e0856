#!/usr/bin/env bash
# prom2javascript 0.2.0 (npm) makes a line's end of a backslash and an n, and refuses all metrics where one is NaN.
#
# Expected: in Prometheus' text format, a label's value has \\ for a backslash, \" for a quotation mark and \n for a
# line end; so "C:\\new" is C:\new, and "C:\\" ends with a backslash. A value is what Go reads as a number, NaN and -Inf
# among them; a summary without observations has NaN. A name may have colons, as those of recording rules have.
# Seen: \\ is replaced before \n, so C:\new becomes two lines, without an error. A label that ends with a backslash,
# NaN, -Inf and a colon are errors, and no metric of the text is given.
# Who meets it: whoever reads with it what a Windows host says of its folders, or of a check that never ran.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    prom2javascript@0.2.0 >&2 || {
    echo "could not install prom2javascript@0.2.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
folder_size{path="C:\\data"} 1 -> [{"labels":{"path":"C:\\data"},"value":1}]
folder_size{path="C:\\new"} 1 -> [{"labels":{"path":"C:\new"},"value":1}]
folder_size{path="C:\\"} 1 -> Cannot parse Prometheus label {path="C:\\"}
check_seconds{quantile="0.5"} NaN -> Unable to parse metric [check_seconds{quantile="0.5"} NaN]
clock_offset -Inf -> Unable to parse metric [clock_offset -Inf]
site:update_ok:sum 2 -> Unable to parse metric [site:update_ok:sum 2]
TEXT
)
seen=$(
    run <<'JS'
const { getMetricsFromIterator } = require("prom2javascript");

const LINES = [
  'folder_size{path="C:\\\\data"} 1', 'folder_size{path="C:\\\\new"} 1', 'folder_size{path="C:\\\\"} 1',
  'check_seconds{quantile="0.5"} NaN', "clock_offset -Inf", "site:update_ok:sum 2",
];
(async () => {
  for (const line of LINES) {
    let found;
    try {
      const metrics = await getMetricsFromIterator(["update_ok 1", line][Symbol.iterator]());
      found = JSON.stringify(metrics[line.match(/^[\w:]+/)[0]].data);
    } catch (error) {
      found = error.message;
    }
    console.log(line, "->", found);
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
