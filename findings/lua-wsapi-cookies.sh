#!/usr/bin/env bash
# lua-wsapi 1.6.1 (Debian 12) writes a date for Max-Age, and finds no cookie whose name has a hyphen.
#
# Expected: RFC 6265, section 5.2.2: Max-Age holds digits, the number of seconds, otherwise a browser ignores it;
# section 4.1.1: names of cookies are tokens, which may hold "-", "." and "+".
# Seen: max_age = 3600 is written as one o'clock of 1 January 1970, so the cookie lives no longer than the browser.
# cookies["phone-id"] is nil where the request has that cookie, as the name is taken for a pattern; cookies["phone.id"]
# gives the value of phone-id.
# Who meets it: pages of Lua in which the one who looks after the phones signs in, and does so again after each start
# of the browser.
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
Set-Cookie: phone=1
Set-Cookie: phone=1; path=/
Set-Cookie: phone=1; expires=Wednesday, 18-Nov-2026 11:06:40 GMT
Set-Cookie: phone=1; Max-Age=Thursday, 01-Jan-1970 01:00:00 GMT
Set-Cookie: phone=1; Max-Age=Thursday, 01-Jan-1970 00:00:00 GMT
cookie phone: 1
cookie phone-id: nil
cookie phone_id: 3
cookie phone.id: 2
TEXT
)
seen=$(
    run <<'LUA'
local request = require("wsapi.request")
local response = require("wsapi.response")

for _, options in ipairs({{}, {path = "/"}, {expires = 1795000000}, {max_age = 3600}, {max_age = 0}}) do
    local answer = response.new()
    options.value = "1"
    answer:set_cookie("phone", options)
    print("Set-Cookie: " .. answer.headers["Set-Cookie"])
end
local cookies = request.new({
    REQUEST_METHOD = "GET",
    QUERY_STRING = "",
    CONTENT_TYPE = "",
    input = {read = function() return "" end},
    HTTP_COOKIE = "phone=1; phone-id=2; phone_id=3; phone.id=4",
}).cookies
for _, name in ipairs({"phone", "phone-id", "phone_id", "phone.id"}) do
    print("cookie " .. name .. ": " .. tostring(cookies[name]))
end
LUA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
