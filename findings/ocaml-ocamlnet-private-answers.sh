#!/usr/bin/env bash
# ocamlnet 4.1.9 (libocamlnet-ocaml-dev of Debian 12) reads no "Cache-Control: private", and no challenge of NTLM.
#
# Expected: nethttp.mli lists `Private among what get_cache_control gives. RFC 9111, section 5.2: names of directives
# are the same in capitals; 5.2.2.7: "private" may stand alone or with names of fields. RFC 9110, sections 11.3 and
# 11.6.1: a challenge is the name of a way to sign in, with parameters, with one token, or alone. RFC 9110, section
# 8.3.2: names of charsets are the same in capitals.
# Seen: "private" raises Bad_header_field in all forms, "no-cache" does not; "Max-Age" is an unknown extension. A
# challenge is read alone or with a token only where it is the single one and of Negotiate: NTLM, or both in one field,
# raise. For "Accept-Charset: UTF-8" best_charset() gives "*", none in particular.
# Who meets it: clients and proxies of OCaml behind which IIS stands: ASP.NET says "private" in each answer unless told
# otherwise, and IIS offers Negotiate and NTLM.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ocaml=4.13.1-4 ocaml-base=4.13.1-4 libocamlnet-ocaml-dev=4.1.9-1+b1 libocamlnet-ocaml=4.1.9-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export OCAMLLIB=$PWD/usr/lib/ocaml CAML_LD_LIBRARY_PATH=$PWD/usr/lib/ocaml/stublibs
libraries=(unix.cma str.cma bigarray.cma netsys_oothr.cma netsys.cma netstring.cma)
run() {
    cat >main.ml
    usr/bin/ocamlc -I +netsys -I +netstring "${libraries[@]}" main.ml -o main && usr/bin/ocamlrun main
}

expected=$(
    cat <<'TEXT'
Cache-Control: public: public
Cache-Control: no-cache: no-cache ()
Cache-Control: no-cache="Set-Cookie": no-cache (Set-Cookie)
Cache-Control: private: Bad_header_field of Nethttp.get_cache_control
Cache-Control: private="Set-Cookie": Bad_header_field of Nethttp.get_cache_control
Cache-Control: private, max-age=0: Bad_header_field of Nethttp.get_cache_control
Cache-Control: max-age=60: max-age 60
Cache-Control: Max-Age=60: extension Max-Age
WWW-Authenticate: Negotiate: Negotiate
WWW-Authenticate: Negotiate YIGe: Negotiate
WWW-Authenticate: Basic realm="phones": Basic
WWW-Authenticate: Digest realm="a", nonce="b", Basic realm="c": Digest; Basic
WWW-Authenticate: NTLM: Bad_header_field of Nethttp.get_www_authenticate
WWW-Authenticate: NTLM TlRMTVNTUAAC: Bad_header_field of Nethttp.get_www_authenticate
WWW-Authenticate: Negotiate, NTLM: Bad_header_field of Nethttp.get_www_authenticate
Accept-Charset: utf-8: utf-8
Accept-Charset: UTF-8: *
TEXT
)
seen=$(
    run <<'ML'
let header name value = new Netmime.basic_mime_header [ (name, value) ]

let show name value read =
  let read =
    try String.concat "; " (read (header name value))
    with Nethttp.Bad_header_field what -> "Bad_header_field of " ^ what
  in
  Printf.printf "%s: %s: %s\n" name value read

let caching header =
  let text = function
    | `Public -> "public"
    | `Private names -> "private (" ^ String.concat "," names ^ ")"
    | `No_cache names -> "no-cache (" ^ String.concat "," names ^ ")"
    | `Max_age seconds -> Printf.sprintf "max-age %d" seconds
    | `Extension (name, _) -> "extension " ^ name
    | _ -> "other"
  in
  List.map text (Nethttp.Header.get_cache_control header)

let challenges header = List.map fst (Nethttp.Header.get_www_authenticate header)
let charset header = [ Nethttp.Header.best_charset header [ "iso-8859-1"; "utf-8" ] ]

let () =
  List.iter
    (fun value -> show "Cache-Control" value caching)
    [ "public"; "no-cache"; "no-cache=\"Set-Cookie\""; "private"; "private=\"Set-Cookie\"";
      "private, max-age=0"; "max-age=60"; "Max-Age=60" ];
  List.iter
    (fun value -> show "WWW-Authenticate" value challenges)
    [ "Negotiate"; "Negotiate YIGe"; "Basic realm=\"phones\""; "Digest realm=\"a\", nonce=\"b\", Basic realm=\"c\"";
      "NTLM"; "NTLM TlRMTVNTUAAC"; "Negotiate, NTLM" ];
  List.iter (fun value -> show "Accept-Charset" value charset) [ "utf-8"; "UTF-8" ]
ML
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
