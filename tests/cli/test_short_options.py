"""Short options, in each way in which they can be written."""

import click
import pytest
from click.testing import CliRunner

from ucdiag.cli.options import command
from ucdiag.cli.plain_help import plain_option


@command("example")
@plain_option("-r", "--read", multiple=True, help="Read this.")
@plain_option("-v", "--verbose", count=True, help="Say more.")
@plain_option("-q", "--quiet", is_flag=True, help="Say less.")
@click.argument("files", nargs=-1)
def example(read: tuple[str, ...], verbose: int, quiet: bool, files: tuple[str, ...]) -> None:
    """An example."""
    click.echo(f"{read} {verbose} {quiet} {files}")


def said(*args: str) -> str:
    return CliRunner().invoke(example, args).output.strip()


@pytest.mark.parametrize(
    ("args", "taken"),
    [
        (("-r", "one"), "('one',) 0 False ()"),
        (("-rone",), "('one',) 0 False ()"),
        (("-r=one",), "('one',) 0 False ()"),
        (("-vr", "one"), "('one',) 1 False ()"),
        (("-vqvr", "one"), "('one',) 2 True ()"),
        (("-r", "-v"), "('-v',) 0 False ()"),
        (("--read", "-v"), "('-v',) 0 False ()"),
        (("-v", "-v", "one"), "() 2 False ('one',)"),
        (("-r", "one", "-r", "two"), "('one', 'two') 0 False ()"),
        (("--", "-r", "one"), "() 0 False ('-r', 'one')"),
    ],
    ids=" ".join,
)
def test_it_is_taken(args: tuple[str, ...], taken: str) -> None:
    assert said(*args) == taken


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("-x",), "No such option"),
        (("-rv", "-x"), "No such option"),
        (("-r",), "requires an argument"),
        (("-v=3",), "does not take a value"),
    ],
    ids=" ".join,
)
def test_it_is_refused(args: tuple[str, ...], why: str) -> None:
    assert why in said(*args)
