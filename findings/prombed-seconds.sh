#!/usr/bin/env bash
# prombed 0.1.0 takes the seconds of OpenMetrics for milliseconds, so such a sample is of January 1970, and not found.
#
# Expected: OpenMetrics 1.0, "Timestamps": seconds since 1970, with or without a fraction; the text ends with "# EOF".
# In Prometheus' own format a timestamp counts milliseconds. It asks a target for both formats (Accept), and reads
# "# EOF" and exemplars.
# Seen: the unit is the same whatever the end of the text says. Without a fraction the sample is counted as taken, and
# no query finds it; with one, all of the text is refused, the samples without a timestamp as well.
# Who meets it: whoever watches with it what another program measured a while before, as the age of a check.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    prombed==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Prometheus: 1 taken, day 20420 since 1970, 1 found
OpenMetrics: 1 taken, day 20 since 1970, 0 found
with a fraction: invalid Prometheus exposition at line 2: invalid sample timestamp '1764356400.5'
TEXT
)
seen=$(
    run <<'PY'
from prombed import Prombed
from prombed.exposition import parse_exposition

NOW = 1764356400
TEXTS = {
    "Prometheus": f"update_ok 1 {NOW}000\n",
    "OpenMetrics": f"# TYPE update_ok gauge\nupdate_ok 1 {NOW}\n# EOF\n",
    "with a fraction": f"# TYPE update_ok gauge\nupdate_ok 1 {NOW}.5\n# EOF\n",
}
for name, text in TEXTS.items():
    metrics = Prombed()
    try:
        taken = metrics.ingest(text, timestamp_ms=NOW * 1000)
    except Exception as error:
        print(f"{name}: {error}")
        continue
    at = parse_exposition(text).samples[0].timestamp // 86400000
    found = metrics.query("update_ok", NOW * 1000)["data"]["result"]
    print(f"{name}: {taken} taken, day {at} since 1970, {len(found)} found")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
