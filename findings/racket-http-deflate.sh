#!/usr/bin/env bash
# racket 8.7 (Debian 12) asks for content in the coding deflate, and cannot read it.
#
# Expected: RFC 9110, section 8.4.1.2: "deflate" is the format of zlib (RFC 1950) with data of RFC 1951 in it; that some
# send the data without the format is noted as wrong. Section 12.5.3: Accept-Encoding is what a client can read.
# Seen: net/http-client sends "Accept-Encoding: gzip,deflate" unless it is told otherwise. It reads the two octets of
# the format as data: the content is empty, and the error is one of a thread behind it, so the caller sees none. Only
# what is sent without the format is read.
# Who meets it: whoever asks with it a server or a proxy that prefers deflate: the answer is no XML, but nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    racket=8.7+dfsg1-1 racket-common=8.7+dfsg1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
roots=$PWD/usr/lib/racket/compiled
mkdir -p "$roots$(dirname "$PWD")"
ln -s "$roots" "$roots$PWD"
run() {
    cat >main.rkt
    usr/bin/racket -X "$PWD/usr/share/racket/collects" -G "$PWD/etc/racket" -R "$roots" main.rkt
}

expected=$(
    cat <<'TEXT'
as it is: #"<a/>", asked: Accept-Encoding: gzip,deflate
(error: inflate: error in compressed data) deflate: #"", asked: Accept-Encoding: gzip,deflate
deflate, without the format of zlib: #"<a/>", asked: Accept-Encoding: gzip,deflate
TEXT
)
seen=$(
    run <<'RKT'
#lang racket/base
(require net/http-client racket/port racket/tcp)

(define (serve listener fields body)
  (define-values (in out) (tcp-accept listener))
  (define request (for/list ([line (in-lines in 'return-linefeed)] #:break (string=? line "")) line))
  (fprintf out "HTTP/1.1 200 OK\r\n~a\r\nConnection: close\r\n\r\n" fields)
  (write-bytes body out)
  (close-output-port out)
  request)

(define (show what fields body)
  (define listener (tcp-listen 0 4 #t "127.0.0.1"))
  (define-values (host port other other-port) (tcp-addresses listener #t))
  (define request #f)
  (define server (thread (λ () (set! request (serve listener fields body)))))
  (define-values (status header in) (http-sendrecv "127.0.0.1" "/" #:port port))
  (define content (port->bytes in))
  (thread-wait server)
  (define asked (for/first ([line request] #:when (regexp-match? #rx"^Accept-Encoding" line)) line))
  (printf "~a: ~s, asked: ~a\n" what content asked))

(parameterize ([error-display-handler (λ (message raised) (printf "(error: ~a) " message))])
  (define raw #"\1\4\0\373\377<a/>")
  (show "as it is" "Content-Type: text/xml" #"<a/>")
  (show "deflate" "Content-Encoding: deflate" (bytes-append #"\170\1" raw #"\2\263\1\v"))
  (show "deflate, without the format of zlib" "Content-Encoding: deflate" raw))
RKT
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
