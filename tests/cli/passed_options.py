"""What the options of each command hand to it, at and beyond the limits of their values.

``python -m tests.cli.passed_options`` writes ``passed_options.txt`` anew; read the difference before you commit it.
"""

import functools
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from tests.recorded_texts import write_texts
from ucdiag.cli.main import cli
from ucdiag.runtime.run_limit import RunLimit

FILE = Path(__file__).with_name("passed_options.txt")
COMMANDS = ("check", "check-dhcp", "check-dns", "probe", "capture", "logs", "report", "explain", "doctor", "lab")
# One of each word that the command needs.
_NEEDED = {"logs": "a.log", "report": "a.json"}
_LONG = {n: "y" * n for n in (64, 65, 255, 256, 300, 301)}

# Values for each type of options, by its name in the help; where it has exact limits these and those beyond.
_VALUES: dict[str, tuple[str, ...]] = {
    "NAME": ("Contoso.COM", "a.b", "x_y.example"),
    "NAME|ADDRESS": ("U.contoso.com", "10.0.0.5", "::1", "0.0.0.0", "a/b", "a:1", "a..b"),
    "TEXT": (" a b ", "\u00e9"),
    "MAC": ("00-04-F2-AA-BB-CC", "0004.f2aa.bbcc", "01:04:f2:aa:bb:cc"),
    "SERIAL": ("AB12", " x "),
    "VERSION": ("1.0.522.101", "1.0"),
    "FILE": ("new.json", "-"),
    "choice": (),
    "ADDR": (" [2001:DB8::1] ", "192.0.2.10", "192.0.2"),
    "URL": ("http://192.0.2.10:81/x", "https://a.example/"),
    "PORT": ("1", "65535", "65536", "0", "+1", "0000000081", "\u0661"),
    "ADDR[:PORT]": ("10.0.0.2", "10.0.0.2:5353", "[::1]:54"),
    "HOST:PORT:HOST:PORT": (
        "A.example:80:localhost:8080",
        "[2001:DB8::1]:1:[::1]:2",
        "[10.0.0.1]:1:127.0.0.1:2",
        "a:1:[a]:2",
        "a:1:b.example:2",
        "a:1:127.0.0.1",
    ),
    "MAC[,SERIAL]": ("00:04:f2:aa:bb:cd", "00:04:f2:aa:bb:cd,S1"),
    "NAME=ADDRESS": (" A.Example=10.0.0.5 ", "a=10.0.0.5", "a b.example=10.0.0.5", "a.example=0.0.0.0", "a.example"),
    "MINUTES": ("1", "1440", "1441", "0", "00001", "000001", "1.5"),
    "ID": ("1", "4094", "4095", "0", "0001", "00001", "-1", "\u0661"),
    "ADDRESS[/SERVER]": (
        "10.0.20.1",
        " 10.0.20.1/10.0.0.5 ",
        "10.0.20.1/",
        "10.0.20.1/::1",
        "0.0.0.0",
        "10.0.20.1/0.0.0.0",
    ),
    "OFFSET": ("+02:00", "-5", "z", "UTC+1", "+14:59", "+15", "+1:60", "-0330", "+1:2", " utc "),
}
# Where the name of the type does not say what the limits are.
_OF: dict[str, tuple[str, ...]] = {
    "--circuit-id": ("c", _LONG[255], _LONG[256], ""),
    "--vendor": (_LONG[64], _LONG[65], "a\u200bb"),
    "--site": (_LONG[255], _LONG[256], "a\u200bb"),
    "--host": (_LONG[300], _LONG[301], "a b", "\u00e9", ""),
    "--body": ("body.xml", "none.xml"),
    "--ca": ("ca.pem", "body.xml", "none.pem"),
    "--proxy": ("http://10.0.0.8:3128", "http://x y"),
    "--download-bytes": ("1", "1099511627776", "1099511627777", "0", "000000000000001", "0000000000000001", "\u0661"),
    "--repeat": ("1", "2", "10000", "10001", "0"),
    "--interval": ("0", "3600", "3600.1", "-0.1", "x"),
    "--jobs": ("1", "256", "257", "0", "0004", "00004", "\u0661"),
    "--rate": ("0", "0.001", "100000", "0.0009", "100001", "x"),
    "--count": ("1", "0", "000000000000001", "0000000000000001", "\u0661", "x"),
    "--duration": ("0.5", "315360000", "315360001", "0", "x"),
    "--patience": ("0.1", "3600", "0.09", "3601"),
    "--timeout": ("0.1", "600", "0.09", "600.1", "nan", "x", f"{'0' * 98}.5", f"{'0' * 99}.5"),
    "--max-time": ("0.1", "86400", "0.09", "86400.1", "inf"),
    "--interface": ("eth0",),
    "--ladder": (),
}
# Several words that say something together.
_TOGETHER: dict[str, tuple[str, ...]] = {
    "check": (
        "Contoso.com --domain contoso.com",
        "contoso.com --domain a.example",
        "site.PCAP.gz",
        "--ask --vlan 4094 -i eth7",
        "--ask --relay 10.0.20.1/10.0.0.5 --circuit-id c",
        "--ask --relay 10.0.20.1 --vlan 3",
        "--relay 10.0.20.1",
        "--vlan 3",
        "--ask --circuit-id c",
        "--repeat 3 --interval 2 --timeout 4",
        "--repeat 3 --max-time 50",
        "--url http://10.0.0.1/ --port 81",
        "--url http://10.0.0.1/ --external",
        "--no-download --download-bytes 5",
        "--until-whole",
        "--until-whole --max-time 7",
        "--assume a.example=10.0.0.5 --assume a.example=10.0.0.6 --assume b.example=10.0.0.7",
        "-n 10.0.0.2 -n 10.0.0.3 -n 10.0.0.2",
        "--connect-to a:1:127.0.0.1:2 --connect-to a:1:127.0.0.1:2",
        "--connect-to a:1:127.0.0.1:2 --connect-to a:1:127.0.0.1:3",
        "-f json -o a.json -o b.html",
        "-f json -f csv -o a.txt",
        "-o a.md -o -",
        "--bundle c.zip --mask --force",
        "--bundle c.zip -o c.zip",
        "--bundle -",
        "-vvq --no-color",
        "--profile site.toml",
        "--profile site.toml --url http://10.0.0.9/",
        "--profile site.toml --port 82",
        "--profile outside.toml",
        "--profile outside.toml --address 10.0.0.9 --host i.example",
        "--profile url.toml",
        "--profile url.toml --external",
        "--profile site.toml --ask",
        "--profile site.toml --ask --relay 10.0.20.1",
    ),
    "check-dns": (
        "--targets t.txt --jobs 9 --rate 0 --bad-lines stop --journal j.jsonl",
        "--targets t.txt --max-time 9",
        "--targets t.txt --rate 0.001 --jobs 256",
        "--targets t.txt --rate 100000",
        "--targets t.txt -n 10.0.0.2",
        "--targets t.txt --mask",
        "--targets t.txt --bundle c.zip",
        "--targets t.txt --until-whole",
        "--journal j.jsonl",
    ),
    "probe": ("--targets t.txt --dry-run", "--targets t.txt"),
    "capture": (
        "a.pcap -r b.pcap c.pcap",
        "--profile site.toml a.pcap",
        "--profile site.toml",
        "--mac 00:04:f2:aa:bb:cc --mac 00:04:f2:aa:bb:cd --mac 00:04:f2:aa:bb:cc",
        "--port 81 --port 443 --port 81",
        "--server 10.0.0.5 --server A.example",
    ),
}
_FILES = {
    "body.xml": "<x/>",
    "ca.pem": "-----BEGIN CERTIFICATE-----\n",
    "site.toml": "interface = 'eth9'\n[check]\nvlan = 7\nport = 81\nhost = 'h.example'\nca = 'ca.pem'\n",
    "outside.toml": "[check]\nexternal = true\nhost = 'h.example'\n",
    "url.toml": "[check]\nurl = 'http://10.0.0.9/'\n",
}


