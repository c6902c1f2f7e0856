"""What ``ucdiag logs`` says of logs that grow while they are read, and of those that lack something.

``python -m tests.server_logs.log_answers`` writes ``log_answers.txt`` anew; read the difference before you commit it.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.recorded_texts import read_texts, write_cases
from tests.server_logs.log_samples import FIELDS, FILE, HEADER, MAC, NAME, OFFER, audit, iis, iis_log, write
from ucdiag.cli.main import cli

RECORD = Path(__file__).with_name("log_answers.txt")
OTHER = "00:04:f2:aa:bb:cd"
_LATER = "11/27/2026 9:05:00 AM"
_OF_NEXT = "RequestHandlerAuditLog_POOL02_2026-11-28.log"
Files = Callable[[Path], Any]


def audits(folder: Path, *rows: str, name: str = NAME, encoding: str = "utf-8") -> None:
    write(folder, name, "\r\n".join([HEADER, *rows, ""]), encoding)


def add(name: str, text: str, encoding: str = "utf-8") -> Files:
    """What makes a log longer."""

    def grow(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(text.encode(encoding))

    return grow


def site(folder: Path, *lines: str, name: str = "u_ex261127.log", fields: str = FIELDS) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    write(folder, name, iis_log(*lines, fields=fields))


def said(words: Sequence[str], first: Files, steps: Sequence[Files] = ()) -> str:
    """What is said of these files: the report's verdict and problems, and what comes beside it."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name).resolve()
        first(folder)
        left = iter(steps)
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            step = next(left, None)
            if step is None:
                raise KeyboardInterrupt
            step(folder)

        patch.setattr("ucdiag.cli.logs.time", SimpleNamespace(sleep=sleep))
        patch.chdir(folder)
        done = CliRunner().invoke(cli, ["logs", *words, "--json"], prog_name="ucdiag")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        lines = [f"exit code {done.exit_code}", *done.stderr.splitlines()]
        if done.stdout:
            report = json.loads(done.stdout)
            source, verdict = report["source"], report["verdict"]
            lines.append(
                f"{verdict['status']} {verdict['step']} {verdict['code']} of {source['kind']} {source['name']}"
            )
            lines += [f"problem {problem['code']}: {problem['text']}" for problem in report["problems"]]
            lines += [
                f"phone {phone['phone']['mac'] or phone['phone']['ip']}: {phone['verdict']['summary'][:60]}"
                for phone in report["phones"]
            ]
        lines += [f"waited {' '.join(map(str, waits))}"] if waits else []
    return "\n".join(lines).replace(str(folder), "HERE")


def _of(*words: str, steps: Sequence[Files] = (), first: Files) -> Callable[[], str]:
    return lambda: said(words, first, steps)


def _grown() -> dict[str, Callable[[], str]]:
    half = audit("11/27/2026 9:06:00 AM")
    two = audit(_LATER, mac=OTHER, offered=OFFER) + "\r\n"
    wide = "utf-16-le"

    def gone(folder: Path) -> None:
        (folder / NAME).unlink()

    def denied(folder: Path) -> None:
        (folder / "none.log").symlink_to(folder / "nowhere")

    def rewritten(folder: Path) -> None:
        audits(folder, audit(_LATER, mac="", serial="S1"))

    return {
        "followed": _of(
            ".",
            "--follow",
            first=lambda folder: audits(folder, audit()),
            steps=[add(NAME, two + half[:20]), add(NAME, half[20:]), add(NAME, "\r\n"), lambda folder: None],
        ),
        "followed, of two": _of(
            ".",
            "--follow",
            first=lambda folder: (audits(folder, audit()), site(folder, iis())),
            steps=[add("u_ex261127.log", iis("2026-11-27 10:00:00", status="401 1 5", client="10.0.5.9") + "\r\n")],
        ),
        "followed, of none": _of(
            ".", "--follow", first=lambda folder: None, steps=[lambda folder: audits(folder, audit(requested=""))]
        ),
        "followed, new ones": _of(
            ".",
            "--follow",
            first=lambda folder: audits(folder, audit()),
            steps=[
                lambda folder: site(folder, iis(client="10.0.5.9", status="500 0 0"), name="new.log"),
                lambda folder: (folder / "new.log.gz").write_bytes(gzip.compress(iis_log(iis()).encode())),
                lambda folder: write(folder, "another.log", "nothing of ours\r\n"),
                lambda folder: write(folder, "empty.log", ""),
                lambda folder: audits(folder, audit(mac="", serial="", offered=OFFER), name="x.log"),
            ],
        ),
        "followed, in UTF-16": _of(
            NAME,
            "--follow",
            first=lambda folder: write(folder, NAME, f"\ufeff{HEADER}\r\n{audit()}\r\n", wide),
            steps=[add(NAME, two, wide), add(NAME, half, wide), add(NAME, "\r\n", wide)],
        ),
        "followed, begun again": _of(
            NAME, "--follow", first=lambda folder: audits(folder, audit(), audit()), steps=[rewritten, gone]
        ),
        "followed, a wrong row": _of(
            NAME, "--follow", first=lambda folder: audits(folder, audit()), steps=[add(NAME, "x,y\r\n"), denied]
        ),
        "followed, a wrong line": _of(
            ".",
            "--follow",
            first=lambda folder: site(folder, iis(), name="a.log"),
            steps=[add("a.log", f"{iis()} 7\r\n{iis()}\r\n"), add("a.log", f"{iis()} 8\r\n")],
        ),
        "followed, a wrong line in UTF-16": _of(
            ".",
            "--follow",
            first=lambda folder: write(folder, "a.log", iis_log(iis(), f"{iis()} 6"), wide),
            steps=[add("a.log", f"{iis()} 7\r\n{iis()}\r\n", wide)],
        ),
        "followed, one phone": _of(
            NAME, "--follow", "--mac", OTHER, first=lambda folder: audits(folder, audit()), steps=[add(NAME, two)]
        ),
    }


