#!/usr/bin/env bash
# multipart-parser 0.1.1 of Ruby (Debian 12) stops at a field of a part whose name has a digit, as Content-MD5.
#
# Expected: RFC 2045, section 3, and RFC 5322, section 2.2: a part's fields have any printable names; a reader passes
# over those that it does not know. Content-MD5 is one (RFC 1864).
# Seen: letters and hyphens are read alone. At a digit the reading ends: no part is given, also none of those before it
# in the same write is finished; the error names octets, not the field.
# Who meets it: whoever takes with it logs that a program uploads with their checksum.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-multipart-parser=0.1.1-4 ruby3.1=3.1.7+really3.1.2-0+deb12u1 \
    libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export RUBYLIB=$PWD/usr/lib/ruby/3.1.0:$PWD/usr/lib/x86_64-linux-gnu/ruby/3.1.0
run() { usr/bin/ruby3.1 --disable-gems -I usr/share/rubygems-integration/all/gems/multipart-parser-0.1.1/lib -; }

expected=$(
    cat <<'TEXT'
Content-Type: log: first, log: hello, ended: true
Content-Language: log: first, log: hello, ended: true
Content-MD5: log: first, Parser error, 119 of 165 bytes parsed, ended: false
TEXT
)
seen=$(
    run <<'RB'
require 'multipart_parser/reader'

['Content-Type: text/plain', 'Content-Language: de', 'Content-MD5: XUFAKrxLKna5cZ2REBfFkg=='].each do |field|
  seen = []
  reader = MultipartParser::Reader.new('b1')
  reader.on_error { |error| seen << error }
  reader.on_part { |part| part.on_data { |data| seen << "#{part.name}: #{data}" } }
  log = %(Content-Disposition: form-data; name="log"\r\n)
  reader.write("--b1\r\n#{log}\r\nfirst\r\n--b1\r\n#{log}#{field}\r\n\r\nhello\r\n--b1--\r\n")
  puts "#{field[/[^:]+/]}: #{seen.join(', ')}, ended: #{reader.ended?}"
end
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
