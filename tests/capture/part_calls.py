"""What small parts of reading captures answer: key logs, clocks, tunnels counted, whose a packet is, what a file is.

``python -m tests.capture.part_calls`` writes ``part_calls.txt`` anew; read the difference before you commit it.
"""

import bz2
import gzip
import io
import itertools
import lzma
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.traffic import ethernet, ipv4, tcp, udp
from tests.capture.capture_files import block, described, enhanced, pcap, secrets_block, section
from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest

FILE = Path(__file__).with_name("part_calls.txt")
key_log: Any = import_module("ucdiag.capture.key_log")
secrets: Any = import_module("ucdiag.wire.tls.secrets")
kept: Any = import_module("ucdiag.capture.capture_secrets")
saving: Any = import_module("ucdiag.capture.request_saver")
stepping: Any = import_module("ucdiag.capture.clock_steps")
pairs: Any = import_module("ucdiag.capture.clock_pairs")
counting: Any = import_module("ucdiag.capture.census")
phones: Any = import_module("ucdiag.capture.phone_packets")
live: Any = import_module("ucdiag.capture.live")
filtering: Any = import_module("ucdiag.capture.prefilter")
filters: Any = import_module("ucdiag.capture.bpf")
files_: Any = import_module("ucdiag.capture.file_reader")
aligned: Any = import_module("ucdiag.capture.aligned_reader")
listing: Any = import_module("ucdiag.capture.interfaces")
ordering: Any = import_module("ucdiag.capture.frame_order")
series: Any = import_module("ucdiag.capture.series")
formats: Any = import_module("ucdiag.capture.other_formats")
writing: Any = import_module("ucdiag.capture.writer")
copying: Any = import_module("ucdiag.capture.filtered_copy")
opening: Any = import_module("ucdiag.capture.open_capture")
buffers: Any = import_module("ucdiag.capture.read_buffer")
tracking: Any = import_module("ucdiag.wire.packet_tracker")
hosts: Any = import_module("ucdiag.wire.host_filter")
exchanging: Any = import_module("ucdiag.wire.http.exchange")
Patch = pytest.MonkeyPatch


def in_folder(call: Callable[[Path], Any]) -> Call:
    """The call with a folder of its own, whose name is left out of what comes of it."""

    def examine(patch: Patch) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            try:
                return _without(call(Path(folder)), folder)
            except CannotTest as error:
                return f"{error.code}: {error.text.replace(folder, 'FOLDER')}"

    return examine


def _without(value: Any, folder: str) -> Any:
    if isinstance(value, str):
        return value.replace(folder, "FOLDER")
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(_without(part, folder) for part in value)
    return value


def problem_text(problem: Any) -> str:
    return f"{problem.code}: {problem.text}"


_LINE = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48
LOGS: dict[str, bytes] = {
    "one": _LINE + b"\n",
    "no line end": _LINE,
    "empty": b"",
    "comments": b"# nothing\n\n",
    "junk": b"what is this\n",
    "junk and one": b"what is this\n" + _LINE + b"\n",
    "marked": b"\xef\xbb\xbf" + _LINE,
    "UTF-16": (_LINE.decode() + "\r\n").encode("utf-16"),
    "UTF-16, big": b"\xfe\xff" + _LINE.decode().encode("utf-16-be"),
    "longest line": b"x" * 8192 + b"\n" + _LINE,
    "longer line": b"x" * 8193 + b"\n" + _LINE,
    "secret and blanks, longest line": _LINE.strip().ljust(8192) + b"\n",
    "secret and blanks, longer line": _LINE.strip().ljust(8193) + b"\n",
    "a line of many pieces": b"x" * 200_000 + b"\n" + _LINE + b"\n",
    "only a line of many pieces": b"x" * 200_000,
}


def _key_logs() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Any] = {}

    def read(data: bytes, follow: bool, later: bytes, most: int | None = None) -> Call:
        def examine(folder: Path) -> Any:
            with pytest.MonkeyPatch.context() as patch:
                if most is not None:
                    patch.setattr(key_log, "_MOST", most)
                path = folder / "keys.log"
                path.write_bytes(data)
                held, problems = key_log.read_key_logs([str(path)], follow=follow)
                stand = [held.lines, held.junk]
                if follow:
                    with path.open("ab") as file:
                        file.write(later)
                    held.refresh()
                    stand += [held.lines, held.junk]
                    for log in held.refresh._logs:
                        log.close()
                        log.close()
                    held.refresh()
                return stand, [problem_text(problem) for problem in problems]

        return in_folder(examine)

    for (name, data), follow in itertools.product(LOGS.items(), (False, True)):
        found[f"keys {name} {follow}"] = read(data, follow, b"\n" + _LINE + b"\n")
    for most in (len(_LINE), len(_LINE) - 1, len(_LINE) + 1, 9):
        found[f"keys cut {most}"] = read(_LINE + b"\n", False, b"", most)
    found["keys, none there"] = in_folder(lambda folder: key_log.read_key_logs([str(folder / "none")]))
    found["keys, a folder"] = in_folder(lambda folder: key_log.read_key_logs([str(folder)]))
    found["keys, a null"] = in_folder(lambda folder: key_log.read_key_logs(["a\0b"]))

    def broken(patch: Patch) -> Any:
        gone: list[str] = []
        logs = [SimpleNamespace(read_new_lines=raising(OSError(5, "io")), close=lambda: gone.append("closed"))]
        logs.append(SimpleNamespace(read_new_lines=lambda: gone.append("read"), close=lambda: gone.append("closed?")))
        key_log._Followed(logs)()
        return gone

    found["keys, broken later"] = broken

    def later(patch: Patch) -> Any:
        log = object.__new__(key_log.KeyLog)
        log._left, log._file = 5, 7
        patch.setattr(key_log.os, "read", raising(BlockingIOError(11, "later")))
        log.read_new_lines()
        return log._left

    found["keys, nothing yet"] = later
    ends = SimpleNamespace(client="10.0.0.7", server="10.0.0.20", port=443)
    for dropped, unread, opened in itertools.product(
        (None, 0, 1, 70_000), ({}, {"no secret": 1}, {"a": 1, "b": 2, "c": 3, "d": 4_000}), (0, 2_000)
    ):
        held = SimpleNamespace(dropped=dropped) if dropped is not None else None
        decryption = SimpleNamespace(
            unread=unread, opened=opened, examples={why: (ends, 5, number) for number, why in enumerate(unread, 7)}
        )
        found[f"not decrypted {dropped} {len(unread)} {opened}"] = lambda patch, h=held, d=decryption: [
            problem_text(problem) for problem in key_log.decryption_problems(h, d)
        ]
    found["not decrypted, nothing"] = lambda patch: key_log.decryption_problems(None, None)
    packets = b"".join(enhanced(number, bytes(60)) for number in range(3))
    big = section(">") + block(">", 10, struct.pack(">II", 0x544C534B, 3) + b"big\0")
    for name, data in {
        "before": section() + described() + secrets_block("one") + packets,
        "behind": section() + described() + packets + secrets_block("one") + packets + secrets_block("two"),
        "twice": section() + secrets_block("one") + secrets_block("one"),
        "two sections": section() + secrets_block("one") + big + section() + secrets_block("two"),
        "another kind": section() + secrets_block("one", 0x57474B4C) + secrets_block("two"),
        "empty": section() + secrets_block("") + block("<", 10, b"") + secrets_block("two"),
        "no pcapng": bytes(100),
        "short": b"\x0a\x0d",
        "cut": (section() + packets + secrets_block("one"))[:-3],
        "cut head": section() + packets + secrets_block("one")[:11],
        "length 8": section() + struct.pack("<III", 7, 8, 8) + secrets_block("one"),
        "length 12": section() + struct.pack("<III", 7, 12, 12) + secrets_block("one"),
        "odd length": section() + struct.pack("<III", 7, 14, 0) + b"ab" + secrets_block("one"),
        "odd packet": section() + struct.pack("<III", 6, 14, 0) + b"ab" + secrets_block("one"),
        "packet of 12": section() + struct.pack("<III", 6, 12, 12) + secrets_block("one"),
        "packet of 8": section() + struct.pack("<III", 6, 8, 8) + secrets_block("one"),
    }.items():

        def of_file(folder: Path, data: bytes = data) -> Any:
            (folder / "a").write_bytes(data)
            return kept.secrets_in([str(folder / "a"), str(folder / "none")])

        def little(folder: Path, data: bytes = data) -> Any:
            (folder / "a").write_bytes(data)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(kept, "KEPT_MOST", 3)
                return kept.secrets_in([str(folder / "a")])

        found[f"secrets {name}"] = in_folder(of_file)
        found[f"secrets, few, {name}"] = in_folder(little)

    return {**found, "secrets, some cannot be read": _some_unreadable}


def _some_unreadable(patch: Patch) -> Any:
    """The first one and the third cannot be read."""
    closed: list[str] = []

    def opened(name: str) -> Any:
        data = iter((section() + secrets_block(name),))
        read = raising(OSError(5, "Input/output error"))
        if name == "gone":
            raise CannotTest("no-capture", "it is gone")
        return SimpleNamespace(
            size=0,
            readinto=read if name == "bad" else lambda into: _filled(into, next(data, b"")),
            close=lambda: closed.append(name),
        )

    patch.setattr(kept, "open_capture", opened)
    return kept.secrets_in(["bad", "one", "gone", "bad", "two"]), closed


def _filled(into: memoryview, data: bytes) -> int:
    into[: len(data)] = data
    return len(data)


def exchange(**more: Any) -> Any:
    http: Any = {"time": 1, "frame": 12, "server": "10.0.0.20", "port": 80, "client": "10.0.0.7", "status": 200}
    http.update({name: more.pop(name) for name in ("client_mac", "status", "purpose") if name in more})
    usual: Any = {
        "request_head": b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n",
        "request_body": b"<a",
        "request_whole": True,
        "answer_body": b"",
        "answer_whole": True,
        "answer_holed": False,
        "problem": None,
    }
    return exchanging.UpdateExchange(Http(**http), **{**usual, **more})


