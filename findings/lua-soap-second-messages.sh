#!/usr/bin/env bash
# lua-soap 3.0 (Debian 12) writes a message another way the second time, and reads none without a prefix.
#
# Expected: what a function writes does not depend on what it wrote before. XML 1.0, section 2.3: in an attribute "&"
# and the quotation mark are written as entities, and a backslash is a letter as any other. Namespaces in XML 1.0,
# section 6.2: the default namespace needs no prefix, and a declaration holds for all within.
# Seen: the caller's table gets the prefix each time: the method of the second message is m:m:Get. The next message has
# the namespace of the one before as well. Attributes are written as texts of Lua, which no XML reader takes. The text
# "&amp;" is sent as "&". <Envelope xmlns="..."> is an error, and a namespace that the envelope declares is nil.
# Who meets it: whoever asks a service of a pool or gateway with it more than once, or one that answers without
# prefixes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-soap=3.0+git91419a7-2 lua-expat=1.5.1-3 lua5.1=5.1.5-9 liblua5.1-0=5.1.5-9 libexpat1=2.5.0-1+deb12u5 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
export LUA_PATH="$PWD/usr/share/lua/5.1/?.lua" LUA_CPATH="$PWD/usr/lib/x86_64-linux-gnu/lua/5.1/?.so"
run() { usr/bin/lua5.1 -; }

expected=$(
    cat <<'TEXT'
first message: <m:Get xmlns:m="urn:one"><Name>A</Name></m:Get>
the same again: <m:m:Get xmlns:m="urn:one"><Name>A</Name></m:m:Get>
another, without a prefix: <Set xmlns:m="urn:one" xmlns="urn:two"><Name>B</Name></Set>
text A & B: <Name>A &amp; B</Name>
text &amp;: <Name>&amp;</Name>
text if a &lt; b: <Name>if a &lt; b</Name>
attribute "A & B": <Name note="A & B"></Name>
attribute "say \"no\"": <Name note="say \"no\""></Name>
attribute "two\
lines": <Name note="two\
lines"></Name>
read, with a prefix: Get in urn:one, 1 entries
read, without one: error attempt to concatenate local 'ns' (a nil value)
read, namespace of the envelope: Get in nil, 0 entries
TEXT
)
seen=$(
    run <<'LUA'
local soap = require "soap"

local function body(text) return text:match "<soap:Body>(.*)</soap:Body>" end
local function encode(args) return body(soap.encode(args)) end
local function try(name, action)
  local good, seen = pcall(action)
  print(name .. ": " .. (good and seen or "error " .. seen:gsub("^.-:%d+: ", "")))
end

local request = { namespace = "urn:one", internal_namespace = "m", method = "Get", entries = { { tag = "Name", "A" } } }
try("first message", function() return encode(request) end)
try("the same again", function() return encode(request) end)
try("another, without a prefix", function()
  return encode { namespace = "urn:two", method = "Set", entries = { { tag = "Name", "B" } } }
end)
for _, text in ipairs { "A & B", "&amp;", "if a &lt; b" } do
  local written = soap.serialize { tag = "Name", text }
  print("text " .. text .. ": " .. written)
end
for _, value in ipairs { 'A & B', 'say "no"', "two\nlines" } do
  print(("attribute %q: "):format(value) .. soap.serialize { tag = "Name", attr = { note = value } })
end
local uri = "http://schemas.xmlsoap.org/soap/envelope/"
local inner = '<Get xmlns="urn:one"><Name>A</Name></Get>'
local function show(text)
  return function()
    local namespace, method, entries = soap.decode(text)
    return ("%s in %s, %d entries"):format(method, tostring(namespace), #entries)
  end
end
local envelope = '<s:Envelope xmlns:s="%s"%s><s:Body>%s</s:Body></s:Envelope>'
try("read, with a prefix", show(envelope:format(uri, "", inner)))
try("read, without one", show(('<Envelope xmlns="%s"><Body>%s</Body></Envelope>'):format(uri, inner)))
try("read, namespace of the envelope", show(envelope:format(uri, ' xmlns:m="urn:one"', "<m:Get/>")))
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
