#!/usr/bin/env bash
# har2pm 0.1.9 cuts values of a query at their last equals sign, and sends bodies with POST alone.
#
# Expected: the URL standard: a value begins behind the first "=" and may have more of them, as base64 does at its end.
# HAR 1.2: postData is of each request that has it, PUT and PATCH too. Postman's format, "Url": the host is without the
# port, which has a field of its own.
# Seen: "token=c2lnbg==" gets an empty value, "filter=id=7" the value 7. PUT has no body. A port stands in the host and
# beside it, so that Postman asks for host:8443:8443. A body of XML ends it, whatever else the file has.
# Who meets it: whoever repeats with Postman what a browser did: it asks for something else, and is refused.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    har2pm==0.1.9 jmespath==1.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
token=c2lnbg -> token=c2lnbg
token=c2lnbg== -> token=
filter=id=7 -> filter=7
POST -> {'mode': 'raw', 'raw': '{}'}
PUT -> {}
port -> pool.contoso.com:8443 8443
XML -> Exception
TEXT
)
seen=$(
    run <<'PY'
import json
import logging

from har2pm.har2postman import Har2Postman

logging.disable(logging.CRITICAL)


def convert(method, url, kind=None, text=""):
    request = {"method": method, "url": url, "headers": []}
    if kind:
        request["postData"] = {"mimeType": kind, "text": text}
    with open("one.har", "w") as file:
        json.dump({"log": {"entries": [{"request": request}]}}, file)
    collection = Har2Postman("one.har")
    try:
        collection.run(generate_file=False)
    except Exception as error:
        return type(error).__name__
    return collection.postman_collection["item"][0]["request"]


for query in ("token=c2lnbg", "token=c2lnbg==", "filter=id=7"):
    url = convert("GET", f"https://a/?{query}")["url"]
    print(query, "->", *(f"{each['key']}={each['value']}" for each in url["query"]))
for method in ("POST", "PUT"):
    print(method, "->", convert(method, "https://a/", "application/json", "{}")["body"])
url = convert("GET", "https://pool.contoso.com:8443/a")["url"]
print("port ->", ".".join(url["host"]), url["port"])
print("XML ->", convert("POST", "https://a/", "text/xml", "<a/>"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
