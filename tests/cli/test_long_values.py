"""What an option cannot take is named by its beginning: values come from variables and other programs, too."""

import click
import pytest
from click.testing import CliRunner

from ucdiag.cli.main import cli

# Names of files are told whole, so that they can be found; so are the few words that are compared with others.
WHOLE = {"-o", "-w", "-r", "-f", "-n", "-v", "-q"}
WHOLE |= {
    "--bundle",
    "--profile",
    "--targets",
    "--bad-lines",
    "--journal",
    "--sniffer",
    "--save-request",
    "--serial",
    "--firmware",
}
COMMANDS = (
    "check",
    "check-dhcp",
    "check-dns",
    "probe",
    "capture",
    "explain",
    "report",
    "logs",
    "lab",
    "completion",
)
VALUES = (
    "x" * 6000,
    "9" * 6000,
    "0." + "0" * 6000,
    "." + "y" * 6000,
    "x:" * 3000,
    "http://" + "z" * 6000,
    "h:1:" + "z" * 6000 + ":1",
    "." + "z" * 6000 + ":1:192.0.2.1:1",
    "a.example.test=" + "z" * 6000,
    "4000." + "0" * 6000,
    "\0" + "x" * 6000,
    "x" * 6000 + ".pcap",
    "/." * 2000 + "/dev/zero",  # a file that does not end, where there is such a thing
)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_long_value_is_named_by_its_beginning(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    tried = 0
    for option in command.params:
        if option.name == "files" or WHOLE & set(option.opts) or getattr(option, "is_flag", False):
            continue
        given = [option.opts[-1]] if isinstance(option, click.Option) else []
        if name == "capture":
            given = ["-r", "nowhere", *given]  # ends at once where the value can be taken
        for value in VALUES:
            done = CliRunner().invoke(cli, [name, *given, value], prog_name="ucdiag")
            if done.exit_code == 2:
                tried += 1
                assert len(done.output) < 1500, (option.opts, value[:10])
    assert tried
