#!/usr/bin/env bash
# metricstash 0.1.0 refuses all of a target where a summary has no quantiles, as those of prometheus-client never have.
#
# Expected: OpenMetrics 1.0, "Summary": a count, a sum and a set of quantiles, each of which may be missing. It lists
# summaries as read, and reads with prometheus-client 0.26.0, whose own Summary gives a count and a sum alone.
# Seen: "incomplete summary", and nothing of the target is kept, its other metrics neither. With one quantile it is
# read well.
# Who meets it: whoever keeps with it how long checks took, of a program in Python that measures it with a Summary.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    metricstash==0.1.0 prometheus-client==0.26.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
update_ok 1.0
check_seconds_count 1.0
check_seconds_sum 2.5
as it is refused: incomplete summary check_seconds
with a quantile ['check_seconds', 'update_ok']
TEXT
)
seen=$(
    run <<'PY'
from metricstash.exposition import ExpositionError, IncrementalExpositionParser
from metricstash.models import MetricConfig
from prometheus_client import CollectorRegistry, Gauge, Summary, generate_latest

registry = CollectorRegistry()
Gauge("update_ok", "whether the update service answers", registry=registry).set(1)
Summary("check_seconds", "time of a check", registry=registry).observe(2.5)
text = generate_latest(registry).decode()
print(*[line for line in text.splitlines() if not line.startswith("#") and "_created" not in line], sep="\n")

metrics = (MetricConfig("update_ok", "gauge"), MetricConfig("check_seconds", "summary"))
for title, given in (
    ("as it is", text),
    ("with a quantile", text.replace("check_seconds_count", 'check_seconds{quantile="0.5"} 2.5\ncheck_seconds_count')),
):
    parser = IncrementalExpositionParser(metrics, collection_timestamp_ms=1764356400000)
    try:
        families = parser.feed_bytes(given.encode()) + parser.finish()
        print(title, sorted({family.name for family in families}))
    except ExpositionError as error:
        print(title, "refused:", error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
