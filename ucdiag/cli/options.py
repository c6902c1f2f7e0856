"""Options that mean the same everywhere, as decorators.

The bundles hand a command one finished object (``view``, ``context``, ``phone``), the single ones a value. Every
option also reads the environment: ``UCDIAG_<COMMAND>_<OPTION>`` for one command, else ``UCDIAG_<OPTION>``.
"""

import contextlib
import functools
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ucdiag.cli.crash import FORCE, FORMAT, VERBOSE, print_message
from ucdiag.cli.crash import OUTPUT as OUTPUT_NAME
from ucdiag.cli.output import need_standard_output
from ucdiag.cli.plain_help import WithPlainHelpOption, plain_option
from ucdiag.cli.profile import profile_options
from ucdiag.cli.runner import ViewOptions
from ucdiag.cli.targets import STANDARD_OUTPUT, Target, targets_of
from ucdiag.cli.typed_options import TYPED
from ucdiag.cli.variables import PREFIX, nearest_variable
from ucdiag.model.patterns import pattern
from ucdiag.model.phone import Phone, parse_firmware, parse_mac, parse_serial
from ucdiag.model.urls import LOCALHOST, is_address, is_localhost, usable_host
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import Context, Endpoint, canonical_host
from ucdiag.runtime.progress import Waiting
from ucdiag.runtime.run_limit import RunLimit
from ucdiag.views import FORMATS, general_formats

if TYPE_CHECKING:
    from click.parser import _OptionParser

F = TypeVar("F", bound=Callable[..., Any])

SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 0.1, 600.0
LONGEST_RUN = 600.0  # seconds, by default: a file of 30 MB takes eight minutes at half a megabit a second
_MOST_TIME = 86400.0


