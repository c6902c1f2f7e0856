#!/usr/bin/env bash
# nmap 7.93 (Debian 12) loses its place behind a pad option of DHCP, and reads no option in the field of the file.
#
# Expected: RFC 2132, section 3.1: the pad option is one octet, without a length, and may stand anywhere; section 9.3:
# with option 52 the fields of the file's and the server's name hold options, too, which are read behind the others (RFC
# 2131, section 4.1). RFC 3396, section 5: parts of an option are put together.
# Seen: a pad is taken for a code, and the next code for its length. Option 52 is given, and what it says is in the
# field is not: the reading ends at the end option, before the field that is put behind it. Parts of an option are two
# options. No error is raised. scapy-dhcp-overload.sh and dhcp-js-single-pad.sh have the like of others.
# Who meets it: whoever asks with dhcp-discover or broadcast-dhcp-discover which domain a server gives to phones.
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
    cat >options.nse
    usr/bin/nmap --datadir usr/share/nmap --script ./options.nse | sed -n 's/^answer //p'
}

expected=$(
    cat <<'TEXT'
plain: DHCP Message Type DHCPACK, Domain Name contoso.com, Subnet Mask 255.255.255.0
one pad: DHCP Message Type DHCPACK
two pads: DHCP Message Type DHCPACK, Domain Name contoso.com, Subnet Mask 255.255.255.0
in the file field: DHCP Message Type DHCPACK, Option Overload 1, Subnet Mask 255.255.255.0
in parts: DHCP Message Type DHCPACK, Domain Name conto, Domain Name so.com, Subnet Mask 255.255.255.0
TEXT
)
seen=$(
    run <<'NSE'
local dhcp = require "dhcp"

description, author, license, categories = "Reads options.", "", "", {}
prerule = function() return true end

local function option(code, data)
  return string.pack("Bs1", code, data)
end

local function show(title, options, file)
  local head = string.pack(">BBBBc4I2I2I4I4I4I4c16c64c128", 2, 1, 6, 0, "ucdi", 0, 0, 0, 0, 0, 0, "", "", file or "")
  local _, found = dhcp.dhcp_parse(head .. "\x63\x82\x53\x63" .. options .. "\xff" .. ("\0"):rep(8), "ucdi")
  local words = {}
  for _, one in ipairs(found.options) do
    words[#words + 1] = ("%s %s"):format(one.name, tostring(one.value))
  end
  print(("answer %s: %s"):format(title, table.concat(words, ", ")))
end

action = function()
  local kind, domain, mask = option(53, "\5"), option(15, "contoso.com"), option(1, "\255\255\255\0")
  show("plain", kind .. domain .. mask)
  show("one pad", kind .. "\0" .. domain .. mask)
  show("two pads", kind .. "\0\0" .. domain .. mask)
  show("in the file field", kind .. option(52, "\1") .. mask, domain .. "\xff")
  show("in parts", kind .. option(15, "conto") .. option(15, "so.com") .. mask)
end
NSE
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
