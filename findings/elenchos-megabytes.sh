#!/usr/bin/env bash
# elenchos 1.1.0 refuses megabytes, takes a missing value for worse than a critical one, and writes 1e-05.
#
# Expected: the Monitoring Plugins' development guidelines, "Performance data": the units are s, us, ms, %, B, KB, MB,
# TB and c; a value is of digits, a minus and a point, and "U" where it is not known. The plugins themselves report a
# critical value before one that is not known.
# Seen: MB is an error, though KB and GB are units. A value that is not known is written as nothing, so the label has no
# value, and makes the check UNKNOWN, also beside a critical one. A small value has an exponent.
# Who meets it: whoever writes a check with it: the alarm is missing as long as another value is, and graphs have gaps.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    elenchos==1.1.0 lxml==5.4.0 crashtest==0.4.1 cleo==2.1.0 RapidFuzz==3.14.6 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
OK: log=10KB;;;;
ValueError: MB
OK: log=10GB;;;;
OK: log=10TB;;;;
CRITICAL: missing=3;;1;;
UNKNOWN: missing=3;;1;; delay=s;;5;;
OK: delay=1e-05s;;;;
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io

from elenchos.nagios.NagiosPlugin import NagiosPlugin
from elenchos.nagios.NagiosStatus import NagiosStatus
from elenchos.nagios.PerformanceData import PerformanceData


class Check(NagiosPlugin):
    def __init__(self, *values):
        super().__init__("phones")
        self.values = values

    def _self_check(self):
        for each in self.values:
            self._add_performance_data(each)
        return NagiosStatus.OK


def show(*values):
    with contextlib.redirect_stdout(io.StringIO()) as written:
        status = Check(*values).check()
    print(f"{status.name}: {written.getvalue().split(' | ')[1].strip()}")


for unit in ("KB", "MB", "GB", "TB"):
    try:
        show(PerformanceData("log", value=10, unit=unit))
    except ValueError as error:
        print("ValueError:", error)
missing = PerformanceData("missing", value=3, critical=1)
show(missing)
show(missing, PerformanceData("delay", value=None, unit="s", critical=5))
show(PerformanceData("delay", value=0.00001, unit="s"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
