#!/usr/bin/env bash
# lua-wsapi 1.6.1 (Debian 12) gives octets twice where a body is read for the second time, and cuts a value at "=".
#
# Expected: its documentation: make_rewindable() wraps the input so that it can be read more than once; read(n) gives n
# octets, as the input itself does. The URL standard, application/x-www-form-urlencoded: a name ends at the first "=",
# all that follows is the value; without a "=" the value is empty. RFC 2046, section 5.1.1: a boundary may stand in
# quotes, parameters may follow.
# Seen: after rewind(), read(4) gives five octets, of which the fifth comes again with the next ones: a body read in
# pieces becomes longer. "log=a=b" has the value "a"; "offline" alone is no field. A form with a boundary in quotes, or
# with a parameter behind the boundary, ends with an error.
# Who meets it: whoever takes the logs that phones send with it, and looks at what came before storing it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-wsapi=1.6.1-2 lua-coxpcall=1.17.0-1 lua-filesystem=1.8.0-3 lua5.1=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LUA_PATH="$work/usr/share/lua/5.1/?.lua;$work/usr/share/lua/5.1/?/init.lua"
run() { usr/bin/lua5.1 -; }

expected=$(
    cat <<'TEXT'
first: 0123 4567 89ab cdef, 16 octets
again: 01234 45678 89abc cdef, 19 octets
log=a: log a, offline nil
log=a%3Db: log a=b, offline nil
log=a=b: log a, offline nil
log=: log , offline nil
offline: log nil, offline nil
offline&log=a: log a, offline nil
boundary=x: log line 1
boundary="x": an error
boundary=x; charset=utf-8: an error
TEXT
)
seen=$(
    run <<'LUA'
local request = require("wsapi.request")
local util = require("wsapi.util")

local function environment(body, content_type)
    local input = {position = 1}
    function input:read(size)
        local piece = body:sub(self.position, self.position + size - 1)
        self.position = self.position + size
        return piece
    end
    return {REQUEST_METHOD = "POST", CONTENT_TYPE = content_type, CONTENT_LENGTH = #body, input = input}
end

local function in_pieces(input)
    local pieces, length = {}, 0
    for _ = 1, 5 do
        local piece = input:read(4)
        if piece then
            table.insert(pieces, piece)
            length = length + #piece
        end
    end
    return table.concat(pieces, " ") .. ", " .. length .. " octets"
end

local again = util.make_rewindable(environment("0123456789abcdef", "text/plain"))
print("first: " .. in_pieces(again.input))
again.input:rewind()
print("again: " .. in_pieces(again.input))

for _, query in ipairs({"log=a", "log=a%3Db", "log=a=b", "log=", "offline", "offline&log=a"}) do
    local seen = {}
    for _, name in ipairs({"log", "offline"}) do
        local given = environment("", "")
        given.REQUEST_METHOD, given.QUERY_STRING = "GET", query
        local value = request.new(given).GET[name]
        table.insert(seen, name .. " " .. tostring(value))
    end
    print(query .. ": " .. table.concat(seen, ", "))
end

local form = '--x\r\nContent-Disposition: form-data; name="log"\r\n\r\nline 1\r\n--x--\r\n'
for _, parameters in ipairs({"boundary=x", 'boundary="x"', "boundary=x; charset=utf-8"}) do
    local ok, read = pcall(request.new, environment(form, "multipart/form-data; " .. parameters))
    print(parameters .. ": " .. (ok and "log " .. tostring(read.POST.log) or "an error"))
end
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
