#!/usr/bin/env bash
# gcab 1.5 and cabextract 1.9 (Debian 12): what the one packs comes out of the other some hours older or younger.
#
# Expected: a file that was changed at 10:00 UTC was changed at 10:00 UTC when it comes out of a cabinet, on the same
# machine. The format has a date and a time and no zone: "typically considered the 'last modified' date in local time,
# but the actual definition is application-defined" ([MS-CAB], section 2.3).
# Seen: gcab writes UTC, cabextract reads local time. In New York the file is from 14:00 UTC, in Berlin from 08:00.
# gcab lists the right time and does not set it when it extracts. Nothing is said.
# Who meets it: whoever packs firmware for phones on a Linux machine, and a step later copies only what is newer.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    gcab=1.5-1 libgcab-1.0-0=1.5-1 cabextract=1.9-3 libmspack0=0.11-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { bash; }

expected=$(
    cat <<'TEXT'
UTC 2026-07-28T10:00:00Z
America/New_York 2026-07-28T14:00:00Z
Europe/Berlin 2026-07-28T08:00:00Z
TEXT
)
seen=$(
    run <<'END'
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
for zone in UTC America/New_York Europe/Berlin; do
    export TZ=$zone
    echo firmware > phone.nbt
    touch -d 2026-07-28T10:00:00Z phone.nbt
    usr/bin/gcab -c phone.cab phone.nbt
    rm phone.nbt
    usr/bin/cabextract -q phone.cab
    echo "$zone $(TZ=UTC date -r phone.nbt +%FT%H:%M:%SZ)"
done
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
