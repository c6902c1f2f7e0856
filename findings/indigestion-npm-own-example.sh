#!/usr/bin/env bash
# indigestion 0.4.0 (npm) answers the example of RFC 2617 with another response.
#
# Expected: RFC 2617, section 3.5, has a challenge with qop="auth,auth-int" and the answer to it; qop is a list of which
# one is chosen (section 3.2.1). There and in RFC 7616 the algorithm is a token, without quotation marks. Parameters of
# an answer are separated by commas, nc has eight digits.
# Seen: the list is taken for one value: the answer says qop=auth,auth-int, and its response is computed with
# "undefined" for the request. An algorithm without quotation marks is not seen, so MD5-sess and SHA-256 are answered
# with MD5. There are no commas, and the first nc is "1".
# Who meets it: whoever signs in with it at IIS, phones or cameras: their servers say 401 again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    indigestion@0.4.0 >&2 || {
    echo "could not install indigestion@0.4.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
the RFC's response: 6629fae49393a05397450978507c4ef1
the RFC's challenge: qop=auth,auth-int nc=1 algorithm=MD5 response=b73824548e9b71ccf9d974b6e99d1665
auth alone: qop=auth nc=1 algorithm=MD5 response=95c727b8ed724ea2be8e9318e0e4f619
SHA-256 alone: qop=auth nc=1 algorithm=MD5 response=95c727b8ed724ea2be8e9318e0e4f619
MD5-sess: qop=auth nc=1 algorithm=MD5 response=95c727b8ed724ea2be8e9318e0e4f619
TEXT
)
seen=$(
    run <<'JS'
const { createHash } = require("node:crypto");
const { generateDigestAuth } = require("indigestion");

const NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
const user = { username: "Mufasa", password: "Circle Of Life", uri: "/dir/index.html", method: "GET" };

function answer(title, parameters) {
  const challenge = `Digest realm="testrealm@host.com", nonce="${NONCE}", ${parameters}`;
  const header = generateDigestAuth({ ...user, authenticateHeader: challenge, cnonce: "0a4f113b", nc: "00000000" });
  const part = (name) => (header.match(new RegExp(`\\b${name}="?([^" ]*)`)) || [])[1];
  console.log(`${title}:`, ...["qop", "nc", "algorithm", "response"].map((name) => `${name}=${part(name)}`));
}

const md5 = (text) => createHash("md5").update(text).digest("hex");
const secret = md5("Mufasa:testrealm@host.com:Circle Of Life");
console.log("the RFC's response:", md5(`${secret}:${NONCE}:00000001:0a4f113b:auth:${md5("GET:/dir/index.html")}`));
answer("the RFC's challenge", 'qop="auth,auth-int", opaque="5ccc069c403ebaf9f0171e9517f40e41"');
answer("auth alone", 'qop="auth"');
answer("SHA-256 alone", 'qop="auth", algorithm=SHA-256');
answer("MD5-sess", 'qop="auth", algorithm=MD5-sess');
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
