#!/usr/bin/env bash
# guile 3.0.8 (Debian 12) cannot read an answer that asks for NTLM, and takes one of two schemes for a parameter.
#
# Expected: RFC 9110, section 11.3: a challenge may be its scheme alone; section 11.6.1: a field may have several
# challenges, and there may be several fields. IIS asks with "Negotiate" and "NTLM" so (RFC 4559, section 4.1). Section
# 5.6.6: the quotes are no part of a parameter's value, and in them a semicolon is text.
# Seen: read-response of (web response) raises bad-header-component for "NTLM" alone, and the status is not given. Of
# "Negotiate, NTLM" it makes the scheme negotiate with a parameter. The charset is "utf-8" with the quotes, and a quoted
# semicolon is an error.
# Who meets it: whoever asks with Guile for what IIS gives only to those who sign in, as it gives updates to phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    guile-3.0=3.0.8-2 guile-3.0-libs=3.0.8-2 libgc1=1:8.2.2-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export GUILE_LOAD_PATH=$PWD/usr/share/guile/3.0
export GUILE_LOAD_COMPILED_PATH=$PWD/usr/lib/x86_64-linux-gnu/guile/3.0/ccache
run() { usr/bin/guile-3.0 --no-auto-compile /dev/stdin; }

expected=$(
    cat <<'TEXT'
WWW-Authenticate: Basic realm="a" -> (401 ((www-authenticate (basic (realm . "a")))))
WWW-Authenticate: NTLM -> (bad-header-component challenge "NTLM")
WWW-Authenticate: Negotiate -> (bad-header-component challenge "Negotiate")
WWW-Authenticate: Negotiate, NTLM -> (401 ((www-authenticate (negotiate, NTLM))))
Content-Type: text/xml; charset="utf-8" -> (401 ((content-type text/xml (charset . "\"utf-8\""))))
Content-Type: text/xml; a="b;c" -> (bad-header content-type "text/xml; a=\"b;c\"")
TEXT
)
seen=$(
    run <<'SCM'
(use-modules (web response))

(for-each
 (lambda (field)
   (let ((text (string-append "HTTP/1.1 401 Unauthorized\r\n" field "\r\n\r\n")))
     (format #t "~a -> ~s~%" field
             (catch #t
               (lambda ()
                 (let ((response (call-with-input-string text read-response)))
                   (list (response-code response) (response-headers response))))
               (lambda (key . rest) (cons key rest))))))
 '("WWW-Authenticate: Basic realm=\"a\""
   "WWW-Authenticate: NTLM"
   "WWW-Authenticate: Negotiate"
   "WWW-Authenticate: Negotiate, NTLM"
   "Content-Type: text/xml; charset=\"utf-8\""
   "Content-Type: text/xml; a=\"b;c\""))
SCM
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
