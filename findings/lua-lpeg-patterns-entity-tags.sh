#!/usr/bin/env bash
# lua-lpeg-patterns 0.4 (Debian 12) reads no entity tag with a letter behind "s" in it, and no message of NTLM.
#
# Expected: RFC 9110, section 8.8.3: an entity tag is any visible characters but the quotation mark, in quotation marks;
# a server chooses them, and Apache writes "-gzip" behind those of what it compresses. Section 11.3: behind a scheme
# come parameters, or one value of letters, digits and some marks, which may end with "=".
# Seen: the range of characters is written in decimal with hexadecimal limits, so it ends at "s", and If_None_Match,
# If_Match, If_Range and ETag give nothing for t to z. The value behind a scheme is never tried, as no parameters match
# as well. No error is raised: a pattern that does not match gives nil.
# Who meets it: whoever reads with it, or with lua-http, the answers of a server that keeps the phones' firmware.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-lpeg-patterns=0.4-1.1 lua-lpeg=1.0.2-2 lua5.1=5.1.5-9 liblua5.1-0=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export LUA_PATH="$PWD/usr/share/lua/5.1/?.lua" LUA_CPATH="$PWD/usr/lib/x86_64-linux-gnu/lua/5.1/?.so"
run() { usr/bin/lua5.1 -; }

expected=$(
    cat <<'TEXT'
ETag "5e1c-63a9f0": read
ETag "5e1c-63a9f0-gzip": nothing
ETag "rs": read
ETag "t": nothing
If_None_Match "5e1c-63a9f0", W/"a": read
If_None_Match "5e1c-63a9f0-gzip": nothing
If_Range "5e1c-63a9f0-gzip": nothing
WWW_Authenticate Basic realm="a", NTLM: read
WWW_Authenticate NTLM TlRMTVNTUAACAAAA: nothing
WWW_Authenticate NTLM TlRMTVNTUAACAA==: nothing
TEXT
)
seen=$(
    run <<'LUA'
local lpeg = require "lpeg"
local http = require "lpeg_patterns.http"

local function show(name, text)
  local found = (lpeg.Ct(http[name]) * -1):match(text)
  print(("%s %s: %s"):format(name, text, found and "read" or "nothing"))
end

show("ETag", '"5e1c-63a9f0"')
show("ETag", '"5e1c-63a9f0-gzip"')
show("ETag", '"rs"')
show("ETag", '"t"')
show("If_None_Match", '"5e1c-63a9f0", W/"a"')
show("If_None_Match", '"5e1c-63a9f0-gzip"')
show("If_Range", '"5e1c-63a9f0-gzip"')
show("WWW_Authenticate", 'Basic realm="a", NTLM')
show("WWW_Authenticate", "NTLM TlRMTVNTUAACAAAA")
show("WWW_Authenticate", "NTLM TlRMTVNTUAACAA==")
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
