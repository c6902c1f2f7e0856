#!/usr/bin/env bash
# ruby-net-http-digest-auth 1.4.1 (Debian 12) answers with all protections that a server offers, and counts from 0.
#
# Expected: RFC 7616, section 3.4: the field qop of an answer is one of those that the server offers, and nc counts the
# requests with this nonce: "The first request sent in response to a given nonce value" has 00000001. Section 3.3: the
# server offers them in quotes, with commas; names of fields may be in any case. RFC 9110, section 5.6.4: a backslash in
# a quoted text stands for the character behind it.
# Seen: the whole list, which for "auth,auth-int" makes two fields of it, the second one without a value; the hash is
# that of "auth,auth-int", too. nc is 00000000. For auth-int the hash leaves the body out. The realm ends at an escaped
# quotation mark; of "Realm" and "Nonce" nothing is taken.
# Who meets it: whoever fetches a page with it from IIS, which offers "auth", counts with it from 1, and says 401.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-net-http-digest-auth=1.4.1-1 ruby3.1=3.1.7+really3.1.2-0+deb12u1 \
    libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
folders=usr/lib/ruby/3.1.0:usr/lib/x86_64-linux-gnu/ruby/3.1.0:usr/lib/ruby/vendor_ruby
run() { RUBYLIB=$folders usr/bin/ruby3.1 --disable-gems -W0 -; }

expected=$(
    cat <<'TEXT'
Digest realm="r", nonce="n", qop="auth"
  realm="r" qop=auth nonce="n" nc=00000000: hash of nc 00000000 and qop auth
Digest realm="r", nonce="n", qop="auth,auth-int"
  realm="r" qop=auth,auth-int nonce="n" nc=00000000: hash of nc 00000000 and qop auth,auth-int
Digest realm="r", nonce="n", qop="auth-int"
  realm="r" qop=auth-int nonce="n" nc=00000000: hash of nc 00000000 and qop auth-int, without the body
Digest realm="the \"r\"", nonce="n", qop="auth"
  realm="the \" qop=auth nonce="n" nc=00000000: another hash
Digest Realm="r", Nonce="n", qop="auth"
  realm="" qop=auth nonce="" nc=00000000: another hash
TEXT
)
seen=$(
    run <<'RUBY'
require 'net/http'
require 'net/http/digest_auth'

md5 = ->(*parts) { Digest::MD5.hexdigest(parts.join(':')) }
url = URI('http://server.contoso.com/ucdevice.upx')
url.user = 'phone'
url.password = 'secret'
account = md5.('phone', 'r', 'secret')
plain = md5.('GET', url.path)
known = ['auth', 'auth,auth-int', 'auth-int'].map do |way|
  hash = md5.(account, 'n', '00000000', 'c', way, plain)
  [hash, "hash of nc 00000000 and qop #{way}#{', without the body' if way == 'auth-int'}"]
end.to_h

[
  'Digest realm="r", nonce="n", qop="auth"',
  'Digest realm="r", nonce="n", qop="auth,auth-int"',
  'Digest realm="r", nonce="n", qop="auth-int"',
  'Digest realm="the \"r\"", nonce="n", qop="auth"',
  'Digest Realm="r", Nonce="n", qop="auth"',
].each do |challenge|
  client = Net::HTTP::DigestAuth.new
  def client.make_cnonce = 'c'
  answer = client.auth_header(url, challenge, 'GET')
  fields = answer.split(', ').select { |field| field.match?(/\A(realm|qop|nonce|nc)=/) }
  puts challenge, "  #{fields.join(' ')}: #{known.fetch(answer[/response="(\h+)"/, 1], 'another hash')}"
end
RUBY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
