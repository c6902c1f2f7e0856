#!/usr/bin/env bash
# ruby-net-dns 0.9.1 (Debian 12) gives no record behind one that it does not read, such as a signature.
#
# Expected: RFC 1035, section 3.2.1: each record says how long its data is, so that a reader passes over what it does
# not know. RFC 6672, section 3.1, and RFC 4035, section 3.1.1: a DNAME stands before its CNAME, and the signature of a
# set beside it. The library warns of a type that it does not support, and goes on.
# Seen: it goes on at the same place. It tries the same record again for each that follows, and gives none of those.
# Who meets it: whoever asks with it for the update server in a domain that moved, or that is signed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-net-dns=0.9.1-2 ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
folders="usr/lib/ruby/vendor_ruby:usr/lib/ruby/3.1.0:usr/lib/x86_64-linux-gnu/ruby/3.1.0"
run() { RUBYLIB=$folders usr/bin/ruby3.1 --disable-gems -; }

expected=$(
    cat <<'TEXT'
CNAME, A:
  ucupdates-r2.contoso.com. CNAME pool.fabrikam.com.
  pool.fabrikam.com. A 192.0.2.81
DNAME, CNAME, A:
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::DNAME
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::DNAME
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::DNAME
CNAME, RRSIG, A:
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::RRSIG
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::RRSIG
  ucupdates-r2.contoso.com. CNAME pool.fabrikam.com.
CNAME, A, RRSIG:
Net::DNS unsupported record type: uninitialized constant Net::DNS::RR::RRSIG
  ucupdates-r2.contoso.com. CNAME pool.fabrikam.com.
  pool.fabrikam.com. A 192.0.2.81
TEXT
)
seen=$(
    run <<'RB'
require 'net/dns'

def name(text)
  text.split('.').map { |label| [label.size, label].pack('Ca*') }.join + "\0"
end

def record(owner, type, data)
  name(owner) + [type, 1, 60, data.size].pack('nnNn') + data
end

PHONE, POOL = 'ucupdates-r2.contoso.com', 'pool.fabrikam.com'
cname = record(PHONE, 5, name(POOL))
address = record(POOL, 1, [192, 0, 2, 81].pack('C4'))
dname = record('contoso.com', 39, name('fabrikam.com'))
covered = [5, 8, 3, 60, 1798761600, 1796083200, 1].pack('nCCN3n')
signature = record(PHONE, 46, covered + name('contoso.com') + 'signature')

$stderr = $stdout
{
  'CNAME, A' => [cname, address],
  'DNAME, CNAME, A' => [dname, cname, address],
  'CNAME, RRSIG, A' => [cname, signature, address],
  'CNAME, A, RRSIG' => [cname, address, signature]
}.each do |what, records|
  message = [1, 0x8180, 1, records.size, 0, 0].pack('n6') + name(PHONE) + [1, 1].pack('nn') + records.join
  puts "#{what}:"
  Net::DNS::Packet.parse(message).answer.each { |seen| puts "  #{seen.name} #{seen.type} #{seen.value}" }
end
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
