"""Commands of the advice ask as the run asked."""

import pytest

from ucdiag.diagnosis.repeated_options import TypedOptions, options_of_run, quoted_word, with_repeated_options
from ucdiag.diagnosis.step_event import finding
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.report import Command
from ucdiag.model.vocabulary import Shell

URL = "https://ocsrp.fabrikam.com/RequestHandlerExt/ucdevice.upx"
EVERY: TypedOptions = tuple(
    (option, None if option in ("--ask", "--external", "--no-download", "--no-profile") else "x")
    for option in sorted(options_of_run())
)


def repeated(text: str, *typed: tuple[str, str | None], shell: Shell = "sh") -> str:
    command = Command(purpose="verify", where="this machine", shell=shell, text=text)
    found = finding("dns-r2-missing", "")
    (made,) = with_repeated_options([replace(found, fix=replace(found.fix, commands=(command,)))], typed)
    (changed,) = made.fix.commands
    assert replace(changed, text="") == replace(command, text="")
    return changed.text


@pytest.mark.parametrize(
    ("text", "typed", "wanted"),
    [
        (f"ucdiag probe --url {URL}", [("--ca", "root.pem")], f"ucdiag probe --url {URL} --ca root.pem"),
        (
            f"ucdiag probe --url {URL}",
            [("--url", URL), ("--nameserver", "10.0.0.2"), ("--nameserver", "10.0.0.3:5353"), ("--timeout", "9")],
            f"ucdiag probe --url {URL} -n 10.0.0.2 -n 10.0.0.3:5353 -t 9",
        ),
        (
            "ucdiag probe --address 10.0.0.20 --port 443",
            [("--port", "443"), ("--external", None), ("--address", "10.0.0.20"), ("--no-download", None)],
            "ucdiag probe --address 10.0.0.20 --port 443 --external --no-download",
        ),
        (
            "ucdiag check contoso.com",
            [("--port", "8080"), ("--assume", "a.b=10.0.0.1"), ("--assume", "a.c=10.0.0.1")],
            "ucdiag check contoso.com --port 8080 --assume a.b=10.0.0.1 --assume a.c=10.0.0.1",
        ),
        (
            "ucdiag check contoso.com",
            [("--ask", None), ("--vlan", "20")],
            "sudo ucdiag check contoso.com --ask --vlan 20",
        ),
        (
            "ucdiag check-dns contoso.com -n 10.0.0.2",
            [("--nameserver", "10.0.0.9"), ("--ca", "x"), ("--port", "1")],
            "ucdiag check-dns contoso.com -n 10.0.0.2",
        ),
        ("ucdiag check-dns contoso.com", [("--assume", "a.b=10.0.0.1")], "ucdiag check-dns contoso.com"),
        (
            "sudo ucdiag check-dhcp --ask",
            [
                ("--ask", None),
                ("--interface", "eth 0"),
                ("--relay", "10.0.20.1/10.0.0.5"),
                ("--nameserver", "10.0.0.2"),
            ],
            "sudo ucdiag check-dhcp --ask -i 'eth 0' --relay 10.0.20.1/10.0.0.5",
        ),
        (
            "sudo ucdiag check-dhcp --ask --vlan 30",
            [("--vlan", "20"), ("--interface", "eth0")],
            "sudo ucdiag check-dhcp --ask --vlan 30 -i eth0",
        ),
        (
            "ucdiag probe --url https://<name of the pool>/x",
            [("--host", "a.example"), ("--proxy", "http://10.0.0.8:3128")],
            "ucdiag probe --url https://<name of the pool>/x --proxy http://10.0.0.8:3128",
        ),
        # What standard input and other pipes held is gone.
        *(
            (
                "ucdiag probe --address 10.0.0.20 --port 80",
                [("--body", pipe)],
                "ucdiag probe --address 10.0.0.20 --port 80 --body <file with the request>",
            )
            for pipe in ("-", "/dev/stdin", "/dev/fd/63", "/proc/self/fd/0")
        ),
        (
            "ucdiag probe --address 10.0.0.20 --port 80",
            [("--body", "./-"), ("--circuit-id", "-"), ("--host", "-")],
            "ucdiag probe --address 10.0.0.20 --port 80 --body ./- --host -",
        ),
        ("sudo ucdiag capture -i eth0 --mac {mac}", list(EVERY), "sudo ucdiag capture -i eth0 --mac {mac}"),
        ("dig @10.0.0.2 a.b A", list(EVERY), "dig @10.0.0.2 a.b A"),
        ("ucdiag checks", list(EVERY), "ucdiag checks"),
    ],
)
def test_a_command_takes_what_it_needs_to_ask_the_same(
    text: str, typed: list[tuple[str, str | None]], wanted: str
) -> None:
    assert repeated(text, *typed) == wanted


def test_where_nothing_was_typed_all_stays() -> None:
    found = finding("dns-r2-missing", "")
    assert with_repeated_options([found], ()) == (found,)


@pytest.mark.parametrize(
    ("word", "shell", "quoted"),
    [
        ("/etc/ca.pem", "sh", "/etc/ca.pem"),
        ("C:\\ca.pem", "powershell", "'C:\\ca.pem'"),
        ("my ca.pem", "sh", "'my ca.pem'"),
        ("it's", "sh", "'it'\"'\"'s'"),
        ("it's", "powershell", "'it''s'"),
        ("$(reboot)", "sh", "'$(reboot)'"),
        ("", "sh", "''"),
        ("@roots.pem", "powershell", "'@roots.pem'"),  # a bare one would be a variable's elements there
        ("olga@contoso.com", "powershell", "olga@contoso.com"),
        ("O\u2019Brien; calc.pem", "powershell", "'O\u2019\u2019Brien; calc.pem'"),  # quotes like any other there
        ("\u2018a\u201a\u201b'", "powershell", "'\u2018\u2018a\u201a\u201a\u201b\u201b'''"),
        ("O\u2019Brien", "sh", "'O\u2019Brien'"),
    ],
)
def test_a_word_is_quoted_for_its_shell(word: str, shell: Shell, quoted: str) -> None:
    assert quoted_word(word, shell) == quoted


def test_in_powershell_nothing_is_asked_with_sudo() -> None:
    assert repeated("ucdiag check", ("--ask", None), shell="powershell") == "ucdiag check --ask"