def _saved() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Any] = {}
    seen: dict[str, list[Any]] = {
        "none": [],
        "one": [exchange()],
        "cut": [exchange(request_whole=False)],
        "log": [exchange(purpose="log")],
        "blank": [exchange(request_body=b" \r\n")],
        "of a phone": [exchange(client_mac="00:04:f2:00:00:01")],
        "of another": [exchange(client_mac="00:04:f2:00:00:02")],
        "not answered, answered": [exchange(status=None), exchange(status=200, request_body=b"second")],
        "answered, not answered": [exchange(status=200), exchange(status=404, request_body=b"second")],
        "both answered": [exchange(status=299), exchange(status=200, request_body=b"second")],
        "300, 200": [exchange(status=300), exchange(status=200, request_body=b"second")],
        "199, 200": [exchange(status=199), exchange(status=200, request_body=b"second")],
        "no request": [exchange(request_head=b"", request_body=b"x" * 9)],
    }

    def save(those: list[Any], macs: tuple[str, ...], before: str | None, mode: int = 0o644) -> Call:
        def examine(folder: Path) -> Any:
            path = folder / "request.txt"
            if before is not None:
                path.write_text(before)
                path.chmod(mode)
            saver = saving.RequestSaver(str(path), macs)
            for one in those:
                saver.take(one)
            problems = [problem_text(problem) for problem in saver.finish()]
            content = path.read_bytes() if path.exists() else None
            mode_now = oct(stat.S_IMODE(path.stat().st_mode)) if path.exists() else None
            return saver.said, saver.failed, problems, content, mode_now, sorted(part.name for part in folder.iterdir())

        return in_folder(examine)

    for (name, those), macs in itertools.product(seen.items(), ((), ("00:04:f2:00:00:01",))):
        found[f"saved {name} {len(macs)}"] = save(those, macs, None)
    for name in ("none", "one"):
        found[f"saved over, {name}"] = save(seen[name], (), "before")
        found[f"saved over a private one, {name}"] = save(seen[name], (), "before", 0o600)
    found["saved in no folder"] = in_folder(lambda folder: saving.RequestSaver(str(folder / "no" / "x")))
    found["saved as a folder"] = in_folder(lambda folder: saving.RequestSaver(str(folder)))
    found["saved as a null"] = in_folder(lambda folder: saving.RequestSaver("a\0b"))

    def fifo(folder: Path) -> Any:
        path = folder / "pipe"
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        saver = saving.RequestSaver(str(path))
        saver.take(exchange())
        problems = saver.finish()
        data = os.read(reader, 1000)
        os.close(reader)
        return saver.said, problems, data

    found["saved in a pipe"] = in_folder(fifo)
    for error in (None, OSError(32, "Broken pipe"), OSError("no words")):
        for name in ("none", "one"):

            def out(patch: Patch, error: Any = error, name: str = name) -> Any:
                stream = Noted(None, write=error, flush=None)
                patch.setattr(saving.sys, "stdout", SimpleNamespace(buffer=stream))
                saver = saving.RequestSaver("-")
                for one in seen[name]:
                    saver.take(one)
                return [problem_text(problem) for problem in saver.finish()], saver.said, saver.failed, stream.notes

            found[f"saved on standard output, {name} {error}"] = out

    def full(folder: Path) -> Any:
        saver = saving.RequestSaver(str(folder / "x"))
        saver.take(exchange())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(saving.os, "write", raising(OSError(28, "No space left on device")))
            problems = [problem_text(problem) for problem in saver.finish()]
        return problems, saver.said, saver.failed, sorted(part.name for part in folder.iterdir())

    found["saved on a full disk"] = in_folder(full)

    def filled(before: str | None, mode: int, content: Any) -> Call:
        """Where no new file can be made."""

        def examine(folder: Path) -> Any:
            path = folder / "x"
            if before is not None:
                path.write_text(before)
                path.chmod(mode)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(saving, "Replacement", raising(PermissionError(13, "Permission denied")))
                try:
                    saver = saving.RequestSaver(str(path))
                except CannotTest as cannot:
                    return problem_text(cannot).replace(str(folder), "FOLDER")
            saver.give_to((1, 2))
            for one in content:
                saver.take(one)
            problems = [problem_text(problem) for problem in saver.finish()]
            return problems, saver.said, path.read_bytes(), sorted(part.name for part in folder.iterdir())

        return in_folder(examine)

    for before, mode, name in itertools.product((None, "before", "b" * 4000), (0o600, 0o644), ("none", "one")):
        found[f"saved where no new file can be, {str(before)[:6]} {mode} {name}"] = filled(before, mode, seen[name])

    def given(folder: Path) -> Any:
        noted, trusted = Noted(fchown=None), list[Any]()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fchown", noted.fchown)
            patch.setattr(saving, "ENTRUSTED", trusted)
            savers = [saving.RequestSaver(str(folder / name)) for name in ("x", "y")]
            savers[0].give_to(None)
            savers[1].give_to((12, 34))
            same = [one is saver._instead for one, saver in zip(trusted, savers, strict=True)]
            for saver in savers:
                saver.finish()
        return [note[2:] for note in noted.notes], same

    found["saved, given"] = in_folder(given)

    def broken_off(patch: Patch) -> Any:
        patch.setattr(saving, "mark_identity", raising(ValueError("it breaks off")))
        return save(seen["one"], (), "before")(patch)

    found["saved, broken off"] = broken_off
    for platform, own, mode in itertools.product(("linux", "win32"), (True, False), (0o600, 0o640, 0o604, 0o700)):

        def private(patch: Patch, platform: str = platform, own: bool = own, mode: int = mode) -> Any:
            patch.setattr(saving.sys, "platform", platform)
            return saving._is_private(SimpleNamespace(st_uid=os.geteuid() if own else -7, st_mode=0o100000 | mode))

        found[f"private {platform} {own} {oct(mode)}"] = private
    return found


def _clocks() -> dict[str, Call]:  # noqa: C901 - a table
    """Two clocks at their limits: facts in an order, and the times of pairs."""
    found: dict[str, Any] = {}
    skew = pairs.CAPTURE_SKEW
    asked: Any = {"client": "c", "client_port": 5, "server": "s", "name": "N", "type": "A"}
    for early in (0, skew - 1, skew, skew + 1):
        for kind, (question, answer) in {
            "dns": (
                lambda t: Lookup(time=t, frame=1, **asked),
                lambda t: Lookup(time=t, frame=2, rcode="NOERROR", answer_frame=2, **asked),
            ),
            "dns, paired": (
                lambda t: Lookup(time=t, frame=1, **asked),
                lambda t: Lookup(time=t, frame=1, rcode="NOERROR", answer_frame=2, **asked),
            ),
            "dns, another": (
                lambda t: Lookup(time=t, frame=1, **asked),
                lambda t: Lookup(time=t, frame=2, rcode="NOERROR", answer_frame=2, **{**asked, "client_port": 6}),
            ),
            "tcp": (
                lambda t: Connect(
                    time=t, client="c", client_port=1, server="s", port=2, outcome="open", lacking="syn_ack"
                ),
                lambda t: Connect(time=t, client="c", client_port=1, server="s", port=2, outcome="open", lacking="syn"),
            ),
            "tcp, refused": (
                lambda t: Connect(time=t, client="c", client_port=1, server="s", port=2, outcome="no_answer"),
                lambda t: Connect(time=t, client="c", client_port=1, server="s", port=2, outcome="open", lacking="syn"),
            ),
            "tcp, whole": (
                lambda t: Connect(time=t, client="c", client_port=1, server="s", port=2, outcome="open"),
                lambda t: Connect(time=t, client="c", client_port=1, server="s", port=2, outcome="open", lacking="syn"),
            ),
            "discover": (
                lambda t: Dhcp(time=t, type="discover", transaction=1, client="c"),
                lambda t: Dhcp(time=t, type="offer", transaction=1, client="c"),
            ),
            "request": (
                lambda t: Dhcp(time=t, type="request", transaction=1, client="c"),
                lambda t: Dhcp(time=t, type="ack", transaction=1, client="c"),
            ),
            "chosen": (
                lambda t: Dhcp(time=t, type="offer", transaction=1, client="c", server="s"),
                lambda t: Dhcp(time=t, type="request", transaction=1, client="c", server="s"),
            ),
            "chosen, no server": (
                lambda t: Dhcp(time=t, type="offer", transaction=1, client="c"),
                lambda t: Dhcp(time=t, type="request", transaction=1, client="c"),
            ),
            "no transaction": (
                lambda t: Dhcp(time=t, type="discover", client="c"),
                lambda t: Dhcp(time=t, type="offer", client="c"),
            ),
            "nak": (
                lambda t: Dhcp(time=t, type="request", transaction=1, client="c"),
                lambda t: Dhcp(time=t, type="nak", transaction=1, client="c"),
            ),
        }.items():
            for first in ("question", "answer"):

                def fed(
                    patch: Patch, early: int = early, question: Any = question, answer: Any = answer, first: str = first
                ) -> Any:
                    suspicion = pairs.ClockSuspicion()
                    facts = [question(10**9 + early), answer(10**9)]
                    for seen in facts if first == "question" else reversed(facts):
                        suspicion.feed(seen)
                    suspicion.feed(facts[0])
                    return suspicion.is_raised, suspicion.is_certain, suspicion._unheard, suspicion._heard

                found[f"clocks, {kind} {early} {first}"] = fed

    def many(patch: Patch) -> Any:
        times: dict[Any, Any] = {}
        for number in range(1026):
            pairs._keep_time(times, (number,), number)
        pairs._keep_time(times, (1025,), 7)
        suspicion = pairs.ClockSuspicion()
        for number in range(1030):
            suspicion.feed(
                Connect(
                    time=1, client="c", client_port=1, server=f"s{number}", port=2, outcome="open", lacking="syn_ack"
                )
            )
        return len(times), next(iter(times)), times[1025,], len(suspicion._unheard)

    found["clocks, many"] = many
    near = pairs._NEAR
    for name, (least, most) in {
        "none": ([], []),
        "at the skew": ([skew], [-skew]),
        "early": ([skew + 1], []),
        "late": ([], [-skew - 1]),
        "half early": ([skew + 1, 0], []),
        "fewer early": ([skew + 1, 0, 0], []),
        "half late": ([], [-skew - 1, 0]),
        "fewer late": ([], [-skew - 1, 0, 0]),
        "near": ([10**8, 10**8 + near, 10**8 + near + near + 1], []),
        "just near": ([10**8 - near, 10**8, 10**8 + near], []),
        "too far": ([10**8 - near - 1, 10**8, 10**8 + near + 1], []),
        "near, late": ([], [-(10**8), -(10**8) - near, -(10**8) - near - near - 1]),
        "just near, late": ([], [-(10**8) - near, -(10**8), -(10**8) + near]),
        "too far, late": ([], [-(10**8) - near - 1, -(10**8), -(10**8) + near + 1]),
        "both": ([10**8], [-(10**8)]),
    }.items():
        found[f"shift {name}"] = lambda patch, a=least, b=most: pairs._required_shift(a, b)
    for shift, bounds in itertools.product(
        (-(10**8), 0, 10**8),
        (
            None,
            ([], []),
            ([-(10**8) + skew], []),
            ([-(10**8) + skew + 1], []),
            ([-(10**8)], [-(10**8)]),
            ([-(10**8)], [-(10**8) + 1]),
        ),
    ):
        found[f"explains {shift} {bounds}"] = lambda patch, s=shift, b=bounds: pairs._explains_bounds(s, b)
    for times in itertools.product((0, 10**7), (0, 10**7), (0, 10**7, None)):
        for protocols in (("dhcp",), ("dhcp", "dns"), ("dns", "tcp", "dhcp")):

            def shifted(patch: Patch, times: Any = times, protocols: Any = protocols) -> Any:
                sights = []
                for protocol in protocols:
                    for kind, time in zip(("question", "answer", "follows"), times, strict=True):
                        if time is not None:
                            sights.append((10**9 + time, pairs.Sight(protocol, kind, (1, 2))))
                return pairs.clock_shifts(sights)

            found[f"shifts {times} {protocols}"] = shifted
    for second in (skew - 1, skew, skew + 1, 5 * skew):
        again = [(0, "answer"), (second, "question"), (1, "answer"), (2 * second, "answer")]
        found[f"shifts, again {second}"] = lambda patch, a=again: pairs.clock_shifts(
            (10**9 + time, pairs.Sight("dns", kind, (1,))) for time, kind in a
        )
    return found


