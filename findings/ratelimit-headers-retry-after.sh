#!/usr/bin/env bash
# ratelimit-headers 0.1.0 drops a Retry-After beside X-RateLimit fields, and what the draft has had since version 8.
#
# Expected: its README: the forms of GitHub, Stripe, Twitter, the IETF draft and Retry-After come in one state. RFC
# 9110, section 10.2.3: Retry-After says how long to wait, whatever other fields stand beside it; section 5.6.7: each
# of the three forms of a date must be accepted.
# Seen: X-RateLimit fields hide Retry-After. "RateLimit" with "RateLimit-Policy", as the draft has had them since its
# version 8, is called the IETF draft, with neither limit nor rest nor time. A date in the form of RFC 850 or of
# asctime() gives no time.
# Who meets it: a client that is to wait for a minute and asks again at once, until the service shuts it out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ratelimit-headers==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
X-RateLimit-Limit: 15, X-RateLimit-Remaining: 0
   github limit 15 rest 0 wait None
X-RateLimit-Limit: 15, X-RateLimit-Remaining: 0, Retry-After: 60
   github limit 15 rest 0 wait None
X-Rate-Limit-Limit: 15, X-Rate-Limit-Remaining: 0, Retry-After: 60
   twitter limit 15 rest 0 wait None
RateLimit-Limit: 100, RateLimit-Remaining: 0, RateLimit-Reset: 60
   ietf limit 100 rest 0 wait 60
RateLimit: "default";r=0;t=60, RateLimit-Policy: "default";q=100;w=60
   ietf limit None rest None wait None
Retry-After: 60
   retry-after limit None rest None wait 60
Retry-After: Fri, 28 Nov 2025 11:00:00 GMT
   retry-after limit None rest None wait 0
Retry-After: Friday, 28-Nov-25 11:00:00 GMT
   retry-after limit None rest None wait None
Retry-After: Fri Nov 28 11:00:00 2025
   retry-after limit None rest None wait None
TEXT
)
seen=$(
    run <<'PY'
import ratelimit_headers as limits

for headers in (
    {"X-RateLimit-Limit": "15", "X-RateLimit-Remaining": "0"},
    {"X-RateLimit-Limit": "15", "X-RateLimit-Remaining": "0", "Retry-After": "60"},
    {"X-Rate-Limit-Limit": "15", "X-Rate-Limit-Remaining": "0", "Retry-After": "60"},
    {"RateLimit-Limit": "100", "RateLimit-Remaining": "0", "RateLimit-Reset": "60"},
    {"RateLimit": '"default";r=0;t=60', "RateLimit-Policy": '"default";q=100;w=60'},
    {"Retry-After": "60"},
    {"Retry-After": "Fri, 28 Nov 2025 11:00:00 GMT"},
    {"Retry-After": "Friday, 28-Nov-25 11:00:00 GMT"},
    {"Retry-After": "Fri Nov 28 11:00:00 2025"},
):
    state = limits.parse(response_headers=headers)
    print(", ".join(name + ": " + value for name, value in headers.items()))
    print("  ", state.source, "limit", state.limit, "rest", state.remaining, "wait", state.retry_after)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
