#!/usr/bin/env bash
# larzmetrics 0.1.0 gives no metrics at all, once one of them is not a number or infinite.
#
# Expected: the text format of Prometheus: a value may be NaN, +Inf or -Inf, as a gauge has them of which nothing is
# known; a line break in a help text is written as "\n". A metric with labels has no sample before its labels are known.
# Seen: with a gauge of NaN or infinity, render() raises an error, so a scraper gets nothing of any metric. A help text
# of two lines makes a line that is no comment and no sample, for which Prometheus refuses the rest. A counter with
# labels begins with a sample that has none, and goes away once there is one.
# Who meets it: whoever lets Prometheus watch a service by it, as long as a sensor of it is gone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    larzmetrics==0.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
a gauge of 21.5
   # TYPE phones_total counter
   phones_total 71
   # TYPE temperature gauge
   temperature 21.5
a gauge of nan
   ValueError: cannot convert float NaN to integer
a gauge of inf
   OverflowError: cannot convert float infinity to integer
a help text of two lines
   # HELP temperature In the room
   of the switch
   # TYPE temperature gauge
   temperature 21.5
labels, none yet
   # TYPE errors_total counter
   errors_total 0
labels, one
   # TYPE errors_total counter
   errors_total{step="dns"} 1
TEXT
)
seen=$(
    run <<'PY'
from larzmetrics import Registry


def show(name, registry):
    try:
        seen = registry.render().rstrip("\n").replace("\n", "\n   ")
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    print(f"{name}\n   {seen}")


for value in (21.5, float("nan"), float("inf")):
    registry = Registry()
    registry.counter("phones_total").inc(71)
    registry.gauge("temperature").set(value)
    show(f"a gauge of {value}", registry)
registry = Registry()
registry.gauge("temperature", "In the room\nof the switch").set(21.5)
show("a help text of two lines", registry)
registry = Registry()
errors = registry.counter("errors_total", labelnames=["step"])
show("labels, none yet", registry)
errors.labels(step="dns").inc()
show("labels, one", registry)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
