#!/usr/bin/env bash
# nmap 7.93 (Debian 12) gives no text of a short TXT record, and of a longer one leaves out texts at its end.
#
# Expected: RFC 1035, section 3.3.14: a TXT record is one or more strings, each behind an octet with its length, up to
# the record's end. The documentation of the library dns says that the reply is decoded.
# Seen: the place in the message is compared with the length of the record. Reading ends where the place is as large, so
# the texts that are given depend on where in the message the record stands: of "v=1" behind a usual question none, of
# three texts of 30 octets two. No error is raised.
# Who meets it: whoever writes a script for nmap that looks up texts, as of a domain's policy, or uses one of its own.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    nmap=7.93+dfsg1-1 nmap-common=7.93+dfsg1-1 liblua5.3-0=5.3.6-2 lua-lpeg=1.0.2-2 \
    liblinear4=2.3.0+dfsg-5 libblas3=3.11.0-2 libssh2-1=1.10.0-3+deb12u1 libpcap0.8=1.10.3-1 libpcre3=2:8.39-15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
libraries=$PWD/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$libraries:$libraries/blas:$PWD/lib/x86_64-linux-gnu
run() {
    cat >texts.nse
    usr/bin/nmap --datadir usr/share/nmap --script ./texts.nse | grep " texts"
}

expected=$(
    cat <<'TEXT'
1 texts of 3 octets: 0 texts
1 texts of 70 octets: 1 texts
2 texts of 70, 3 octets: 1 texts
3 texts of 30, 30, 30 octets: 2 texts
3 texts of 30, 30, 30 octets behind another record: 0 texts
TEXT
)
seen=$(
    run <<'NSE'
local dns = require "dns"

description, author, license, categories = "Reads texts.", "", "", {}
prerule = function() return true end

local question = "\x0cucupdates-r2\x07contoso\x03com\x00\x00\x10\x00\x01"

local function record(kind, data)
  return string.pack(">I2I2I2I4s2", 0xC00C, kind, 1, 60, data)
end

local function show(title, lengths, before)
  local data = {}
  for index, length in ipairs(lengths) do
    data[index] = string.pack("s1", ("t"):rep(length))
  end
  local head = string.pack(">I2I2I2I2I2I2", 1, 0x8180, 1, before and 2 or 1, 0, 0)
  local message = head .. question .. (before or "") .. record(16, table.concat(data))
  local found = dns.decode(message).answers
  local octets = table.concat(lengths, ", ")
  print(("%d texts of %s octets%s: %d texts"):format(#lengths, octets, title, #found[#found].TXT.text))
end

action = function()
  show("", {3})
  show("", {70})
  show("", {70, 3})
  show("", {30, 30, 30})
  show(" behind another record", {30, 30, 30}, record(65280, ("x"):rep(50)))
end
NSE
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