def _set_back() -> dict[str, Call]:
    """Where a clock was set back, by how much, and what the times are then."""
    found: dict[str, Any] = {}
    step = stepping.STEP
    for edge in (-1, 0, 1):
        far = step + edge
        times = {
            "back": (10 * step, 10 * step - far, 10 * step - far + 5),
            "ahead": (10 * step, 10 * step + far, 10 * step),
            "ahead at first": (5, 5 + far, 6),
            "ahead and back": (10 * step, 20 * step, 10 * step - far, 10 * step),
            "ahead, one more": (10 * step, 20 * step, 20 * step + 1, 10 * step - far),
            "ahead, two more": (10 * step, 20 * step, 20 * step + 1, 20 * step + 2, 10 * step - far),
            "ahead, equal": (10 * step, 20 * step, 20 * step, 10 * step - far, 9 * step),
            "twice": (50 * step, 50 * step - far, 50 * step - far + 1, 50 * step - 3 * far, 50 * step - far),
            "often": tuple(90 * step - number * (far + 1) for number in range(6)),
            "to and fro": tuple((90 - 40 * (number % 2)) * step + far for number in range(12)),
            "zero": (0, 0, far, 0, 1),
        }
        for (name, those), stand in itertools.product(times.items(), (False, True)):

            def told_on(patch: Patch, those: Any = those, stand: bool = stand) -> Any:
                clock = stepping.ClockSteps(as_they_stand=stand)
                said = []
                for end in (0, step + 1):
                    for frame, time in enumerate(those, 1):
                        went_on = clock.take_time(time + clock.shift, frame)
                        said.append(
                            (went_on, clock.shift, clock.latest - clock.shift, clock.shifted_time(time, clock.shift))
                        )
                    clock.finish_file(those[-1] - end)
                    said.append((clock.steps[:], clock.restless))
                    clock.begin_file()
                return said

            found[f"set back {name} {edge} {stand}"] = told_on
    return found


A, B, C = "10.0.0.7", "10.0.0.20", "10.0.0.53"
MAC_A, MAC_B, MAC_C = (bytes.fromhex(text) for text in ("0004f2000001", "00505600aa01", "001a2b000001"))


def frame(kind: int, packet: bytes, source: bytes = MAC_C, target: bytes = MAC_B) -> bytes:
    return ethernet(target, source, kind, packet)


def datagrams() -> dict[str, bytes]:
    """Packets of every kind, whole and cut."""
    whole = {
        "tcp": frame(0x0800, ipv4(A, B, 6, tcp(50000, 80, 1, 0, 2))),
        "tcp 8080": frame(0x0800, ipv4(A, B, 6, tcp(50000, 8080, 1, 0, 2))),
        "tcp from 443": frame(0x0800, ipv4(C, B, 6, tcp(443, 50000, 1, 0, 2))),
        "tcp 53": frame(0x0800, ipv4(C, B, 6, tcp(50000, 53, 1, 0, 2))),
        "dns": frame(0x0800, ipv4(C, B, 17, udp(50000, 53, b"x" * 20))),
        "dns with the address": frame(0x0800, ipv4(C, B, 17, udp(50000, 53, MAC_A + bytes((10, 0, 0, 7))))),
        "dns answer": frame(0x0800, ipv4(C, B, 17, udp(53, 50000, MAC_A))),
        "dhcp": frame(0x0800, ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, bytes(28) + MAC_A + bytes(200)))),
        "dhcp of another": frame(0x0800, ipv4(C, B, 17, udp(67, 68, bytes(28) + MAC_C + bytes(200)))),
        "udp": frame(0x0800, ipv4(C, B, 17, udp(5060, 5061, b"x" * 20))),
        "udp with the address": frame(0x0800, ipv4(C, B, 17, udp(5060, 5061, bytes((10, 0, 0, 7))))),
        "udp to the phone": frame(0x0800, ipv4(C, A, 17, udp(5060, 5061, b"x"))),
        "vxlan": frame(
            0x0800, ipv4(C, B, 17, udp(50000, 4789, b"\x08" + bytes(7) + frame(0x0800, ipv4(A, B, 6, b""))))
        ),
        "icmp": frame(0x0800, ipv4(C, B, 1, b"\x03\x01" + bytes(6) + ipv4(A, B, 17, udp(1, 2, b"")))),
        "icmp of another": frame(0x0800, ipv4(C, B, 1, b"\x03\x01" + bytes(6) + ipv4(C, B, 17, udp(1, 2, b"")))),
        "echo": frame(0x0800, ipv4(C, B, 1, b"\x08\0" + bytes(6) + ipv4(A, B, 17, udp(1, 2, b"")))),
        "gre": frame(0x0800, ipv4(C, B, 47, b"\0\0\x08\0" + ipv4(A, B, 6, tcp(1, 80, 1, 0, 2)))),
        "esp": frame(0x0800, ipv4(C, B, 50, bytes(20))),
        "sctp": frame(0x0800, ipv4(C, B, 132, bytes(20))),
        "arp": frame(0x0806, b"\0\1\x08\0\6\4\0\1" + MAC_C + bytes((10, 0, 0, 7)) + bytes(6) + bytes((10, 0, 0, 9))),
        "arp for it": frame(
            0x0806, b"\0\1\x08\0\6\4\0\1" + MAC_C + bytes((10, 0, 0, 9)) + bytes(6) + bytes((10, 0, 0, 7))
        ),
        "arp from it": frame(0x0806, b"\0\1\x08\0\6\4\0\1" + MAC_A + bytes(14)),
        "arp to it": frame(0x0806, b"\0\1\x08\0\6\4\0\2" + MAC_C + bytes(4) + MAC_A + bytes(4)),
        "arp of others": frame(0x0806, b"\0\1\x08\0\6\4\0\2" + MAC_C + bytes(14)),
        "from its address": frame(0x0800, ipv4(C, B, 6, tcp(1, 2, 1, 0, 2)), source=MAC_A),
        "to its address": frame(0x88CC, b"\2\7", target=MAC_A),
        "lldp": frame(0x88CC, b"\2\7\4"),
        "lldp with it": frame(0x88CC, b"\2\7\4" + MAC_A),
        "llc": frame(0x0026, b"\x42\x42\3" + bytes(35)),
        "snap": frame(0x0026, b"\xaa\xaa\3\0\0\0\x08\0" + ipv4(A, B, 6, tcp(1, 80, 1, 0, 2))),
        "vlan": frame(0x8100, b"\0\7\x08\0" + ipv4(A, B, 6, tcp(50000, 80, 1, 0, 2))),
        "two vlans": frame(0x88A8, b"\0\7\x81\0\0\x09\x08\0" + ipv4(A, B, 6, tcp(50000, 80, 1, 0, 2))),
        "mpls": frame(0x8847, b"\0\0\x11\x40" + ipv4(A, B, 6, tcp(50000, 80, 1, 0, 2))),
        "later piece": frame(
            0x0800, ipv4(A, B, 17, udp(1, 2, b"x" * 30))[:6] + b"\0\5" + ipv4(A, B, 17, bytes(30))[8:]
        ),
        "first piece": frame(0x0800, ipv4(C, B, 6, tcp(1, 2, 1, 0, 2))[:6] + b"\x20\0" + ipv4(C, B, 6, bytes(30))[8:]),
        "options": frame(0x0800, b"\x46" + ipv4(A, B, 6, bytes(4) + tcp(50000, 80, 1, 0, 2))[1:]),
    }
    for number, tail in (
        (6, tcp(1, 80, 1, 0, 2)),
        (17, udp(1, 4789, bytes(30))),
        (17, udp(500, 4500, bytes(30))),
        (17, udp(1, 51820, b"\1" + bytes(147))),
        (4, bytes(20)),
        (47, bytes(20)),
        (97, bytes(20)),
        (115, bytes(20)),
        (137, bytes(20)),
        (50, bytes(20)),
        (58, bytes(20)),
    ):
        head = struct.pack(">IHBB", 6 << 28, len(tail), number, 64) + bytes(32)
        whole[f"ipv6 {number} {tail[2:4].hex()}"] = frame(0x86DD, head + tail)
    return whole