class Command(WithPlainHelpOption):
    """A command whose every option reads the environment, under its own name and under the shared one."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        for parameter in self.params:
            if isinstance(parameter, click.Option) and parameter.envvar is None and parameter.expose_value:
                word = max((spelling for spelling in parameter.opts), key=len).lstrip("-").replace("-", "_").upper()
                own = (name or "").replace("-", "_").upper()
                parameter.envvar = [f"UCDIAG_{own}_{word}", f"UCDIAG_{word}"]

    def make_parser(self, ctx: click.Context) -> "_OptionParser":
        """A parser that finds short options where it looks first, among the long ones. Where click does not find one
        there, it loads ``difflib``, to suggest another."""
        parser = super().make_parser(ctx)
        with contextlib.suppress(AttributeError):  # a click that has other names for them
            parser._long_opt.update(parser._short_opt)
        return parser

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words as they were typed; see ``typed_options``."""
        ctx.meta[TYPED] = tuple(args)
        if sys.platform == "win32" and not ctx.resilient_parsing:
            _note_swallowed_quotes(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Say first of a variable that is nearly one of an option's that it is none."""
        own = {name for parameter in self.params for name in parameter.envvar or ()}
        nearly = _nearly_one_of(own)
        if nearly:
            # To know the options of the other commands loads them all.
            from ucdiag.cli.main import COMMANDS
            from ucdiag.cli.usage_errors import mistyped_variables

            for name, meant in mistyped_variables(nearly, COMMANDS):
                print_message(f"the environment variable {name} is not used: did you mean {meant}?")
        return super().invoke(ctx)


def _note_swallowed_quotes(args: list[str]) -> None:
    """Say of a word what made it: no name on Windows has a double quote."""
    for word in args:
        if '"' in word:
            print_message(
                f"{quoted(word)} holds a quote, and perhaps what came behind it: a backslash before a closing quote is "
                "taken for the quote's own. Leave that backslash out."
            )


def _nearly_one_of(own: set[str]) -> list[str]:
    """The variables of the environment whose names are nearly one of these, and none of them."""
    return [name for name in os.environ if name.startswith(PREFIX) and nearest_variable(name, own)]


def command(name: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """The decorator of a command; its docstring is the help."""
    settings.setdefault("context_settings", {"help_option_names": ["-h", "--help"], "max_content_width": 100})
    return click.command(name, cls=Command, **settings)


if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:  # generic only in newer versions of click
    _ParamType = click.ParamType


class Parsed(_ParamType):
    """A type made of a function that raises ValueError with one sentence."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A value that is no text is a default, or was converted before."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class File(Parsed):
    """A file's name. A variable names one, whatever blanks are in it."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [rv]


def _parse_number(text: str, advice: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or len(text) > 100:
        raise ValueError(f"{quoted(text[:100])} is not a number: {advice}")
    return number


def parse_timeout(text: str) -> Seconds:
    """Seconds, from 0.1 to 600. Raises ValueError for anything else."""
    advice = f"give seconds from {SHORTEST_TIMEOUT:g} to {LONGEST_TIMEOUT:g}"
    number = _parse_number(text, advice)
    if not SHORTEST_TIMEOUT <= number <= LONGEST_TIMEOUT:
        raise ValueError(f"{quoted(text)} seconds is out of range: {advice}")
    return number


def parse_max_time(text: str) -> Seconds:
    """Seconds, from 0.1 to a day. Raises ValueError for anything else."""
    advice = f"give seconds from {SHORTEST_TIMEOUT:g} to {_MOST_TIME:g}"
    number = _parse_number(text, advice)
    if not SHORTEST_TIMEOUT <= number <= _MOST_TIME:
        raise ValueError(f"{quoted(text)} seconds is out of range: {advice}")
    return number


def parse_port(text: str) -> int:
    """A TCP port. Raises ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) < 65536):
        raise ValueError(f"{quoted(text[:100])} is not a port: give a number from 1 to 65535")
    return int(text)


_PLACES = pattern(r"(\[[^\[\]]+\]|[^:\[\]]+):([^:]+):(\[[^\[\]]+\]|[^:\[\]]+):([^:]+)")


def parse_connect_to(text: str) -> tuple[Endpoint, Endpoint]:
    """``HOST:PORT:HOST:PORT`` as ((meant host, port), (real address, port)); IPv6 addresses stand in brackets.

    What is meant is a name or an address, spelled by ``canonical_host``; where the connection really goes is an
    address, or ``localhost``, so that nothing has to be looked up for it. Raises ValueError for anything else.
    """
    match = _PLACES.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{quoted(text[:300])} is not HOST:PORT:HOST:PORT: give where a connection is meant to go, then where it "
            "shall go, such as 192.0.2.10:80:127.0.0.1:8080 (IPv6 addresses in brackets)"
        )
    meant, meant_port, real, real_port = match.groups()
    ports = parse_port(meant_port), parse_port(real_port)
    place = _parse_place(meant)
    if place is None:
        raise ValueError(
            f"{quoted(meant[:300])} is neither a name nor an address: give where a connection is meant to go, such as "
            "ucupdates-r2.contoso.com, 192.0.2.10 or [2001:db8::10]"
        )
    goes = _parse_place(real)
    if goes is not None and is_localhost(goes):
        goes = LOCALHOST
    if goes is None or not is_address(goes):
        raise ValueError(
            f"{quoted(real[:300])} is no address to connect to: give where the connection shall go as an address, such "
            "as 127.0.0.1 or [::1], because no name is looked up for it"
        )
    return (place, ports[0]), (goes, ports[1])


def _parse_place(text: str) -> str | None:
    """A name or an address in one spelling, as it stands in ``HOST:PORT``; None for what is neither."""
    if text.startswith("["):
        inside = text[1:-1]
        return canonical_host(inside) if ":" in inside and is_address(inside) else None
    return canonical_host(text) if usable_host(text) else None


def _parse_word(text: str) -> str:
    """A part of the phone's description that goes into the request: one short printable word or two."""
    text = text.strip()
    if not 0 < len(text) <= 64 or not text.isprintable():
        raise ValueError(f"{quoted(text[:100])} is not usable: give 1 to 64 printable characters")
    return text


def _parse_site(text: str) -> str:
    """A site's name, often that of a host, which may have 253 characters."""
    text = text.strip()
    if not 0 < len(text) <= 255 or not text.isprintable():
        raise ValueError(f"{quoted(text[:100])} is not usable: give 1 to 255 printable characters")
    return text


def _parse_domain(text: str) -> str:
    from ucdiag.update_service.names import parse_phones_domain

    return parse_phones_domain(text)


def _parse_nameserver(text: str) -> tuple[str, int]:
    from ucdiag.probe.dns import parse_nameserver

    return parse_nameserver(text)


def _parse_output(text: str) -> str:
    from ucdiag.cli.output_files import why_not_writable

    reason = why_not_writable(text) if text != "-" else None
    if reason:
        raise ValueError(f"{quoted(text)} cannot be written: {reason}")
    return text


MAC = Parsed("MAC", parse_mac)
SERIAL = Parsed("SERIAL", parse_serial)
FIRMWARE = Parsed("VERSION", parse_firmware)
WORD = Parsed("TEXT", _parse_word)
DOMAIN = Parsed("NAME", _parse_domain)
NAMESERVER = Parsed("ADDR[:PORT]", _parse_nameserver)
TIMEOUT = Parsed("SECONDS", parse_timeout)
MAX_TIME = Parsed("SECONDS", parse_max_time)
PORT = Parsed("PORT", parse_port)
CONNECT_TO = Parsed("HOST:PORT:HOST:PORT", parse_connect_to)
OUTPUT = File("FILE", _parse_output)


def bundle(options: Sequence[Callable[[F], F]], gather: Callable[[dict[str, Any]], None]) -> Callable[[F], F]:
    """A decorator that adds ``options`` and lets ``gather`` replace their values by one object."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def gathered(**values: Any) -> Any:
            gather(values)
            return function(**values)

        for option in reversed(options):
            gathered = option(gathered)
        return gathered  # type: ignore[return-value]

    return decorate


def _is_typed(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _note_json(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    if value and (_is_typed(ctx, "json") or not _is_typed(ctx, "format")):
        ctx.meta[FORMAT] = ("json",)
    return value


def _note_format(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value and (FORMAT not in ctx.meta or (_is_typed(ctx, "format") and not _is_typed(ctx, "json"))):
        ctx.meta[FORMAT] = value
    return value


def _note_output(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    ctx.meta[OUTPUT_NAME] = value
    return value


def _note_verbose(ctx: click.Context, param: click.Parameter, value: int) -> int:
    ctx.meta[VERBOSE] = value
    return value


def _note_force(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.meta[FORCE] = value
    return value


def _output_targets(formats: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[Target, ...]:
    """Raises UsageError, or CannotTest where a place is good and its disk or stream is not."""
    try:
        targets = targets_of(formats, outputs)
        names = [target.output for target in targets]
        for number, name in enumerate(names):
            if name is None:
                need_standard_output()
            elif name not in outputs:
                _parse_output(name)
            _need_own_place(name, names[:number])
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return targets


def _need_own_place(name: str | None, others: Sequence[str | None]) -> None:
    if name in others:
        raise ValueError(f"-o {name or STANDARD_OUTPUT} is given twice: name another file for each report")
    if name is not None and others:
        from ucdiag.cli.output_files import is_same_place

        same = next((other for other in others if other is not None and is_same_place(name, other)), None)
        if same is not None:
            raise ValueError(f"-o {same} and -o {name} are one file: name another for each report")


def _gather_view(values: dict[str, Any]) -> None:
    for name in ("profile", "no_profile", "format", "json"):  # their callbacks did what they are for
        del values[name]
    first, *also = _output_targets(click.get_current_context().meta.get(FORMAT, ()), values.pop("output"))
    values["view"] = ViewOptions(
        format=first.format,
        output=first.output,
        also=tuple(also),
        verbose=values.pop("verbose"),
        quiet=values.pop("quiet"),
        color=not values.pop("no_color"),
        force=values.pop("force"),
    )


def _view_options(formats: Sequence[str] = ()) -> Callable[[F], F]:
    """The options of how something is shown. ``formats`` are those that the help names, if not all; any is understood,
    so that what is wrong is said in it."""
    return bundle(
        [
            *profile_options,
            # Eager, so that a bug in reading any other option is reported in JSON too.
            plain_option("--json", is_flag=True, is_eager=True, callback=_note_json, help="The same as --format json."),
            plain_option(
                "-f",
                "--format",
                type=click.Choice(list(FORMATS)),
                metavar=f"[{'|'.join(formats)}]" if formats else None,
                multiple=True,
                is_eager=True,
                callback=_note_format,
                help="How to show the report: else by the suffix of -o, else text (repeatable, with -o).",
            ),
            plain_option(
                "-o",
                "--output",
                type=OUTPUT,
                multiple=True,
                is_eager=True,
                callback=_note_output,
                help="Write there instead of to standard output, in the format of the suffix (repeatable).",
            ),
            plain_option(
                "--force",
                is_flag=True,
                is_eager=True,
                callback=_note_force,
                help="Overwrite files that exist, whatever option names them.",
            ),
            plain_option(
                "-v",
                "--verbose",
                count=True,
                is_eager=True,
                callback=_note_verbose,
                help="Show everything that was seen.",
            ),
            plain_option("-q", "--quiet", is_flag=True, help="Show the verdict only."),
            plain_option("--no-color", is_flag=True, help="No colours (NO_COLOR in the environment does the same)."),
        ],
        _gather_view,
    )


view_options = _view_options()
#: Of a command that shows no report.
general_view_options = _view_options(general_formats())


def _gather_context(values: dict[str, Any]) -> None:
    connect_to: dict[Endpoint, Endpoint] = {}
    for meant, real in values.pop("connect_to"):
        if connect_to.setdefault(meant, real) != real:
            raise click.UsageError(f"--connect-to sends {meant[0]} port {meant[1]} to two places: give one of them.")
    values["context"] = Context(
        timeout=values.pop("timeout"),
        nameservers=tuple(dict.fromkeys(values.pop("nameserver"))),
        connect_to=connect_to,
        followed=set(),
        waiting=Waiting(),
        max_time=(longest := values.pop("max_time")),
        until=time.monotonic() + longest,
    )


def given_max_time() -> bool:
    """Whether the user chose how long the whole run may take."""
    source = click.get_current_context().get_parameter_source("max_time")
    return source not in (None, click.core.ParameterSource.DEFAULT)


def with_time_for(context: Context, seconds: Seconds) -> Context:
    """The context of a run that was asked to take so many seconds more than others, unless the user bounded it."""
    if context.until is None or context.max_time is None or given_max_time():
        return context
    return replace(context, until=context.until + seconds, max_time=context.max_time + seconds)


timeout_option = plain_option(
    "-t",
    "--timeout",
    type=TIMEOUT,
    default=5.0,
    show_default=True,
    help="Longest wait for each answer, in seconds.",
)
max_time_option = plain_option(
    "--max-time",
    type=MAX_TIME,
    default=LONGEST_RUN,
    show_default=True,
    help="End the whole run after this many seconds, and report what was tested until then.",
)


def _gather_limit(values: dict[str, Any]) -> None:
    values["limit"] = RunLimit(values.pop("max_time"))


# For a command that waits for no answers: it reads as much as there is.
limit_option = bundle(
    [
        plain_option(
            "--max-time",
            type=MAX_TIME,
            show_default="none",
            help="End the whole run after this many seconds, and report what was read until then.",
        )
    ],
    _gather_limit,
)
nameserver_option = plain_option(
    "-n",
    "--nameserver",
    type=NAMESERVER,
    multiple=True,
    help="Ask this DNS server instead of the system's (repeatable).",
)
connect_to_option = plain_option(
    "--connect-to",
    type=CONNECT_TO,
    multiple=True,
    help="Send a connection meant for the first host (name or address) and port to the second (repeatable).",
)

context_options = bundle([timeout_option, max_time_option, nameserver_option, connect_to_option], _gather_context)


def _gather_phone(values: dict[str, Any]) -> None:
    names = ("mac", "serial", "device_type", "vendor", "model", "revision", "locale", "firmware", "site")
    values["phone"] = Phone(**{name: value for name in names if (value := values.pop(name)) is not None})


_ANY = Phone()

mac_option = plain_option("--mac", type=MAC, default=_ANY.mac, show_default=True, help="The phone's MAC address.")
serial_option = plain_option(
    "--serial", type=SERIAL, default=_ANY.serial, show_default=True, help="The phone's serial number."
)
phone_options = bundle(
    [
        mac_option,
        serial_option,
        plain_option(
            "--device-type", type=WORD, default=_ANY.device_type, show_default=True, help="The phone's device type."
        ),
        plain_option("--vendor", type=WORD, default=_ANY.vendor, show_default=True, help="The phone's vendor."),
        plain_option("--model", type=WORD, default=_ANY.model, show_default=True, help="The phone's model."),
        plain_option("--revision", type=WORD, default=_ANY.revision, show_default=True, help="Hardware revision."),
        plain_option("--locale", type=WORD, default=_ANY.locale, show_default=True, help="The phone's locale."),
        plain_option("--firmware", type=FIRMWARE, help="The firmware that the phone has, such as 1.0.522.101."),
        plain_option("--site", type=Parsed("TEXT", _parse_site), help="The name of the site, for merged reports."),
    ],
    _gather_phone,
)

domain_option = plain_option("--domain", type=DOMAIN, help="The phone's DHCP domain, instead of this machine's.")
sip_domain_option = plain_option("--sip-domain", type=DOMAIN, help="The SIP domain, where it is another one.")
domain_options = bundle([domain_option, sip_domain_option], lambda values: None)


def _gather_domain(values: dict[str, Any]) -> None:
    named = values.pop("domain_argument")
    if named is None:
        return
    given = click.get_current_context().get_parameter_source("domain") is click.core.ParameterSource.COMMANDLINE
    if given and values["domain"] != named:
        raise click.UsageError(f"two domains are named, {named} and {values['domain']}: give one of them.")
    values["domain"] = named


_CHECKED = ("dns", "dhcp")  # of what a command is called that begins with check-
_CAPTURES = (".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz", ".etl")


def _parse_named_domain(text: str) -> str:
    if text.lower().endswith(_CAPTURES):
        raise ValueError(
            f"{quoted(text[:200])} is the name of a capture and not of a domain: give it to 'ucdiag capture'"
        )
    if text.lower() in _CHECKED:
        command = f"check-{text.lower()}"
        raise ValueError(f"'ucdiag {command}' is one word; if the domain is called so, give it with --domain {text}")
    return _parse_domain(text)


# ``check contoso.com``, which is short for ``check --domain contoso.com``.
domain_argument = bundle(
    [click.argument("domain_argument", metavar="[DOMAIN]", required=False, type=Parsed("NAME", _parse_named_domain))],
    _gather_domain,
)


interface_option = plain_option("-i", "--interface", type=WORD, help="The network interface.")