def _words(command: click.Command, spelled: str) -> Iterator[str]:
    """The command lines of one command: each option with each of its values, and what goes together."""
    yield ""
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.name in {"profile", "no_profile", "user"}:
            continue
        option = max(parameter.opts, key=len)
        if parameter.is_flag:
            yield from (option, *parameter.secondary_opts)
        elif isinstance(parameter.type, click.Choice):
            yield f"{option} {parameter.type.choices[-1]}"
        elif parameter.count:
            yield option
        else:
            values = _OF.get(option) or _VALUES.get(parameter.type.name, ("x",))
            for value in values if _takers(option, parameter.type)[0] == spelled else values[:1]:
                yield f"{option}={shlex.quote(value)}"
    yield from _TOGETHER.get(spelled, ())


def _command(spelled: str) -> click.Command:
    command = cli.get_command(click.Context(cli), spelled)
    assert command is not None
    return command


@functools.cache
def _takers(option: str, type_: click.ParamType) -> list[str]:
    """The commands that have this very option: all of its values are for the first of them."""
    return [
        name
        for name in COMMANDS
        if any(option in parameter.opts and parameter.type is type_ for parameter in _command(name).params)
    ]


@contextmanager
def _noting(command: click.Command, notes: list[dict[str, Any]]) -> Iterator[None]:
    """The function that is the command's notes what it gets, and does nothing."""
    holder: Any = command.callback
    while hasattr(holder.__wrapped__, "__wrapped__"):
        holder = holder.__wrapped__
    # The innermost of the functions that each bundle of options adds calls what is in this cell.
    cell = holder.__closure__[holder.__code__.co_freevars.index("function")]
    real = cell.cell_contents
    cell.cell_contents = lambda **values: notes.append(values)
    try:
        yield
    finally:
        cell.cell_contents = real


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each part of what is passed with its value."""
    parts: dict[str, Any] = {}
    if isinstance(value, dict) and not name:
        parts = value
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if not part.name.startswith("_")}
    if not parts:
        text = sorted(value) if isinstance(value, frozenset) else value
        if isinstance(text, RunLimit):
            text = text.seconds
        yield name, re.sub(r" at 0x[0-9a-f]+", "", repr(text))
    for key, part in parts.items():
        yield from _flat(part, f"{name}.{key}".lstrip("."))


def said(spelled: str) -> str:
    """For each command line of this command what it makes of it, as far as that differs from the first."""
    command = _command(spelled)
    lines, usual, before = [], {}, Path.cwd()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.monotonic", lambda: 1000.0)
        patch.setenv("HOME", folder)
        patch.setenv("XDG_CONFIG_HOME", f"{folder}/none")
        for name, text in _FILES.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        os.chdir(folder)
        try:
            lines.append(str(command.context_settings))
            if "-" in spelled:
                lines += [f"{part.opts}: {part.envvar}" for part in command.params if isinstance(part, click.Option)]
            for words in _words(command, spelled):
                passed = _passed(command, spelled, words)
                passed = {name: text.replace(os.path.realpath(folder), "HERE") for name, text in passed.items()}
                usual = usual or passed
                lines.append(f"# {words}" if len(words) < 90 else f"# {words[:60]}... {len(words)} characters")
                lines += [f"  {name} = {text}" for name, text in passed.items() if not words or usual.get(name) != text]
        finally:
            os.chdir(before)
    return "\n".join(line if len(line) < 300 else f"{line[:300]}... {len(line)}" for line in lines)


def _passed(command: click.Command, spelled: str, words: str) -> dict[str, str]:
    notes: list[dict[str, Any]] = []
    given = shlex.split(f"{words} {_NEEDED.get(spelled, '')}")
    try:
        with _noting(command, notes), command.make_context(spelled, given, parent=click.Context(cli)) as context:
            command.invoke(context)
    except click.UsageError as error:
        return {"refused": error.message}
    return dict(_flat(notes[0])) if notes else {"refused": "nothing was passed"}


def write() -> None:
    """Record what is passed now."""
    write_texts(FILE, {name: said(name) for name in COMMANDS})


if __name__ == "__main__":
    write()
