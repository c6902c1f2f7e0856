#!/usr/bin/env bash
# pyoui 1.1.1 finds no maker for an address without separators, and none for addresses whose maker gave no address.
#
# Expected: 0004f2aabbcc is the same MAC address as 00:04:f2:aa:bb:cc, and its is_valid_mac() calls both valid. In the
# oui.txt of IEEE, a maker who stays unnamed is "Private" and has no lines of an address (85 of 32530 in ieee-data
# 20220827.1 of Debian 12).
# Seen: the short form has no maker, nor has the prefix 0004F2. Entries without lines of an address are left out, so
# such an address is one that was given to nobody. No error is raised.
# Who meets it: whoever tells phones from other hosts by the first half of their addresses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pyoui==1.1.1 loguru==0.7.3 pycountry==24.6.1 requests==2.32.5 rich==14.2.0 tqdm==4.67.1 \
    certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 urllib3==2.8.0 markdown-it-py==4.3.0 \
    mdurl==0.1.2 Pygments==2.21.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
00:04:f2:aa:bb:cc is valid, of Polycom
00-04-F2-AA-BB-CC is valid, of Polycom
0004f2aabbcc is valid, of nobody
00:50:c7:aa:bb:cc is valid, of nobody
00:15:5d:aa:bb:cc is valid, of Microsoft
00:04:f2 is of Polycom
0004F2 is of nobody
TEXT
)
seen=$(
    run <<'PY'
from pyoui.oui import OuiEntries

ENTRY = "{0}   (hex)\t\t{1}\r\n{2}     (base 16)\t\t{1}\r\n"
PLACE = "\t\t\t\t1 Main Street\r\n\t\t\t\tContoso  CA  95002\r\n\t\t\t\tUS\r\n"
with open("oui.txt", "w", newline="") as file:
    file.write(ENTRY.format("00-04-F2", "Polycom", "0004F2") + PLACE + "\r\n")
    file.write(ENTRY.format("00-50-C7", "Private", "0050C7") + "\r\n")
    file.write(ENTRY.format("00-15-5D", "Microsoft", "00155D") + PLACE + "\r\n")

makers = OuiEntries("oui.txt")
for address in ("00:04:f2:aa:bb:cc", "00-04-F2-AA-BB-CC", "0004f2aabbcc", "00:50:c7:aa:bb:cc", "00:15:5d:aa:bb:cc"):
    found = [each.organization.name for each in makers.by_mac(address)]
    print(address, "is valid," if makers.is_valid_mac(address) else "is not valid,", "of", *(found or ["nobody"]))
for prefix in ("00:04:f2", "0004F2"):
    print(prefix, "is of", *([each.organization.name for each in makers.by_prefix(prefix)] or ["nobody"]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
