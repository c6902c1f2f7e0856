"""What is asked of the system to give up rights, to be confined and to find out what there is, and what is said of it.

``python -m tests.runtime.rights_calls`` writes ``rights_calls.txt`` anew; read the difference before you commit it.
"""

import ctypes
import errno
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising, replacing
from tests.recorded_texts import read_texts, write_texts

FILE = Path(__file__).with_name("rights_calls.txt")
rights: Any = import_module("ucdiag.runtime.root_rights")
confinement: Any = import_module("ucdiag.runtime.confinement")
privileges: Any = import_module("ucdiag.runtime.privileges")
GIVE_UP = rights.give_up  # the tests have another one in its place
SOMEBODY = rights.Account("anna", 1000, 100)
ROOT = rights.Account("root", 0, 0)
DENIED = OSError(errno.EPERM, "Operation not permitted")


def _successors() -> dict[str, Call]:
    accounts = {"anna": SOMEBODY, "root": ROOT, "nobody": rights.Account("nobody", 65534, 65534)}
    found: dict[str, Call] = {}
    for user, caller, known in itertools.product(
        (None, "anna", "root", "carla"), (None, "", "anna", "root", "carla"), (True, False)
    ):
        names = accounts if known else {}
        environment = {} if caller is None else {"SUDO_USER": caller}
        found[f"successor {user} of {caller}{'' if known else ', no accounts'}"] = replacing(
            lambda u=user, e=environment: rights.successor_of_root(u, e), rights, _find_account=names.get
        )
    people = SimpleNamespace(pw_name="anna", pw_uid=1000, pw_gid=100)

    def getpwuid(number: int) -> Any:
        if number >= 1 << 32:
            raise OverflowError
        if number != 1000:
            raise KeyError(number)
        return people

    def account(user: str, system: str = "linux") -> Call:
        def examine(patch: pytest.MonkeyPatch) -> Any:
            patch.setattr("pwd.getpwuid", getpwuid)
            patch.setattr("pwd.getpwnam", lambda name: {"anna": people}[name])
            patch.setattr(rights.sys, "platform", system)
            return rights._find_account(user)

        return examine

    for user in ("anna", "carla", "1000", "1001", str(1 << 40), "\u0661", ""):
        found[f"account {user!r}"] = account(user)
    found["account on Windows"] = account("anna", "win32")
    return found


def _asked(module: Any, call: Callable[[], Any], system: Noted, platform: str = "linux", **values: Any) -> Call:
    """What the call gives, and what it asked of the system."""

    def examine(patch: pytest.MonkeyPatch) -> Any:
        system.notes.clear()
        patch.setattr(module.sys, "platform", platform)
        patch.setattr(module, "os", system)
        for name, value in values.items():
            patch.setattr(module, name, value)
        try:
            found = call()
        except Exception as error:
            error.asked = tuple(system.notes)  # type: ignore[attr-defined]
            raise
        return found, list(system.notes)

    return examine


def _given_up() -> dict[str, Call]:
    found: dict[str, Call] = {}
    names = ("initgroups", "setgid", "setuid", "drop", "close")
    for platform, root, account in itertools.product(("linux", "darwin", "win32"), (True, False), (SOMEBODY, ROOT)):
        for fails in (None, *names) if root and account is SOMEBODY and platform == "linux" else (None,):
            answers = {name: DENIED if name == fails else None for name in (*names, "verify")}
            system = Noted(os, **answers)
            found[f"give up {platform} {root} {account.name} {fails}"] = _asked(
                rights,
                lambda a=account: GIVE_UP(a),
                system,
                platform,
                is_root=answering(root),
                _drop_bounding_set=system.drop,
                _close_ways_back=system.close,
                _check_given_up=system.verify,
            )
    found["give up, no words"] = _asked(
        rights,
        lambda: GIVE_UP(SOMEBODY),
        Noted(os, initgroups=OSError("no words")),
        "darwin",
        is_root=answering(True),
    )
    for platform, taken, changed in itertools.product(
        ("linux", "darwin", "win32"),
        (DENIED, None),
        (None, "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid"),
    ):
        uid, gid = SOMEBODY.uid, SOMEBODY.gid
        answers = {"getuid": uid, "geteuid": uid, "getgid": gid, "getegid": gid, "setuid": taken}
        answers |= {"getresuid": (uid, uid, uid), "getresgid": (gid, gid, gid)}
        if changed is not None:
            answers[changed] = (uid, uid, 0) if "res" in changed else 0
        found[f"verify {platform} {'taken back' if taken is None else 'given up'}, {changed}"] = _asked(
            rights, lambda: rights._check_given_up(SOMEBODY), Noted(os, **answers), platform
        )
    return found


