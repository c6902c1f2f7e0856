#!/usr/bin/env bash
# lua-xmlrpc 1.2.1 (Debian 12) writes "<" and "&" of a text as they are, which no reader of XML takes.
#
# Expected: the specification of XML-RPC: a string may hold any characters, of which "<" and "&" are written as "&lt;"
# and "&amp;". Its base64 is binary data in base64, its array a list of values.
# Seen: clEncode() and srvEncode() put texts, names of methods and of members between the tags as they are. srvDecode()
# and clDecode() of the same package end with an error at that. Base64 comes out as it went in. A list in a table is
# written as a struct with members named 1, 2 and so on.
# Who meets it: whoever passes on with it what phones say: an IIS path with a query of two parameters is enough.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-xmlrpc=1.2.1-8 lua-expat=1.5.1-3 lua5.1=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LUA_PATH="$work/usr/share/lua/5.1/?.lua;$work/usr/share/lua/5.1/?/init.lua"
export LUA_CPATH="$work/usr/lib/x86_64-linux-gnu/lua/5.1/?.so" LD_LIBRARY_PATH="$work/usr/lib/x86_64-linux-gnu"
run() { usr/bin/lua5.1 -; }

expected=$(
    cat <<'TEXT'
/ucdevice.upx: <value><string>/ucdevice.upx</string></value>
  read: /ucdevice.upx
/ucdevice.upx?model=cx700&brand=polycom: <value><string>/ucdevice.upx?model=cx700&brand=polycom</string></value>
  read: an error
a < b: <value><string>a < b</string></value>
  read: an error
a > b: <value><string>a > b</string></value>
  read: a > b
answer: <value><string>a & b</string></value>
list: <value><struct><member><name>1</name><value><string>a</string></value></member></struct></value>
<string>a &amp; b</string>: a & b
<base64>eW91IGNhbid0</base64>: eW91IGNhbid0
<i4>-5</i4>: -5
TEXT
)
seen=$(
    run <<'LUA'
local xmlrpc = require("xmlrpc")

local function value(message)
    return (message:gsub("%s*\n%s*", ""):match("<param>(.*)</param>"))
end

for _, text in ipairs({"/ucdevice.upx", "/ucdevice.upx?model=cx700&brand=polycom", "a < b", "a > b"}) do
    local message = xmlrpc.clEncode("log", text)
    local ok, method, read = pcall(xmlrpc.srvDecode, message)
    print(text .. ": " .. value(message))
    print("  read: " .. (ok and method and type(read) == "table" and tostring(read[1]) or "an error"))
end
print("answer: " .. value(xmlrpc.srvEncode("a & b")))
print("list: " .. value(xmlrpc.clEncode("log", {"a"})))
local answer = "<methodResponse><params><param><value>%s</value></param></params></methodResponse>"
for _, given in ipairs({"<string>a &amp; b</string>", "<base64>eW91IGNhbid0</base64>", "<i4>-5</i4>"}) do
    print(given .. ": " .. tostring(select(2, xmlrpc.clDecode(answer:format(given)))))
end
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
