#!/usr/bin/env bash
# ruby-dnsruby 1.61.5 (Debian 12) reads nothing behind a text in which a parenthesis is opened and not closed.
#
# Expected: RFC 1035, section 5.1: a text in quotes may hold any character, and only parentheses outside of quotes let
# a record go on in the next line. A backslash takes a character's special meaning.
# Seen: behind such a text all lines are taken for the record's continuation, and neither it nor they are given. A
# backslash does not help. No error says so. A text that closes what was not opened is well.
# Who meets it: whoever reads a zone with it: one note on a phone, and the update server is not in it.
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
TXT "phone (CX700)": SOA A TXT A CNAME
TXT "phone CX700)": SOA A TXT A CNAME
TXT "phone (CX700": SOA A
TXT "phone \(CX700": SOA A
TEXT
)
seen=$(
    run <<'RB'
require 'dnsruby'

['"phone (CX700)"', '"phone CX700)"', '"phone (CX700"', '"phone \(CX700"'].each do |text|
  File.write('zone', <<~ZONE)
    $TTL 3600
    @ SOA ns admin 7 3600 900 604800 300
    ns A 192.0.2.1
    lobby TXT #{text}
    pool A 192.0.2.81
    ucupdates-r2 CNAME pool
  ZONE
  records = Dnsruby::ZoneReader.new('contoso.com.').process_file('zone')
  puts "TXT #{text}: #{records.map { |record| record.type.to_s }.join(' ')}"
end
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
