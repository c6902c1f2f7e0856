#!/usr/bin/env bash
# jps-crontab-utils 0.1.0 gives a job the owner of the next one, and adds lines to the command of the job above.
#
# Expected: its description: it "Supports per-job metadata via comment blocks", which stand before a job. Lines such as
# "@daily COMMAND" and "SHELL=/bin/bash" are lines of their own in a crontab (crontab(5)), which knows no other
# continuation than that of its description, a backslash at a line's end.
# Seen: it ends a job at the next job or empty line, when it has read the comments of the next one. Where no empty line
# stands between, the first job has the owner of the second, who has none. Lines of other forms become part of the
# command above, without an error: no job is at @daily or @reboot.
# Who meets it: whoever asks with it whose job fetches logs or restarts phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jps-crontab-utils==0.1.0 \
    typer==0.29.2 \
    rich==15.0.0 \
    shellingham==1.5.4 \
    annotated-doc==0.0.7 \
    markdown-it-py==4.3.0 \
    mdurl==0.1.2 \
    Pygments==2.21.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
with an empty line:
  0 1 '/opt/phones/check' of Ann
  0 2 '/opt/phones/fetch' of Bob
without:
  0 1 '/opt/phones/check' of Bob
  0 2 '/opt/phones/fetch' of nobody
with other forms:
  0 2 '/opt/phones/fetch\nSHELL=/bin/bash\n@daily /opt/phones/report' of Bob
TEXT
)
seen=$(
    run <<'PY'
from jps_crontab_utils.parser import CronParser


def show(what, *lines):
    print(f"{what}:")
    for job in CronParser().parse("\n".join(lines)):
        print(f"  {job.minute} {job.hour} {job.command!r} of {job.metadata.get('owner', 'nobody')}")


CHECK = ("# owner: Ann", "0 1 * * * /opt/phones/check")
FETCH = ("# owner: Bob", "0 2 * * * /opt/phones/fetch")
show("with an empty line", *CHECK, "", *FETCH)
show("without", *CHECK, *FETCH)
show("with other forms", *FETCH, "SHELL=/bin/bash", "@daily /opt/phones/report")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
