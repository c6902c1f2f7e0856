"""What small parts of the commands answer: completion, the first page, what a machine ran out of, who keeps phones.

``python -m tests.cli.part_calls`` writes ``part_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import itertools
import tempfile
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising, replacing
from tests.recorded_texts import read_texts, write_texts

FILE = Path(__file__).with_name("part_calls.txt")
completing: Any = import_module("ucdiag.cli.completing")
crash: Any = import_module("ucdiag.cli.crash")
first: Any = import_module("ucdiag.cli.first_contact")
trying: Any = import_module("ucdiag.cli.trying_options")
kept: Any = import_module("ucdiag.cli.kept_phones")
lab: Any = import_module("ucdiag.cli.lab")
profiles: Any = import_module("ucdiag.runtime.site_profile")
sockets: Any = import_module("ucdiag.runtime.packet_socket")
Patch = pytest.MonkeyPatch


def _completed() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    flag, value, count = (
        click.Option(["-q"], is_flag=True),
        click.Option(["-f"], type=click.Choice(["a", "b"])),
        click.Option(["-v"], count=True),
    )
    spellings = {"-q": flag, "-f": value, "-v": count}
    for word in ("-q", "-f", "-fa", "-qf", "-qfab", "-vq", "-x", "-qx", "-fx", "-"):
        found[f"short {word}"] = lambda patch, w=word: [
            getattr(part, "name", part) for part in completing._last_short_option(spellings, w)
        ]
    arguments = [click.Argument(["one"]), click.Argument(["two"], nargs=2), click.Argument(["rest"], nargs=-1)]
    for position, few in itertools.product(range(5), (True, False)):
        found[f"argument {position} {few}"] = lambda patch, p=position, f=few: getattr(
            completing._argument_at(arguments[:2] if f else arguments, p), "name", None
        )
    for name, parameter in {
        "none": None,
        "files": click.Argument(["files"]),
        "FILE": click.Option(["--x"], metavar="FILE"),
        "zip": click.Option(["--x"], metavar="FILE.zip"),
        "text": click.Option(["--x"]),
        "choice": value,
        "interface": click.Option(["--interface"]),
    }.items():
        place = SimpleNamespace(parameter=parameter, command=SimpleNamespace(name="check"))
        found[f"place {name}"] = replacing(
            lambda p=place: (completing._takes_files(p), completing._known_values(p)),
            completing,
            _KNOWN={("", "interface"): lambda: [("eth0", "")], ("explain", "x"): lambda: [("never", "")]},
        )
    rows = ("10.0.0.7 0x1 0x2 00:04:f2:aa:bb:cc * eth0", "10.0.0.8 0x1 0x0 00:00:00:00:00:00 * eth0", "short line")
    arp = "\n".join(["IP HW Flags", *rows, ""])
    for name, text in (("there", arp), ("empty", ""), ("gone", OSError(2, "no")), ("odd", ValueError("no"))):
        found[f"macs, {name}"] = replacing(
            lambda t=text: _opened(lambda: list(completing._mac_addresses()), t),
            completing,
            _profile_values=lambda key: (f"{key} 1", "2"),
        )
    for platform in ("linux", "win32"):
        found[f"interfaces {platform}"] = lambda patch, p=platform: (
            patch.setattr("sys.platform", p),
            patch.setattr("socket.if_nameindex", lambda: [(1, "lo"), (2, "eth0")]),
            list(completing._interface_names()),
        )[2]
    found["domains"] = replacing(
        lambda: list(completing._domain_names()), completing, _profile_values=lambda key: (key,)
    )
    found["nameservers"] = replacing(
        lambda: list(completing._nameserver_addresses()), completing, _profile_values=lambda key: (key,)
    )
    for path, why, broken in itertools.product((None, "/p.toml"), (None, "no"), (True, False)):
        read = (
            raising(profiles.ProfileError("bad"))
            if broken
            else answering(SimpleNamespace(tables={"": {"mac": [1, "b"]}}))
        )
        found[f"profile {path} {why} {broken}"] = replacing(
            lambda: (completing._profile_values("mac"), completing._profile_values("other")),
            profiles,
            find_profile=answering(path),
            why_not_trusted=answering(why),
            read_profile=read,
        )
    values = [("abc", "a  note\t\x1b here"), ("abd", ""), ("b", "x"), ("a b", "no word"), ("a$", "no word")]
    for begun in ("", "a", "ab", "abc", "z"):
        found[f"lines {begun!r}"] = lambda patch, b=begun: completing._answer_text("words", "--x=", b, values)
    found["lines, many"] = lambda patch: completing._answer_text(
        "w", "", "", [(f"a{n}", "") for n in range(5000)]
    ).count("\n")
    return found


def _opened(call: Any, text: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        opened = raising(text) if isinstance(text, Exception) else (lambda name, encoding: StringIO(text))
        patch.setattr("builtins.open", opened)
        return call()


def _ended() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def chained(*errors: BaseException, cause: bool = True) -> BaseException:
        for outer, inner in itertools.pairwise(errors):
            setattr(outer, "__cause__" if cause else "__context__", inner)
        return errors[0]

    for name, make in {
        "memory": lambda: MemoryError(),
        "no memory": lambda: OSError(errno.ENOMEM, "no"),
        "unmapped": lambda: ImportError("x.so: failed to map segment from shared object"),
        "import": lambda: ImportError("no module"),
        "files": lambda: OSError(errno.EMFILE, "Too many open files"),
        "files of all": lambda: OSError(errno.ENFILE, "Too many"),
        "another": lambda: OSError(errno.EACCES, "no"),
        "value": lambda: ValueError("failed to map segment"),
        "cause": lambda: chained(ValueError("x"), MemoryError()),
        "context": lambda: chained(ValueError("x"), MemoryError(), cause=False),
        "deep": lambda: chained(*(ValueError("x") for _ in range(40)), MemoryError()),
        "just deep enough": lambda: chained(*(ValueError("x") for _ in range(crash._DEPTH - 1)), MemoryError()),
        "too deep": lambda: chained(*(ValueError("x") for _ in range(crash._DEPTH)), MemoryError()),
    }.items():
        found[f"shortage {name}"] = lambda patch, m=make: crash.shortage_text(m())
    for verbose, asked in itertools.product((0, 1), (None, "", "0", "1")):

        def reported(patch: Patch, verbose: int = verbose, asked: str | None = asked) -> Any:
            said: list[str] = []
            patch.delenv("UCDIAG_TRACEBACK", raising=False)
            if asked is not None:
                patch.setenv("UCDIAG_TRACEBACK", asked)
            patch.setattr(crash, "print_error", said.append)
            crash.report_bug(ValueError("x"), "a bug", verbose)
            return said

        found[f"bug reported {verbose} {asked!r}"] = reported
    for listen, interface, domain, platform in itertools.product(
        (True, False, None), (None, "eth 0"), (None, "contoso.com"), ("linux", "darwin", "win32")
    ):
        here = SimpleNamespace(may_listen=listen, interface=interface, domain=domain, domain_from="lease")
        found[f"page {platform} {listen} {interface} {domain}"] = replacing(
            lambda h=here, p=platform: "\n".join(first.page_lines(h, p)),
            first,
            elevated_command=lambda words, platform: f"sudo {words} {platform}",
        )
    for text in (
        "0",
        "1",
        "15",
        str(trying._LONGEST),
        str(trying._LONGEST + 1),
        "99999",
        "100000",
        "-1",
        "x",
        "",
        "\u0663",
    ):
        found[f"minutes {text!r}"] = lambda patch, t=text: trying._parse_minutes(t)
    for text in (
        "a.example=10.0.0.7",
        "A.Example.=10.0.0.7",
        "a.example",
        "=10.0.0.7",
        "a=10.0.0.7",
        "a.example=x",
        "a.example=0.0.0.0",
        "a.example=224.0.0.1",
        "a.example=::1",
        "a.example=",
        "a..b=10.0.0.7",
    ):
        found[f"assumed {text!r}"] = lambda patch, t=text: trying.parse_assumption(t)
    return found


def _kept() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    for fails in (None, "open", "write", "flush", "close"):

        def keeping(patch: Patch, fails: str | None = fails) -> Any:
            full = OSError(errno.ENOSPC, "full")
            real = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
            answers = {name: full for name in ("write", "flush", "close") if name == fails}
            held = Noted(real, **answers)
            patch.setattr(kept.tempfile, "TemporaryFile", raising(full) if fails == "open" else lambda: held)
            patch.setattr(kept.pickle, "dump", lambda value, file, protocol: file.write(bytes([len(value), protocol])))
            patch.setattr(kept.pickle, "load", lambda file: ["report", "place", "key", "site", file.read(2)])
            patch.setattr(kept, "KeptPhone", lambda *words: words)
            (name,) = (name for name, part in vars(kept).items() if isinstance(part, type) and hasattr(part, "finish"))
            phones = getattr(kept, name)()
            stand = [list(phones)]
            one = SimpleNamespace(report=1, place=2, key=3, site=4, phone=5)
            for _ in range(2):
                phones.add(one)
                stand.append([phones.whole, phones._count])
            phones.finish()
            stand.append([phones.whole])
            if phones.whole:
                stand.append(list(phones))
            phones.close()
            phones.close()
            real.close()
            return stand, phones._file

        found[f"kept, fails at {fails}"] = keeping
    for of_dhcp, why, fails in itertools.product((True, False), (None, "no root"), (None, OSError(1, "no"))):

        def link(patch: Patch, of_dhcp: bool = of_dhcp, why: str | None = why, fails: Any = fails) -> Any:
            patch.setattr("ucdiag.lab.dhcp_link.why_not", answering(why))
            patch.setattr("ucdiag.lab.dhcp_link.DhcpLink", lambda scenario: f"link of {scenario}")
            patch.setattr("ucdiag.lab.serve_commands.is_of_dhcp", answering(of_dhcp))
            return lab._dhcp_link("scenario", Noted(None, enter_context=fails or (lambda link: f"entered {link}")))

        found[f"lab's link {of_dhcp} {why} {fails}"] = link
    return found


def _received() -> dict[str, Call]:
    """Frames as the kernel hands them over, with the tag that it took off (struct tpacket_auxdata)."""
    import struct

    found: dict[str, Call] = {}
    data = struct.pack("=IIIHHHH", 0x11, 60, 60, 0, 14, 0x6014, 0x8100)
    cases: dict[str, tuple[Any, list[tuple[int, int, bytes]]]] = {
        "plain": (0, []),
        "sent by us": (4, []),
        "tagged": (0, [(263, 8, data)]),
        "tag not valid": (0, [(263, 8, data.replace(b"\x11", b"\x01", 1))]),
        "another level": (0, [(262, 8, data)]),
        "another kind": (0, [(263, 9, data)]),
        "too short": (0, [(263, 8, data[:19])]),
        "longer": (0, [(263, 8, data + b"more")]),
        "the second": (0, [(1, 1, b""), (263, 8, data)]),
        "nothing": (None, []),
    }
    for (name, (kind, extra)), ready in itertools.product(cases.items(), (True, False)):

        def receive(patch: Patch, kind: Any = kind, extra: Any = extra, ready: bool = ready) -> Any:
            waits: list[Any] = []
            message = BlockingIOError(11, "later") if kind is None else (b"frame", extra, 0, ("eth0", 3, kind))
            sock = Noted(None, recvmsg=message)
            patch.setattr(
                sockets.select, "select", lambda *words: waits.append(words[3]) or ([sock] if ready else [], [], [])
            )
            return sockets.PacketSocket.receive_frame(sock, -1.0), waits, sock.notes

        found[f"received, {name} {ready}"] = receive
    sock = Noted(None, setsockopt=None, bind=None, getsockopt=0)

    def set_up(patch: Patch) -> Any:
        sock.notes.clear()
        sockets.PacketSocket.bind_to(sock, "eth0")
        sockets.PacketSocket.make_promiscuous(sock, 7)
        sockets.PacketSocket.raise_error(sock)
        failed = Noted(None, getsockopt=errno.ENETDOWN)
        try:
            sockets.PacketSocket.raise_error(failed)
        except OSError as error:
            return sock.notes, error.errno, failed.notes
        return sock.notes

    found["packet socket"] = set_up
    return found


CALLS: dict[str, Call] = {**_completed(), **_ended(), **_kept(), **_received()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
