#!/usr/bin/env bash
# pki-tools 2.2.1 puts "/" and "+" of base64 into the path of an OCSP request as they are, and "//" behind some URLs.
#
# Expected: RFC 6960, appendix A.1: GET {url}/{url-encoding of base-64 encoding of the DER encoding of the OCSPRequest}.
# RFC 5019, section 5: clients must properly url-encode the base64; its example has %2F and %3D.
# Seen: none of the three characters is encoded, so that the request is several parts of a path, and empty ones where
# two "/" meet; servers and proxies that join these (nginx does unless told otherwise) pass on another request. Behind a
# URL that ends in "/", as those of most public CAs, the path begins with an empty part.
# Who meets it: whoever checks with it whether the certificate of a pool was revoked: some serial numbers can be asked
# for, others not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    annotated-types==0.8.0 anyio==4.16.0 certifi==2026.10.19.post1 cffi==2.1.1 cryptography==50.0.2 h11==0.16.0 \
    httpcore==1.0.9 httpx==0.28.1 idna==3.20 loguru==0.7.3 pki-tools==2.2.1 pycparser==3.12 pydantic==2.14.4 \
    pydantic_core==2.50.5 pytz==2026.6 PyYAML==6.0.4 typing-inspection==0.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
/ocsp asked for: /MGMwYTB...ayxsAs3MW+AgY/+/9e/74=, 6 parts
/ocsp should be: /MGMwYTB...AgY%2F%2B%2F9e%2F74%3D, 1 parts
/ocsp/ asked for: //MGMwYT...ayxsAs3MW+AgY/+/9e/74=, 7 parts
/ocsp/ should be: /MGMwYTB...AgY%2F%2B%2F9e%2F74%3D, 1 parts
TEXT
)
seen=$(
    run <<'PY'
import datetime
import http.server
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from loguru import logger
from pki_tools import Certificate, Chain, RevokeCheckFailed, RevokeMode, is_revoked

SERIAL = 0x3FFBFF5EFFBE
asked = []


class Responder(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_error(404)

    log_message = lambda *_: None


def certificate(name, number, extension):
    now = datetime.datetime.now(datetime.timezone.utc)
    key = ec.derive_private_key(number, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(ISSUER, subject, key.public_key(), SERIAL)
    builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    return Certificate.from_cryptography(builder.add_extension(extension, False).sign(CA_KEY, hashes.SHA256()))


ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso CA")])
CA_KEY = ec.derive_private_key(1, ec.SECP256R1())
chain = Chain(certificates=[certificate("Contoso CA", 1, x509.BasicConstraints(True, None))])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Responder)
threading.Thread(target=server.serve_forever, daemon=True).start()
logger.disable("pki_tools")
for path in "/ocsp", "/ocsp/":
    location = x509.UniformResourceIdentifier(f"http://127.0.0.1:{server.server_port}{path}")
    access = x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)])
    try:
        is_revoked(certificate("pool.contoso.com", 2, access), chain, revoke_mode=RevokeMode.OCSP_ONLY)
    except RevokeCheckFailed:
        pass
    text = asked.pop().removeprefix("/ocsp")
    right = "/" + urllib.parse.quote(text.lstrip("/"), safe="")
    for name, seen in ("asked for", text), ("should be", right):
        print(f"{path} {name}: {seen[:8]}...{seen[-22:]}, {seen.count('/')} parts")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