def _packets() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Any] = {}
    whose = phones.PhonePackets([MAC_A, b"short"], [bytes((10, 0, 0, 7)), bytes(4), b"\xff" * 4, b"x"])
    only_mac = phones.PhonePackets([MAC_A], [])
    packets = datagrams()
    for name, data in packets.items():
        cuts = sorted(
            {len(data), *(at for at in (13, 14, 15, 18, 22, 23, 24, 25, 30, 33, 34, 35, 36, 37, 38) if at < len(data))}
        )

        def examined(patch: Patch, data: bytes = data, cuts: list[int] = cuts) -> Any:
            results = []
            for cut in cuts:
                tracker = tracking.PacketTracker(lambda fact: None, hosts.HostFilter())
                census = counting.Census(tracker)
                census.count_packet(1, data[:cut])
                lines = [cut, whose.contains_packet(1, data[:cut]), only_mac.contains_packet(1, data[:cut])]
                for everything in (False, True):
                    copier = object.__new__(copying.FilteringCopier)
                    copier._everything, copier._tcp_ports = everything, frozenset({80, 443})
                    copier.observer, copier._at = tracker, (1, *copying.PLAIN[1])
                    view = memoryview(b"??" + data[:cut])
                    try:
                        lines.append(copier._packet_matters(view, 2, 2 + cut))
                    except struct.error as error:
                        lines.append(str(error))
                lines += [
                    dict(census.kinds),
                    dict(census.ports),
                    census.tunnels,
                    dict(census.unread_tunnels),
                    len(census.hosts),
                ]
                results.append(" ".join(map(str, lines)))
            return results

        found[f"packet {name}"] = examined
        if data[12:14] == b"\x08\0":

            def raw(patch: Patch, data: bytes = data[14:]) -> Any:
                tracker = tracking.PacketTracker(lambda fact: None, hosts.HostFilter())
                census = counting.Census(tracker)
                census.count_packet(101, data)
                copier = object.__new__(copying.FilteringCopier)
                copier._everything, copier._tcp_ports = False, frozenset({80, 443})
                copier.observer, copier._at = tracker, (101, *copying.PLAIN[101])
                return (
                    whose.contains_packet(101, data),
                    copier._packet_matters(memoryview(data), 0, len(data)),
                    dict(census.kinds),
                )

            found[f"raw {name}"] = raw
    for link in (1, 101, 105, 127, 113, 147):
        for data in (
            bytes(20),
            b"\x80" + bytes(30),
            bytes(8) + b"\xb4\0" + bytes(10),
            bytes(12) + b"\x05\xff",
            bytes(12) + b"\6\0",
        ):
            found[f"unknown {link} {data.hex()}"] = lambda patch, k=link, d=data: counting._unknown_kind(k, d)
    for text in (None, "", "10.0.0.7", "10.0.0", "10.0.0.256", "::1", "a.b.c.d", "1.2.3.4.5"):
        found[f"packed {text}"] = lambda patch, t=text: phones._packed_address(t)
    facts = (
        Dhcp(time=1, type="ack", address="10.0.0.1", client_address="10.0.0.2"),
        Lookup(time=1, name="x", type="A", client="10.0.0.3", server="10.0.0.4"),
        SimpleNamespace(),
    )
    for mac, ip in itertools.product((None, "00:04:f2:00:00:01"), (None, "10.0.0.7", "0.0.0.0")):
        one = SimpleNamespace(phone=SimpleNamespace(mac=mac, ip=ip), observations=facts)

        def of(patch: Patch, one: Any = one) -> Any:
            made_ = phones.PhonePackets.of_phones([one])
            return sorted(made_.macs), sorted(made_.addresses)

        found[f"phone's {mac} {ip}"] = of
    return found


def _ordered() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Any] = {}
    for count, limit in itertools.product((0, 1, 2, 3, 7, 200), (1, 2, 3, 1000)):

        def ordered(patch: Patch, count: int = count, limit: int = limit) -> Any:
            opened: Any = []
            real = ordering.tempfile.TemporaryFile
            patch.setattr(
                ordering.tempfile, "TemporaryFile", lambda *words, **named: opened.append(1) or real(*words, **named)
            )
            lines: list[str] = []
            sorter = ordering.FactSorter(lines.append, limit)
            most = 0
            for number in range(count):
                sorter.add_line((number * 7) % 5, number, f"line {number}")
                most = max(most, len(sorter._files))
            sorter.write_before(2)
            early = list(lines)
            sorter.finish()
            sorter.close()
            text = "".join(lines)
            return early, lines[:3], hash_of(text), len(opened), most, sorter._files, sorter._held

        found[f"ordered {count} {limit}"] = ordered
    for where in ("open", "write", "seek"):
        for error in (OSError(28, "No space left on device"), OSError("no words")):

            def fails(patch: Patch, where: str = where, error: OSError = error) -> Any:
                file = Noted(io.StringIO(), **{where: error} if where != "open" else {}, close=error)
                patch.setattr(
                    ordering.tempfile, "TemporaryFile", raising(error) if where == "open" else answering(file)
                )
                sorter = ordering.FactSorter(lambda line: None, 1)
                sorter.add_line(1, 1, "one")
                try:
                    sorter.add_line(2, 2, "two")
                except CannotTest as cannot:
                    return problem_text(cannot), len(sorter._held), file.notes
                return "it went on"

            found[f"ordered, no {where} {error}"] = fails
    names = (
        "a_00001_20260131090000.pcapng",
        "a_00002_20260131090100.pcapng",
        "a_00004_20260131090100.pcapng",
        "b_00002_20260131090100.pcapng",
        "a_00001_20260131090000",
        "a_00003_20260131090000.gz",
        "x.pcap",
        "x.pcap1",
        "x.pcap2",
        "x.pcap9.gz",
        "x.cap3",
        "x.pcapng5",
        "y.pcap3",
        "x.pcap0012",
        "x.txt",
        "/d/x.pcap",
        "/d/x.pcap7",
    )
    for one, other in itertools.permutations(names, 2):
        if series.missing_between(one, other) or one[0] == other[0] == "a":
            found[f"series {one} {other}"] = lambda patch, a=one, b=other: (
                series.missing_between(a, b),
                series.gap_text(a, b),
            )
    found["series, no gap"] = lambda patch: [
        (one, other) for one, other in itertools.permutations(names, 2) if not series.missing_between(one, other)
    ]
    found["series, much"] = lambda patch: series.gap_text("/d/x.pcap1", "/d/x.pcap4000")
    return found


def hash_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:12]


TEXTS = (
    b"0000000: d4c3 b2a1 0200 0400",
    b"00000000: 0a 0d 0d 0a",
    b"\xef\xbb\xbf  00000000: 4d3cb2a1",
    b"0000000: d4c3 b2a2",
    b"12:00:00.000001 IP 10.0.0.1.1 > 10.0.0.2.2: x\n\t0x0000:  4500 0034",
    b"\t0x0000:  6000 0034",
    b"\t0x0000:  0004 f200",
    b"0x0000:  7000",
    b"x 0x0000:  4500",
    b"interfaces=[any]\nfilters=[none]",
    b"x\nfilters=[none]",
    b" filters=[none]",
    b"2026-01-31 12:00:00.000001 IP x",
    b"12:00:00.000001 IP x",
    b"12:00:00 IP x",
    b"IP 10.0.0.1.1 > 10.0.0.2.2: UDP",
    b"IP6 a > b: x",
    b"IP (tos 0x0, ttl 64)",
    b"ARP, Request",
    b"1700000000.000001 ARP, Request",
    b"IP x",
    b'{"frame_raw": [], "_index": 1}',
    b'[{"_index": "p"}]',
    b'{"index":{"_index":"p"}}',
    b'{"index":{}}',
    b"<?xml?><pdml>",
    b"<psml>",
    b'"No.","Time","Source"',
    b"Encapsulation type: Ethernet",
    b"0000  00 04 f2 00",
    b"000000: 00 04 f2",
    b"00 00 04 f2",
    b"000000000 00 04 ",
    b"   1   0.000000 10.0.0.1 -> 10.0.0.2 TCP",
    "1 0.000 a \u2192 b TCP".encode(),
    b"2 0.0 a -> b TCP",
    b"<!DOCTYPE html>",
    b"\n <HTML>",
    b"plain text",
    b"<xml>",
)


