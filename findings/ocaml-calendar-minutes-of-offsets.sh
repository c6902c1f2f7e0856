#!/usr/bin/env bash
# libcalendar-ocaml 3.0.0 (Debian 12) drops the minutes of an offset from UTC.
#
# Expected: by its manual from_fstring reads "%z" as "time zone in the form +hhmm (e.g. -0400)", and "%:z" with a colon.
# 10:00 at -0330 is 13:30 in UTC, RFC 5322, section 3.3, and so a log of a web server writes it.
# Seen: each offset is taken for whole hours: 10:00 at -0330 is 13:00, and 10:00 at +0530, the time of India, is 05:00.
# Who meets it: whoever reads logs of such places with it: they are half an hour off, or three quarters in Nepal.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ocaml=4.13.1-4 ocaml-base=4.13.1-4 libre-ocaml-dev=1.10.4-1 \
    libcalendar-ocaml=3.0.0-1 libcalendar-ocaml-dev=3.0.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export OCAMLLIB=$PWD/usr/lib/ocaml CAML_LD_LIBRARY_PATH=$PWD/usr/lib/ocaml/stublibs
run() {
    cat >main.ml
    usr/bin/ocamlc -w -a -I +calendar -I +re unix.cma str.cma re.cma calendarLib.cma main.ml -o main
    usr/bin/ocamlrun main
}

expected=$(
    cat <<'TEXT'
30/Nov/2026:10:00:00 +0000: 2026-11-30 10:00 UTC
30/Nov/2026:10:00:00 -0300: 2026-11-30 13:00 UTC
30/Nov/2026:10:00:00 -0330: 2026-11-30 13:00 UTC
30/Nov/2026:10:00:00 +0530: 2026-11-30 05:00 UTC
30/Nov/2026:10:00:00 +0545: 2026-11-30 05:00 UTC
2026-11-30T10:00:00-03:30: 2026-11-30 13:00 UTC
TEXT
)
seen=$(
    run <<'ML'
open CalendarLib

let () =
  List.iter
    (fun (format, text) ->
      let read = Printer.Calendar.from_fstring format text in
      Printf.printf "%s: %s UTC\n" text (Printer.Calendar.sprint "%Y-%m-%d %H:%M" read))
    [
      ("%d/%b/%Y:%H:%M:%S %z", "30/Nov/2026:10:00:00 +0000");
      ("%d/%b/%Y:%H:%M:%S %z", "30/Nov/2026:10:00:00 -0300");
      ("%d/%b/%Y:%H:%M:%S %z", "30/Nov/2026:10:00:00 -0330");
      ("%d/%b/%Y:%H:%M:%S %z", "30/Nov/2026:10:00:00 +0530");
      ("%d/%b/%Y:%H:%M:%S %z", "30/Nov/2026:10:00:00 +0545");
      ("%Y-%m-%dT%H:%M:%S%:z", "2026-11-30T10:00:00-03:30");
    ]
ML
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
