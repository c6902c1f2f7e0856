#!/usr/bin/env bash
# digest-fetch 3.1.1 (npm) answers MD5-sess and SHA-256 with MD5, and counts where no qop is asked for.
#
# Expected: RFC 7616, section 3.3: an algorithm that is not understood is no ground for another one, its challenge is
# left aside; section 3.4: what is sent as algorithm is the one of the challenge. RFC 2617, section 3.2.2: cnonce and nc
# must not be sent where the server sent no qop. RFC 9110, section 5.6.4: a backslash in a quoted string is no part of
# it.
# Seen: an option of the package gives the algorithm, by default MD5, whatever the server asks for. Without qop nc and
# cnonce are sent all the same. A realm ends at a quotation mark that it contains.
# Who meets it: whoever signs in through it to old servers, or to those that ask for SHA-256 first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    digest-fetch@3.1.1 base-64@0.1.0 charenc@0.0.2 crypt@0.0.2 is-buffer@1.1.6 js-sha256@0.9.0 js-sha512@0.8.0 \
    md5@2.3.0 >&2 || {
    echo "could not install digest-fetch@3.1.1" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
realm="Contoso", qop="auth"
    realm="Contoso", qop=auth, algorithm=MD5, nc=00000001, cnonce=...
realm="Contoso", qop="auth", algorithm=MD5-sess
    realm="Contoso", qop=auth, algorithm=MD5, nc=00000001, cnonce=...
realm="Contoso", qop="auth", algorithm=SHA-256
    realm="Contoso", qop=auth, algorithm=MD5, nc=00000001, cnonce=...
realm="Contoso"
    realm="Contoso", algorithm=MD5, nc=00000001, cnonce=...
realm="The \"lab\"", qop="auth"
    realm="The \", qop=auth, algorithm=MD5, nc=00000001, cnonce=...
TEXT
)
seen=$(
    run <<'JS'
import DigestClient from "digest-fetch";

for (const more of [
  'realm="Contoso", qop="auth"',
  'realm="Contoso", qop="auth", algorithm=MD5-sess',
  'realm="Contoso", qop="auth", algorithm=SHA-256',
  'realm="Contoso"',
  'realm="The \\"lab\\"", qop="auth"',
]) {
  const client = new DigestClient("cx700", "secret");
  client.parseAuth(`Digest ${more}, nonce="c"`);
  const header = client.addAuth("http://lync.contoso.com/a", { method: "GET" }).headers.Authorization;
  const kept = header.replace(/^Digest /, "").split(/,\s*/);
  const names = kept.filter((part) => !/^(username|uri|nonce|response)=/.test(part));
  console.log(`${more}\n    ${names.join(", ").replace(/cnonce="\w+"/, "cnonce=...")}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
