#!/usr/bin/env bash
# kea-exporter 0.7.1 says that a pool of 10 addresses has 110, and drops subnets of a shared network.
#
# Expected: Kea's manual, "Statistics in the DHCPv4 Server": in subnet[id].pool[pid], pid is the pool's own ID, which
# "pool-id" sets. Without it the ID is 0: pool[0] has the sum of all pools of the subnet that have none. A subnet may
# stand in a shared network; config-get gives it there, and its statistics are like those of any other.
# Seen: the ID is taken for a place in the list of pools. The sum has the name of the first pool; the numbers of pool 1
# have the name of the second one, those of the last pool are left out, and so is a full subnet of a shared network.
# On standard error it says that they "vanished from configuration".
# Who meets it: whoever wants to know from it, or from an alarm on it, whether the phones' pool is full.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    kea-exporter==0.7.1 prometheus-client==0.26.0 click==8.5.1 requests==2.34.2 urllib3==2.8.0 idna==3.20 \
    certifi==2026.10.19.post1 charset-normalizer==3.5.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
192.0.2.0/24: 2 pools of 10 and 100, without IDs
  192.0.2.10-192.0.2.19 has 110
198.51.100.0/24: pool 1 of 10, pool 2 of 100
  198.51.100.100-198.51.100.199 has 10
203.0.113.0/24: in a shared network, 10 of 10 in use
TEXT
)
seen=$(
    run <<'PY'
import json
import socket
import threading


def pool(addresses, **more):
    return {"pool": addresses, **more}


SUBNETS = [
    {"id": 1, "subnet": "192.0.2.0/24", "pools": [pool("192.0.2.10-192.0.2.19"), pool("192.0.2.100-192.0.2.199")]},
    {
        "id": 2,
        "subnet": "198.51.100.0/24",
        "pools": [
            pool("198.51.100.10-198.51.100.19", **{"pool-id": 1}),
            pool("198.51.100.100-198.51.100.199", **{"pool-id": 2}),
        ],
    },
]
PHONES = {"id": 3, "subnet": "203.0.113.0/24", "pools": [pool("203.0.113.10-203.0.113.19")]}
SHARED = [{"name": "floors", "subnet4": [PHONES]}]
NUMBERS = {
    "subnet[1].pool[0].total-addresses": 110,
    "subnet[2].pool[1].total-addresses": 10,
    "subnet[2].pool[2].total-addresses": 100,
    "subnet[3].total-addresses": 10,
    "subnet[3].assigned-addresses": 10,
}
ANSWERS = {
    "config-get": {"Dhcp4": {"subnet4": SUBNETS, "shared-networks": SHARED}},
    "statistic-get-all": {name: [[value, "2026-11-30 10:00:00.000000"]] for name, value in NUMBERS.items()},
}

server = socket.socket(socket.AF_UNIX)
server.bind("kea4.sock")
server.listen()


def serve():
    while True:
        client = server.accept()[0]
        with client:
            answer = ANSWERS[json.loads(client.recv(4096))["command"]]
            client.sendall(json.dumps({"result": 0, "arguments": answer}).encode())


threading.Thread(target=serve, daemon=True).start()

from kea_exporter.exporter import Exporter
from prometheus_client import REGISTRY

Exporter(["kea4.sock"]).update()
samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
for subnet, what in (
    ("192.0.2.0/24", "2 pools of 10 and 100, without IDs"),
    ("198.51.100.0/24", "pool 1 of 10, pool 2 of 100"),
    ("203.0.113.0/24", "in a shared network, 10 of 10 in use"),
):
    print(f"{subnet}: {what}")
    for sample in samples:
        if sample.labels.get("subnet") == subnet:
            print(f"  {sample.labels['pool'] or 'the subnet'} has {sample.value:.0f}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
