#!/usr/bin/env bash
# statsd-parser 0.0.4 (npm) counts 1 where a sampled count of 10 comes in two pieces, and drops sets of names.
#
# Expected: StatsD's documentation, metric types: a line ends with a line break; behind "|@" stands how many of the
# events were sent, so "calls:1|c|@0.1" counts ten. A set holds any values, such as names: "users:anna|s". Over TCP, as
# it is a stream, a line may be cut anywhere.
# Seen: at the end of each piece, what is there is taken for a whole metric as soon as it looks like one: without its
# rate, or with a shorter one, as "@0." of "@0.05"; the rest is an error or part of the next. A name in a set is an
# error.
# Who meets it: whoever takes metrics over TCP with it: counts are too low at random, the more the busier it is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    statsd-parser@0.0.4 >&2 || {
    echo "could not install statsd-parser@0.0.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
["calls:1|c|@0.1\nlevel:5|g\n"]
   calls 1 c at 0.1
   level 5 g
["calls:1|c","|@0.1\nlevel:5|g\n"]
   calls 1 c
   error: Buffered Line was not valid stats d `|@0.1`.
   level 5 g
["calls:1|c|@0.0","5\nlevel:5|g\n"]
   calls 1 c at 0.0
   error: Buffered Line was not valid stats d `5`.
   level 5 g
["delay:3","20|ms\n"]
   delay 320 ms
["users:17|s\n"]
   users 17 s
["users:anna|s\n"]
   error: Buffered Line was not valid stats d `users:anna|s`.
TEXT
)
seen=$(
    run <<'JS'
const { createStream } = require("statsd-parser");

function read(...pieces) {
  const stream = createStream();
  const seen = [];
  stream.on("stat", (text, { stat, value, type, sample_rate: rate }) => {
    seen.push(`${stat} ${value} ${type}${rate ? ` at ${rate}` : ""}`);
  });
  stream.on("error", (error) => seen.push(`error: ${error.message.split("\n")[0]}`));
  for (const piece of pieces) stream.write(piece);
  console.log(`${JSON.stringify(pieces)}\n   ${seen.join("\n   ")}`);
}

read("calls:1|c|@0.1\nlevel:5|g\n");
read("calls:1|c", "|@0.1\nlevel:5|g\n");
read("calls:1|c|@0.0", "5\nlevel:5|g\n");
read("delay:3", "20|ms\n");
read("users:17|s\n");
read("users:anna|s\n");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
