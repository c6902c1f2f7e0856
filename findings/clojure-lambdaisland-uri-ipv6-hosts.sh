#!/usr/bin/env bash
# liblambdaisland-uri-clojure 1.13.95 (Debian 12) loses an IPv6 host, and writes http://[2001:db8::51]/x as http:/x.
#
# Expected: RFC 3986, section 3.2.2: an IPv6 address stands in brackets, and is a host. By its own text the library
# reads and writes URIs, and joins references as section 5 of it.
# Seen: without an error host, port, and user are nil, while scheme and path are read. Written again, the host is
# missing, and so it is in a reference that is joined to it.
# Who meets it: whoever asks an update service by its address in a network of IPv6, with what Clojure has for URIs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    liblambdaisland-uri-clojure=1.13.95-2 libclojure-java=1.11.1-2 \
    libspec-alpha-clojure=0.3.218-1 libcore-specs-alpha-clojure=0.2.62-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
java=$PWD/usr/share/java
libraries=$java/uri.jar:$java/clojure-1.11.1.jar:$java/spec.alpha.jar:$java/core.specs.alpha.jar
run() { cat >main.clj && java -cp "$libraries" clojure.main main.clj; }

expected=$(
    cat <<'TEXT'
http://192.0.2.81:8080/update: host 192.0.2.81, port 8080, path /update
  written http://192.0.2.81:8080/update, joined with ../x http://192.0.2.81:8080/x
http://[2001:db8::51]:8080/update: host , port , path /update
  written http:/update, joined with ../x http:/x
http://phone@[2001:db8::51]/update: host , port , path /update
  written http:/update, joined with ../x http:/x
TEXT
)
seen=$(
    run <<'CLJ'
(require '[lambdaisland.uri :as uri])

(doseq [text ["http://192.0.2.81:8080/update"
              "http://[2001:db8::51]:8080/update"
              "http://phone@[2001:db8::51]/update"]]
  (let [read (uri/uri text)]
    (println (str text ": host " (:host read) ", port " (:port read) ", path " (:path read)))
    (println (str "  written " read ", joined with ../x " (uri/join text "../x")))))
CLJ
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
