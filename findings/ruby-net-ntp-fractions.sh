#!/usr/bin/env bash
# net-ntp 2.1.3 of Ruby (Debian 12) gives half a second for a root delay of one and a half.
#
# Expected: RFC 5905, section 6 and figure 8: root delay and dispersion are 16 bits of seconds and 16 of their
# fraction, and the precision is a signed power of two.
# Seen: of the delay only the fraction is given, of the dispersion only the whole seconds, so a server that may be 0.99
# seconds off has a dispersion of 0; the precision is one too high, that is twice as coarse.
# Who meets it: whoever chooses with it the clock by which phones check certificates, which they refuse if it is wrong.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-net-ntp=2.1.3-4 ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export RUBYLIB=$PWD/usr/lib/ruby/3.1.0:$PWD/usr/lib/x86_64-linux-gnu/ruby/3.1.0
run() { usr/bin/ruby3.1 --disable-gems -I usr/share/rubygems-integration/all/gems/net-ntp-2.1.3/lib -; }

expected=$(
    cat <<'TEXT'
sent [0.5, 0.25, -20], given [0.5, 0, -19]
sent [1.5, 2.25, -20], given [0.5, 2, -19]
sent [2.0e-05, 0.98999, -20], given [2.0e-05, 0, -19]
TEXT
)
seen=$(
    run <<'RB'
require 'net/ntp'

half, quarter = 0x8000, 0x4000
[[0, half, 0, quarter], [1, half, 2, quarter], [0, 1, 0, 0xfd70]].each do |delay, part, dispersion, its_part|
  head = [0x1c, 2, 6, 0xec].pack('C4') # version 3, mode 4, stratum 2, precision 2 ** -20
  body = [delay, part, dispersion, its_part, 10, 0, 0, 5].pack('n4 C4')
  answer = Net::NTP::Response.new(head + body + [4004848800, 0].pack('N2') * 4, 1795860000.0)
  sent = [delay + part / 65536.0, dispersion + its_part / 65536.0, -20]
  given = [answer.root_delay, answer.root_dispersion, answer.precision]
  puts "sent #{sent.map { |number| number.round(5) }}, given #{given.map { |number| number.round(5) }}"
end
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
