"""What is read of server logs in which fields are others, lines are damaged, or that come in another encoding.

``python -m tests.server_logs.disturbed_logs`` writes ``disturbed_logs.txt`` anew; read the difference.
"""

import hashlib
import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.capture.disturbed_files import stored
from tests.recorded_texts import read_texts, write_texts
from tests.server_logs.log_samples import FIELDS, HANDLER, HEADER, NAME, OFFER, audit, iis, iis_log
from tests.server_logs.log_samples import FILE as PHONE_FILE
from ucdiag.server_logs.log_facts import facts_of, identity_of
from ucdiag.server_logs.log_reader import LogReader

FILE = Path(__file__).with_name("disturbed_logs.txt")
TIMES = (
    "11/27/2026 9:00:01 AM",
    "11/27/2026 9:00:03 AM",
    "11/28/2026 11:59:59 PM",
    "27/11/2026 09:00:01",
    "2026-11-27 09:00:01",
    "2026-11-27T09:00:01Z",
    "1/2/2026 3:04:05 PM",
    "27.11.2026 09:00:01",
    "",
    "now",
)
CLIENTS = ("10.0.5.7", "10.0.5.8", "2001:db8::7", "", "x", "10.0.5.256", "::ffff:10.0.5.7")
MACS = ("0004F2AABBCC", "00-04-F2-AA-BB-CD", "", "0004F2", "000000000000", "xx04F2AABBCC")
SERIALS = ("AB37_679e", "", "x" * 70)
OFFERS = ("", OFFER, "CPE.nbt", ";", f"{OFFER}|{OFFER}", '"CPE.nbt;CPE.cat"', "CPE.nbt;CPE.cat;3.5;x")
TARGETS = (
    HANDLER,
    HANDLER.lower(),
    "/RequestHandlerExt/ucdevice.upx",
    PHONE_FILE,
    PHONE_FILE.replace("_Int", "_Ext"),
    f"{PHONE_FILE[:-3]}cat",
    "/other",
    "/",
    "-",
    "/RequestHandler",
)
STATUSES = (
    "200 0 0",
    "404 0 2",
    "401 2 5",
    "503 0 0",
    "206 0 64",
    "304 0 0",
    "500 19 183",
    "- - -",
    "x 0 0",
    "200 0 1236",
)


def _audit_log(rng: random.Random) -> str:
    by = rng.choice((",", ",", ";", "\t"))
    time = rng.choice(TIMES[:3])
    rows = [
        audit(
            rng.choice((time, time, time, rng.choice(TIMES))),
            client=rng.choice(CLIENTS[:2] if rng.random() < 0.7 else CLIENTS),
            mac=rng.choice(MACS[:2] if rng.random() < 0.7 else MACS),
            serial=rng.choice(SERIALS),
            requested=rng.choice(("CPE.nbt;1.0.522.101;2009-01-01", "", "CPE.nbt;1.0", "x")),
            offered=rng.choice(OFFERS),
            user=rng.choice(("alice", "", '"a, b"', '"open')),
            by=by,
        )
        for _ in range(8)
    ]
    head = rng.choice((HEADER, HEADER, HEADER.replace("Mac Address,Serial Number", "Serial Number,MAC-Address"), ""))
    return _damaged(rng, [head.replace(",", by), *rows])


def _iis_log(rng: random.Random) -> str:
    lines = [
        iis(
            rng.choice(("2026-11-27 09:00:01", "2026-11-27 09:00:04", "2026-11-28 10:00:00", "2026-11-27 9:00", "x y")),
            rng.choice(CLIENTS[:2] if rng.random() < 0.7 else CLIENTS[:3]),
            rng.choice(("POST", "GET", "GET", "HEAD", "PROPFIND")),
            rng.choice(TARGETS),
            rng.choice(STATUSES[:2] if rng.random() < 0.5 else STATUSES),
            rng.choice((80, 443, 8080)),
        )
        for _ in range(10)
    ]
    fields = rng.choice(
        (FIELDS, FIELDS, FIELDS.replace(" s-port", ""), FIELDS.replace("c-ip", "x-ip"), "#Fields: date time")
    )
    return _damaged(rng, iis_log(*lines, fields=fields).split("\r\n"))


def _damaged(rng: random.Random, lines: list[str]) -> str:
    if rng.random() < 0.5:
        number = rng.randrange(len(lines))
        line = lines[number]
        cut = line[: len(line) // 2]
        lines[number] = rng.choice((cut, f"{line},more", "", "\0" * 9, "rubbish", f'"{line}', f"# {line}", f" {line} "))
    return rng.choice(("\r\n", "\n")).join([*lines, *rng.choice(([""], []))])


def _encoded(rng: random.Random, text: str) -> bytes:
    data = text.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))
    return stored(data) if rng.random() < 0.15 else data[:-1] if rng.random() < 0.1 else data


KINDS: dict[str, tuple[Callable[[random.Random], str] | None, ...]] = {
    "audit": (_audit_log, None),
    "IIS": (None, _iis_log),
    "both": (_audit_log, _iis_log),
}
SEEDS = range(36)
CASES = [(kind, part) for kind in KINDS for part in range(6)]


def _said(reader: LogReader, problems: list[Any], folder: str) -> str:
    book = reader.book
    lines = [
        f"{book.audit_rows} audited, {book.iis_rows} of IIS; {reader.contents_text()}; others {len(reader.others)}"
    ]
    lines.append(f"to {reader.book.last_time}, mostly unread {reader.is_mostly_unread}")
    lines += [f"{problem.code}: {problem.text}" for problem in problems]
    for phone in reader.book.phones():
        rows = phone.by_time()
        identity = identity_of(reader.book, rows)
        known = " ".join(str(part) for part in (identity.mac, identity.ip, identity.serial, identity.model) if part)
        facts = list(facts_of(reader.book, rows))
        kinds = " ".join(_named(fact) for fact in facts)
        digest = hashlib.sha256(kinds.encode()).hexdigest()[:8]
        lines.append(f"{phone.key}: {known}: {digest} {kinds[:300]}")
    return "\n".join(lines).replace(folder, "FOLDER")


def _named(fact: Any) -> str:
    names = (
        "time",
        "client",
        "server",
        "port",
        "method",
        "target",
        "status",
        "outcome",
        "reason",
        "answer_bytes",
        "seconds",
    )
    values = (str(getattr(fact, name)) for name in names if getattr(fact, name, None) is not None)
    return f"{fact.kind}({' '.join(values)})"


def made(kind: str, part: int) -> str:
    """What is said of six logs of a kind, or of six pairs."""
    texts = []
    for seed in SEEDS[part * 6 : part * 6 + 6]:
        rng = random.Random(f"{kind} {seed}")
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for name, make in zip((NAME, "u_ex261127.log"), KINDS[kind], strict=True):
                if make is not None:
                    path = Path(folder, name)
                    path.write_bytes(_encoded(rng, make(rng)))
                    names.append(str(path))
            reader = LogReader(rng.choice((None, None, timedelta(hours=1), timedelta(hours=-5))))
            reader.read_logs(names)
            texts.append(f"{seed}: {_said(reader, reader.finish(), folder)}")
    return "\n".join(texts)


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {f"{kind} {part}": made(kind, part) for kind, part in CASES})