def _files() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Any] = {}
    for mark, _, _ in formats._MARKS:
        found[f"file {mark!r}"] = lambda patch, m=mark: (
            formats.other_format(m + b"rest", "x"),
            formats.other_format(b"." + m, "x") == formats.other_format(b".", "x"),
            formats.other_format(m[:-1], "x"),
        )
    for text in TEXTS:
        found[f"text {text!r}"] = lambda patch, t=text: formats.other_format(t, "x")
    for name in ("a.ETL", "a.erf", "a.ncf", "a.ncfx", "a.ber", "a.etl.x", "a"):
        found[f"named {name}"] = lambda patch, n=name: formats.other_format(b"\0\1\2", n)
    tar = bytearray(600)
    tar[257:262] = b"ustar"
    scaler = {at: bytes(at) + b"NetScaler" for at in (0, 10, 55, 56)}
    trace = bytearray((64 << 10).to_bytes(4, "little") + bytes(100))
    trace[75] = 0xC0
    for at, value in ((0, 0), (1, 0x10), (75, 0x80), (75, 0xFF), (1, 0x0F), (1, 0x0C), (2, 1), (3, 1), (3, 2)):
        changed = bytearray(trace)
        changed[at] = value
        found[f"trace {at} {value}"] = lambda patch, c=bytes(changed): (
            formats.other_format(c, "x"),
            formats._is_event_trace(c[:75]),
            formats._is_event_trace(c[:76]),
        )
    found["tar"] = lambda patch: (formats.other_format(bytes(tar), "x"), formats.other_format(bytes(tar[:261]), "x"))
    found["scaler"] = lambda patch: [formats.other_format(data, "x") for data in scaler.values()]
    erf = bytearray(8) + bytes([2, 4]) + (96).to_bytes(2, "big") + bytes(2) + (64).to_bytes(2, "big") + bytes(80)
    for kind, record, packet in itertools.product(
        (1, 2, 11, 16, 0x82, 3), (31, 32, 81, 82, 89, 90, 97, 98, 105), (13, 14, 64)
    ):
        one = bytearray(erf)
        one[8], one[10:12], one[14:16] = kind, record.to_bytes(2, "big"), packet.to_bytes(2, "big")
        found.setdefault(f"erf {kind}", []).append((record, packet, bytes(one)))
    for name in [name for name in found if name.startswith("erf")]:
        found[name] = lambda patch, those=found[name]: [
            (record, packet) for record, packet, data in those if formats._is_erf(data)
        ]
    found["erf, short"] = lambda patch, e=bytes(erf): (
        formats._is_erf(e[:17]),
        formats._is_erf(e[:18]),
        formats._is_erf(e),
    )
    for name, link, interface in itertools.product(("a.pcap", "a.CAP", "a.pcapng", "a"), (1, 113), (None, "eth0")):

        def written(folder: Path, name: str = name, link: int = link, interface: str | None = interface) -> Any:
            path = folder / name
            if link == 113:
                path.write_bytes(b"before")
            writer = writing.Writer(str(path), link, interface)
            started = len(path.read_bytes()) == len(writer._head), writing._interface_block(link, interface).hex()
            parts: list[Any] = [writer.keeps_secrets, writer.secrets_block(b"keys\n")]
            parts.append(writer.packet_record(1_700_000_000_123_456_789, b"packet", 60, 1))
            parts.append(writer.packet_record((1 << 64) + 5, memoryview(b"abcd"), 4))
            try:
                parts.append(writer.interface_block(101))
            except CannotTest as error:
                parts.append(problem_text(error))
            writer.write(parts[2])
            writer.write_end(1_700_000_001_000_000_001, 7)
            writer.write_end(5, None)
            writer.keep()
            head = writer._head.hex() if name.lower().endswith("p") else ""
            writer.close()
            return [started, head, *parts, path.read_bytes()[len(writer._head) :].hex()]

        found[f"written {name} {link} {interface}"] = in_folder(written)
    found["written in no folder"] = in_folder(lambda folder: writing.Writer(str(folder / "no" / "x.pcap"), 1))
    found["written as a folder"] = in_folder(lambda folder: writing.Writer(str(folder), 1))
    for data in (
        b"",
        b"abc",
        b"\x50\x2a\x4d\x18\2\0\0\0xyabcdefgh",
        b"\x5f\x2a\x4d\x18\0\0\0\0abcdefgh",
        b"\x60\x2a\x4d\x18\2\0\0\0xyab",
        b"\x50\x2a\x4d\x18\x09\0\0\0xy",
        b"\x50\x2a\x4d\x18",
        b"\x04\x22\x4d\x18 and more",
        b"BZhx no",
        b"plain bytes",
    ):

        def opened(folder: Path, data: bytes = data) -> Any:
            path = folder / "a"
            path.write_bytes(data)
            stream = opening.open_capture(str(path))
            buffer = memoryview(bytearray(50))
            sizes = [stream.readinto(buffer), bytes(buffer[:20]), stream.progress(), stream.size]
            stream.close()
            return sizes

        found[f"opened {data[:12].hex()} {len(data)}"] = in_folder(opened)
    for name in ("none", "", "a\0b"):

        def not_opened(folder: Path, name: str = name) -> Any:
            return opening.open_capture(str(folder / name) if name != "a\0b" else name)

        found[f"opened {name!r}"] = in_folder(not_opened)
    return found


def _stored(data: bytes) -> bytes:
    """As gzip has what is not compressed: the same with each version of zlib."""
    return gzip.compress(data, 0, mtime=0)


def _unpacked() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """What is read of archives, files and standard input, and what can be said of them meanwhile."""
    found: dict[str, Call] = {}
    whole = bytes(range(256)) * 3
    for name, archive in {
        "plain": whole,
        "gzip": _stored(whole),
        "gzip, two": _stored(whole[:300]) + bytes(5) + _stored(whole[300:]),
        "gzip, zeros": _stored(whole) + bytes(70_000),
        "gzip, two far": _stored(whole[:300]) + bytes(140_000) + _stored(whole[300:]),
        "gzip, cut": _stored(whole)[:-9],
        "gzip, damaged": _stored(whole)[:-5] + b"x" * 5,
        "xz": lzma.compress(whole),
        "xz, two": lzma.compress(whole[:300]) + bytes(4) + lzma.compress(whole[300:]),
        "xz, zeros": lzma.compress(whole) + bytes(70_000),
        "xz, two far": lzma.compress(whole[:300]) + bytes(140_000) + lzma.compress(whole[300:]),
        "xz, cut": lzma.compress(whole)[:-9],
        "xz, damaged": lzma.compress(whole)[:40] + b"x" * 30 + lzma.compress(whole)[70:],
        "bzip2": bz2.compress(whole),
        "bzip2, cut": bz2.compress(whole)[:-9],
        "bzip2, damaged": bz2.compress(whole)[:40] + b"x" * 30 + bz2.compress(whole)[70:],
    }.items():

        def unpacked(folder: Path, archive: bytes = archive) -> Any:
            """Piece by piece, and what can be said of it meanwhile."""
            path = folder / "a"
            path.write_bytes(archive)
            stream = opening.open_capture(str(path))
            said: list[Any] = [
                type(stream).__name__,
                stream.size,
                stream.file >= 0,
                stream.progress()[1] == len(archive),
            ]
            data, buffer, lengths = b"", memoryview(bytearray(100)), set()
            try:
                while count := stream.readinto(buffer):
                    data += buffer[:count]
                    lengths.add(count)
            except opening.BrokenArchiveError as error:
                said.append(f"{error} from {type(error.__cause__).__name__}")
            said += [len(data), whole.startswith(data), max(lengths, default=0), stream.idle(0)]
            said.append(tuple(count == len(archive) for count in stream.progress()))
            try:
                said += [stream.seek(300), stream.readinto(buffer), bytes(buffer[:4]), stream.progress()[0]]
            except OSError as error:
                said.append(repr(error))
            stream.close()
            said.append(stream.progress()[0])
            return said

        found[f"unpacked {name}"] = in_folder(unpacked)

    def much(patch: Patch) -> Any:
        """No step gives more than a piece."""
        data = bytes(300_000)
        sizes = []
        for packed in (gzip.compress(data), lzma.compress(data), bz2.compress(data)):
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "a").write_bytes(packed)
                stream = opening.open_capture(str(Path(folder) / "a"))
                buffer = memoryview(bytearray(400_000))
                total = list(iter(lambda stream=stream, buffer=buffer: stream.readinto(buffer), 0))
                sizes.append((max(total) <= 1 << 18, sum(total)))
                stream.close()
        return sizes

    found["unpacked, much"] = much

    def piped(patch: Patch) -> Any:
        """Standard input, of which nobody knows how much comes."""
        read_end, write_end = os.pipe()
        os.write(write_end, b"\xd4\xc3\xb2\xa1and more")
        with os.fdopen(read_end, "rb") as source:
            patch.setattr(opening.sys, "stdin", source)
            stream = opening.open_capture("-")
            buffer = memoryview(bytearray(8))
            said = [stream.size, stream.file, stream.progress(), stream.idle(0), stream.readinto(buffer), bytes(buffer)]
            said += [stream.readinto(buffer), bytes(buffer), stream.idle(0.01)]
            os.close(write_end)
            said += [stream.idle(0), stream.readinto(buffer), stream.readable()]
            stream.close()
        return [*said, stream.idle(0), opening._file_size(source)]

    found["opened standard input"] = piped

    def in_part(folder: Path) -> Any:
        """A file on standard input: somebody else may have read its beginning."""
        (folder / "a").write_bytes(b"0123456789abcdef")
        with (folder / "a").open("rb", buffering=0) as source, pytest.MonkeyPatch.context() as patch:
            source.read(4)
            patch.setattr(opening.sys, "stdin", source)
            stream = opening.open_capture("-")
            buffer = memoryview(bytearray(20))
            said = [stream.size, stream.file, stream.progress(), stream.readinto(buffer), bytes(buffer[:8])]
            stream.close()
        return said

    found["opened a file on standard input"] = in_folder(in_part)
    for output in (None, SimpleNamespace(fileno=raising(ValueError("closed")))):

        def no_input(patch: Patch, output: Any = output) -> Any:
            patch.setattr(opening.sys, "stdin", output)
            return opening.open_capture("-")

        found[f"opened no standard input {output is None}"] = no_input

    def of_a_test(patch: Patch) -> Any:
        patch.setattr(opening.sys, "stdin", io.TextIOWrapper(io.BytesIO(b"some bytes")))
        stream, buffer = opening.open_capture("-"), memoryview(bytearray(20))
        return stream.size, stream.file, stream.idle(0), stream.readinto(buffer), stream.readinto(buffer), bytes(buffer)

    found["opened a text on standard input"] = of_a_test
    for error in (OSError(5, "Input/output error"), OSError("no words")):

        def unread(patch: Patch, error: Any = error) -> Any:
            stream = Noted(None, read=error, close=None)
            patch.setattr(opening, "open_input", lambda name: stream)
            try:
                return opening.open_capture("x")
            except CannotTest as cannot:
                return problem_text(cannot), stream.notes

        found[f"opened, and not read {error}"] = unread

    def same(folder: Path) -> Any:
        one, other, link, hard = (folder / name for name in ("one", "other", "link", "hard"))
        one.touch()
        other.touch()
        link.symlink_to("one")
        hard.hardlink_to(one)
        names = [str(path) for path in (one, other, link, hard, folder, folder / "none", folder / "." / "none")]
        with pytest.MonkeyPatch.context() as patch, one.open("rb") as source:
            patch.setattr(opening.sys, "stdin", source)
            reads = [opening.is_read(name, [*names[1:3], "-"]) or "" for name in names]
            none = opening.is_read(str(one), ["a\0b", str(other), str(folder / "none")])
            from_input = opening.is_read(str(one), [str(other), "-"])
            patch.setattr(opening.sys, "stdin", None)
            closed = opening.is_read(str(one), ["-", str(hard)])
        pairs = ["".join("-+"[opening.is_same(a, b)] for b in names) for a in names]
        return reads, none, from_input, closed, pairs, opening.is_read("a\0b", names)

    found["same files"] = in_folder(same)
    return found


