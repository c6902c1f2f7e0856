#!/usr/bin/env bash
# wgconfig 1.2.0 (PyPI) has one peer, named None, of all peers whose keys are written in small letters.
#
# Expected: wg(8) and wg-quick(8) take the names of a file in any case: "publickey" is "PublicKey", and each such peer
# is set up. The names of the sections are taken in any case here too.
# Seen: the names within the sections are compared as they are. A peer without "PublicKey" has the key None, and the
# next such peer takes its place: of three there is one. Peers are not found by their keys, and adding one that is
# there already writes it a second time. No error is raised.
# Who meets it: whoever lists or changes the peers of files that others wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    wgconfig==1.2.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
as in the manual: ['k2=', 'k3=', 'k4=']
  adding k2= again: 'Peer to be added already exists'
section in small letters: ['k2=', 'k3=', 'k4=']
  adding k2= again: 'Peer to be added already exists'
names in small letters: [None]
  adding k2= again: lines with k2= ['publickey = k2=', 'PublicKey = k2=']
TEXT
)
seen=$(
    run <<'PY'
import io

from wgconfig import WGConfig

PEER = "\n[{}]\n{} = {}\nAllowedIPs = 192.0.2.{}/32\n"
for title, section, name in (
    ("as in the manual", "Peer", "PublicKey"),
    ("section in small letters", "peer", "PublicKey"),
    ("names in small letters", "Peer", "publickey"),
):
    text = "[Interface]\nListenPort = 51820\n" + "".join(PEER.format(section, name, f"k{n}=", n) for n in (2, 3, 4))
    config = WGConfig()
    config.read_from_fileobj(io.StringIO(text))
    print(f"{title}: {config.get_peers()}")
    try:
        config.add_peer("k2=")
    except KeyError as error:
        print("  adding k2= again:", error)
    else:
        print("  adding k2= again: lines with k2=", [line for line in config.lines if "k2=" in line])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
