"""What commands open as root and give up, what they warn of, and what a run of many says, without root or network.

``python -m tests.cli.opening_calls`` writes ``opening_calls.txt`` anew; read the difference before you commit it.
"""

import contextlib
import errno
import itertools
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.cli.tally import Tally
from ucdiag.model.observations import Extent, Lease, Lookup
from ucdiag.model.report import Problem
from ucdiag.model.steps import VerdictStatus
from ucdiag.probe.dhcp_check import DhcpQueryOptions
from ucdiag.probe.dhcp_message import Relay
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.root_rights import Account

FILE = Path(__file__).with_name("opening_calls.txt")
root: Any = import_module("ucdiag.cli.without_root")
source: Any = import_module("ucdiag.cli.capture_source")
readers: Any = import_module("ucdiag.capture.file_reader")
run: Any = import_module("ucdiag.cli.capture_run")
fleet: Any = import_module("ucdiag.cli.fleet_run")
relays: Any = import_module("ucdiag.probe.dhcp_relay")
dhcp: Any = import_module("ucdiag.probe.dhcp")
links: Any = import_module("ucdiag.probe.packet_link")
interfaces: Any = import_module("ucdiag.probe.interface")
rights: Any = import_module("ucdiag.runtime.root_rights")
named_files: Any = import_module("ucdiag.runtime.named_files")
confinement: Any = import_module("ucdiag.runtime.confinement")
Patch = pytest.MonkeyPatch
OPEN_FOR_ASKING = root.open_for_asking
CONFINE_TO = root.confine_to
GO_ON_AS = root._go_on_as
MAY_READ = root._may_read
SOMEBODY = Account("anna", 1000, 100)
DENIED = PermissionError(errno.EPERM, "no")
GONE = OSError(errno.ENODEV, "gone")


def lease(**values: Any) -> Lease:
    given = {
        "time": 0,
        "source": "x",
        "provenance": "x",
        "authority": "dhcp",
        "server": "10.0.0.1",
        "interface": "eth5",
    }
    return Lease(**{**given, **values})


def view(**values: Any) -> Any:
    given = {"outputs": ("/out/a", "/out/b/c"), "bundle": None, "force": False, "mask": False, "quiet": False}
    return SimpleNamespace(**{**given, "format": "text", "output": None, **values})


@contextlib.contextmanager
def _nobody(account: Account) -> Iterator[None]:
    yield


# Root's rights


