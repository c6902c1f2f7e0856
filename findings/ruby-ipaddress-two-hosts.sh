#!/usr/bin/env bash
# ruby-ipaddress 0.8.3 (Debian 12) finds no host in a network of two, nor in one of a single address.
#
# Expected: RFC 3021, section 2.1: both addresses of a /31 are hosts. Its documentation: hosts is an array of the
# addresses that each_host goes through, from first to last; of a /31 first and last are its two addresses, of a /32 the
# address.
# Seen: first and last are right, hosts is empty, and each_host gives none, for a /31 and for a /32.
# Who meets it: whoever tries each host of a list of networks in which links of two routers and single servers are.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-ipaddress=0.8.3-3 ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
folders=usr/lib/ruby/3.1.0:usr/lib/x86_64-linux-gnu/ruby/3.1.0
folders=$folders:usr/share/rubygems-integration/all/gems/ipaddress-0.8.3/lib
run() { RUBYLIB=$folders usr/bin/ruby3.1 --disable-gems -W0 -; }

expected=$(
    cat <<'TEXT'
192.0.2.0/29: from 192.0.2.1 to 192.0.2.6, 6 hosts, 8 addresses
192.0.2.0/30: from 192.0.2.1 to 192.0.2.2, 2 hosts, 4 addresses
192.0.2.0/31: from 192.0.2.0 to 192.0.2.1, 0 hosts, 2 addresses
192.0.2.1/32: from 192.0.2.1 to 192.0.2.1, 0 hosts, 1 addresses
TEXT
)
seen=$(
    run <<'RB'
require "ipaddress"

%w[192.0.2.0/29 192.0.2.0/30 192.0.2.0/31 192.0.2.1/32].each do |text|
  network = IPAddress(text)
  hosts = network.hosts.map(&:to_s)
  puts "#{text}: from #{network.first} to #{network.last}, #{hosts.size} hosts, #{network.size} addresses"
end
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
