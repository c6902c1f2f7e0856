#!/usr/bin/env bash
# libcalendar-ocaml 3.0.0 (Debian 12) takes noon for the next midnight, and the hour behind midnight for noon.
#
# Expected: by its manual "%I" is the hour (01..12) and "%p" is AM or PM, for reading and writing, as in date(1): 12:30
# PM is 12:30, and 12:30 AM is 00:30. It writes them so.
# Seen: from_fstring adds twelve hours for PM, to 12 as well: 12:30 PM is 00:30 of the next day, and at the end of
# December of the next year. To AM it adds nothing: 12:30 AM is 12:30. What it wrote itself it reads as another time.
# Who meets it: whoever reads with it what servers of the American English Windows write.
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
11/30/2026 12:30:00 AM: 2026-11-30 12:30, written 11/30/2026 12:30:00 PM
11/30/2026 01:30:00 AM: 2026-11-30 01:30, written 11/30/2026 01:30:00 AM
11/30/2026 12:30:00 PM: 2026-12-01 00:30, written 12/01/2026 12:30:00 AM
11/30/2026 01:30:00 PM: 2026-11-30 13:30, written 11/30/2026 01:30:00 PM
12/31/2026 12:00:00 PM: 2027-01-01 00:00, written 01/01/2027 12:00:00 AM
TEXT
)
seen=$(
    run <<'ML'
open CalendarLib

let () =
  List.iter
    (fun text ->
      let read = Printer.Calendar.from_fstring "%m/%d/%Y %I:%M:%S %p" text in
      let written = Printer.Calendar.sprint "%m/%d/%Y %I:%M:%S %p" read in
      Printf.printf "%s: %s, written %s\n" text (Printer.Calendar.sprint "%Y-%m-%d %H:%M" read) written)
    [
      "11/30/2026 12:30:00 AM";
      "11/30/2026 01:30:00 AM";
      "11/30/2026 12:30:00 PM";
      "11/30/2026 01:30:00 PM";
      "12/31/2026 12:00:00 PM";
    ]
ML
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
