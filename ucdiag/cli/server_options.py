"""The options of ``check`` and ``probe`` about the server."""

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ucdiag.cli.options import PORT, WORD, Parsed, bundle, with_time_for
from ucdiag.cli.output import bytes_of
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.profile import from_profile
from ucdiag.model.phone import parse_mac, parse_serial
from ucdiag.model.urls import url_flaw
from ucdiag.model.visible_text import quoted, visible
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Account

PASSWORD = "UCDIAG_PASSWORD"  # of the environment: an argument could be read by others
LONGEST_BODY = 1 << 20  # bytes


def _parse_url(text: str) -> str:
    flaw = url_flaw(text)
    if flaw:
        raise ValueError(
            f"{quoted(text[:200])} cannot be used: {flaw}; give one such as http://192.0.2.10/RequestHandler/ucdevice.upx"
        )
    return text


def _parse_address(text: str) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(text.strip().removeprefix("[").removesuffix("]")))
    except ValueError:
        raise ValueError(
            f"{quoted(text[:200])} is not an IP address: give one such as 192.0.2.10, or use --url for a name"
        ) from None


def _parse_host(text: str) -> str:
    if not 0 < len(text) <= 300 or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{quoted(text[:100])} cannot stand in a Host header: give a name or an address")
    return text


def _parse_body(text: str) -> bytes:
    """The saved body itself; ``-`` is standard input. Raises ValueError where it cannot be read."""
    try:
        if text == "-":
            data = bytes_of(sys.stdin).read(LONGEST_BODY + 1)
        else:
            with Path(text).open("rb") as file:
                data = file.read(LONGEST_BODY + 1)
    except OSError as error:
        raise ValueError(f"{quoted(text[:200])} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise ValueError(f"{quoted(text[:200])} cannot be read: {error}") from None
    if len(data) > LONGEST_BODY:
        raise ValueError(f"{quoted(text[:200])} is larger than {LONGEST_BODY:,} bytes, which no update request is")
    return data


def _parse_count(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 16 and lowest <= int(text) <= highest):
            raise ValueError(f"{quoted(text[:50])} is not a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def _parse_interval(text: str) -> Seconds:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ValueError(f"{quoted(text[:50])} is not a number of seconds from 0 to 3600")
    return seconds


def _parse_ca(text: str) -> str:
    try:
        with Path(text).open("rb") as file:
            is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
            begin = b"" if is_pipe else file.read(1 << 20)
    except (OSError, ValueError) as error:
        raise ValueError(f"{quoted(text[:200])} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if is_pipe:
        raise ValueError(f"{quoted(text[:200])} is a pipe, and the roots are read for each server: give a file")
    if b"-----BEGIN CERTIFICATE-----" not in begin:
        raise ValueError(f"{quoted(text[:200])} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    return text


def _parse_proxy(text: str) -> str:
    from ucdiag.probe.tcp import proxy_endpoint
    from ucdiag.runtime.context import CannotTest

    try:
        proxy_endpoint(text)
    except CannotTest as error:
        raise ValueError(error.text) from None
    return text


# The options that have the names of the record's fields.
_SERVER_OPTIONS = ("url", "address", "port", "external", "host", "download", "repeat", "interval")


def _parse_other_phone(text: str) -> tuple[str, str | None]:
    """``MAC`` or ``MAC,SERIAL``. Raises ValueError, with one sentence, for anything else."""
    mac, comma, serial = text.partition(",")
    return parse_mac(mac), parse_serial(serial) if comma else None


def _forget_other_server(values: dict[str, Any]) -> None:
    """Drop the profile's server if the command line names one."""
    named = [name for name in ("url", "address", "port", "external") if values[name] and not from_profile(name)]
    for name in ("url", "address", "port", "external", "host"):
        if from_profile(name) and named:
            values[name] = False if name == "external" else None


def _gather_server(values: dict[str, Any]) -> None:
    _forget_other_server(values)
    server = ServerOptions(
        saved=values.pop("body"),
        limit=values.pop("download_bytes"),
        compare=values.pop("compare_mac"),
        **{name: values.pop(name) for name in _SERVER_OPTIONS},
    )
    if server.url is not None and server.port is not None:
        raise click.UsageError(
            "--url and --port do not go together: put the port into the URL, such as http://192.0.2.10:8080/"
        )
    if server.url is not None and server.external:
        raise click.UsageError(
            "--url and --external do not go together: put /RequestHandlerExt/ucdevice.upx into the URL."
        )
    if not server.download and server.limit is not None:
        raise click.UsageError("--no-download and --download-bytes do not go together.")
    values["server"] = server
    ca, proxy, user = values.pop("ca"), values.pop("proxy"), values.pop("user")
    account = _ask_account(user) if user is not None else None
    context = replace(values["context"], ca=ca, proxy=proxy, account=account)
    more = (server.repeat - 1) * (server.interval + context.timeout)
    values["context"] = with_time_for(context, more) if more else context


def _ask_account(user: str) -> Account:
    """The account of that name, its password from the environment or asked for."""
    from importlib.util import find_spec

    if find_spec("spnego") is None:
        raise click.UsageError("--user needs the package pyspnego: pip install 'ucdiag[ntlm]'")
    password = os.environ.get(PASSWORD)
    if password is None:
        if not sys.stdin.isatty():
            raise click.UsageError(f"The password of {user} is asked for on a terminal, or read from {PASSWORD}.")
        password = str(click.prompt(visible(f"Password of {user}"), hide_input=True, err=True))
    return Account(user, password)


server_options = bundle(
    [
        plain_option("--url", type=Parsed("URL", _parse_url), help="Ask this URL instead of what DNS says."),
        plain_option(
            "--address", type=Parsed("ADDR", _parse_address), help="Ask this address instead of what DNS says."
        ),
        plain_option("--port", type=PORT, help="Ask this port only (443, 4443: https).  [default: 80, then 443]"),
        plain_option("--external", is_flag=True, help="Ask as a phone outside: https, /RequestHandlerExt/."),
        plain_option("--host", type=Parsed("NAME", _parse_host), help="The Host header, if not the name looked up."),
        plain_option(
            "--body",
            type=Parsed("FILE", _parse_body),
            help="Send this body or whole request, saved from a real phone, with --mac and --serial put in.",
        ),
        plain_option("--download/--no-download", default=True, help="Fetch an offered file whole, or not at all."),
        plain_option(
            "--download-bytes", type=Parsed("N", _parse_count(1, 1 << 40)), help="Stop the download after N bytes."
        ),
        plain_option(
            "--compare-mac",
            type=Parsed("MAC[,SERIAL]", _parse_other_phone),
            help="Ask the same server as this phone too, and show what each is served.",
        ),
        plain_option(
            "--repeat",
            type=Parsed("N", _parse_count(1, 10_000)),
            default="1",
            show_default=True,
            help="Ask each address N times.",
        ),
        plain_option(
            "--interval",
            type=Parsed("SECONDS", _parse_interval),
            default="1",
            show_default=True,
            help="Pause between repetitions.",
        ),
        plain_option(
            "--user",
            type=WORD,
            help="Sign in as this user where the external path asks for it (the password is asked for).",
        ),
        plain_option("--ca", type=Parsed("FILE", _parse_ca), help="Trust these roots (PEM) instead of the machine's."),
        plain_option(
            "--proxy",
            type=Parsed("URL", _parse_proxy),
            help="Go through this HTTP proxy (none is taken from the environment).",
        ),
    ],
    _gather_server,
)
