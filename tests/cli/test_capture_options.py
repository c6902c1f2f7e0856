"""Which values and which combinations of options ``ucdiag capture`` takes."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bench.traffic import make
from ucdiag.cli.capture_options import COUNT, PATIENCE, SECONDS
from ucdiag.cli.main import cli


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


@pytest.fixture
def capture(tmp_path: Path) -> str:
    file = tmp_path / "one.pcap"
    make(file, packets=0, phones=1, broken=0, size=2000)
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "there is nothing to watch: give a capture with -r FILE, or an interface with -i"),
        (["-r", ""], "-r '' names no file: give a capture, or '-' for standard input"),
        (["-r", "{}", "-i", "lo"], "-r and -i exclude each other: give either captures or an interface"),
        (["-r", "{}", "-Z", "nobody"], "-Z goes with -i only"),
        (["-r", "{}", "--duration", "1"], "--duration goes with -i only"),
        (["-r", "{}", "--until-done"], "--until-done goes with -i only"),
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


def test_a_named_phone_is_the_only_one_judged(tmp_path: Path) -> None:
    file = tmp_path / "three.pcap"
    make(file, packets=0, phones=3, broken=0, size=2000)
    everyone = CliRunner().invoke(cli, ["capture", "-r", str(file), "-f", "text"], prog_name="ucdiag")
    macs = sorted({word for word in everyone.stdout.split() if word.count(":") == 5})
    assert len(macs) == 3
    one = CliRunner().invoke(cli, ["capture", "-r", str(file), "--mac", macs[1], "-v"], prog_name="ucdiag")
    assert macs[1] in one.stdout
    assert macs[0] not in one.stdout
    assert macs[2] not in one.stdout
