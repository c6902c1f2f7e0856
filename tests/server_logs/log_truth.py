"""Logs of many phones over many days, made from a seed, and what each phone did: the truth for ``ucdiag logs``.

Two servers, of which each phone asks one or the other; an audit log for each server and day, IIS logs for each server,
site and day, some of them compressed; ``#Fields`` that change where IIS was restarted; addresses that change; faults.
"""

import gzip
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.server_logs.log_samples import FILE, HANDLER, HEADER, audit

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SERVERS = {"POOL01": "10.0.0.21", "POOL02": "10.0.0.22"}
# What IIS writes, as three administrators chose it.
_COLUMNS = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus "
    "sc-win32-status time-taken",
    "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
    "cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
    "time date sc-status sc-substatus sc-win32-status c-ip cs-uri-stem cs-method",
)
_ELSEWHERE = ("/owa/service.svc", "/autodiscover/autodiscover.xml", "/webticket/webticketservice.svc")


@dataclass
class Done:
    """One check of a phone: when (seconds), from where, by which server, what it had and was given, its outcome."""

    second: int
    client: str
    server: str
    firmware: str | None
    offered: str | None
    result: str
    code: str | None = None


@dataclass
class _Phone:
    mac: str
    client: str
    firmware: str = "1.0.522.101"
    moved: bool = True  # whether no audit row has its address yet
    done: list[Done] = field(default_factory=list)


@dataclass
class _Day:
    """The lines of a day by server: ``(second, text)`` of the audit log, ``(second, columns)`` of IIS."""

    audit: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: {name: [] for name in SERVERS})
    iis: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=lambda: {name: [] for name in SERVERS})


