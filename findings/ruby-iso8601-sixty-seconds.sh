#!/usr/bin/env bash
# ruby-iso8601 0.13.0 (Debian 12) writes 10:11:59.97 as 10:11:60, which it does not read, and drops hundredths.
#
# Expected: RFC 3339, section 5.6, and ISO 8601: a fraction has as many digits as needed. A time that was read and is
# written again is the same time; 60 is the second of a leap second alone.
# Seen: DateTime and Time round the second to tenths when they read it, so that 59.95 and more become 60.0. to_s gives
# that second 60, which the package refuses as out of range. What is added is rounded as well: ten times 0.04 seconds
# are none. to_time still has the whole fraction.
# Who meets it: whoever passes on the times of logs with it: one of 1200 is refused, and most lose what orders them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-iso8601=0.13.0-1 ruby3.1=3.1.7+really3.1.2-0+deb12u1 \
    libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export RUBYLIB=$PWD/usr/lib/ruby/vendor_ruby:$PWD/usr/lib/ruby/3.1.0:$PWD/usr/lib/x86_64-linux-gnu/ruby/3.1.0
run() { usr/bin/ruby3.1 --disable-gems -W0 -; }

expected=$(
    cat <<'TEXT'
2026-11-30T10:11:12.5Z: 2026-11-30T10:11:12.5+00:00, second 12.5, read again
2026-11-30T10:11:12.345Z: 2026-11-30T10:11:12.3+00:00, second 12.3, read again
2026-11-30T10:11:12.04Z: 2026-11-30T10:11:12+00:00, second 12.0, read again
2026-11-30T10:11:59.97Z: 2026-11-30T10:11:60+00:00, second 60.0, 10:11:60+00:00 is out of range
ten times 0.04 seconds later: 2026-11-30T10:11:12+00:00
TEXT
)
seen=$(
    run <<'RB'
require 'iso8601'

%w[12.5 12.345 12.04 59.97].each do |second|
  text = "2026-11-30T10:11:#{second}Z"
  time = ISO8601::DateTime.new(text)
  print "#{text}: #{time}, second #{time.second}, "
  begin
    ISO8601::DateTime.new(time.to_s)
    puts 'read again'
  rescue ISO8601::Errors::RangeError => error
    puts error.message
  end
end
time = ISO8601::DateTime.new('2026-11-30T10:11:12Z')
10.times { time += 0.04 }
puts "ten times 0.04 seconds later: #{time}"
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