def _as_account() -> dict[str, Call]:
    found: dict[str, Call] = {}
    calls = ("initgroups", "setegid", "seteuid", "setgroups")

    def inside(account: Any, system: Noted, fails: bool) -> Any:
        with rights.as_account(account):
            system.notes.append("inside")
            if fails:
                raise ZeroDivisionError("inside")

    for platform, root, account, fails in itertools.product(
        ("linux", "win32"), (True, False), (SOMEBODY, ROOT), (True, False)
    ):
        system = Noted(os, getgroups=[4, 5], getegid=7, **dict.fromkeys(calls))
        found[f"as account {platform} {root} {account.name} {fails}"] = _asked(
            rights,
            lambda a=account, s=system, f=fails: inside(a, s, f),
            system,
            platform,
            is_root=answering(root),
        )
    return found


def _capabilities() -> dict[str, Call]:
    found: dict[str, Call] = {}
    calls = {
        "drop": rights._drop_bounding_set,
        "keep": lambda: rights.keep_one_right(SOMEBODY, 13),
        "these alone": lambda: rights.keep_capabilities(1 << 3 | 1 << 1),
        "close": rights._close_ways_back,
    }

    def fails_at(number: int) -> Callable[..., int]:
        return lambda option, value, *rest: -1 if option == 24 and value == number else 0

    answers: dict[str, dict[str, Any]] = {
        "all": {"prctl": 0, "capset": 0},
        "only three": {"prctl": fails_at(3), "capset": 0},
        "none of one's own": {"prctl": fails_at(13), "capset": 0},
        "no capset": {"prctl": 0, "capset": -1},
        "no prctl": {"prctl": -1, "capset": 0},
    }
    for (name, call), (which, given) in itertools.product(calls.items(), answers.items()):
        library = Noted(None, **given)
        system = Noted(os, initgroups=None, setgid=None, setuid=None, setgroups=None)

        def examine(patch: pytest.MonkeyPatch, call: Any = call, library: Noted = library, system: Any = system) -> Any:
            system.notes = library.notes
            patch.setattr(rights, "_c_library", lambda: library)
            patch.setattr(ctypes, "get_errno", lambda: errno.EPERM)
            return _asked(rights, call, system)(patch)

        found[f"capabilities {name}, {which}"] = examine
    return found


def _confined() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for machine, sockets, forks in itertools.product(confinement._MACHINES, confinement._FAMILIES, (True, False)):
        found[f"filter {machine} {sockets} {forks}"] = lambda patch, m=machine, s=sockets, f=forks: _steps(
            confinement.filter_program(confinement._MACHINES[m], confinement._FAMILIES[s], forks=f)
        )
    for version, sockets, fails in (
        *((version, sockets, False) for version in (-1, 0, 1, 2, 3, 4, 5, 6, 7) for sockets in ("none", "internet")),
        (6, "none", True),
    ):
        found[f"landlock {version} {sockets}{', fails' if fails else ''}"] = _landlock(version, sockets, fails)
    for machine, answers, forks in itertools.product(
        ("x86_64", "aarch64", "riscv64"), ((0,), (-1, 0), (-1, -1)), (True, False)
    ):
        found[f"seccomp {machine} {answers} {forks}"] = _seccomp(machine, answers, forks)
    for landlock, machine, actions in itertools.product(
        (-1, 0, 1), ("x86_64", "riscv64"), ([], ["kill", "errno"], ["kill"])
    ):
        for platform in ("linux", "darwin"):
            found[f"offered {platform} {landlock} {machine} {actions}"] = replacing(
                lambda: sorted(confinement.offered_ways()),
                confinement,
                _landlock_version=answering(landlock),
                platform=SimpleNamespace(machine=answering(machine)),
                _seccomp_actions=answering(actions),
                sys__platform=platform,
            )
    for platform in ("linux", "win32"):
        noted = Noted(None, files=None, calls=None)
        found[f"confine {platform}"] = replacing(
            lambda n=noted: (
                n.notes.clear(),
                confinement.confine_process(read=("/r",), write=("/w",), remove=("/d",), sockets="internet"),
                confinement.confine_process(),
                confinement.confine_process(forks=True, code_alone=True),
                list(n.notes),
            ),
            confinement,
            _restrict_files=noted.files,
            _filter_calls=noted.calls,
            sys__platform=platform,
        )
    found["no actions"] = lambda patch: (
        patch.setattr("builtins.open", raising(FileNotFoundError(2, "no"))),
        confinement._seccomp_actions(),
    )
    return found


def _steps(program: bytes) -> list[str]:
    return [program[at : at + 8].hex() for at in range(0, len(program), 8)]


