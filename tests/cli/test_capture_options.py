"""Which values and which combinations of options ``ucdiag capture`` takes."""

import json
import os
import sys
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.traffic import make
from ucdiag.cli import capture as command
from ucdiag.cli.capture_options import COUNT, PATIENCE, SECONDS, SERVER, CaptureOptions
from ucdiag.cli.capture_source import FileCapture
from ucdiag.cli.main import cli
from ucdiag.cli.runner import ViewOptions
from ucdiag.model.observations import Extent
from ucdiag.runtime.context import CannotTest


@pytest.mark.parametrize("text", ["0.1", "5", "3600"])
def test_patience_within_its_limits(text: str) -> None:
    assert PATIENCE.convert(text, None, None) == float(text)


@pytest.mark.parametrize("text", ["0.099", "3600.1", "0", "-1", "soon", "nan"])
def test_patience_beyond_its_limits(text: str) -> None:
    with pytest.raises(Exception, match="give seconds"):
        PATIENCE.convert(text, None, None)


@pytest.mark.parametrize("text", ["0.001", "315360000"])
def test_a_duration_within_its_limits(text: str) -> None:
    assert SECONDS.convert(text, None, None) == float(text)


@pytest.mark.parametrize("text", ["0", "-1", "315360001", "nan", "inf", "x"])
def test_a_duration_beyond_its_limits(text: str) -> None:
    with pytest.raises(Exception, match="is not a duration: give seconds, more than 0"):
        SECONDS.convert(text, None, None)


@pytest.mark.parametrize("text", ["1", "999999999999999"])
def test_a_number_of_packets(text: str) -> None:
    assert COUNT.convert(text, None, None) == int(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1000000000000000", "\u0663", ""])
def test_what_is_no_number_of_packets(text: str) -> None:
    with pytest.raises(Exception, match="is not a number of packets: give a whole number, 1 at least"):
        COUNT.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "host"), [("OldPool.Contoso.com.", "oldpool.contoso.com"), ("pool", "pool"), ("10.0.0.99", "10.0.0.99")]
)
def test_a_server_is_a_name_or_an_address(text: str, host: str) -> None:
    assert SERVER.convert(text, None, None) == host


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://pool/", "give a name or an IPv4 address, without scheme, port or path"),
        ("pool:443", "without scheme, port or path"),
        ("2001:db8::1", "such phones use IPv4"),
        ("0.0.0.0", "is no server's address"),
        ("224.0.0.1", "is no server's address"),
        ("a b", "is not a host: give a name or an IPv4 address"),
        ("", "is not a host"),
        ("x" * 300, "is not a host"),
        ("pool\x1b[2J", "is not a host"),
    ],
)
def test_what_is_no_server(text: str, says: str) -> None:
    with pytest.raises(Exception, match=says):
        SERVER.convert(text, None, None)


@pytest.fixture
def capture(tmp_path: Path) -> str:
    file = tmp_path / "one.pcap"
    make(file, packets=0, phones=1, broken=0, size=2000)
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-r", ""], "'' names no file: give a capture, or '-' for standard input"),
        (["-r", "{}", "-i", "lo"], "a capture and -i exclude each other: give either captures or an interface"),
        (["{}", "-i", "lo"], "a capture and -i exclude each other: give either captures or an interface"),
        (["-r", "{}", "-Z", "nobody"], "-Z goes with an interface only, and captures are to be read"),
        (["{}", "--duration", "1"], "--duration goes with an interface only, and captures are to be read"),
        (["-r", "{}", "--until-done"], "--until-done goes with an interface only, and captures are to be read"),
        (["-i", "lo", "--until-done"], "--until-done needs the phones to wait for: name them with --mac"),
        (
            ["-r", "{}", "--facts", "--save-request", "x"],
            "--save-request does not go with --facts, which keeps no bodies: leave one out",
        ),
        (["-r", "{}", "-w", "{}"], "-w would overwrite '{}', which is to be read: write to another file"),
        (["-r", "{}", "-w", "x", "-o", "x"], "-o and -w would overwrite each other in 'x': name two files"),
        (
            ["-r", "{}", "-w", "-"],
            "-w - would mix the packets with the report: have the report written with -o FILE, "
            "or the packets into a file",
        ),
        (
            ["-r", "{}", "-w", "-", "--save-request", "-", "-o", "x"],
            "--save-request - would mix the request with the packets of -w -: give one a file",
        ),
    ],
)
def test_what_does_not_go_together(
    capture: str, arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    filled = [argument.replace("{}", capture) for argument in arguments]
    result = CliRunner().invoke(cli, ["capture", *filled], prog_name="ucdiag")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == f"ucdiag: {says.replace('{}', capture)}"


def test_files_are_named_in_any_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cmd and PowerShell leave a pattern to the program; a name that has the form of one is a name first."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.pcap", "b.pcap", "[c].pcap", "d.txt"):
        make(tmp_path / name, packets=0, phones=1, broken=0, size=2000)

    def read(*words: str) -> str:
        result = CliRunner().invoke(cli, ["capture", "--json", *words], prog_name="ucdiag")
        assert result.exit_code == 0, result.stderr
        name = json.loads(result.stdout)["source"]["name"]
        assert isinstance(name, str)
        return name

    assert read("a.pcap") == read("-r", "a.pcap") == "a.pcap"
    assert read("?.pcap") == read("-r", "?.pcap") == "a.pcap, b.pcap"
    assert read("*.pcap") == "[c].pcap, a.pcap, b.pcap"
    assert read("[c].pcap") == "[c].pcap"
    assert read("b.pcap", "-r", "a.pcap") == "b.pcap, a.pcap"


