"""What ``doctor`` says of each thing that it checks, on each system and for each outcome.

``python -m tests.probe.machine_texts`` writes ``machine.txt`` anew; read the difference before you commit it.
"""

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.machine import Check
from ucdiag.model.observations import Lease
from ucdiag.probe import machine_checks as checks
from ucdiag.runtime import site_profile
from ucdiag.runtime.context import CannotTest

FILE = Path(__file__).with_name("machine.txt")
SYSTEMS = ("linux", "darwin", "win32")

Patch = pytest.MonkeyPatch
Situation = Callable[[Patch], Check]


class Socket:
    """A socket of which the port is free, or whose ``bind`` fails."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def __call__(self, *words: object) -> "Socket":
        return self

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def bind(self, where: object) -> None:
        assert where == ("0.0.0.0", 68)
        if self.number is not None:
            raise OSError(self.number, "the system's own words")


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*words: object, **named: object) -> None:
        raise error

    return fail


def _set(**values: Any) -> Callable[[Patch], None]:
    def apply(patch: Patch) -> None:
        for name, value in values.items():
            patch.setattr(checks, name, value)

    return apply


def _of(check: Callable[[], Check], *changes: Callable[[Patch], None]) -> Situation:
    def examine(patch: Patch) -> Check:
        for change in changes:
            change(patch)
        return check()

    return examine


def _port(number: int | None) -> Situation:
    return _of(checks.port_68_check, lambda patch: patch.setattr(socket, "socket", Socket(number)))


def _network(domain: str | None, origin: str | None, leases: int, *servers: str) -> Any:
    lease = Lease(time=0, source="x", provenance="x", authority="dhcp")
    context = SimpleNamespace(nameservers=tuple((server, 53) for server in servers))
    return SimpleNamespace(domain=domain, domain_from=origin, leases=(lease,) * leases, context=context)


def _store(count: int, folder: str | None) -> Situation:
    def apply(patch: Patch) -> None:
        patch.setattr(ssl, "create_default_context", lambda: SimpleNamespace(get_ca_certs=lambda: [{}] * count))
        patch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(capath=folder))

    return _of(checks._trust_store, apply)


def _tls(why: str | None, policy: str | None = None) -> Situation:
    shutil = SimpleNamespace(which=lambda name: policy if name == "update-crypto-policies" else None)
    library = SimpleNamespace(OPENSSL_VERSION="OpenSSL 3")
    return _of(checks.tls_1_0_check, _set(speaks_tls_1_0=lambda: why, shutil=shutil, ssl=library))


def _clock(now: float, said: str | None) -> Situation:
    def apply(patch: Patch) -> None:
        patch.setattr(checks.time, "time", lambda: now)

    return _of(checks.time_check, apply, _set(run_program=lambda words: said if words[0] == "timedatectl" else None))


def _profile(**values: Any) -> Situation:
    def apply(patch: Patch) -> None:
        for name, value in {"candidate_paths": lambda: ["/a/x.toml", "/b/x.toml"], **values}.items():
            patch.setattr(site_profile, name, value)

    return _of(checks._profile_check, apply)


def _profile_of(tables: dict[str, dict[str, object]]) -> Situation:
    found = {"find_profile": lambda: "/a/x.toml", "why_not_trusted": lambda path: None}
    return _profile(**found, read_profile=lambda path: SimpleNamespace(tables=tables))


SITUATIONS: dict[str, Situation] = {
    "rights, there": _of(checks.rights_check, _set(may_listen=lambda: True)),
    "rights, missing": _of(checks.rights_check, _set(may_listen=lambda: False)),
    "rights, not known": _of(checks.rights_check, _set(may_listen=lambda: None)),
    "confined": _of(checks.confinement_check, _set(offered_ways=lambda: {"landlock", "seccomp"})),
    "confined in part": _of(checks.confinement_check, _set(offered_ways=lambda: {"landlock"})),
    "not confined": _of(checks.confinement_check, _set(offered_ways=set)),
    "scapy": _of(checks.scapy_check, _set(scapy_version=lambda: "2.6", load_scapy=lambda: None)),
    "no scapy": _of(checks.scapy_check, _set(scapy_version=_raising(ImportError("there is none")))),
    "scapy, broken": _of(checks.scapy_check, _set(scapy_version=lambda: "2.6", load_scapy=_raising(OSError("bad")))),
    "library": _of(checks.library_check, _set(library_version=lambda: "libpcap 1.10")),
    "no library": _of(checks.library_check, _set(library_version=lambda: None)),
    "library that scapy cannot ask for": _of(checks.library_check, _set(library_version=_raising(ImportError("x")))),
    "interface": _of(checks.interfaces_check, _set(choose_interface=lambda: ("eth0", True))),
    "interface without a route": _of(checks.interfaces_check, _set(choose_interface=lambda: ("eth0", False))),
    "no interface": _of(
        checks.interfaces_check, _set(choose_interface=_raising(CannotTest("no-interface", "There is none.")))
    ),
    "port 68, free": _port(None),
    "port 68, in use": _port(errno.EADDRINUSE),
    "port 68, not allowed": _port(errno.EACCES),
    "port 68, not permitted": _port(errno.EPERM),
    "port 68, otherwise": _port(errno.EINVAL),
    "resolvers": lambda patch: checks.resolvers_check(_network(None, None, 0, *(f"10.0.0.{n}" for n in range(8)))),
    "no resolvers": lambda patch: checks.resolvers_check(_network(None, None, 0)),
    "no network": lambda patch: checks.resolvers_check(None),
    "domain": lambda patch: checks._domain_check(_network("contoso.com", "option 15", 1)),
    "domain from nowhere": lambda patch: checks._domain_check(_network("contoso.com", None, 1)),
    "no domain": lambda patch: checks._domain_check(_network(None, None, 1)),
    "no lease": lambda patch: checks._domain_check(_network(None, None, 0)),
    "no network for a domain": lambda patch: checks._domain_check(None),
    "roots": _store(140, "/etc/ssl/certs"),
    "roots in a folder": _store(0, "/"),
    "no roots in the folder": _store(0, "/nowhere"),
    "no roots": _store(0, None),
    "TLS 1.0": _tls(None),
    "no TLS 1.0": _tls("no protocols available"),
    "no TLS 1.0 by the policy": _tls("no protocols available", "/usr/bin/update-crypto-policies"),
    "clock, synchronised": _clock(1_800_000_000, "yes\n"),
    "clock, not synchronised": _clock(1_800_000_000, "no\n"),
    "clock, not known": _clock(1_800_000_000, None),
    "clock, just right": _clock(1_735_689_600, "yes"),
    "clock, wrong": _clock(1_735_689_599, "yes"),
    "no profile": _profile(find_profile=lambda: None),
    "profile": _profile_of({"": {"domain": 1}, "capture": {"port": 1, "domain": 2}}),
    "empty profile": _profile_of({}),
    "profile, not trusted": _profile(
        find_profile=lambda: "/a b.toml", why_not_trusted=lambda path: "others may write to it"
    ),
    "profile, broken": _profile(
        find_profile=lambda: "/a.toml",
        why_not_trusted=lambda path: None,
        read_profile=_raising(site_profile.ProfileError("is bad")),
    ),
}


def _lines(check: Check) -> Iterator[str]:
    yield f"{check.check} {check.status}: {check.summary}"
    yield f"needed for: {', '.join(check.needed_for)}"
    if check.fix is not None:
        yield f"fix: {check.fix}"
    for command in check.commands:
        yield f"{command.purpose}, {command.shell}: {command.text}" + (f" ({command.note})" if command.note else "")


def made(system: str, situation: str) -> str:
    """What is said there; the program and Python have the same names everywhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "program_call", lambda: "ucdiag")
        patch.setattr(checks, "elevated_command", lambda words: f"sudo ucdiag {words}")
        patch.setattr(checks, "quoted_word", lambda text: f"'{text}'")
        patch.setattr(checks, "program_word", lambda path: path)
        patch.setattr(checks.sys, "executable", "/usr/bin/python3")
        patch.setattr(checks.sys, "platform", system)
        patch.setattr(checks.platform, "python_version_tuple", lambda: ("3", "11", "2"))
        check = SITUATIONS[situation](patch)
    return "\n".join(_lines(check))


def texts() -> dict[str, str]:
    """Each situation where it is said so first: of a system that says the same as Linux nothing is recorded."""
    found: dict[str, str] = {}
    for situation in SITUATIONS:
        for system in SYSTEMS:
            text = made(system, situation)
            if system == "linux" or text != found[f"linux: {situation}"]:
                found[f"{system}: {situation}"] = text
    return found


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, texts())