def _wrote() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """A file that is written while something stands in the way: what is said, and what is there after it."""
    found: dict[str, Call] = {}
    record = b"a whole record.."

    def there(folder: Path) -> Any:
        return {
            path.name.replace(str(os.getpid()), "PID"): path.read_bytes()[-40:] for path in sorted(folder.iterdir())
        }

    def failing(writes: int, error: BaseException, truncate: Any = None) -> Any:
        """Writes so often, each time a little, and then fails."""
        left = [writes]

        def write(handle: int, data: Any) -> int:
            left[0] -= 1
            if left[0] < 0:
                raise error
            return os.write(handle, data[: max(len(data) // 2, 1)])

        return Noted(os, write=write, **({"ftruncate": truncate} if truncate else {}))

    def cut(
        before: bytes | None, writes: int, error: BaseException, replace: bool = False, truncate: Any = None
    ) -> Call:
        def examine(folder: Path) -> Any:
            path = folder / "x.pcap"
            if before is not None:
                path.write_bytes(before)
            writer = writing.Writer(str(path), 1, replace=replace)
            beside = writer.beside
            said: list[Any] = [beside and Path(beside).name, there(folder)]
            try:
                writer.begin_file()
                writer.write(record)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(writing, "os", failing(writes, error, truncate))
                    writer.write(b"half of this one")
                writer.keep()
            except CannotTest as cannot:
                said.append(problem_text(cannot).replace(str(folder), "FOLDER"))
            except BaseException as other:  # noqa: BLE001 - an interruption is none of Exception
                said.append(repr(other))
            said.append(there(folder))
            writer.close()
            return [*said, there(folder)]

        return in_folder(examine)

    full, interrupted = OSError(28, "No space left on device"), KeyboardInterrupt()
    for before, replace in itertools.product((None, b"", b"before"), (False, True)):
        name = f"{before!r} {replace}"
        found[f"wrote all, {name}"] = cut(before, 99, full, replace)
        found[f"wrote half, {name}"] = cut(before, 1, full, replace)
        found[f"wrote half, interrupted {name}"] = cut(before, 1, interrupted, replace)
        found[f"wrote half, and it stays {name}"] = cut(before, 1, full, replace, OSError(22, "x"))

    def began(truncate: Any, before: bytes | None) -> Call:
        """The head itself, and what was there."""

        def examine(folder: Path) -> Any:
            path = folder / "x.pcap"
            if before is not None:
                path.write_bytes(before)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(writing, "os", failing(1, full, truncate))
                try:
                    writing.Writer(str(path), 1).begin_file()
                except CannotTest as cannot:
                    return problem_text(cannot), there(folder)
            return "no error"

        return in_folder(examine)

    for before in (None, b"", b"before"):
        found[f"wrote half of the head, {before!r}"] = began(None, before)
    found["wrote to what cannot be emptied"] = began(full, b"")

    def kept(before: bytes, fails: str) -> Call:
        def examine(folder: Path) -> Any:
            path = folder / "x.pcapng"
            path.write_bytes(before)
            writer = writing.Writer(str(path), 1, replace=fails == "write_to_disk")
            writer.write(record)
            with pytest.MonkeyPatch.context() as patch:
                where = writer._replacement if fails == "write_to_disk" else writer._growing
                patch.setattr(type(where), fails, raising(PermissionError(13, "Permission denied")))
                try:
                    writer.keep()
                except CannotTest as cannot:
                    said = problem_text(cannot).replace(str(folder), "FOLDER")
                    middle = there(folder)
                    if fails == "put_in_place":
                        writer.close()
                        return said, middle, there(folder)
            writer.close()
            return said, middle, there(folder)

        return in_folder(examine)

    found["wrote all, and it cannot be settled"] = kept(b"before", "write_to_disk")
    found["wrote all, and it cannot be kept"] = kept(b"before", "put_in_place")

    def entrusted(before: bytes | None) -> Call:
        def examine(folder: Path) -> Any:
            path = folder / "x.pcapng"
            if before is not None:
                path.write_bytes(before)
            trusted: list[Any] = []
            given = Noted(fchown=None)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(writing, "ENTRUSTED", trusted)
                patch.setattr(os, "fchown", given.fchown)
                writer = writing.Writer(str(path), 1)
                given.notes.clear()
                writer.entrust()
                writer.give_to(12, 34)
            said = [one is writer._growing for one in trusted], [note[2:] for note in given.notes]
            writer.close()
            return said

        return in_folder(examine)

    for before in (None, b"before"):
        found[f"wrote, entrusted {before!r}"] = entrusted(before)

    def streamed(held: bool, error: Any) -> Call:
        """A pipe that was held open, or standard output: what is out is out."""

        def examine(folder: Path) -> Any:
            read_end, write_end = os.pipe()
            stream = Noted(open_for_writing=lambda: os.dup(write_end), discard=None)
            stream._answers |= {"write_to_disk": None, "put_in_place": None}
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(writing, "held_file", lambda name: stream if held else None)
                patch.setattr(writing.sys, "stdout", SimpleNamespace(fileno=lambda: write_end))
                stream.is_file = False  # type: ignore[attr-defined]
                writer = writing.Writer("x.pcap" if held else "-", 1, replace=held)
                said: list[Any] = []
                system = failing(1, error) if error else os
                patch.setattr(writing, "os", system)
                try:
                    writer.write(record)
                    writer.write_end(5, 6)
                    writer.give_to(1, 2)
                    writer.entrust()
                    writer.keep()
                except CannotTest as cannot:
                    said.append(problem_text(cannot))
                writer.close()
            os.close(write_end)
            data = os.read(read_end, 999)
            os.close(read_end)
            return said, writer.beside, writer._is_stream, len(data), data[-20:], stream.notes

        return in_folder(examine)

    for held, error in itertools.product((False, True), (None, full)):
        found[f"wrote to a stream, {held} {error}"] = streamed(held, error)
    for output in (None, SimpleNamespace(fileno=raising(ValueError("I/O operation on closed file")))):

        def closed(patch: Patch, output: Any = output) -> Any:
            patch.setattr(writing.sys, "stdout", output)
            return writing.Writer("-", 1)

        found[f"wrote to no standard output {output is None}"] = closed
    return found


def _left_alone(replace: bool, name: str, kept: bool) -> Call:
    """What is open, and what is there, when a writer is closed that had a file to replace, or one to fill."""

    def examine(folder: Path) -> Any:
        (folder / "old.pcap").write_bytes(b"before")
        before = len(list(Path("/proc/self/fd").iterdir()))
        writer = writing.Writer(str(folder / name), 1, replace=replace)
        writer.begin_file()
        writer.write(writer.packet_record(1_700_000_000_123_456_789, b"packet", 60))
        if kept:
            writer.keep()
        writer.close()
        left = len(list(Path("/proc/self/fd").iterdir())) - before
        return left, {path.name: (path.stat().st_size, path.read_bytes()[:6]) for path in sorted(folder.iterdir())}

    return in_folder(examine)


def _listed() -> dict[str, Call]:
    found: dict[str, Any] = {}
    for kind in (0, 1, 772, 65534, 801, 803, 802, 32):
        found[f"link of kind {kind}"] = lambda patch, k=kind: listing.link_type(k)
    for platform in ("linux", "win32", "darwin"):
        found[f"hint {platform}"] = lambda patch, p=platform: (
            patch.setattr(listing.sys, "platform", p),
            listing.privilege_hint("eth7")[:14],
            listing.privilege_hint("eth7") == listing.capture_hint(p, "eth7"),
        )[1:]
    for flags in (0, 1, 2, 0x10, 0x12, 0x20, 0x22, 0x30, 0x32, 0x24):
        found[f"state {flags:#x}"] = lambda patch, f=flags: listing._interface_state(f)
    usual = {
        "name": "en0",
        "network_name": "n",
        "ips": {4: ["10.0.0.1", "10.0.0.1"], 6: ["fe80::1"]},
        "mac": "02:00:00:00:00:01",
    }
    changes: dict[str, Any] = {
        "usual": {},
        "dummy": {"dummy": True},
        "nothing": {"ips": {4: [], 6: []}, "mac": "00:00:00:00:00:00"},
        "no mac": {"ips": {4: [], 6: []}, "mac": None},
        "mac only": {"ips": {4: [], 6: []}},
        "six only": {"ips": {4: [], 6: ["fe80::1"]}, "mac": None},
        "four only": {"ips": {4: ["10.0.0.1"], 6: []}, "mac": ""},
        "described": {"description": "Ethernet 2", "flags": 2},
        "described the same": {"description": "en0", "flags": 0x22},
        "no name": {"name": "", "flags": None},
    }
    for name, change in changes.items():
        device = SimpleNamespace(**{"description": None, **usual, **change})
        found[f"device {name}"] = lambda patch, d=device: (listing._is_network(d), listing._device_interface(d))

    def by_scapy(patch: Patch) -> Any:
        devices = {"a": SimpleNamespace(**usual, description="x"), "b": SimpleNamespace(**usual, dummy=True)}
        patch.setattr(listing, "load_scapy", lambda: SimpleNamespace(ifaces=devices))
        patch.setattr(listing.sys, "platform", "darwin")
        return listing.interfaces()

    def no_scapy(patch: Patch) -> Any:
        patch.setattr(listing, "load_scapy", raising(ImportError("no scapy")))
        return listing.scapy_interfaces()

    found["devices by scapy"], found["devices without scapy"] = by_scapy, no_scapy
    states = {"/sys/class/net/eth0/operstate": "up\n", "/sys/class/net/eth0/type": "1\n", "/sys/class/net/x/type": "32"}
    for error in (None, PermissionError(1, "no"), OSError(97, "not supported"), OSError("no words")):

        def by_linux(patch: Patch, error: Any = error) -> Any:
            patch.setattr(listing.sys, "platform", "linux")
            patch.setattr(listing, "elevated_command", lambda words: f"sudo ucdiag {words}")
            sock = SimpleNamespace(close=lambda: None)
            patch.setattr(listing, "PacketSocket", raising(error) if error else answering(sock))
            patch.setattr(listing.socket, "if_nameindex", lambda: [(1, "eth0"), (2, "x"), (3, "y")])
            patch.setattr(
                "builtins.open", lambda name, encoding: io.StringIO(states[name]) if name in states else _none(name)
            )
            return listing.interfaces()

        found[f"devices of Linux, {error!r}"] = by_linux
    return found


def _none(name: str) -> Any:
    raise FileNotFoundError(2, "No such file or directory", name)


def sighted() -> dict[str, bytes]:
    """Questions and answers by which two clocks are known, whole and cut, and what looks like them."""
    mac, port = MAC_A + bytes(10), 50000
    packets = {name: datagrams()[name] for name in ("icmp", "dns", "dns answer", "arp", "udp", "sctp", "options")}
    for source, target, (sport, dport) in itertools.product((A, C), (B, A), ((port, 80), (80, port), (port, 81))):
        for name, number, ack, flags in (
            ("syn", 5, 0, 2),
            ("syn ece", 5, 0, 0xC2),
            ("last syn", 0xFFFFFFFF, 0, 2),
            ("syn ack", 9, 6, 0x12),
            ("rst ack", 0, 6, 0x14),
            ("rst ack of data", 7, 6, 0x14),
            ("rst", 0, 6, 4),
            ("ack", 70_000, 1, 0x10),
            ("fin", 6, 1, 1),
        ):
            if name == "syn" or (source, target) == (A, B):
                packets[f"{name} {source} {sport} to {target} {dport}"] = frame(
                    0x0800, ipv4(source, target, 6, tcp(sport, dport, number, ack, flags))
                )
    whole = packets[f"syn ack {A} 80 to {B} {port}"]
    packets |= {f"syn ack cut at {cut}": whole[:cut] for cut in (14, 22, 33, 34, 41, 42, 47, 48, 54)}
    for kind in range(9):
        message = b"\1\1\6\0" + b"xid1" + bytes(20) + mac + bytes(192) + b"\x63\x82\x53\x63" + bytes((53, 1, kind))
        packets[f"dhcp {kind}"] = frame(0x0800, ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, message)))
    packets["dhcp, a reply"] = frame(0x0800, ipv4(C, B, 17, udp(67, 68, b"\2" + message[1:-1] + b"\2")))
    packets["dhcp to one port"] = frame(0x0800, ipv4(C, B, 17, udp(1, 67, message)))
    whole = packets["dhcp 1"]
    packets |= {f"dhcp cut by {cut}": whole[: len(whole) - cut] for cut in (1, 2, 3, 200, 235, 236, 237, 243, 244)}
    packets["dhcp, its type in a field"] = frame(
        0x0800, ipv4(C, B, 17, udp(68, 67, bytes(200) + b"\x35\1\1" + bytes(80)))
    )
    return packets


def _gathered() -> dict[str, Call]:
    """What is held of a capture of two clocks, and what of it is a question or an answer."""
    found: dict[str, Any] = {}

    packets = sighted()

    def gather(names: list[str], known: tuple[str, ...] = (), most: int = 10**6, key: bytes = b"ends") -> Call:
        def examine(patch: Patch) -> Any:
            said = []
            for name in names:
                tracker = tracking.PacketTracker(lambda fact: None, hosts.HostFilter())
                tracker.interest.hosts.update(dict.fromkeys(map(socket.inet_aton, known)))
                gatherer = aligned._Gatherer(tracker, stepping.ClockSteps(), most)
                gatherer._link, gatherer._head = 1, 2
                gatherer._packet_time = lambda view, at, frame: 1000 + frame
                rejected: list[Any] = []
                gatherer._cache_key = lambda kind, key, rejected=rejected: rejected.append(key)
                data = packets[name]
                view = memoryview(b"_??" + data + b"behind")
                gatherer.take_packet(view, 1, len(data), len(data), 7, 0, key)
                gatherer.take_packet(view, 1, len(data), len(data), 8, 0, key) if most < 10**6 else None
                held = [(*one[:3], one.data == data, *one[4:]) for one in gatherer.held]
                sights = [(time, *sight) for time, sight in gatherer.sights]
                said.append(f"{name}: {held} {sights} {rejected} {gatherer.bytes} {gatherer.is_full}")
            return said

        return examine

    found["gathered of A"] = gather(list(packets), (A,))
    found["gathered of B"] = gather([name for name in packets if f" to {B}" in name or "dns" in name], (B,))
    found["gathered of nobody"] = gather([f"syn {A} 50000 to {B} 80", "dns", "dns answer", "udp", "icmp", "sctp"])
    found["gathered, whose ends are not known"] = gather([f"syn {A} 50000 to {B} 80", "udp", "sctp"], key=b"")
    for most in (0, 291, 292, 534, 535, 934, 935, 936):
        found[f"gathered, full at {most}"] = gather(["arp", "dhcp 1"], most=most)

    def using(patch: Patch) -> Any:
        tracker = tracking.PacketTracker(lambda fact: None, hosts.HostFilter())
        gatherer = aligned._Gatherer(tracker, stepping.ClockSteps(), 1000)
        gatherer.use_format(1, int, "<Q", 0, 16)
        return gatherer.ignored_ethertypes, gatherer.dns_hosts, gatherer.counts_runs, gatherer._head

    found["gathered, nothing is left out"] = using

    def moved(shift: int | None, **flaws: Any) -> Call:
        def examine(patch: Patch) -> Any:
            reader = aligned.AlignedFileReader(hosts.HostFilter(), secrets=None, most_bytes=10**6)
            extent = Extent(time=500, end=flaws.get("end", 2_000_000), packets=3)
            patch.setattr(aligned.CaptureFileReader, "read", lambda self, names: iter([None, extent]))
            patch.setattr(aligned, "clock_shifts", lambda sights: {} if shift is None else {"dns": shift})
            taken = [Lookup(time=1, name="x", type="A", seconds=2.0), Extent(time=1, end=2, packets=1)]
            reader.observer = Noted(take_packet=None, finish=None)
            reader._finished, reader._take_finished = True, lambda: list(taken)
            reader.interrupted = flaws.get("interrupted", False)
            if flaws.get("full"):
                reader._gatherer.bytes = 10**7
            for number, (protocol, is_answer) in enumerate(
                (("dns", False), (None, True), ("tcp", True), ("dns", True), ("dns", True), (None, False))
            ):
                reader._gatherer.held.append(aligned._Held(1_000_000 + number, number, 1, b"data", protocol, is_answer))
            gathered = reader.gather_packets(["a"])
            facts = list(reader.read(["a"])) if gathered else None
            return gathered, reader.too_large, reader.difference, str(facts), reader.observer.notes

        return examine

    for shift in (None, -2_000_000, 1, 5_000_000):
        found[f"gathered and moved by {shift}"] = moved(shift)
    found["gathered and moved, interrupted"] = moved(1, interrupted=True)
    found["gathered and moved, full"] = moved(1, full=True)
    found["gathered and moved, ending before"] = moved(1, end=600)
    return found


def _listened() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """A live capture on a device that is none: when it ends, what is asked of the device, and what is said."""
    found: dict[str, Any] = {}

    def listen(  # noqa: C901 - with all that it listens on
        *,
        takes: tuple[int, ...] = (2, 0, 1),
        stops: int = 99,
        fails: Any = None,
        within: str = "wait",
        at: int = 2,
        counts: bool = True,
        lost: int | None = 3,
        unwritten: int = 99,
        write: Any = None,
        first: int | None = 777,
        **given: Any,
    ) -> Call:
        def examine(patch: Patch) -> Any:  # noqa: C901 - as above
            notes: list[Any] = []
            clock = itertools.count(100)
            full = CannotTest("output", "It is full.")

            class Device:
                link, most_pieces, counts_loss, first, unwritten = 1, 2, counts, None, None
                looks, reached = 0, None

                def wait_for_packets(self, seconds: float) -> None:
                    self.looks += 1
                    notes.append(f"wait {seconds:g}")
                    if self.looks >= stops:
                        capture.stop()
                    if fails is not None and within == "wait" and self.looks == at:
                        raise fails

                def take_packets(self, prefilter: Any, frame: int, stop: int, writer: Any) -> int:
                    if fails is not None and within == "take" and self.looks == at:
                        raise fails
                    number = takes[self.looks - 1] if self.looks <= len(takes) else 0
                    notes.append(f"take {frame} {stop} {writer is None} {number}")
                    if number:
                        Device.first = first
                        capture._finished.append(Lookup(time=self.looks, name="x", type="A"))
                    if self.looks >= unwritten:
                        Device.unwritten = full
                    return min(frame + number, stop)

                def count_lost(self) -> int | None:
                    return lost

                def close(self) -> None:
                    notes.append("closed")

            class Writing:
                beside = "beside"

                def __init__(self, *words: Any) -> None:
                    notes.append(("writer", words))
                    if write == "opening":
                        raise full

                def __getattr__(self, name: str) -> Any:
                    def call(*words: Any) -> None:
                        notes.append((name, words))
                        if write == name:
                            raise full

                    return call

            patch.setattr(live, "time", SimpleNamespace(monotonic=lambda: float(next(clock)), sleep=notes.append))
            patch.setattr(live, "_open_device", lambda *words: notes.append(words) or Device())
            patch.setattr(live, "Writer", Writing)
            try:
                capture = live.Live(
                    "eth7",
                    hosts.HostFilter(),
                    now=lambda: 5_000_000,
                    write="x.pcap" if write is not None else None,
                    **given,
                )
            except CannotTest as error:
                return str(error), notes
            said = [capture.packets, capture.beside, capture.observer.secrets is not None]
            for item in itertools.islice(capture.read(), 30):
                text = (
                    problem_text(item)
                    if isinstance(item, Problem)
                    else f"x{item.time}"
                    if isinstance(item, Lookup)
                    else item
                )
                said.append(str(text))
            end = capture.packets, capture.lost, capture.unwritten and "unwritten"
            return "; ".join(map(str, said)), "; ".join(map(str, notes)), end

        return examine

    found["listened, stopped"] = listen(stops=4)
    found["listened, to a count"] = listen(count=3)
    found["listened, for a time"] = listen(duration=3.2)
    found["listened, for less than a look"] = listen(duration=0.5)
    found["listened, losses not counted"] = listen(stops=2, counts=False)
    found["listened, losses not known"] = listen(stops=2, lost=None)
    found["listened, with keys"] = listen(stops=1, secrets=secrets.TlsSecrets())
    found["listened, no time of the first"] = listen(stops=2, first=None)
    found["listened, only at the end"] = listen(stops=1, takes=(0, 2))
    for within, error in itertools.product(("wait", "take"), (OSError(19, "No such device"), OSError("no words"))):
        found[f"listened, gone {within} {error.errno}"] = listen(fails=error, within=within)
        found[f"listened, gone at the end {within} {error.errno}"] = listen(fails=error, within=within, stops=1)
    for write in ("", "opening", "begin_file", "write_end", "keep"):
        found[f"listened and wrote, {write} fails"] = listen(stops=2, write=write)
    for unwritten in (2, 3):
        found[f"listened and wrote, full at look {unwritten}"] = listen(stops=2, write="", unwritten=unwritten)

    def became(system: str, root: bool, uid: int, owner: Any, given: bool, writes: bool) -> Call:
        def examine(patch: Patch) -> Any:
            writer = Noted(give_to=None, entrust=None) if writes else None
            capture = object.__new__(live.Live)
            capture.writer = writer
            account = SimpleNamespace(uid=uid, owner=owner, name="anna")
            patch.setattr(live.sys, "platform", system)
            patch.setattr(live, "is_root", answering(root))
            patch.setattr(live, "successor_of_root", lambda user: account)
            patch.setattr(live, "give_up", answering(given))
            capture.entrust()
            return capture.become("anna"), writer and writer.notes

        return examine

    for flaw in ("", "system", "root", "uid", "owner", "given", "writes"):
        found[f"listened, became {flaw}"] = became(
            "win32" if flaw == "system" else "linux",
            flaw != "root",
            0 if flaw == "uid" else 7,
            None if flaw == "owner" else (7, 8),
            flaw != "given",
            flaw != "writes",
        )

    def device(patch: Patch) -> Any:
        said = []
        patch.setattr("ucdiag.capture.packet_ring.PacketRing", lambda *words: ("ring", *words))
        patch.setattr("ucdiag.capture.scapy_socket.ScapyDevice", lambda *words: ("scapy", *words))
        for system, ring, sniffer in itertools.product(("linux", "darwin"), (True, False), ("auto", "ring", "scapy")):
            patch.setattr(live.sys, "platform", system)
            patch.setattr(live, "has_ring", answering(ring))
            try:
                said.append((system, ring, sniffer, live._open_device("eth7", frozenset({443, 80}), sniffer)))
            except CannotTest as error:
                said.append((system, ring, sniffer, problem_text(error)))
        return list(map(str, said))

    found["listened, by which device"] = device
    return found


def _series() -> dict[str, Call]:
    """Several files, one of which may be missing, without a packet, or in another order."""
    found: dict[str, Any] = {}
    packet = frame(0x0800, ipv4(A, B, 6, tcp(50000, 80, 1, 0, 2)))

    def read(*files: tuple[str, list[int]]) -> Call:
        def examine(folder: Path) -> Any:
            for name, times in files:
                (folder / name).write_bytes(pcap([(time * 1_000_000, packet) for time in times]))
            reader = files_.CaptureFileReader(hosts.HostFilter())
            names = [str(folder / name) for name, _ in files]
            items = [item for item in reader.read(names) if item is not None]
            said = [problem_text(item) if isinstance(item, Problem) else item.kind for item in items]
            return said, reader.gaps, [(at, Path(name).name) for at, name in reader.starts], reader.last, reader.first

        return in_folder(examine)

    one, two, three = "a_00001_20260131090000.pcap", "a_00002_20260131090010.pcap", "a_00003_20260131090020.pcap"
    found["series, whole"] = read((one, [10]), (two, [20]), (three, [30]))
    found["series, one missing"] = read((one, [10, 11]), (three, [30, 31]))
    found["series, one missing and late"] = read((one, [10, 35]), (three, [30, 31]))
    found["series, none before"] = read((one, []), (three, [30]))
    found["series, none behind"] = read((one, [10]), (three, []))
    found["series, the order of times"] = read(("b.pcap", [30]), ("a.pcap", [10]))
    found["series, an empty one first"] = read(("b.pcap", []), ("a.pcap", [10]))
    return found


def _waiting(patch: Patch) -> Any:
    """Standard input that has no bytes yet, and does not wait for them."""
    said = []
    for data in (b"\x50\x2a\x4d\x18\x09\0\0\0xy", b"\x50\x2a\x4d\x18", b"pl", b""):
        source, target = os.pipe()
        os.set_blocking(source, False)
        os.write(target, data)
        with os.fdopen(source) as input_:
            patch.setattr(opening.sys, "stdin", input_)
            stream, buffer = opening.open_capture("-"), memoryview(bytearray(20))
            said.append((stream.readinto(buffer), bytes(buffer[:3])))
            stream.close()
        os.close(target)
    left = iter((b"\0\0", None, b"x"))
    slow = Noted(read=lambda amount: next(left, None))
    return said, opening._behind_skippable(b"\x50\x2a\x4d\x18\x09\0", slow), slow.notes


def _fields(patch: Patch) -> Any:
    """Where the loops look, in each format and link type."""
    said = []
    for order, link, cut in itertools.product("<>", (0, 1, 101, 113, 276, 147), (False, True)):
        one = filtering.HeaderFields(order, "8xI", 16, link, 12, cut)
        looks = [look.__self__.format for look in (one.first_look, one.second_look, one.dns_look)]
        numbers = one.reach, one.dns_reach, one.of_dns, one.label_at, one.flags_at, one.without_request
        said.append(f"{order} {link} {cut}: {looks} {numbers}")
    return said


def _copied(patch: Patch) -> Any:
    """The arguments that a copying reader passes to the reader and to the copier."""
    notes: list[Any] = []

    def begin(self: Any, *words: Any, **named: Any) -> None:
        make = named.pop("make_prefilter")
        notes.append((words, sorted(named.items())))
        make("a tracker", "the steps", 3)

    copier = Noted(keep_secrets=None)
    patch.setattr(copying.CaptureFileReader, "__init__", begin)
    patch.setattr(copying, "FilteringCopier", lambda *words, **named: notes.append((words, named)) or copier)
    usual = {"ports": frozenset({81}), "patience": 7.0, "limit": 9, "secrets": "secrets"}
    for more in ({"of_captures": [b"a", b"b"]}, {"of_captures": []}, {}):
        copying.CopyingFileReader("hosts", write="c.pcap", **usual, **more)
    return notes, copier.notes


CALLS: dict[str, Call] = {
    **_key_logs(),
    **_saved(),
    **_clocks(),
    **_set_back(),
    **_packets(),
    **_gathered(),
    **_series(),
    **_listened(),
    "copying reader": _copied,
    "standard input that does not wait": _waiting,
    "fields of headers": _fields,
    "ports for the kernel": lambda patch: (filters.program_for(range(1, 3000)), len(filters.program_for([80])) > 100),
    **_ordered(),
    **_files(),
    **_unpacked(),
    **_wrote(),
    **{
        f"wrote and closed, {replace} {name} {kept}": _left_alone(replace, name, kept)
        for replace in (True, False)
        for name in ("old.pcap", "new.pcap")
        for kept in (True, False)
    },
    **_listed(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
