#!/usr/bin/env bash
# libxmlrpc-light-ocaml-dev 0.6.1 (Debian 12) takes local time for UTC where it is told to give UTC.
#
# Expected: by its manual from_unixfloat_utc makes a time "from epoch seconds in UTC", and to_unixfloat_utc gives such
# seconds of one. The epoch of Unix is one everywhere (POSIX, section 4.19), so both give the same in each zone.
# Seen: they hand the seconds to localtime(), and the fields in UTC to mktime(). In Germany ten o'clock is eleven, or
# twelve in summer, and both said to be UTC. from_unixfloat and to_unixfloat, for local time, are right in winter alone:
# in summer they have the offset of winter.
# Who meets it: whoever compares with it the times that a server gives with those of a log.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ocaml=4.13.1-4 ocaml-base=4.13.1-4 libxmlrpc-light-ocaml-dev=0.6.1-5+b8 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export OCAMLLIB=$PWD/usr/lib/ocaml CAML_LD_LIBRARY_PATH=$PWD/usr/lib/ocaml/stublibs
run() {
    cat >main.ml && usr/bin/ocamlc -I +xmlrpc-light unix.cma str.cma xmlrpc-light.cma main.ml -o main
    for zone in UTC CET-1CEST,M3.5.0,M10.5.0/3 IST-5:30; do TZ=$zone usr/bin/ocamlrun main; done
}

expected=$(
    cat <<'TEXT'
UTC:
  1796032800 is 20261130T10:00:00 in UTC, 20261130T10:00:00 here
  20261130T10:00:00Z is 1796032800 in UTC, 1796032800 here
  1782986400 is 20260702T10:00:00 in UTC, 20260702T10:00:00 here
  20260702T10:00:00Z is 1782986400 in UTC, 1782986400 here
CET-1CEST,M3.5.0,M10.5.0/3:
  1796032800 is 20261130T11:00:00 in UTC, 20261130T11:00:00+01:00 here
  20261130T10:00:00Z is 1796029200 in UTC, 1796032800 here
  1782986400 is 20260702T12:00:00 in UTC, 20260702T12:00:00+01:00 here
  20260702T10:00:00Z is 1782979200 in UTC, 1782982800 here
IST-5:30:
  1796032800 is 20261130T15:30:00 in UTC, 20261130T15:30:00+05:30 here
  20261130T10:00:00Z is 1796013000 in UTC, 1796032800 here
  1782986400 is 20260702T15:30:00 in UTC, 20260702T15:30:00+05:30 here
  20260702T10:00:00Z is 1782966600 in UTC, 1782986400 here
TEXT
)
seen=$(
    run <<'ML'
let () =
  Printf.printf "%s:\n" (Sys.getenv "TZ");
  List.iter
    (fun (text, seconds) ->
      let time = XmlRpcDateTime.of_string text in
      Printf.printf "  %.0f is %s in UTC, %s here\n" seconds
        XmlRpcDateTime.(to_string (from_unixfloat_utc seconds))
        XmlRpcDateTime.(to_string (from_unixfloat seconds));
      Printf.printf "  %s is %.0f in UTC, %.0f here\n" text
        (XmlRpcDateTime.to_unixfloat_utc time)
        (XmlRpcDateTime.to_unixfloat time))
    [ ("20261130T10:00:00Z", 1796032800.); ("20260702T10:00:00Z", 1782986400.) ]
ML
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
