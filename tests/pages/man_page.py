"""``docs/ucdiag.1``: the man page, from the program's own help.

click-man 0.6 leaves out epilogs, copies click's marks, and lists hidden commands and options.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from textwrap import wrap

import click

from ucdiag import __version__
from ucdiag.cli.main import COMMANDS, EPILOG, HELP

# Of the page's last change of substance: a date of the build would change it every day.
DATE = "2026-11-28"
_CODES = re.compile(r"(?<![\w.])(\d+) (.+?)(?=  \d|\n|$)")
# As man(7) wants the signs that a reader may copy.
_SIGNS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
EXAMPLES = (
    ("A capture of a phone that was restarted:", "ucdiag capture site.pcapng"),
    ("The mirror port of its switch port, for ten minutes:", "sudo ucdiag capture -i eth0 --duration 600"),
    ("The path as this machine sees it:", "ucdiag check"),
    ("What DHCP servers offer a phone:", "sudo ucdiag check-dhcp --ask --mac 00:04:f2:aa:bb:cc"),
    ("The names of a domain at one nameserver:", "ucdiag check-dns --domain contoso.com -n 10.0.0.10"),
    ("What a code of a report means:", "ucdiag explain dns-legacy-only"),
    ("A page to forward:", "ucdiag capture site.pcapng -f html -o report.html"),
)
FILES = (
    (
        "ucdiag.toml",
        "The site profile: options that are the same in every run of a site. Read from the current folder.",
    ),
    ("~/.config/ucdiag/ucdiag.toml", "The user's profile, read where the current folder has none."),
)


def page() -> str:
    """The whole page, in man(7)."""
    return "\n".join([*_head(), *_commands(), *_tail()]) + "\n"


def _head() -> Iterator[str]:
    yield '.\\" Made by "make docs" from the program. Do not edit.'
    yield f'.TH UCDIAG 1 {DATE} "ucdiag {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "ucdiag \\- tell where the update path of a Lync phone breaks"
    yield ".SH SYNOPSIS"
    yield ".B ucdiag"
    yield "[\\fB\\-\\-version\\fR] [\\fB\\-\\-help\\fR]"
    yield "\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]..."
    yield ".SH DESCRIPTION"
    yield from _prose(HELP)
    yield ".SH COMMANDS"


def _commands() -> Iterator[str]:
    for name, (module, _) in COMMANDS.items():
        command: click.Command = import_module(module).command
        yield f".SS ucdiag {_text(name)}"
        context = click.Context(command, info_name=name)
        usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece)
        yield f".B ucdiag {_text(name)}"
        yield from _lines(usage)
        yield ".PP"
        yield from _prose(command.help or "")
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
            if record is None:
                continue
            yield ".TP"
            yield f".B {_text(record[0])}"
            yield from _lines(record[1])


def _tail() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for number, meaning in exit_codes():
        yield from (".TP", f".B {number}", *_lines(meaning))
    yield ".SH ENVIRONMENT"
    yield ".TP"
    yield ".BI UCDIAG_ OPTION"
    yield from _lines("Stands for an option of every command, such as UCDIAG_TIMEOUT=2.")
    yield ".TP"
    yield ".BI UCDIAG_ COMMAND_OPTION"
    yield from _lines("Stands for an option of one command, such as UCDIAG_CHECK_DNS_DOMAIN=contoso.com.")
    yield from (".TP", ".B NO_COLOR", _line("No colours."))
    yield ".SH FILES"
    for path, about in FILES:
        yield from (".TP", f".I {_text(path)}", *_lines(about))
    yield ".SH EXAMPLES"
    for number, (about, example) in enumerate(EXAMPLES):
        yield from (*([".PP"] if number else []), _line(about), ".PP", ".RS 4", ".EX", _line(example), ".EE", ".RE")
    yield ".SH SEE ALSO"
    yield ".BR dumpcap (1),"
    yield ".BR tcpdump (8)"


def exit_codes() -> list[tuple[str, str]]:
    """As the help says them."""
    return [(number, meaning.strip()) for number, meaning in _CODES.findall(EPILOG)]


def _prose(help_: str) -> Iterator[str]:
    """Paragraphs of click's help. One that begins with its mark keeps its lines."""
    fresh = True
    for paragraph in re.split(r"\n\s*\n", cleandoc(help_).strip()):
        if not fresh:
            yield ".PP"
        fresh = False
        if not paragraph.startswith("\b"):
            yield from _lines(paragraph)
            continue
        yield ".EX"
        yield from (_line(line) for line in paragraph.split("\n")[1:])
        yield ".EE"


def _lines(text: str) -> list[str]:
    """A paragraph, in lines that mandoc finds short enough."""
    return [_line(line) for line in wrap(text, 64, break_long_words=False, break_on_hyphens=False)]


def _line(text: str) -> str:
    """One line of text: what begins with a dot or an apostrophe would be a request."""
    escaped = _text(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _text(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)
