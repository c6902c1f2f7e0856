#!/usr/bin/env bash
# ruby-ipaddress 0.8.3 (Debian 12) takes 64:ff9b::192.0.2.33 for ::ffff:192.0.2.33, another host.
#
# Expected: RFC 4291, section 2.2: the last four octets of any IPv6 address may be written in dotted digits. RFC 6052,
# section 2.4, writes the addresses of a translator so: 64:ff9b::192.0.2.33. RFC 3021: a network of 31 bits has two
# hosts, and no address of broadcast but 255.255.255.255.
# Seen: whatever stands in front of dotted digits is dropped, and ::ffff: put there. A /31 has no hosts, though its
# broadcast address follows RFC 3021.
# Who meets it: whoever sorts or searches hosts in a log by it, where IPv6 clients reach IPv4 servers by a translator.
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
64:ff9b::c000:221: 64:ff9b::c000:221
64:ff9b::192.0.2.33: ::ffff:192.0.2.33
2001:db8::192.0.2.33: ::ffff:192.0.2.33
192.0.2.0/30: broadcast 192.0.2.3, hosts 192.0.2.1 192.0.2.2
192.0.2.0/31: broadcast 255.255.255.255, hosts
TEXT
)
seen=$(
    run <<'RUBY'
require 'ipaddress'

%w[64:ff9b::c000:221 64:ff9b::192.0.2.33 2001:db8::192.0.2.33].each { |text| puts "#{text}: #{IPAddress(text)}" }
%w[192.0.2.0/30 192.0.2.0/31].each do |text|
  network = IPAddress(text)
  puts ["#{text}: broadcast #{network.broadcast}, hosts", *network.hosts].join(' ')
end
RUBY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