def _lacking() -> dict[str, Callable[[], str]]:
    many = range(8)

    def wrong(folder: Path, count: int) -> None:
        audits(folder, audit(), *("x,y" for _ in range(count)))

    def differing(folder: Path, count: int) -> None:
        audits(folder, audit("11/27/2026 9:00:01 AM"), audit("11/27/2026 11:00:01 AM"))
        site(folder, iis(), *(iis(f"2026-11-27 10:00:{at:02}", client=f"10.0.6.{at}") for at in range(count)))

    def shifted(folder: Path, hour: int) -> None:
        times = [
            f"{(9 + at + hour) % 12 or 12}:0{at}:01 {'AM' if (9 + at + hour) % 24 < 12 else 'PM'}" for at in range(3)
        ]
        day = 27 if hour >= -9 else 26
        audits(folder, *(audit(f"11/{day}/2026 {time}", mac=f"0004F2AABB0{at}") for at, time in enumerate(times)))
        site(folder, *(iis(f"2026-11-27 {9 + at:02}:0{at}:01") for at in range(3)))

    found = {
        "lacks all": _of(".", first=lambda folder: None),
        "lacks the file": _of("none.log", first=lambda folder: None),
        "lacks many files": _of(*(f"none{at}.log" for at in many), first=lambda folder: None),
        "lacks two files": _of("none1.log", "none2.log", first=lambda folder: None),
        "lacks rows, audit": _of(NAME, first=lambda folder: audits(folder)),
        "lacks rows, IIS": _of(".", first=lambda folder: site(folder, iis(method="GET", target="/x"))),
        "lacks rows, both": _of(".", first=lambda folder: (audits(folder), site(folder), site(folder, name="b.log"))),
        "lacks rows, unread": _of(".", first=lambda folder: audits(folder, "x,y")),
        "lacks rows, the last line": _of(
            ".", first=lambda folder: write(folder, "a.log", iis_log(iis(target="/x")).rstrip())
        ),
        "lacks a stem": _of(".", first=lambda folder: site(folder, fields="#Fields: date time c-ip")),
        "lacks a phone": _of(NAME, "--mac", OTHER, first=lambda folder: audits(folder, audit())),
        "lacks two phones": _of(
            NAME,
            *(f"--mac={mac}" for mac in (OTHER, MAC, "00:04:f2:00:00:09")),
            first=lambda folder: audits(folder, audit()),
        ),
        "other files": _of(".", first=lambda folder: [write(folder, f"{at}.log", "nothing\r\n") for at in many]),
        "other file": _of(".", first=lambda folder: (write(folder, "x.log", "nothing\r\n"), audits(folder, audit()))),
        "dates guessed": _of(
            ".", first=lambda folder: audits(folder, audit("1/2/2026 9:00:01 AM"), name="AuditLog.log")
        ),
        "many dates guessed": _of(
            ".",
            first=lambda folder: [audits(folder, audit("1/2/2026 9:00:01 AM"), name=f"Audit{at}.log") for at in many],
        ),
        "offset given": _of(
            NAME, "--utc-offset", "-3:30", "-v", first=lambda folder: audits(folder, audit(offered=OFFER))
        ),
        "folder of a site": _of(
            ".",
            "--follow",
            first=lambda folder: site(folder, name="WEB1/W3SVC3/a.log"),
            steps=[
                add("WEB1/W3SVC3/a.log", "#Fields: date time cs-method cs-uri-stem c-ip sc-status\r\n"),
                add("WEB1/W3SVC3/a.log", "2026-11-27 09:00:01 POST /RequestHandler/ucdevice.upx 10.0.5.7 200\r\n"),
            ],
        ),
        "file fetched": _of(
            ".",
            first=lambda folder: (
                audits(folder, audit(offered=OFFER)),
                site(folder, iis(), iis("2026-11-27 09:00:03", method="GET", target=FILE, status="404 0 2")),
            ),
        ),
        "pools": _of(
            ".",
            first=lambda folder: (audits(folder, audit()), audits(folder, audit(mac="0004F2AABBCD"), name=_OF_NEXT)),
        ),
    }
    for count in (1, 2, 5, 6, 9):
        found[f"unread {count}"] = _of(NAME, first=lambda folder, count=count: wrong(folder, count))  # type: ignore[misc]
    for count in (1, 3):
        found[f"differing {count}"] = _of(".", first=lambda folder, count=count: differing(folder, count))  # type: ignore[misc]
    for hour in (1, 2, -5):
        found[f"shifted {hour}"] = _of(".", first=lambda folder, hour=hour: shifted(folder, hour))  # type: ignore[misc]
    return found


CASES: dict[str, Callable[[], str]] = {**_grown(), **_lacking()}


def recorded() -> dict[str, str]:
    """The answers by their names."""
    return read_texts(RECORD)


if __name__ == "__main__":
    sys.exit(write_cases(RECORD, CASES))
