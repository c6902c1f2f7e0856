#!/usr/bin/env bash
# gelf-formatter 1.0.0 loses each message of a level that is not one of five, and each with exc_info=False.
#
# Expected: Python's logging: a level is any number, such as 25 for a notice, and libraries add some; exc_info=False is
# the default, written out. GELF 1.1: a level is one of syslog's, 5 for a notice; a trace belongs into full_message.
# Seen: with another level it raises KeyError, with exc_info=False a TypeError, so that logging writes a trace to stderr
# and the message goes nowhere. A stack that was asked for by stack_info is left out.
# Who meets it: whoever sends logs to Graylog by it: it lacks what a library logs at a level of its own.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    gelf-formatter==1.0.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
a warning: phone 71 is gone, level 4, no trace
a notice: nothing, level None, no trace
a level of a library: nothing, level None, no trace
exc_info=False: nothing, level None, no trace
stack_info=True: phone 71 is gone, level 4, no trace
TEXT
)
seen=$(
    run <<'PY'
import io
import json
import logging

import gelfformatter

log = logging.getLogger("phones")
log.propagate = False
log.setLevel(1)


def show(name, level, **options):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(gelfformatter.GelfFormatter())
    handler.handleError = lambda record: None
    log.handlers = [handler]
    log.log(level, "phone 71 is gone", **options)
    seen = json.loads(written.getvalue() or "{}")
    trace = "a trace" if "full_message" in seen else "no trace"
    print(f"{name}: {seen.get('short_message', 'nothing')}, level {seen.get('level')}, {trace}")


show("a warning", logging.WARNING)
show("a notice", 25)
show("a level of a library", 5)
show("exc_info=False", logging.WARNING, exc_info=False)
show("stack_info=True", logging.WARNING, stack_info=True)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