def _landlock(version: int, sockets: str, fails: bool) -> Call:
    places = {"/r": 31, "/w": 32, "/d": 33, "/dev": 34, ".": 35, "/file": 36}

    def opened(path: str, flags: int) -> int:
        if path not in places:
            raise FileNotFoundError(errno.ENOENT, path)
        assert flags == os.O_PATH
        return places[path]

    def call(number: int, *words: Any) -> int:
        if number == confinement._CREATE_RULESET and words[0] == 0:
            return version
        return -1 if fails else 30

    def examine(patch: pytest.MonkeyPatch) -> Any:
        system = Noted(os, open=opened, close=None, path=None)
        system._answers.pop("path")
        kernel = Noted(None, call=call)
        patch.setattr(os.path, "isdir", lambda path: path != "/file")
        patch.setattr(sys, "path", [""])
        for name in ("_OWN", "_READ_BELOW"):
            patch.setattr(confinement, name, "/r" if name == "_OWN" else ())
        patch.setattr(confinement, "_system_call", kernel.call)
        patch.setattr(confinement, "os", system)
        tcp = confinement._TCP[sockets]
        confinement._restrict_files(("/r", "/file", "/nowhere"), ("/w", "/file"), ("/d",), tcp)
        rules = [note for note in kernel.notes if note[1] == confinement._ADD_RULE]
        first = [note for note in kernel.notes if note not in rules]
        closed = sorted(note[1] for note in system.notes if note[0] == "close")
        return [*first, *sorted(map(str, rules)), closed]

    return examine


def _seccomp(machine: str, answers: Sequence[int], forks: bool) -> Call:
    def examine(patch: pytest.MonkeyPatch) -> Any:
        kernel = Noted(None, call=lambda *words, left=list(answers): left.pop(0))
        patch.setattr(confinement, "_system_call", kernel.call)
        patch.setattr(confinement, "platform", SimpleNamespace(machine=answering(machine)))
        patch.setattr(ctypes, "addressof", lambda held: len(held))
        confinement._filter_calls("none", forks)
        return kernel.notes

    return examine


def _privileges() -> dict[str, Call]:
    found: dict[str, Call] = {}
    own = {
        "program_call": answering("ucdiag"),
        "elevated_command": lambda words, platform="linux": f"elevated {words} {platform}",
    }
    for platform in ("linux", "darwin", "win32", "freebsd14"):
        found[f"capture hint {platform}"] = replacing(
            lambda p=platform: privileges.capture_hint(p), privileges, sys__executable="/a b/python", **own
        )
        for interface, when in itertools.product((None, "eth 7"), ("", ", meanwhile")):
            found[f"by others {platform} {interface}{when}"] = replacing(
                lambda p=platform, i=interface, w=when: privileges.captured_by_others(p, i, w), privileges, **own
            )
        found[f"elevated {platform}"] = replacing(
            lambda p=platform: privileges.elevated_command("a b", p),
            privileges,
            program_call=lambda platform="?": f"<{platform}>",
        )
        for word in ("a", "", "a b", "it's", 'a"b', "$x", "`x`", "a$'b", "C:\\x+y=@1-_.", "a&b", "\u00e9"):
            found[f"quoted {platform} {word!r}"] = lambda patch, p=platform, w=word: (
                privileges.quoted_word(w, p),
                privileges.quoted_words([w, "b c"], p),
            )
        for python, argument in itertools.product(
            ("/py thon", "/python"), ("/x/ucdiag", "/x y/UCDIAG.exe", "/x/z", "", None)
        ):
            found[f"program {platform} {python} {argument}"] = replacing(
                lambda p=platform: privileges.program_call(p),
                privileges,
                sys__argv=[] if argument is None else [argument],
                sys__executable=python,
                os__path__exists=lambda path: "x" in path,
                os__path__abspath=lambda path: f"/abs{path}",
            )
    for user in (0, 1000):
        found[f"root {user}"] = replacing(privileges.is_root, privileges, os__geteuid=answering(user))
    for answer in (0, 1, OSError("no"), None):
        shell = SimpleNamespace() if answer is None else Noted(None, IsUserAnAdmin=answer)
        found[f"root on Windows {answer!r}"] = lambda patch, s=shell: (
            patch.setattr(sys, "platform", "win32"),
            patch.setattr(ctypes, "windll", SimpleNamespace(shell32=s), raising=False),
            privileges.is_root(),
        )
    for platform, fails, root in itertools.product(("linux", "darwin", "win32"), (None, DENIED), (True, False)):
        found[f"may listen {platform} {fails} {root}"] = _may_listen(platform, fails, root)
    return found


def _may_listen(platform: str, fails: OSError | None, root: bool) -> Call:
    def examine(patch: pytest.MonkeyPatch) -> Any:
        system = Noted(os, open=fails or 99, close=None)
        patch.setattr("ucdiag.runtime.packet_socket.PacketSocket", lambda: system.open("socket") and system.socket())
        system._answers["socket"] = lambda: SimpleNamespace(close=lambda: system.notes.append("closed"))
        patch.setattr(privileges, "is_root", answering(root))
        patch.setattr(privileges, "os", system)
        patch.setattr(privileges.sys, "platform", platform)
        return privileges.may_listen(), system.notes

    return examine


CALLS: dict[str, Call] = {
    **_successors(),
    **_given_up(),
    **_as_account(),
    **_capabilities(),
    **_confined(),
    **_privileges(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
