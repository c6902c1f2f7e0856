#!/usr/bin/env bash
# rfc-9727-pure 0.1.0 finds no link in a catalogue of the form that its RFC gives.
#
# Expected: RFC 9727, section 4.1, has catalogues in the linkset format of RFC 9264. RFC 9264, section 4.2.2: the name
# of a member is the relation type, and its value an array of target objects, each with "href" and attributes of the
# target; the relation is not repeated in it. Section 4.2.4.2: "title*" and others are arrays. Any relation may occur.
# Seen: a target object counts only if it has a member "rel", which RFC 9264 does not know, so that a catalogue as in
# RFC 9727 has no link, and the check says that "item" is missing. What is read is what nobody writes. Relations that
# are not in a list of ten, such as "service-meta" and "status" of RFC 8631, are left out. The profile, which the RFC
# has as a parameter of the media type, is looked for in each link.
# Who meets it: whoever looks up services by it: a host that publishes three has none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    rfc-9727-pure==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
items: 0 links []
   No 'item' links present
   Missing profile URI
descriptions: 0 links []
   No 'item' links present
   Missing profile URI
with the relation repeated: 2 links ['foo_api', 'bar_api']
   Missing profile URI
TEXT
)
seen=$(
    run <<'PY'
import json

from rfc9727 import parse_api_catalog, resolve_api_endpoints, validate_linkset

targets = [{"href": "https://developer.example.com/apis/" + name} for name in ("foo_api", "bar_api")]
described = {
    "anchor": "https://developer.example.com/apis/foo_api",
    "service-desc": [{"href": "https://developer.example.com/apis/foo_api/spec", "type": "application/yaml"}],
    "status": [{"href": "https://developer.example.com/apis/foo_api/status", "type": "application/json"}],
}
root = "https://www.example.com/.well-known/api-catalog"
for name, linkset in (
    ("items", [{"anchor": root, "item": targets}]),
    ("descriptions", [described]),
    ("with the relation repeated", [{"anchor": root, "item": [{**one, "rel": "item"} for one in targets]}]),
):
    catalogue = parse_api_catalog(json.dumps({"linkset": linkset}))
    paths = [one.rpartition("/")[2] for one in resolve_api_endpoints(catalogue)]
    print(name + ":", len(catalogue.items), "links", paths)
    for problem in validate_linkset(catalogue):
        print("  ", problem.partition(" — ")[0])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
