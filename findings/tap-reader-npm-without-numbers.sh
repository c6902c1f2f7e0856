#!/usr/bin/env bash
# tap-reader 0.2.1 (npm) says that all is well where a test failed, if the tests have no numbers.
#
# Expected: TAP 14, "Test Points": the number may be left out, then the tests count by themselves. "Directives": SKIP
# and TODO are in any case, as Perl and bats write "# skip"; a failed TODO is no failure.
# Seen: all tests without numbers are one test, the last: of three, of which the second failed, one is left, which
# passed. "# skip" is part of the name; "# todo" as well, so such a test fails.
# Who meets it: whoever lets a pipeline go by it: shell scripts write tests without numbers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    tap-reader@0.2.1 >&2 || {
    echo "could not install tap-reader@0.2.1" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
with numbers: not ok
   total 3, pass 2, fail 1, skip 0, todo 0
without: ok
   total 1, pass 1, fail 0, skip 0, todo 0
SKIP and TODO: ok
   total 2, pass 2, fail 0, skip 1, todo 1
skip and todo: not ok
   total 2, pass 1, fail 1, skip 0, todo 0
TEXT
)
seen=$(
    run <<'JS'
import { Readable } from "node:stream";
import TapReader from "tap-reader";

const read = (title, ...lines) =>
  new Promise((resolve) => {
    const reader = TapReader({ input: Readable.from([lines.join("\n") + "\n"]) });
    reader.on("done", ({ summary, ok }) => {
      console.log(`${title}: ${ok ? "ok" : "not ok"}`);
      console.log("  ", Object.entries(summary).map(([name, count]) => `${name} ${count}`).join(", "));
      resolve();
    });
  });

await read("with numbers", "TAP version 14", "1..3", "ok 1 - dns", "not ok 2 - connect", "ok 3 - download");
await read("without", "TAP version 14", "1..3", "ok - dns", "not ok - connect", "ok - download");
await read("SKIP and TODO", "1..2", "ok 1 - dns # SKIP no network", "not ok 2 - connect # TODO later");
await read("skip and todo", "1..2", "ok 1 - dns # skip no network", "not ok 2 - connect # todo later");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