def test_a_pattern_that_fits_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["capture", "*.pcap"], prog_name="ucdiag")
    assert result.exit_code == 3
    assert "*.pcap" in result.stdout


@pytest.mark.parametrize(
    ("routed", "says"), [(True, "the interface of the default route"), (False, "the first interface that is connected")]
)
def test_without_a_source_it_listens_and_says_where(monkeypatch: pytest.MonkeyPatch, routed: bool, says: str) -> None:
    def opened(name: str, *words: object, **values: object) -> None:
        raise CannotTest("no-privilege", f"{name} was to be opened.")

    monkeypatch.setattr("ucdiag.probe.interface.choose_interface", lambda: ("eth7", routed))
    monkeypatch.setattr("ucdiag.capture.live.Live", opened)
    result = CliRunner().invoke(cli, ["capture"], prog_name="ucdiag")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        f"ucdiag: listening on eth7, {says} (-i names another).",
        "ucdiag: eth7 was to be opened.",
    ]
    quiet = CliRunner().invoke(cli, ["capture", "-q"], prog_name="ucdiag")
    assert quiet.stderr.splitlines() == ["ucdiag: eth7 was to be opened."]


def test_a_named_phone_is_the_only_one_judged(tmp_path: Path) -> None:
    file = tmp_path / "three.pcap"
    make(file, packets=0, phones=3, broken=0, size=2000)
    everyone = CliRunner().invoke(cli, ["capture", "-r", str(file), "-f", "text"], prog_name="ucdiag")
    macs = sorted({word.strip(",") for word in everyone.stdout.split() if word.count(":") == 5})
    assert len(macs) == 3
    one = CliRunner().invoke(cli, ["capture", "-r", str(file), "--mac", macs[1], "-v"], prog_name="ucdiag")
    assert macs[1] in one.stdout
    assert macs[0] not in one.stdout
    assert macs[2] not in one.stdout


def options(**values: Any) -> CaptureOptions:
    usual: dict[str, Any] = {field.name: None for field in fields(CaptureOptions)}
    usual |= {"read": (), "keylog": (), "macs": (), "ports": frozenset({80}), "patience": 5.0}
    usual |= {"facts": False, "everyone": False, "temporary_write": False}
    return CaptureOptions(**{**usual, **values})


@pytest.mark.parametrize(
    ("write", "mask", "bundle", "read", "kept"),
    [
        (None, False, None, (), False),
        (None, False, "b.zip", (), True),
        (None, False, "b.zip", ("a.pcap",), False),
        (None, False, "b.zip", ("a.pcap", "-"), True),
        (None, True, None, ("-",), False),
        ("w.pcap", True, None, ("a.pcap",), True),
        ("w.pcap", False, "b.zip", (), False),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there files have no such owners")
def test_packets_are_kept_where_they_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
    write: str | None,
    mask: bool,
    bundle: str | None,
    read: tuple[str, ...],
    kept: bool,
) -> None:
    monkeypatch.setattr("ucdiag.capture.file_reader.is_file", lambda name: name != "-")
    wanted = options(write=write, read=read)
    with ExitStack() as temporary:
        made = command._readable_again(wanted, ViewOptions(mask=mask, bundle=bundle), temporary)
        assert made.temporary_write == kept
        assert (made.write != write) == kept
        assert made.masked_write == (write if kept else None)


@pytest.mark.parametrize("heir", [None, SimpleNamespace(uid=7, gid=8)])
@pytest.mark.skipif(sys.platform == "win32", reason="there files have no such owners")
def test_what_is_kept_belongs_to_who_goes_on(monkeypatch: pytest.MonkeyPatch, heir: Any) -> None:
    given: list[tuple[Any, ...]] = []
    monkeypatch.setattr(command, "_account_without_root", lambda user: heir if user == "somebody" else None)
    monkeypatch.setattr(os, "chown", lambda *words: given.append(words))
    with ExitStack() as temporary:
        made = command._readable_again(options(user="somebody"), ViewOptions(bundle="b.zip"), temporary)
    assert given == ([] if heir is None else [(made.write, 7, 8)])


def test_how_many_packets_of_a_file_were_read(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    make(file, packets=0, phones=1, broken=0, size=2000)
    origin = FileCapture(options(read=(str(file),)))
    *_, extent = (item for item in origin.read() if isinstance(item, Extent))
    assert origin.packets == extent.packets > 0
