#!/usr/bin/env bash
# snmp-passpersist 2.1.0 skips rows of a table, and ends it at one that has gone.
#
# Expected: RFC 3416, section 4.2.2: GetNext gives the first instance behind the name that was asked for, whether or not
# that name is there, by the order of numbers, in which 2 stands in front of 10. RFC 2578, section 7.1.10: a Counter64
# goes up to 18446744073709551615. A name ends at a dot: 1.10 is not below 1.1.
# Seen: for a name that is not there, it gives the first one whose text begins with the same characters: behind 1.1 it
# finds 1.10.1 instead of 1.2.1, and behind a row that has gone nothing, which ends a walk. 64-bit counters are counted
# from 0 again one too early. A value to be set in 1.10 goes to the function for 1.1.
# Who meets it: who gives phones' or ports' numbers to snmpd with it: a walk during which a port goes away ends there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    snmp-passpersist==2.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
in order: 1.1 1.2 1.3 1.5 1.10 1.11 2.2.1 2.10.1 3.1 3.2 3.3
behind 1.2: 1.3 INTEGER 3
behind 1.3: 1.5 INTEGER 5
behind 1.4 (absent): NONE
behind 1.10: 1.11 INTEGER 11
behind 2.1 (absent): 2.10.1 INTEGER 2101
behind 2.1.1 (absent): NONE
behind 2.2 (absent): 2.2.1 INTEGER 221
counter 18446744073709551614: 18446744073709551614
counter 18446744073709551615: 0
counter 18446744073709551616: 1
set 4.1.7:
   4.1 sets 4.1.7 to 1
not-writable
set 4.10.7:
   4.1 sets .10.7 to 1
not-writable
set 4.2.7:
not-writable
TEXT
)
seen=$(
    run <<'PY'
import snmp_passpersist

agent = snmp_passpersist.PassPersist(".1.3.6.1.3.53.8")
for row in (1, 2, 3, 5, 10, 11):
    agent.add_int(f"1.{row}", row)
agent.add_int("2.2.1", 221)
agent.add_int("2.10.1", 2101)
agent.add_cnt_64bit("3.1", 2**64 - 2)
agent.add_cnt_64bit("3.2", 2**64 - 1)
agent.add_cnt_64bit("3.3", 2**64)
agent.commit()


def shown(answer: str) -> str:
    name, *rest = answer.split("\n")
    return " ".join((name.removeprefix(".1.3.6.1.3.53.8."), *rest))


print("in order:", " ".join(agent.data_idx))
for name in ("1.2", "1.3", "1.4", "1.10", "2.1", "2.1.1", "2.2"):
    print(f"behind {name}{'' if name in agent.data else ' (absent)'}: {shown(agent.get_next(name))}")
for name, count in (("3.1", 2**64 - 2), ("3.2", 2**64 - 1), ("3.3", 2**64)):
    print(f"counter {count}: {agent.data[name]['value']}")
agent.register_setter(".1.3.6.1.3.53.8.4.1", lambda name, kind, value: print(f"   4.1 sets {name[-5:]} to {value}"))
for name in ("4.1.7", "4.10.7", "4.2.7"):
    print(f"set {name}:")
    agent.set(f".1.3.6.1.3.53.8.{name}", "integer 1")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
