"""``--assume`` and ``--until-whole``, and what a command with a part of the path says of the rest."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from tests.diagnosis.story import codes
from ucdiag.cli import main as edge
from ucdiag.cli.until_whole import PAUSE, Item, until_whole
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Lookup
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem
from ucdiag.model.steps import Step
from ucdiag.probe.dns import Resolver
from ucdiag.runtime.context import CannotTest, Context

NAME = "ucupdates-r2.contoso.com"
SETTING = DiagnosisOptions(phone=Phone(), tested=frozenset({Step.DNS}), domain="contoso.com", command="check-dns")
NOTE = Problem(code="lease-malformed", text="A note.")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0
        self.context = Context(
            now=lambda: int(self.seconds * 1_000_000), monotonic=lambda: self.seconds, sleep=self.sleep
        )
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def lookup(rcode: str, *addresses: str, ttl: int | None = None, name: str = NAME) -> Lookup:
    return Lookup(
        time=1, server="10.0.0.2", name=name, type="A", rcode=rcode, addresses=addresses, purpose="update", ttl=ttl
    )


class Rounds:
    """What each round observes; the last again and again."""

    def __init__(self, *rounds: list[Item] | CannotTest) -> None:
        self.left = list(rounds)
        self.made = 0

    def __call__(self) -> Iterator[Item]:
        self.made += 1
        now = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(now, CannotTest):
            raise now
        yield from now


MISSING: list[Item] = [lookup("NXDOMAIN")]
FOUND = lookup("NOERROR", "10.0.0.20", ttl=300)
BAD: list[Item] = [NOTE, lookup("NOERROR", "127.0.0.1", ttl=77)]
NO_SERVER = CannotTest("no-nameserver", "No nameserver is known.")


def test_it_is_repeated_until_it_works(capsys: pytest.CaptureFixture[str]) -> None:
    clock, rounds = Clock(), Rounds(MISSING, MISSING, BAD, NO_SERVER, [FOUND])
    items = list(until_whole(rounds, SETTING, clock.context, 3600))
    assert items == [FOUND]
    assert (rounds.made, clock.slept) == (5, [PAUSE] * 4)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3  # a word for each change, and not for each round
    assert said[0].startswith("ucdiag: 00:16:40Z The path breaks at step 2 (dns)")
    assert said[0].endswith("It is tried again every 10 seconds.")
    assert said[1].endswith("Resolvers may keep the record that they gave for 77 more seconds.")
    assert "No nameserver is known." in said[2]


def test_the_last_round_is_reported_when_the_time_is_up() -> None:
    clock, rounds = Clock(), Rounds(BAD)
    assert list(until_whole(rounds, SETTING, clock.context, 25, quiet=True)) == BAD
    assert clock.slept == [10, 10, 5]


def test_what_cannot_be_tested_to_the_end_is_said_as_ever() -> None:
    clock = Clock()
    with pytest.raises(CannotTest):
        list(until_whole(Rounds(NO_SERVER), SETTING, clock.context, 10, quiet=True))


def test_without_the_option_there_is_one_round(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = Rounds(MISSING)
    assert list(until_whole(rounds, SETTING, Clock().context, None)) == MISSING
    assert (rounds.made, capsys.readouterr().err) == (1, "")


def test_an_assumed_record_is_not_asked_for() -> None:
    context = Context(timeout=0.1, nameservers=(("192.0.2.1", 53),), assumed={NAME: ("10.0.0.20",)})
    resolver = Resolver(context)
    found = resolver.resolve("UCUPDATES-R2.contoso.com.", "update")
    assert (found.addresses, found.rcode, found.assumed) == (("10.0.0.20",), "NOERROR", True)
    assert resolver.resolve(NAME, "update", "AAAA").addresses == ()
    engine = Engine(SETTING)
    engine.feed(found)
    report = engine.finish(2)
    assert codes(report) == set()
    assert report.verdict.summary.startswith("Assuming UCUPDATES-R2.contoso.com = 10.0.0.20: Step")
    assert "assumed" in report.steps[1].summary


def test_what_is_no_part_of_the_command() -> None:
    engine = Engine(SETTING)
    engine.feed(FOUND)
    report = engine.finish(2)
    assert [step.summary for step in report.steps[2:]] == ["Not part of check-dns."] * 5
    assert report.verdict.summary.endswith("The rest of the path is not part of check-dns.")
    broken = Engine(SETTING)
    broken.feed(lookup("NXDOMAIN"))
    assert {step.summary for step in broken.finish(2).steps[2:]} == {"Not part of check-dns."}


@pytest.mark.parametrize("command", ["check", "check-dns"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--assume", "ucupdates-r2.contoso.com"], "it is not an IPv4 address"),
        (["--assume", "ucupdates-r2=10.0.0.20"], "names no full DNS name"),
        (["--assume", "ucupdates-r2.contoso.com=::1"], "it is not an IPv4 address"),
        (["--assume", "ucupdates-r2.contoso.com=0.0.0.0"], "cannot be assumed"),
        (["--until-whole=0"], "is not a number of minutes from 1 to 1440"),
        (["--until-whole=1441"], "is not a number of minutes from 1 to 1440"),
        (["--until-whole=soon"], "is not a number of minutes"),
    ],
)
def test_wrong_uses(command: str, words: list[str], said: str) -> None:
    result = CliRunner().invoke(edge.cli, [command, *words], prog_name="ucdiag")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


@pytest.mark.parametrize(("words", "seconds"), [("--until-whole=1440", 86400), ("--until-whole", 3600)])
def test_how_long_it_is_repeated(monkeypatch: pytest.MonkeyPatch, words: str, seconds: float) -> None:
    given = []

    def note_time(*arguments: object) -> list[Item]:
        given.append(arguments[3])
        return []

    monkeypatch.setattr("ucdiag.cli.check_dns.repeat_until_whole", note_time)
    CliRunner().invoke(edge.cli, ["check-dns", "contoso.com", "-n", "10.0.0.2", words], prog_name="ucdiag")
    assert given == [seconds]


@pytest.mark.parametrize("command", ["check", "check-dns"])
def test_the_help_says_how_long(command: str) -> None:
    shown = " ".join(CliRunner().invoke(edge.cli, [command, "--help"], prog_name="ucdiag").output.split())
    assert "for at most MINUTES (=MINUTES up to 1440; 60 without it)" in shown


def test_both_names_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [FOUND, lookup("NXDOMAIN", name="ucupdates.contoso.com")]
    monkeypatch.setattr("ucdiag.cli.check_dns.observe_names", lambda network, sip: iter(seen))
    words = ["check-dns", "--domain", "contoso.com", "-n", "10.0.0.2"]
    shown = CliRunner().invoke(edge.cli, words, prog_name="ucdiag").output
    assert "ucupdates-r2.contoso.com: 10.0.0.20, TTL 300 s (asked 10.0.0.2)" in shown
    assert "ucupdates.contoso.com: does not exist (NXDOMAIN) (asked 10.0.0.2)" in shown
    report = json.loads(CliRunner().invoke(edge.cli, [*words, "--json"], prog_name="ucdiag").output)
    assert [observation["assumed"] for observation in report["phones"][0]["observations"]] == [False] * 2
