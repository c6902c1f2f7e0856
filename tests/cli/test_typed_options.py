"""The options of a run, typed or from the environment, that commands of the advice repeat."""

import pytest

from ucdiag.cli.check import command as check
from ucdiag.cli.check_dns import command as check_dns
from ucdiag.cli.typed_options import typed_options

PAIRS = tuple[tuple[str, str | None], ...]


@pytest.mark.parametrize(
    ("words", "variables", "options"),
    [
        (["-t", "9"], {}, (("--timeout", "9"),)),
        ([], {"UCDIAG_TIMEOUT": "9"}, (("--timeout", "9"),)),
        ([], {"UCDIAG_CHECK_TIMEOUT": "8", "UCDIAG_TIMEOUT": "9"}, (("--timeout", "8"),)),
        # The command line comes first.
        (["-t", "7"], {"UCDIAG_CHECK_TIMEOUT": "8"}, (("--timeout", "7"),)),
        (
            ["--host", "a.b"],
            {"UCDIAG_NAMESERVER": "10.0.0.2 10.0.0.3:5353", "UCDIAG_EXTERNAL": "1"},
            (
                ("--host", "a.b"),
                ("--nameserver", "10.0.0.2"),
                ("--nameserver", "10.0.0.3:5353"),
                ("--external", None),
            ),
        ),
        # A switch that a variable does not set; what no command of the advice takes; another command's; a secret.
        (
            [],
            {
                "UCDIAG_EXTERNAL": "0",
                "UCDIAG_JSON": "1",
                "UCDIAG_CHECK_DNS_TIMEOUT": "3",
                "UCDIAG_PASSWORD": "secret",
            },
            (),
        ),
        ([], {"UCDIAG_TIMEOUT": ""}, ()),
    ],
)
def test_the_options_of_a_run_come_typed_or_from_variables(
    monkeypatch: pytest.MonkeyPatch, words: list[str], variables: dict[str, str], options: PAIRS
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with check.make_context("check", [*words, "--no-profile"]):
        found = typed_options()
    assert sorted(found, key=str) == sorted((*options, ("--no-profile", None)), key=str)


def test_what_a_target_has_takes_the_place_of_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCDIAG_NAMESERVER", "10.0.0.2")
    with check_dns.make_context("check-dns", ["--no-profile"]):
        assert typed_options((("--nameserver", "10.0.0.9"),)) == (("--no-profile", None), ("--nameserver", "10.0.0.9"))