def _opened() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def asking(
        query: Any,
        platform: str = "linux",
        is_root: bool = True,
        own: bool = True,
        given: bool = True,
        context: Context | None = Context(ca="/ca.pem"),  # noqa: B008 - it is frozen
    ) -> Call:
        def examine(patch: Patch) -> Any:
            calls = dict.fromkeys(("keep_imports", "hold_outputs", "_need_spare_files", "confine_to"))
            noted = Noted(None, **calls, _readable_name="/proc/self/fd/7", give_up=given, _open_doors="the doors")
            for name in (*calls, "_readable_name", "_open_doors"):
                patch.setattr(root, name, getattr(noted, name))
            patch.setattr(root, "is_root", answering(is_root))
            patch.setattr(root, "_is_own_process", answering(own))
            patch.setattr(root, "_certificate_places", lambda: iter(["/certs"]))
            patch.setattr(root.sys, "platform", platform)
            patch.setattr(root, "_go_on_as", noted.give_up)
            patch.setattr(rights, "successor_of_root", lambda: SOMEBODY)
            patch.setenv("SSL_CERT_FILE", "/root/certs.pem")
            result = OPEN_FOR_ASKING(query, None, "view", context)
            return result, os.environ["SSL_CERT_FILE"], noted.notes

        return examine

    query = DhcpQueryOptions(interface="eth7")
    for platform, is_root, own, given in itertools.product(
        ("linux", "win32"), (True, False), (True, False), (True, False)
    ):
        for name, asked in (("query", query), ("none", None)):
            found[f"asking, {name} {platform} {is_root} {own} {given}"] = asking(asked, platform, is_root, own, given)

    found["asking, without TLS"] = asking(query, context=None)

    def doors(query: Any, lease: Any, link: Any = "link", relay: Any = ("sock", "10.0.0.9")) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(None, open_link=link, bind=relay, default_interface="eth9", _client_socket="client")
            patch.setattr(links, "open_link", noted.open_link)
            patch.setattr(relays, "bind_relay_socket", noted.bind)
            patch.setattr(interfaces, "default_interface", noted.default_interface)
            patch.setattr(root, "_client_socket", noted._client_socket)
            opened = root._open_doors(query, lease)
            kept = opened.opened_link
            kept = kept._link if hasattr(kept, "_link") else kept
            return repr(kept), repr(opened.opened_relay), repr(opened.opened_client), [n[:3] for n in noted.notes]

        return examine

    asked = DhcpQueryOptions()
    relay = Relay(address="10.79.0.1")
    to_server = Relay(address="10.79.0.1", server="10.0.0.3")
    for name, held in (("lease", lease()), ("no server", lease(server=None, interface=None)), ("none", None)):
        found[f"doors, {name}"] = doors(asked, held)
        found[f"doors, named {name}"] = doors(query, held)
        found[f"doors, relay {name}"] = doors(DhcpQueryOptions(relay=relay), held)
        found[f"doors, relay to {name}"] = doors(DhcpQueryOptions(relay=to_server), held)
    for error in (DENIED, GONE, CannotTest("no-interface", "None.")):
        found[f"doors, {error!r}"] = doors(asked, None, error)
        found[f"doors, relay {error!r}"] = doors(DhcpQueryOptions(relay=to_server), None, relay=error)

    def client(interface: str | None, held: Any, address: str | None = "10.0.0.9", fails: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            own = fails if isinstance(fails, CannotTest) else SimpleNamespace(address=address)
            opened = fails if isinstance(fails, OSError) else "socket"
            noted = Noted(None, default_interface="eth9", own_interface=own, client_socket=opened)
            patch.setattr(dhcp, "client_socket", noted.client_socket)
            patch.setattr(interfaces, "default_interface", noted.default_interface)
            patch.setattr(interfaces, "own_interface", noted.own_interface)
            return repr(root._client_socket(interface, held)), noted.notes

        return examine

    for interface, held in itertools.product((None, "eth7"), (None, lease(), lease(interface=None))):
        found[f"client {interface} {held and held.interface}"] = client(interface, held)
    found["client, no address"] = client("eth7", None, None)
    found["client, no interface"] = client("eth7", None, fails=CannotTest("no-interface", "None."))
    found["client, no port"] = client("eth7", None, fails=GONE)
    return found


def _given_up() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """What commands that read files, serve folders or make sites do before they have no rights left."""
    found: dict[str, Call] = {}

    def noted(patch: Patch, platform: str, is_root: bool, own: bool, given: bool, **answers: Any) -> Noted:
        asked = Noted(None, keep_imports=None, hold_outputs=None, give_up=given, confine=None, hold=None, **answers)
        patch.setattr(root.sys, "platform", platform)
        patch.setattr(root, "is_root", answering(is_root))
        patch.setattr(root, "_is_own_process", answering(own))
        patch.setattr(root, "keep_imports", lambda account: asked.keep_imports(account.name))
        patch.setattr(
            root, "hold_outputs", lambda view, account, *rest, **more: asked.hold_outputs(account.name, *rest, **more)
        )
        patch.setattr(root, "_go_on_as", lambda account, **more: asked.give_up(account.name, **more))
        patch.setattr(root, "confine_to", lambda view, read, **more: asked.confine(tuple(read), **more))
        patch.setattr(rights, "successor_of_root", lambda: SOMEBODY)
        patch.setattr(rights, "as_account", _nobody)
        patch.setattr(confinement, "confine_process", asked.confine)
        patch.setattr("ucdiag.runtime.held_inputs.hold_inputs", lambda names: asked.hold(list(names)))
        patch.setattr("tempfile.gettempdir", lambda: "/tmp")
        patch.setattr(root, "_may_read", lambda name: not name.startswith("shut"))
        patch.setattr(root, "_may_remove_from", lambda folder, account: answers.get("remove", True))
        return asked

    def files(read: tuple[str, ...], later: bool = False, grows: bool = False, **how: Any) -> Call:
        def examine(patch: Patch) -> Any:
            asked = noted(patch, **{"platform": "linux", "is_root": True, "own": True, "given": True, **how})
            root.give_up_for_files(view(), read, "/p", opens_later=later, grows=grows)
            return [(*note[:1], *(str(part)[:300] for part in note[1:])) for note in asked.notes]

        return examine

    many = tuple(f"shut{number}" for number in range(root._MOST_HELD + 1))
    for name, read in (("open", ("a", "-")), ("shut", ("a", "shut", "-")), ("many", many), ("most", many[1:])):
        for later in (True, False):
            found[f"files given up, {name} {later}"] = files(read, later)
    found["files given up, growing"] = files(("a",), grows=True)
    for flaw in ({"platform": "win32"}, {"is_root": False}, {"own": False}, {"given": False}):
        found[f"files given up, {flaw}"] = files(("shut",), **flaw)  # type: ignore[arg-type]

    def sites(remove: bool = True, **how: Any) -> Call:
        def examine(patch: Patch) -> Any:
            asked = noted(
                patch, **{"platform": "linux", "is_root": True, "own": True, "given": True, **how, "remove": remove}
            )
            root.give_up_for_sites(view())
            return asked.notes

        return examine

    def folder(viewed: bool, remove: bool = True, **how: Any) -> Call:
        def examine(patch: Patch) -> Any:
            asked = noted(
                patch, **{"platform": "linux", "is_root": True, "own": True, "given": True, **how, "remove": remove}
            )
            patch.setattr(
                root.os, "chown", lambda *words, **more: asked.notes.append(("chown", *map(str, words), more))
            )
            patch.setattr(Path, "rglob", lambda path, pattern: [path / "b"] if pattern == "*" else [])
            root.give_up_for_folder(Path("/tmp/a"), view() if viewed else None)
            return asked.notes

        return examine

    for flaw in ({}, {"platform": "win32"}, {"is_root": False}, {"own": False}, {"given": False}, {"remove": False}):
        found[f"sites given up, {flaw}"] = sites(**flaw)  # type: ignore[arg-type]
        for viewed in (True, False):
            found[f"folder given up, {viewed} {flaw}"] = folder(viewed, **flaw)  # type: ignore[arg-type]

    def reads(patch: Patch) -> Any:
        asked: list[Any] = []

        def access(name: str, mode: int, *, effective_ids: bool) -> bool:
            asked.append((name, mode, effective_ids))
            return "shut" not in name

        patch.setattr(root.os, "access", access)
        trees = {"d": ["a", "b", "e/"], "d/e": [], "d shut": ["a"], "d later": ["a", "e/"], "d later/e": ["b", "shut"]}
        trees |= {"d link": ["e@"], "d odd": ["e?"]}

        def entry(folder: str, said: str) -> Any:
            def is_folder() -> bool:
                if said.endswith("?"):
                    raise GONE
                return said.endswith(("/", "@"))

            name = said.rstrip("/@?")
            path = f"{folder}/{name}"
            return SimpleNamespace(name=name, path=path, is_dir=is_folder, is_symlink=lambda: said.endswith("@"))

        def scandir(name: str) -> Any:
            if name not in trees:
                raise GONE
            return contextlib.nullcontext([entry(name, said) for said in trees[name]])

        patch.setattr(root.os, "scandir", scandir)
        patch.setattr(root.os.path, "isdir", lambda name: _without_null(name).startswith("d"))
        return [(name, MAY_READ(name)) for name in ("a", "shut", *trees, "d unlisted", "\0")], asked

    found["read may be"] = reads
    for mode, owner, fails in itertools.product((0o100644, 0o100640, 0o100600, 0o100040), (1000, 0), (None, GONE)):

        def imports(patch: Patch, mode: int = mode, owner: int = owner, fails: Any = fails) -> Any:
            patch.setattr(
                root.os, "stat", raising(fails) if fails else answering(SimpleNamespace(st_mode=mode, st_uid=owner))
            )
            return root._imports_are_shut(SOMEBODY)

        found[f"imports shut {mode:o} {owner} {fails}"] = imports
    for place in ("/home/r/lib/x", "/home/r/libs/x", "/home/r/lib", "/opt/x", "/home/r/lib/y/z"):
        found[f"moved {place}"] = lambda patch, p=place: root._moved_path(
            p, {"/home/r/lib": "/5", "/home/r/lib/y": "/6"}
        )
    return found


def _without_null(name: str) -> str:
    if "\0" in name:
        raise ValueError("embedded null byte")
    return name


def _files() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def held(
        packets: str | None,
        why: str | None,
        fails: Any = None,
        bundle: str | None = None,
        force: bool = False,
        account: Account = SOMEBODY,
        grows: bool = False,
    ) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(None, hold=fails, why_not_writable=why, hold_growing=None, start_keeper=None)
            patch.setattr("ucdiag.cli.output_files.why_not_writable", noted.why_not_writable)
            patch.setattr("ucdiag.runtime.entrusted.ENTRUSTED", [noted])
            patch.setattr(named_files, "hold_output", noted.hold)
            patch.setattr(named_files, "hold_growing", noted.hold_growing)
            patch.setattr("ucdiag.runtime.root_keeper.start_keeper", noted.start_keeper)
            patch.setattr(rights, "as_account", _nobody)
            root.hold_outputs(view(bundle=bundle, force=force), account, packets, grows=grows)
            return noted.notes

        return examine

    for packets, why, bundle, force in itertools.product((None, "/p"), (None, "no"), (None, "/b.zip"), (True, False)):
        found[f"held {packets} {why} {bundle} {force}"] = held(packets, why, None, bundle, force)
    for grows in (True, False):
        found[f"held for root, {grows}"] = held("/p", None, account=SOMEBODY._replace(stands_in=True), grows=grows)
        found[f"held as it grows, {grows}"] = held("/p", "no", grows=grows)
    for error in (FileExistsError(17, "There"), GONE, OSError("NO WORDS")):
        found[f"held, {error!r}"] = held(None, "no", error)

    def confined(**more: Any) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(None, confine=None)
            patch.setattr(confinement, "confine_process", noted.confine)
            patch.setattr("tempfile.gettempdir", lambda: "/tmp")
            CONFINE_TO(view(**more), ("/r", None, ""), ("/w/x", None), "internet")
            CONFINE_TO(view(outputs=(), **more), ())
            return [
                (words[0], *(sorted(value) if isinstance(value, tuple) else value for name, value in words[1:]))
                for words in noted.notes
            ]

        return examine

    found["confined"] = confined()
    found["confined, bundle"] = confined(bundle="/z/b.zip")

    def folder(platform: str, is_root: bool, given: bool) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(None, chown=None, keep_imports=None, give_up=given, confine=None)
            patch.setattr(root, "is_root", answering(is_root))
            patch.setattr(root.sys, "platform", platform)
            patch.setattr(root, "keep_imports", noted.keep_imports)
            patch.setattr(root, "_go_on_as", noted.give_up)
            patch.setattr(rights, "successor_of_root", lambda: SOMEBODY)
            patch.setattr(confinement, "confine_process", noted.confine)
            patch.setattr(root.os, "chown", noted.chown)
            patch.setattr(Path, "rglob", lambda path, pattern: [path / "b", path / "c"] if pattern == "*" else [])
            root.give_up_for_folder(Path("/tmp/a"))
            return [str(note) for note in noted.notes]

        return examine

    for platform, is_root, given in itertools.product(("linux", "win32"), (True, False), (True, False)):
        found[f"folder {platform} {is_root} {given}"] = folder(platform, is_root, given)

    for platform, reads_all, shut, fails in itertools.product(
        ("linux", "darwin"), (True, False), (True, False), (None, DENIED, OSError("no words"))
    ):

        def go_on(
            patch: Patch, platform: str = platform, reads_all: bool = reads_all, shut: bool = shut, fails: Any = fails
        ) -> Any:
            noted = Noted(None, give_up="given up", keep_one_right=fails)
            patch.setattr(rights, "give_up", noted.give_up)
            patch.setattr(rights, "keep_one_right", noted.keep_one_right)
            patch.setattr(root, "_imports_are_shut", answering(shut))
            patch.setattr(root.sys, "platform", platform)
            return GO_ON_AS(SOMEBODY, reads_all=reads_all), noted.notes

        found[f"going on {platform} {reads_all} {shut} {fails!r}"] = go_on

    def certificates(patch: Patch) -> Any:
        places = SimpleNamespace(openssl_cafile="/f", openssl_capath="/p", cafile="x", capath="y")
        patch.setattr("ssl.get_default_verify_paths", lambda: places)
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
            patch.setenv(name, f"/{name}")
        before = list(root._certificate_places())
        patch.delenv("SSL_CERT_DIR")
        return before, list(root._certificate_places())

    found["certificates"] = certificates

    def readable(patch: Patch) -> Any:
        patch.setattr(root, "is_root", answering(True))
        patch.setattr(root, "_readable_name", lambda name, account: f"{name} for {account.name}")
        patch.setattr(rights, "successor_of_root", lambda: SOMEBODY)
        results = [root.with_readable_files(Context(ca=ca)).ca for ca in ("/ca.pem", None)]
        patch.setattr(root, "is_root", answering(False))
        results.append(root.with_readable_files(Context(ca="/ca.pem")).ca)
        patch.setattr(root, "is_root", answering(True))
        patch.setattr(root.sys, "platform", "win32")
        return [*results, root.with_readable_files(Context(ca="/ca.pem")).ca]

    found["readable files"] = readable
    for place in ("/a", "/a/b", "/a/b/c", "/ab/c", "/a/bc", "x"):
        found[f"moved {place}"] = lambda patch, p=place: root._moved_path(p, {"/a": "/fd/1", "/a/b": "/fd/2"})

    def spare(patch: Patch) -> Any:
        numbers = iter([7, 8, 9])
        noted = Noted(os, open=lambda *words: next(numbers), close=None)
        patch.setattr(root, "os", noted)
        root._need_spare_files()
        first = list(noted.notes)
        left = iter([7, DENIED])

        def opened(*words: Any) -> int:
            number = next(left)
            if isinstance(number, OSError):
                raise number
            return number

        noted._answers["open"] = opened
        try:
            root._need_spare_files()
        except OSError as error:
            return first, noted.notes[len(first) :], str(error)
        return first

    found["spare files"] = spare

    def imports(patch: Patch) -> Any:
        module = SimpleNamespace(__path__=["/shut/lib/x", "/open/x"])
        noted = Noted(
            os,
            open=lambda path, flags: {"/shut": 31, "/shut/lib": 32}[path],
            access=lambda path, *words, **named: "shut" not in path,
        )
        patch.setattr(root, "os", noted)
        patch.setattr(os.path, "isdir", lambda path: path != "/shut/none")
        patch.setattr(rights, "as_account", _nobody)
        patch.setattr(
            root,
            "sys",
            SimpleNamespace(
                path=["", "/shut", "/open", "/shut/lib", "/shut/none"],
                modules={"m": module, "n": SimpleNamespace()},
                path_importer_cache={"x": 1},
            ),
        )
        root.keep_imports(SOMEBODY)
        return root.sys.path, module.__path__, root.sys.path_importer_cache, noted.notes

    found["imports kept"] = imports
    return found


# A capture


class Origin(SimpleNamespace):
    """In the place of a capture."""

    def read(self) -> Iterator[Any]:
        yield from self.items

    def stop(self) -> None:
        self.stopped = True


class Lines(Noted):
    def __init__(self) -> None:
        super().__init__(None, add_line=None, write_before=None, close=None, finish=None, flush=None)


def _captured() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    extent = {"time": 1, "end": 2, "packets": 3}

    def facts(*items: Any, interrupted: bool = False, limited: bool = False, masked: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            said: list[str] = []
            patch.setattr(run, "print_message", said.append)
            patch.setattr(run, "time_ns", lambda: 9_000_000_000)
            lines = Lines()
            origin = Origin(items=items, interrupted=interrupted, limited=limited)
            try:
                run._sort_facts(origin, lines, lines, masked)
            except KeyboardInterrupt:
                said.append("interrupted")
            return said, lines.notes

        return examine

    fact = Lookup(time=7, frame=3, name="x", type="A")
    found["facts, all kinds"] = facts(Problem(code="output", text="A problem."), run.Again(), None, fact)
    found["facts, no frame"] = facts(Lookup(time=7, name="x", type="A"))
    found["facts, masked"] = facts(fact, masked=SimpleNamespace(fact=lambda item: Lookup(time=8, name="y", type="A")))
    for lost, dropped in itertools.product((None, 0, 1234), (0, 5678)):
        found[f"facts, lost {lost} {dropped}"] = facts(Extent(**extent, lost=lost, dropped=dropped))
    for interrupted, limited in itertools.product((True, False), repeat=2):
        found[f"facts, ended {interrupted} {limited}"] = facts(interrupted=interrupted, limited=limited)
    for code in ("files-missing", "times-missing", "times-unordered"):
        found[f"gap {code}"] = lambda patch, c=code: run._gap_problem("between a and b files are missing", c)
    for count in (None, 0, 1, 2, 1234):
        found[f"loss {count}"] = lambda patch, c=count: run._loss_problems(c)

    def unkept(patch: Patch) -> Any:
        tally = Tally()
        tally.counts[VerdictStatus.WHOLE] = 9
        return [run._unkept_text("it is full", tally, kept) for kept in (7, 8)]

    found["unkept"] = unkept

    def shown(patch: Patch) -> Any:
        said: list[Any] = []
        patch.setattr(run.click, "echo", lambda text, **named: said.append((text, named)))
        run.print_message("a\x1bb")
        patch.setattr(run.click, "echo", raising(OSError(32, "gone")))
        run.print_message("nobody reads it")
        return said

    found["warning"] = shown
    return found


def _live() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}
    wanted = {"count": None, "duration": None, "until_done": False, "write": None, "keylog": (), "facts": False}
    wanted |= {"ports": frozenset({80}), "patience": 5.0, "sniffer": "auto", "user": None, "masked_write": None}
    wanted |= {"save_request": None}

    def opened(
        become: Any = None, interrupted: bool = False, fails: bool = False, secrets: Any = None, **values: Any
    ) -> Call:
        def examine(patch: Patch) -> Any:
            import signal

            viewed = view(**{name: values.pop(name) for name in ("bundle", "mask") if name in values})
            noted = Noted(
                None,
                become=become,
                stop=None,
                signal=lambda number, handler: f"old {number}",
                preload=None,
                decryption=None,
                bundling=None,
                hold=DENIED if fails else None,
                confine=None,
            )

            class Live:
                held_back, look_around, lost, packets, unwritten, observer = 0.1, 0.1, None, 7, None, "observer"
                beside = None
                become, stop = noted.become, noted.stop

                def __init__(self, *words: Any, **named: Any) -> None:
                    noted.notes.append((words, sorted(named.items(), key=str)))

                def read(self) -> Iterator[Any]:
                    yield "read"

            patch.setattr("ucdiag.capture.live.Live", Live)
            patch.setattr(signal, "signal", noted.signal)
            patch.setattr(source, "ending_signals", lambda: [2, 15])
            patch.setattr(source, "_host_filter", lambda options: "filter")
            patch.setattr(source, "_read_key_logs", lambda options, follow: (secrets, [f"of key logs {follow}"]))
            patch.setattr("ucdiag.cli.lazy_modules.preload_lazy_modules", noted.preload)
            patch.setattr("ucdiag.cli.lazy_modules.preload_decryption", noted.decryption)
            patch.setattr("ucdiag.cli.lazy_modules.preload_bundling", noted.bundling)
            patch.setattr(source, "_hold_outputs", noted.hold)
            patch.setattr(source, "_confine_capture", noted.confine)
            patch.setattr(source, "monotonic", lambda: 100.0)
            patch.setattr(source, "listening_text", lambda *words: words)
            patch.setattr(source, "time_ns", lambda: 5_999)
            patch.setattr(source.LiveCapture, "_stop_at", lambda self, number, frame: None)
            options = SimpleNamespace(**{**wanted, **values})
            try:
                capture = source.LiveCapture(options, "eth7", viewed)
            except PermissionError as error:
                return str(error), _plain(noted.notes)
            live = capture._live
            facts = capture.name, capture.kind, capture.until_done, capture.limited, capture.interrupted
            facts += (
                capture.packets,
                capture.lost,
                capture.counts_loss,
                capture.at,
                capture.census(),
                capture.observer,
            )
            facts += (capture.unread, capture.unwritten, capture.status(), capture.watch(print))
            opening = live.held_back, live.look_around
            live.unwritten, live.lost = "a problem", 9
            facts += (capture.unread, capture.lost, capture.counts_loss, list(capture.read()))
            capture.stop()
            return facts, opening, _plain(noted.notes)

        return examine

    found["live, plain"] = opened()
    found["live, another account"] = opened("nobody")
    found["live, fails"] = opened(fails=True)
    found["live, secrets"] = opened(secrets="secrets")
    found["live, bundle"] = opened(bundle="/b.zip")
    found["live, mask"] = opened(mask=True)
    for name, value in (
        ("count", 5),
        ("duration", 2.5),
        ("until_done", True),
        ("facts", True),
        ("write", "/w.pcap"),
        ("user", "anna"),
        ("sniffer", "scapy"),
    ):
        found[f"live, {name}"] = opened(**{name: value})

    def stopped(patch: Patch) -> Any:
        capture = source.LiveCapture.__new__(source.LiveCapture)
        capture.interrupted = False
        capture._stop_at(2, None)
        first = capture.interrupted
        capture.interrupted = False
        live = capture._live = Noted(None, stop=None)
        capture._stop_at(2, None)
        try:
            capture._stop_at(2, None)
        except KeyboardInterrupt:
            return first, live.notes, "interrupted"
        return first, live.notes

    found["live, stopped"] = stopped

    def confined(patch: Patch) -> Any:
        noted = Noted(None, confine_to=None)
        patch.setattr(root, "confine_to", noted.confine_to)
        options = SimpleNamespace(
            **{**wanted, "keylog": ("/k/log", "/l/log"), "write": "/w", "masked_write": "/m", "save_request": "/s"}
        )
        patch.setattr(source.os.path, "abspath", lambda name: name)
        source._confine_capture(options, "view")
        return [(words[0], words[1], *map(list, words[2:])) for words in noted.notes]

    found["live, confined"] = confined
    for platform, is_root, uid, masked in itertools.product(
        ("linux", "win32"), (True, False), (0, 1000), (None, "-", "/m")
    ):

        def holds(
            patch: Patch, platform: str = platform, is_root: bool = is_root, uid: int = uid, masked: Any = masked
        ) -> Any:
            noted = Noted(
                None, hold_outputs=None, keep_imports=None, successor_of_root=Account("x", uid, uid), entrust=None
            )
            for module, name in ((root, "hold_outputs"), (root, "keep_imports"), (rights, "successor_of_root")):
                patch.setattr(module, name, getattr(noted, name))
            patch.setattr(source, "is_root", answering(is_root))
            patch.setattr(source.sys, "platform", platform)
            source._hold_outputs(SimpleNamespace(user="x", masked_write=masked), "view", noted)
            return noted.notes

        found[f"live, outputs {platform} {is_root} {uid} {masked}"] = holds
    return found


def _plain(notes: list[Any]) -> list[str]:
    """Without what stands for an object."""
    return [str(note).partition("<")[0] for note in notes]


# Many targets


def _many() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def line(number: int, why: str = "it is odd") -> Any:
        return fleet.BadLine(number, why)

    def read(targets: Any, bad_lines: str = "skip", fails: Any = None, refuses: tuple[int, ...] = ()) -> Call:
        def examine(patch: Patch) -> Any:
            said: list[str] = []

            def of(target: Any) -> None:
                if target.line in refuses:
                    raise ValueError(f"line {target.line} cannot be asked")

            noted = Noted(None, read_targets=fails or targets)
            patch.setattr(fleet, "read_targets", noted.read_targets)
            patch.setattr(fleet.click, "echo", lambda text, err: said.append(text))
            options = SimpleNamespace(targets="list.txt", bad_lines=bad_lines)
            kinds = [words[2] is fleet.CHECK_DNS for words in noted.notes]
            try:
                found = fleet._usable_targets("check-dns", options, SimpleNamespace(shape_of=of))
            except fleet.click.UsageError as error:
                return error.message, said
            fleet._usable_targets("probe", options, SimpleNamespace(shape_of=of))
            kinds = [words[2] is fleet.CHECK_DNS for words in noted.notes]
            return [one.line for one in found.targets], [one.line for one in found.bad], said, kinds

        return examine

    def targets(good: int, bad: int = 0, repeated: int = 0, unused: tuple[str, ...] = ()) -> Any:
        return SimpleNamespace(
            targets=[SimpleNamespace(line=n) for n in range(1, good + 1)],
            bad=[line(100 + n) for n in range(bad)],
            repeated=[line(200 + n, "says the same as line 1") for n in range(repeated)],
            unused=unused,
        )

    for good, bad, repeated in (
        (2, 0, 0),
        (0, 0, 0),
        (2, 1, 0),
        (2, 2, 1),
        (1, 20, 20),
        (1, 21, 21),
        (1, 1300, 1300),
        (0, 1, 0),
    ):
        for bad_lines in ("skip", "stop"):
            found[f"many, read {good} {bad} {repeated} {bad_lines}"] = read(targets(good, bad, repeated), bad_lines)
    found["many, unused columns"] = read(targets(1, unused=("colour", "size")))
    found["many, cannot be asked"] = read(targets(3, 1), refuses=(2,))
    for error in (FileNotFoundError(2, "No such file"), ValueError("It is ODD"), OSError("No Words")):
        found[f"many, {error!r}"] = read(targets(1), fails=error)
    for done, known, passed, slowed in itertools.product((0, 1, 30), (0, 1), (0.5, 1.0, 10.0), (0, 1, 4)):

        def progress(
            patch: Patch, done: int = done, known: int = known, passed: float = passed, slowed: int = slowed
        ) -> Any:
            clock = iter([100.0, 100.0 + passed])
            patch.setattr(fleet, "monotonic", lambda: next(clock))
            shown = fleet._Progress(1234)
            shown.known = known
            shown.counts.update({VerdictStatus.WHOLE: done})
            if done > 1:
                shown.counts.update({VerdictStatus.BROKEN: 2, VerdictStatus.UNKNOWN: 1000})
            shown.slowed = {f"10.0.0.{n}": "why" for n in range(slowed)}
            return shown.text()

        found[f"many, progress {done} {known} {passed} {slowed}"] = progress
    for count, repeated in itertools.product((0, 1, 2, 1234), (0, 1, 2, 1234)):
        found[f"many, counted {count} {repeated}"] = lambda patch, c=count, r=repeated: (
            fleet._FleetRun._counted_targets(SimpleNamespace(_targets=range(c)), SimpleNamespace(repeated=range(r)))
        )
    for unasked, bad, slowed in itertools.product((0, 1, 1234), (0, 1, 21), (0, 1, 21)):
        found[f"many, notes {unasked} {bad} {slowed}"] = lambda patch, u=unasked, b=bad, s=slowed: (
            fleet._FleetRun._run_problems(
                SimpleNamespace(
                    _unasked=u,
                    _targets=range(2000),
                    _fleet=SimpleNamespace(max_time=60, targets="list.txt"),
                    _hosts=SimpleNamespace(slowed={f"10.0.0.{n}": "is slow" for n in range(s)}),
                ),
                SimpleNamespace(bad=[line(n) for n in range(b)]),
            )
        )
    for status, code in itertools.product(VerdictStatus, ("no-domain", "output", "not-sent", "max-time")):
        found[f"many, in vain {status.value} {code}"] = lambda patch, s=status, c=code: fleet._in_vain(
            SimpleNamespace(
                phones=[SimpleNamespace(verdict=SimpleNamespace(status=s))], problems=[SimpleNamespace(code=c)]
            )
        )
    for until, times in ((None, ()), (5.0, (1, 4, 5)), (5.0, (6,)), (5.0, (1, 2, 3))):

        def in_time(patch: Patch, until: float | None = until, times: tuple[float, ...] = times) -> Any:
            clock = iter(times)
            patch.setattr(fleet, "monotonic", lambda: next(clock))
            self = SimpleNamespace(_fleet=SimpleNamespace(until=until), _unasked=0)
            return list(fleet._FleetRun._in_time(self, ["a", "b", "c"])), self._unasked

        found[f"many, in time {until} {times}"] = in_time
    for error in (None, OSError(28, "No Space"), OSError("No Words")):

        def keep(patch: Patch, error: Exception | None = error) -> Any:
            journal = Noted(None, add_reports=error or (lambda lines: list(lines)))
            outcomes = [
                SimpleNamespace(
                    problems=[SimpleNamespace(code=code)], text=lambda make: "text", target=SimpleNamespace(key=code)
                )
                for code in ("max-time", "output")
            ]
            self = SimpleNamespace(_journal=journal, _fleet=SimpleNamespace(journal="j.jsonl"))
            kept: list[Any] = []
            if error is None:
                journal._answers["add_reports"] = lambda lines: kept.extend(lines)
            fleet._FleetRun._write_journal(self, outcomes)
            self._journal = None
            fleet._FleetRun._write_journal(self, outcomes)
            return kept

        found[f"many, kept {error!r}"] = keep
    return found


def _read_files() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """Captures in files: what reads them with what, and when they are read once more."""
    found: dict[str, Call] = {}
    wanted = {"read": ("/x/a.pcap", "b.pcap"), "write": None, "keylog": (), "facts": False, "count": None}
    wanted |= {"ports": frozenset({81}), "patience": 7.0, "macs": ("00:04:f2:aa:bb:cc",), "everyone": True}
    kinds = ("late_openings", "answers_before_questions", "turned_openings", "early_answers", "stranger_answers")

    def reading(
        *,
        late: bool = False,
        early: str = "",
        found_: bool = False,
        sure: bool = False,
        files: bool = True,
        gathers: bool = True,
        large: bool = False,
        interrupted: bool = False,
        secrets: Any = None,
        unwritten: Any = None,
        **values: Any,
    ) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []
            made_: list[Any] = []
            counts = {kind: int(kind == early) for kind in kinds}
            observer = SimpleNamespace(
                interest="the hosts",
                connections=SimpleNamespace(**{kind: counts[kind] for kind in kinds[:3]}),
                lookups=SimpleNamespace(early_answers=counts["early_answers"]),
                strangers=SimpleNamespace(early_answers=counts["stranger_answers"]),
            )

            class Reader:
                packets, lost, last, position = 7, 3, 5 if secrets else None, ("", 0, 0)
                on_piece, reordered, problem, too_large, difference = None, False, unwritten, large, "a difference"

                def __init__(self, *words: Any, **named: Any) -> None:
                    self.kind = type(self).__name__
                    notes.append((self.kind, words, *sorted((key, str(part)) for key, part in named.items())))
                    self.observer, self.interrupted = observer, interrupted
                    self.unread, self.gaps = [f"unread of {self.kind}"], []
                    self.starts = [(1, "a.pcap"), (8, "b.pcap")]
                    made_.append(self)

                def read(self, names: Any) -> Iterator[Any]:
                    notes.append((self.kind, "reads", names, self.on_piece is print))
                    yield Lookup(time=1, name="x", type="A")
                    if late and len(made_) == 1:
                        raise readers.LateSecretsError
                    yield f"of {self.kind}"

                def gather_packets(self, names: Any) -> bool:
                    notes.append((self.kind, "gathers", names))
                    return gathers

            def named(kind: str) -> Any:
                return type(kind, (Reader,), {})

            class Suspicion:
                is_raised, is_certain = found_, False

                def feed(self, item: Any) -> None:
                    notes.append(("fed", item.kind))

            Suspicion.is_certain = sure
            patch.setattr("ucdiag.capture.filtered_copy.CopyingFileReader", named("copying"))
            patch.setattr("ucdiag.capture.aligned_reader.AlignedFileReader", named("aligned"))
            patch.setattr("ucdiag.capture.clock_pairs.ClockSuspicion", Suspicion)
            patch.setattr("ucdiag.capture.capture_secrets.secrets_in", lambda names: [b"CLIENT_RANDOM a b"])
            patch.setattr("ucdiag.capture.census.census_of", lambda *words: ("a census", *words))
            # Last, since what those lines import takes the reader as it is by then, and keeps it.
            patch.setattr(readers, "CaptureFileReader", named("plain"))
            patch.setattr(readers, "is_file", lambda name: files)
            patch.setattr(source, "_read_key_logs", lambda options: (secrets, ["of key logs"]))
            capture = source.FileCapture(SimpleNamespace(**{**wanted, **values}), opened=lambda: notes.append("opened"))
            capture.watch(print)
            items = [item if isinstance(item, str) else type(item).__name__ for item in capture.read()]
            facts = {
                name: str(getattr(capture, name))
                for name in ("kind", "name", "limited", "until_done", "interrupted", "packets", "lost", "at", "gaps")
            }
            facts |= {name: str(getattr(capture, name)) for name in ("unread", "unwritten", "clocks", "counting")}
            facts |= {"all": f"{capture.counts_loss} {capture.observer is observer} {capture.stop()}"}
            told = ", ".join(f"{name} {text}" for name, text in facts.items())
            return list(map(str, notes)), str(items), told, str(capture.census()), capture.status()

        return examine

    found["captures"] = reading()
    found["captures, facts"] = reading(facts=True, early="early_answers")
    found["captures, secrets late"] = reading(late=True)
    found["captures, secrets late on standard input"] = reading(late=True, files=False)
    for files in (True, False):
        found[f"captures, written {files}"] = reading(write="c.pcap", count=9, files=files)
    found["captures, written, secrets late"] = reading(write="c.pcap", late=True, files=False)
    found["captures, not written"] = reading(write="c.pcap", unwritten="it is full")
    for kind in kinds:
        found[f"captures, {kind}"] = reading(early=kind, interrupted=False)
    found["captures, interrupted"] = reading(found_=True, sure=True, interrupted=True)
    for sure, flaw in itertools.product((True, False), ("", "input", "some", "written", "too large", "not found")):
        found[f"captures, two clocks {sure} {flaw}"] = reading(
            secrets="the secrets",
            found_=True,
            sure=sure,
            files=flaw != "input",
            gathers=flaw not in ("too large", "not found"),
            large=flaw == "too large",
            **{"some": {"count": 5}, "written": {"write": "c.pcap"}}.get(flaw, {}),
        )

    def counted(patch: Patch) -> Any:
        capture = object.__new__(source.FileCapture)
        said = []
        for number, reordered, copy in itertools.product((1, 2, 21, 22), (True, False), (None, "a copy")):
            starts = [(at, f"{at}.pcap") for at in range(1, number + 1)]
            capture._reading, capture._copy = SimpleNamespace(starts=starts, reordered=reordered), copy
            said.append(str(capture.counting)[-90:])
        return said

    found["captures counted"] = counted

    def secrets_of(patch: Patch) -> Any:
        patch.setattr("ucdiag.capture.key_log.read_key_logs", lambda names, follow: (names, [f"follows {follow}"]))
        options = SimpleNamespace(keylog=())
        named = SimpleNamespace(keylog=("k",))
        hosts = source._host_filter(SimpleNamespace(facts=True, macs=("00:04:f2:aa:bb:cc",), everyone=False))
        some = source._host_filter(SimpleNamespace(facts=False, macs=(), everyone=True))
        return [
            source._read_key_logs(options, follow=True),
            source._read_key_logs(named),
            source._read_key_logs(named, follow=True),
            [(one.everything, one.macs, one.leased) for one in (hosts, some)],
        ]

    found["captures' key logs"] = secrets_of
    return found


CALLS: dict[str, Call] = {
    **_opened(),
    **_files(),
    **_given_up(),
    **_captured(),
    **_read_files(),
    **_live(),
    **_many(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
