#!/usr/bin/env bash
# syslog-sd-logging 0.1.1 loses each message with an element that the standard names, where no enterprise number is set.
#
# Expected: RFC 5424, section 7: timeQuality, origin and meta are names without "@" and an enterprise number, and
# anybody may use them. Its own check says so: a number is asked for where the name has no "@" and is none of these.
# Seen: the next check asks for the number all the same, though it is not used then: with any number the element is
# [meta sequenceId="7"]. Without one, the message is not sent; logging prints a traceback and goes on. A message that is
# the number 0 is sent without any text.
# Who meets it: whoever logs with it, and says by "meta" which message it is, so that a lost one is noticed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    syslog-sd-logging==0.1.1 pytz==2026.6 tzlocal==5.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
without a number: nothing, ValueError: Enterprise ID is not set. Cannot build structured data ID.
with the number 311: - [meta sequenceId="7"] hello
origin, without a number: nothing, ValueError: Enterprise ID is not set. Cannot build structured data ID.
a name with a number in it: - [phone@311 port="7"] hello
the number 0: '- -'
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import logging
import socket

from syslog_sd_logging import Rfc5424SysLogHandler

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.settimeout(0.5)


def sent(message, number, **elements):
    handler = Rfc5424SysLogHandler(
        address=server.getsockname(), hostname="phone7", app_name="lync", procid=1,
        enterprise_id=number, msg_as_utf8=False,
    )
    errors = io.StringIO()
    logger = logging.Logger("phones")
    logger.addHandler(handler)
    with contextlib.redirect_stderr(errors):
        logger.error(message, extra={"structured_data": elements})
    handler.close()
    try:
        return server.recv(2048).decode().split(" ", 5)[5]
    except TimeoutError:
        return "nothing, " + next(line for line in errors.getvalue().splitlines() if line.startswith("ValueError"))


meta = {"sequenceId": "7"}
print("without a number:", sent("hello", None, meta=meta))
print("with the number 311:", sent("hello", "311", meta=meta))
print("origin, without a number:", sent("hello", None, origin={"ip": "192.0.2.7"}))
print("a name with a number in it:", sent("hello", None, **{"phone@311": {"port": "7"}}))
print("the number 0:", repr(sent(0, None)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
