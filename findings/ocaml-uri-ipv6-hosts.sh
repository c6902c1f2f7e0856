#!/usr/bin/env bash
# liburi-ocaml 4.2.0 (Debian 12) takes an IPv6 host for a part of the path.
#
# Expected: RFC 3986, section 3.2.2: an IPv6 address stands in brackets, and the port behind them. By its description
# the library is one for that standard.
# Seen: the host is an empty text, there is no port, and the path begins with the address, its brackets in per cent.
# Written again, the URI has three slashes. What is made of a host and a port has the colons in per cent. It is issue
# 163 of mirage/ocaml-uri, and mended in 4.4.0.
# Who meets it: whoever asks an update service by its address in a network of IPv6, with cohttp as well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ocaml=4.13.1-4 ocaml-base=4.13.1-4 liburi-ocaml=4.2.0-1+b4 liburi-ocaml-dev=4.2.0-1+b4 \
    libangstrom-ocaml=0.15.0-1+b3 libbigstringaf-ocaml=0.9.0-1 libstringext-ocaml=1.6.0-1+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export OCAMLLIB=$PWD/usr/lib/ocaml CAML_LD_LIBRARY_PATH=$PWD/usr/lib/ocaml/stublibs
folders=(-I +uri -I +angstrom -I +bigstringaf -I +stringext)
libraries=(unix.cma bigarray.cma stringext.cma bigstringaf.cma angstrom.cma uri.cma)
run() {
    cat >main.ml
    usr/bin/ocamlc "${folders[@]}" "${libraries[@]}" main.ml -o main && usr/bin/ocamlrun main
}

expected=$(
    cat <<'TEXT'
http://192.0.2.81:8080/update: host "192.0.2.81", port 8080, path /update
  written http://192.0.2.81:8080/update
http://[2001:db8::51]:8080/update: host "", port none, path %5B2001:db8::51%5D:8080/update
  written http:///%5B2001:db8::51%5D:8080/update
http://[2001:db8::51]/update: host "", port none, path %5B2001:db8::51%5D/update
  written http:///%5B2001:db8::51%5D/update
http://2001%3Adb8%3A%3A51:8080/update
TEXT
)
seen=$(
    run <<'ML'
let text = Option.value ~default:"none"

let () =
  List.iter
    (fun url ->
      let uri = Uri.of_string url in
      let port = text (Option.map string_of_int (Uri.port uri)) in
      Printf.printf "%s: host \"%s\", port %s, path %s\n" url (text (Uri.host uri)) port (Uri.path uri);
      Printf.printf "  written %s\n" (Uri.to_string uri))
    [ "http://192.0.2.81:8080/update"; "http://[2001:db8::51]:8080/update"; "http://[2001:db8::51]/update" ];
  print_endline (Uri.to_string (Uri.make ~scheme:"http" ~host:"2001:db8::51" ~port:8080 ~path:"/update" ()))
ML
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
