#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1 (npm) refuses a whole exposition in which a blank follows the comma between labels.
#
# Expected: tokens of a line may be separated by any number of blanks and tabs (Prometheus documentation, "Exposition
# formats", "Text format details"). prometheus-client 0.26.0 reads such a line, and the package itself takes blanks
# around the name, the braces and the equals sign.
# Seen: InvalidLineError for one blank behind the comma, and no metric of the file is given.
# Who meets it: whoever reads the files of a textfile collector with it, which many scripts write by hand.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    parse-prometheus-text-format@1.1.1 >&2 || {
    echo "could not install parse-prometheus-text-format@1.1.1" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
up{job="a",instance="b"} 1 -> {"job":"a","instance":"b"}
up { job = "a",instance="b" } 1 -> {"job":"a","instance":"b"}
up{job="a", instance="b"} 1 -> InvalidLineError
TEXT
)
seen=$(
    run <<'JS'
import parse from "parse-prometheus-text-format";

for (const line of [
  'up{job="a",instance="b"} 1',
  'up { job = "a",instance="b" } 1',
  'up{job="a", instance="b"} 1',
]) {
  let seen;
  try {
    seen = JSON.stringify(parse(`# TYPE up gauge\n${line}\n`)[0].metrics[0].labels);
  } catch (error) {
    seen = error.constructor.name;
  }
  console.log(line, "->", seen);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
