"""``check DOMAIN`` and ``check-dns DOMAIN``: the domain without its option."""

import json

import pytest
from click.testing import CliRunner

from ucdiag.cli.main import cli

NOBODY = ("-n", "127.0.0.1:9", "-t", "0.1", "--json")


@pytest.mark.parametrize("command", ["check", "check-dns"])
@pytest.mark.parametrize(
    "words", [["contoso.example"], ["--domain", "contoso.example"], ["contoso.example", "--domain", "contoso.example"]]
)
def test_the_domain_is_that_of_the_option(command: str, words: list[str]) -> None:
    result = CliRunner().invoke(cli, [command, *words, *NOBODY], prog_name="ucdiag")
    report = json.loads(result.stdout)
    assert report["phones"][0]["phone"]["domain"] == "contoso.example"
    assert report["source"] == {"kind": "active", "name": "contoso.example", "packets": None}


@pytest.mark.parametrize("command", ["check", "check-dns"])
def test_it_comes_before_the_environment(command: str) -> None:
    environment = {"UCDIAG_DOMAIN": "fabrikam.example"}
    result = CliRunner().invoke(cli, [command, "contoso.example", *NOBODY], prog_name="ucdiag", env=environment)
    assert json.loads(result.stdout)["phones"][0]["phone"]["domain"] == "contoso.example"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["contoso.com", "--domain", "fabrikam.com"], "two domains are named, contoso.com and fabrikam.com"),
        (["con toso"], "DOMAIN: 'con toso'"),
        (["ucupdates-r2.contoso.com"], "give the domain alone: contoso.com"),
        (["--sip-domain", "ucupdates.contoso.com"], "--sip-domain: 'ucupdates.contoso.com' is the name that a phone"),
        (["site.pcapng"], "'site.pcapng' is the name of a capture and not of a domain: give it to 'ucdiag capture'"),
        (["./Site.PCAP"], "'./Site.PCAP' is the name of a capture"),
        (["contoso.com", "fabrikam.com"], "Got unexpected extra argument (fabrikam.com)"),
    ],
)
@pytest.mark.parametrize("command", ["check", "check-dns"])
def test_what_is_no_domain(command: str, words: list[str], says: str) -> None:
    result = CliRunner().invoke(cli, [command, *words], prog_name="ucdiag")
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["probe", "10.0.0.5"], "(10.0.0.5): give the server with --address 10.0.0.5\n"),
        (["probe", "https://pool/x"], "(https://pool/x): give the server with --url https://pool/x\n"),
        (["probe", "contoso.com"], "--domain contoso.com, or the server with --url http://contoso.com/\n"),
        (["check-dhcp", "contoso.com"], "(contoso.com): give the DHCP domain with --domain contoso.com\n"),
        (["check-dhcp", "10.0.0.5"], "(10.0.0.5)\n"),
        (["check-dns", "contoso.com", "fabrikam.com"], "(fabrikam.com)\n"),
        (["probe", "10.0.0.5", "10.0.0.6"], "(10.0.0.5 10.0.0.6)\n"),
    ],
)
def test_a_server_or_domain_that_stands_alone_gets_its_option(words: list[str], says: str) -> None:
    result = CliRunner().invoke(cli, words, prog_name="ucdiag")
    assert result.exit_code == 2
    assert says in result.stderr
