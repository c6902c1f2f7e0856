#!/usr/bin/env bash
# paccreator 0.2.2 sends a smaller network where the larger one around it goes.
#
# Expected: its documentation: overlaps are resolved "by first evaluating the exact subdomains", networks are "placed at
# the end". A network in another, or a domain in another, is the exacter one; at least the order of the file decides.
# Seen: single hosts are put before their domain, addresses before their network, domains and networks not. A smaller
# network that is named first comes behind the larger one if its entry has names too: an entry of both is split, and its
# second half goes to the end. pypac, which runs the script, takes the proxy. No error is raised.
# Who meets it: whoever makes a wpad.dat with it that should leave a part of the site, such as its phones, direct.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    paccreator==0.2.2 pyyaml==6.0.3 jinja2==3.1.6 markupsafe==3.0.3 pypac==0.19.0 dukpy==0.6.0 \
    requests==2.34.2 urllib3==2.6.0 idna==3.11 certifi==2025.11.12 charset-normalizer==3.4.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.1.2.3 direct: 10.1.2.3 by DIRECT, named last by DIRECT
pool.contoso.com direct: pool.contoso.com by DIRECT, named last by DIRECT
.voice.contoso.com direct: pool.voice.contoso.com by DIRECT, named last by PROXY proxy:80
10.1.0.0/16 direct, named first: 10.1.2.3 by DIRECT
10.1.0.0/16 fax.fabrikam.com direct, named first: 10.1.2.3 by PROXY proxy:80
TEXT
)
seen=$(
    run <<'PY'
import logging

from paccreator import load_from_dict
from pypac.parser import PACFile

logging.disable(logging.CRITICAL)
LARGE = {"route": "PROXY proxy:80", "tags": ["default"], "targets": ["10.0.0.0/8", ".contoso.com"]}


def route(host, *proxies):
    with load_from_dict({"proxies": proxies}) as maker:
        return PACFile(maker.output()).find_proxy_for_url(f"http://{host}/", host)


for small, host in (
    ("10.1.2.3", "10.1.2.3"),
    ("pool.contoso.com", "pool.contoso.com"),
    (".voice.contoso.com", "pool.voice.contoso.com"),
):
    direct = {"route": "DIRECT", "targets": [small]}
    print(f"{small} direct: {host} by {route(host, direct, LARGE)}, named last by {route(host, LARGE, direct)}")
for name in ((), ("fax.fabrikam.com",)):
    direct = {"route": "DIRECT", "targets": ["10.1.0.0/16", *name]}
    large = {"route": "PROXY proxy:80", "targets": ["10.0.0.0/8"]}
    print(*direct["targets"], "direct, named first: 10.1.2.3 by", route("10.1.2.3", direct, large))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
