#!/usr/bin/env bash
# ruby-dnsruby 1.61.5 (Debian 12) reads "1d" and "2h" in a zone file as 0 seconds.
#
# Expected: the zone files of BIND, NSD, Knot and ldns may have units behind times, "1d" for 86400 seconds. The comment
# of get_ttl in dnsruby says that it reads them, too.
# Seen: it compares each letter with a character's number, as Ruby 1.8 did. No letter is ever equal, so that each time
# with a unit is 0: those of records, of $TTL, and of the SOA record. No error says so.
# Who meets it: whoever checks with it, or copies, the zone in which the phones find the update server: no cache may
# keep a record of 0 seconds.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-dnsruby=1.61.5-3 ruby-simpleidn=0.1.1-2 ruby-unf=0.1.4-2.1 ruby-unf-ext=0.0.7.7-1+b4 \
    ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
folders=usr/lib/ruby/vendor_ruby:usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0:usr/lib/ruby/3.1.0
folders=$folders:usr/lib/x86_64-linux-gnu/ruby/3.1.0:usr/lib/ruby/gems/3.1.0/gems/net-ftp-0.1.3/lib
folders=$folders:usr/share/rubygems-integration/all/gems/simpleidn-0.1.1/lib
run() { RUBYLIB=$folders usr/bin/ruby3.1 --disable-gems -W0 -; }

expected=$(
    cat <<'TEXT'
seconds:
  contoso.com. 86400 IN SOA ns admin 7 3600 900 604800 300
  pool.contoso.com. 86400 IN A 192.0.2.81
  ns.contoso.com. 7200 IN A 192.0.2.1
units:
  contoso.com. 0 IN SOA ns admin 7 0 0 0 0
  pool.contoso.com. 0 IN A 192.0.2.81
  ns.contoso.com. 0 IN A 192.0.2.1
TEXT
)
seen=$(
    run <<'RB'
require 'dnsruby'

def show(what, *lines)
  File.write('zone', [*lines, ''].join("\n"))
  puts "#{what}:"
  records = Dnsruby::ZoneReader.new('contoso.com.').process_file('zone')
  records.each { |record| puts "  #{record.to_s.split.join(' ')}" }
end

show('seconds', '$TTL 86400', '@ SOA ns admin 7 3600 900 604800 300', 'pool A 192.0.2.81', 'ns 7200 A 192.0.2.1')
show('units', '$TTL 1d', '@ SOA ns admin 7 1h 15m 1w 5m', 'pool A 192.0.2.81', 'ns 2h A 192.0.2.1')
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
