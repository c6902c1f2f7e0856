#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0 gives the tests of one group to several workers, and says nothing.
#
# Expected: pytest-xdist's documentation, "Running tests across multiple CPUs": with --dist loadgroup the tests that
# have the same mark xdist_group run on the same worker, in one group.
# Seen: with pytest 9.1.1 it is so. pytest 9.2.0 makes the id of a test of its parts, and no longer reads the attribute
# _nodeid, into which pytest-xdist still writes the group; the scheduler finds no group in any id, and shares the tests
# out one by one. Both packages allow each other, and no warning is printed.
# Who meets it: a project whose grouped tests share something costly or something of which there is one (a server, a
# port, a data base): each worker makes its own, and what took a minute takes as many as there are workers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
install() { venv/bin/pip install -q "$@" >&2 || { echo "could not install the packages" >&2; exit 2; }; }
install --no-deps \
    pytest==9.1.1 pytest-xdist==3.8.0 execnet==2.1.1 iniconfig==2.1.0 packaging==25.0 pluggy==1.6.0 pygments==2.19.2 ||
    exit 2
mkdir tests
cat >tests/test_one_group.py <<'PY'
import os
from pathlib import Path
from time import sleep

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(12))
def test_number(number):
    sleep(0.1)
    with Path(os.environ["SEEN"]).open("a") as seen:
        print(os.environ["PYTEST_XDIST_WORKER"], file=seen)
PY

expected=$(
    cat <<'TEXT'
pytest 9.1.1: 12 tests of one group, one worker
pytest 9.2.0: 12 tests of one group, several workers
TEXT
)
seen=$(
    for version in 9.1.1 9.2.0; do
        install --no-deps "pytest==$version"
        SEEN=$work/$version venv/bin/python -m pytest -q -p no:cacheprovider -n 3 --dist loadgroup tests >/dev/null ||
            echo "pytest failed"
        workers="one worker"
        [ "$(sort -u "$work/$version" | wc -l)" -eq 1 ] || workers="several workers"
        echo "pytest $version: $(wc -l <"$work/$version") tests of one group, $workers"
    done
)
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
