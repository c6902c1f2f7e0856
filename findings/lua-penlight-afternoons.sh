#!/usr/bin/env bash
# lua-penlight 1.13.1 (Debian 12) reads 10:15pm as a quarter past ten in the morning, and 12.30pm as after midnight.
#
# Expected: by its manual the parser of pl.Date takes "times like 15:30 or 8.05pm", alone or behind a date: with am or
# pm the hour 12 is the first one of its half of the day. What it does not know is an error, which it returns.
# Seen: pm counts behind a time with a dot alone. With a colon, as Windows writes it, or after a blank it is ignored.
# To each hour of pm it adds twelve: 12.30pm is 00:30 of the next day, and 12.30am is half past noon.
# Who meets it: whoever reads with it what servers of the American English Windows write.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-penlight=1.13.1-3 lua-filesystem=1.8.0-3 lua5.1=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu LUA_CPATH=$PWD/usr/lib/x86_64-linux-gnu/lua/5.1/?.so TZ=UTC
export LUA_PATH="$PWD/usr/share/lua/5.1/?.lua;$PWD/usr/share/lua/5.1/?/init.lua"
run() { usr/bin/lua5.1 -; }

expected=$(
    cat <<'TEXT'
30 Nov 2026 8.05pm: 2026-11-30 20:05:00
30 Nov 2026 10:15am: 2026-11-30 10:15:00
30 Nov 2026 10:15pm: 2026-11-30 10:15:00
30 Nov 2026 10:15 pm: 2026-11-30 10:15:00
30 Nov 2026 10:15:30 PM: 2026-11-30 10:15:30
30 Nov 2026 12.30am: 2026-11-30 12:30:00
30 Nov 2026 12.30pm: 2026-12-01 00:30:00
TEXT
)
seen=$(
    run <<'LUA'
local Date = require "pl.Date"

local form = Date.Format()
local texts = {"30 Nov 2026 8.05pm", "30 Nov 2026 10:15am", "30 Nov 2026 10:15pm", "30 Nov 2026 10:15 pm",
               "30 Nov 2026 10:15:30 PM", "30 Nov 2026 12.30am", "30 Nov 2026 12.30pm"}
for _, text in ipairs(texts) do
  local read, reason = form:parse(text)
  print(text .. ": " .. (read and os.date("!%Y-%m-%d %H:%M:%S", read.time) or reason))
end
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
