#!/usr/bin/env bash
# ruby-netaddr 1.5.1 (Debian 12) changes the text of a MAC address that it reads, and cannot read it a second time.
#
# Expected: its documentation: EUI.create takes an address as aabb.ccdd.eeff or with hyphens or colons, and gives an
# object. A function that only reads a text leaves it as it is, as CIDR.create of the same package does.
# Seen: create removes the separators from the caller's own text. So the address that a switch printed is another text
# from then on: it is not found by it any more, and reading it again is an error, as an address without separators is
# not accepted. A frozen text, as each literal of many files, is an error the first time.
# Who meets it: whoever looks up the phones of two switches by the addresses in their tables.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-netaddr=1.5.1-3 ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
folders=usr/lib/ruby/3.1.0:usr/lib/x86_64-linux-gnu/ruby/3.1.0
folders=$folders:usr/share/rubygems-integration/all/gems/netaddr-1.5.1/lib
run() { RUBYLIB=$folders usr/bin/ruby3.1 --disable-gems -W0 -; }

expected=$(
    cat <<'TEXT'
192.0.2.51/24: 192.0.2.0/24
  the text is now 192.0.2.51/24, at port 3
  again: 192.0.2.0/24
0004.f2aa.bbcc: 00-04-f2-aa-bb-cc
  the text is now 0004f2aabbcc, at no port
  again: NetAddr::ValidationError: 0004f2aabbcc is invalid (unrecognized formatting).
00:04:f2:aa:bb:cd: 00-04-f2-aa-bb-cd
  the text is now 0004f2aabbcd, at no port
  again: NetAddr::ValidationError: 0004f2aabbcd is invalid (unrecognized formatting).
frozen: FrozenError: can't modify frozen String: "0004.f2aa.bbce"
TEXT
)
seen=$(
    run <<'RUBY'
require "netaddr"

def read(kind, text)
  kind.create(text).then { |address| address.is_a?(NetAddr::EUI48) ? address.address : address.to_s }
rescue StandardError => error
  "#{error.class}: #{error.message}"
end

texts = [[NetAddr::CIDR, "192.0.2.51/24"], [NetAddr::EUI, "0004.f2aa.bbcc"], [NetAddr::EUI, "00:04:f2:aa:bb:cd"]]
texts.each do |kind, text|
  text = text.dup
  places = { text.dup => "port 3" }
  puts "#{places.keys[0]}: #{read(kind, text)}"
  puts "  the text is now #{text}, at #{places.fetch(text, 'no port')}"
  puts "  again: #{read(kind, text)}"
end
puts "frozen: #{read(NetAddr::EUI, '0004.f2aa.bbce'.freeze)}"
RUBY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
