#!/usr/bin/env bash
# promtext-cli 0.2.0 exchanges the values of labels in a Prometheus text file that it adds a metric to.
#
# Expected: a sample's labels are a set of pairs, so their order says nothing (OpenMetrics 1.0, LabelSet; the data
# model of Prometheus). Adding a metric to a file leaves the other samples as they are.
# Seen: the names are taken from a family's first sample and the values of all others are given to them by place. The
# second sample below says afterwards that "capture" is a source and "eth1" a command. No warning is given.
# Who meets it: whoever adds a metric to a file of the node exporter's textfile collector that another program writes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    promtext-cli==0.2.0 prometheus-client==0.26.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
# HELP path_whole Whether the path is whole.
# TYPE path_whole gauge
path_whole{command="check",source="eth0"} 1.0
path_whole{command="eth1",source="capture"} 0.0
# HELP backup_done metric appended by promtext-cli
# TYPE backup_done gauge
backup_done 1.0
TEXT
)
seen=$(
    run <<'PY'
import pathlib
import subprocess

file = pathlib.Path("site.prom")
file.write_text(
    """# HELP path_whole Whether the path is whole.
# TYPE path_whole gauge
path_whole{command="check",source="eth0"} 1
path_whole{source="eth1",command="capture"} 0
"""
)
subprocess.run(["venv/bin/promtext", file.name, "backup_done", "1"], check=True)
print(file.read_text(), end="")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