class LogTruth:
    """Writes the logs below ``folder``. ``phones`` is what each phone did, by its MAC address.

    ``checks`` is how often a phone asks in a day, ``others`` how many lines a day of IIS are not about phones, for each
    server, ``offers`` the share of checks that are offered an update.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        phones: int,
        days: int,
        checks: int = 1,
        others: int = 20,
        offers: float = 0.17,
    ) -> None:
        self._chance = random.Random(seed)
        self._folder = folder
        self._others = others
        self._offers = offers
        self._next_client = 0
        self._next_version = 0
        self._made = [
            _Phone(f"00:04:f2:{n >> 16:02x}:{n >> 8 & 255:02x}:{n & 255:02x}", self._client()) for n in range(phones)
        ]
        for number in range(days):
            self._write(number, self._day(number, checks))

    @property
    def phones(self) -> dict[str, list[Done]]:
        return {phone.mac: phone.done for phone in self._made}

    def _client(self) -> str:
        self._next_client += 1
        number = self._next_client
        return f"10.{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"

    def _day(self, number: int, checks: int) -> _Day:
        day = _Day()
        begin = int((BEGIN + timedelta(days=number)).timestamp())
        for phone in self._made:
            if self._chance.random() < 0.02:
                phone.client, phone.moved = self._client(), True
            for turn in range(checks):
                # Far enough apart that none can be taken for the one before.
                second = begin + (86400 // checks) * turn + self._chance.randrange(86400 // checks - 700)
                self._check(day, phone, second, self._chance.choice(list(SERVERS)))
        return day

    def _check(self, day: _Day, phone: _Phone, second: int, server: str) -> None:
        fate = 1.0 if phone.moved else self._chance.random()
        if fate < 0.03:
            status, code = self._chance.choice([("500 0 0", "http-server-error"), ("503 0 0", "http-unavailable")])
            self._iis(day, server, second, phone, "POST", HANDLER, status)
            phone.done.append(Done(second, phone.client, server, None, None, "failed", code))
            return
        phone.moved = False
        version = None
        if fate < 0.03 + self._offers:
            self._next_version += 1
            version = f"3.5.6907.{self._next_version}"
        time = datetime.fromtimestamp(second + (second % 3), UTC)  # the handler is done a little later
        row = audit(
            f"{time:%m/%d/%Y} {time.hour % 12 or 12}:{time:%M:%S %p}"
            if server == "POOL01"
            else f"{time:%Y-%m-%d %H:%M:%S}",
            client=phone.client,
            mac=phone.mac.replace(":", "").upper(),
            serial=f"S-{phone.mac[-5:]}",
            requested=f"CPE.nbt;{phone.firmware};2009-01-01",
            offered=f"CPE.nbt;CPE.cat;{version};2010-01-01" if version else "",
            by="," if server == "POOL01" else ";",
        )
        day.audit[server].append((second + second % 3, row))
        self._iis(day, server, second, phone, "POST", HANDLER, "200 0 0")
        done = Done(
            second + second % 3,
            phone.client,
            server,
            phone.firmware,
            version,
            "offered" if version else "nothing-newer",
        )
        phone.done.append(done)
        if version is None or fate < 0.03 + self._offers / 6:
            return
        gone = fate < 0.03 + self._offers / 3
        self._iis(day, server, second + 4, phone, "GET", FILE, "404 0 2" if gone else "200 0 0")
        done.result, done.code = ("failed", "download-not-found") if gone else ("downloaded", None)
        if not gone:
            phone.firmware = version

    def _iis(self, day: _Day, server: str, second: int, phone: _Phone, method: str, target: str, status: str) -> None:
        columns = dict(zip(("sc-status", "sc-substatus", "sc-win32-status"), status.split(), strict=True))
        columns |= {"c-ip": phone.client, "cs-method": method, "cs-uri-stem": target, "s-port": "80"}
        columns |= {"sc-bytes": "20000000" if method == "GET" else "900", "cs(User-Agent)": "OCPhone/1.0"}
        day.iis[server].append((second, columns))

    def _write(self, number: int, day: _Day) -> None:
        date = BEGIN + timedelta(days=number)
        for server, address in SERVERS.items():
            rows = [text for _, text in sorted(day.audit[server])]
            for part, begin in enumerate(range(0, len(rows), 5000)):
                more = f"_{part}" if part else ""
                head = [HEADER] if server == "POOL01" else []
                self._put(
                    f"Audit/RequestHandlerAuditLog_{server}_{date:%Y-%m-%d}{more}.log",
                    "\r\n".join([*head, *rows[begin : begin + 5000], ""]),
                    packed=number % 5 == 3,
                    encoding="utf-8" if server == "POOL01" else "utf-16",
                )
            self._write_iis(server, address, number, date, day.iis[server])

    def _write_iis(
        self, server: str, address: str, number: int, date: datetime, rows: list[tuple[int, dict[str, str]]]
    ) -> None:
        midnight = int(date.timestamp())
        others = [(midnight + self._chance.randrange(86400), {}) for _ in range(self._others)]
        lines: dict[str, list[str]] = {"W3SVC1": [], "W3SVC2": []}
        columns = ""
        for second, row in sorted([*rows, *others], key=lambda row: row[0]):
            if not columns or self._chance.random() < 20 / (len(rows) + len(others)):
                columns = self._chance.choice(_COLUMNS)
                for site in lines.values():
                    site += ["#Software: Microsoft Internet Information Services 8.5", f"#Fields: {columns}"]
            time = datetime.fromtimestamp(second, UTC)
            values = {"date": f"{time:%Y-%m-%d}", "time": f"{time:%H:%M:%S}", "s-ip": address, "s-computername": server}
            values |= {"time-taken": str(self._chance.randrange(900)), "cs-uri-query": "-"}
            if not row:
                values |= {"cs-uri-stem": self._chance.choice(_ELSEWHERE), "cs-method": "GET", "sc-status": "200"}
                values |= {"cs-uri-query": f"id={self._chance.getrandbits(30)}", "c-ip": f"10.9.9.{second % 250}"}
                values |= {"cs-username": f"CONTOSO\\user{second % 999}", "cs(User-Agent)": "OC/4.0.7577.4398+(Lync)"}
            values |= row
            site = lines["W3SVC1" if row or second % 2 else "W3SVC2"]
            site.append(" ".join(values.get(name, "-") for name in columns.split()))
        for site_name, texts in lines.items():
            name = f"{server}/{site_name}/u_ex{date:%y%m%d}.log"
            self._put(name, "\r\n".join([*texts, ""]), packed=number % 4 == 1, encoding="utf-8")

    def _put(self, name: str, text: str, *, packed: bool, encoding: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode(encoding)
        if packed:
            path = path.with_name(path.name + ".gz")
            data = gzip.compress(data, 1)
        path.write_bytes(data)


def told(phone: dict[str, Any]) -> list[Done]:
    """What a report says of a phone's checks."""
    names = {address: name for name, address in SERVERS.items()}
    return [
        Done(
            second=round(datetime.fromisoformat(check["time"]).timestamp()),
            client=check["client"],
            # IIS names the server, or its address, as its administrator chose.
            server=names.get(check["server"], check["server"].split("/")[0]),
            firmware=check["firmware"],
            offered=check["offered"],
            result=check["result"],
            code=check["code"],
        )
        for check in phone["checks"]["history"]
    ]


def differences(truth: dict[str, list[Done]], report: dict[str, Any], most: int = 400) -> list[str]:
    """Where a report differs from the truth, in words. A report has the latest ``most`` checks of each phone."""
    found = {phone["phone"]["mac"]: phone for phone in report["phones"]}
    wrong = [f"{mac} is no phone" for mac in found if mac not in truth]
    for mac, done in truth.items():
        if mac not in found:
            wrong.append(f"{mac} is missing")
            continue
        said, count = told(found[mac]), found[mac]["checks"]["count"]
        if count != len(done):
            wrong.append(f"{mac}: {count} checks, not {len(done)}")
        both = min(len(said), len(done), most)
        pairs = zip(said[-both:], done[-both:], strict=True)
        wrong += [f"{mac}: {one} is not {other}" for one, other in pairs if one != other]
        if len(said) < min(len(done), most):
            wrong.append(f"{mac}: only {len(said)} of {len(done)} checks in its history")
    return wrong
