#!/usr/bin/env bash
# ruby-httpauth 0.2.1 (Debian 12) cannot answer the challenge that RFC 2617 has for an example.
#
# Expected: RFC 2617, section 3.2.1, and RFC 7616, section 3.3: qop is a list in quotes, "auth,auth-int"; section 3.5
# of RFC 2617 has it in its example. RFC 9110, section 5.6.4: in quotes a comma is text.
# Seen: from_header splits at each comma. The list becomes one way with a quotation mark in front, "\"auth", which it
# then does not support. What the package writes for two ways it cannot read itself. A realm with a comma loses what
# follows it, and keeps the first quotation mark; the response is made of that, and the server says no.
# Who meets it: whoever signs in with it to a server that offers auth-int, or whose realm is a sentence.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-httpauth=0.2.1+gh-1.1 ruby3.1=3.1.7+really3.1.2-0+deb12u1 \
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
realm="phones", nonce="n", qop="auth": answered for realm phones, auth
realm="phones", nonce="n", qop="auth,auth-int": HTTPAuth doesn't support any of the proposed qop values: ["\"auth"]
realm="phones, floor 2", nonce="n", qop="auth": answered for realm "phones, auth
its own: HTTPAuth doesn't support any of the proposed qop values: ["\"auth"]
TEXT
)
seen=$(
    run <<'RB'
require 'httpauth'
include HTTPAuth::Digest

def answer(name, challenge)
  options = { username: 'anna', password: 'secret', uri: '/phones', method: 'GET' }
  answer = Credentials.from_challenge(Challenge.from_header(challenge), options).h
  puts "#{name}: answered for realm #{answer[:realm]}, #{answer[:qop]}"
rescue HTTPAuth::UnsupportedError => error
  puts "#{name}: #{error.message}"
end

['phones", nonce="n", qop="auth"', 'phones", nonce="n", qop="auth,auth-int"',
 'phones, floor 2", nonce="n", qop="auth"'].each do |rest|
  answer(%(realm="#{rest}), %(Digest realm="#{rest}))
end
answer('its own', Challenge.new(realm: 'phones', qop: %w[auth auth-int]).to_header)
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
