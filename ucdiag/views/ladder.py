"""The messages of a phone as a ladder diagram: columns are hosts, arrows are messages, the time is at the left.

The label of each message has a column of its own to the right of the arrows, so that a short arrow can carry a long
name and all labels are found in one place. The message at which the path breaks is marked, and a line beneath it
names the finding. Repetitions are folded: of each kind of message the first and the last stay, and so does
whatever a finding rests on. The number of lines is bounded.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ucdiag.model.observations import (
    Connect,
    Dhcp,
    Extent,
    Http,
    Lease,
    Lookup,
    Observation,
    Tls,
    Transfer,
    UpdateAnswer,
)
from ucdiag.model.report import Finding, PhoneReport
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.text import counted
from ucdiag.model.visible_text import visible
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import R2_LABEL, update_label
from ucdiag.views.ladder_messages import Direction, Message, MessageExchange, Role, message_exchanges
from ucdiag.views.line_writer import Line, Part
from ucdiag.views.text_width import display_width, fit_text

MOST = 40  # exchanges, of one or two lines each
MOST_VERBOSE = 400
_ALIKE = 3  # so many repetitions are shown before they are folded
MOST_HOSTS = 3  # columns for the hosts of one role
_LEAST_LABEL = 16
_SHORT_LABEL = 20
_NARROW = 34  # less than this, and the times have to go
_FAIR_LABEL = 30
_MOST_LABEL = 60
_WIDEST_GAP = 17
_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799_999_999

_KINDS: dict[Step, tuple[type[Observation], ...]] = {
    Step.DHCP: (Dhcp, Lease),
    Step.DNS: (Lookup,),
    Step.CONNECT: (Connect,),
    Step.TLS: (Tls,),
    Step.REQUEST: (Http,),
    Step.RESPONSE: (UpdateAnswer, Http),
    Step.DOWNLOAD: (Transfer, Http, Lookup, Connect, Tls),
}
_COUNTED: dict[type[Observation], tuple[str, str]] = {
    Dhcp: ("DHCP message", "DHCP messages"),
    Lookup: ("lookup", "lookups"),
    Connect: ("connection", "connections"),
    Tls: ("TLS handshake", "TLS handshakes"),
    Http: ("request", "requests"),
    UpdateAnswer: ("answer", "answers"),
    Transfer: ("download", "downloads"),
    Lease: ("lease", "leases"),
}


@dataclass(frozen=True, slots=True)
class _Glyphs:
    line: str
    dash: str
    right: str
    left: str
    cross: str
    more: str


_UNICODE = _Glyphs("│", "─", "►", "◄", "✗", "…")
_ASCII = _Glyphs("|", "-", ">", "<", "X", "...")


@dataclass(slots=True)
class Row:
    """A line of the ladder before it is drawn. ``mark`` stands at the very left, ``rule`` across the whole."""

    time: Microseconds | None
    text: str
    message: Message | None = None
    mark: str = ""
    style: str = ""
    rule: bool = False

    @property
    def arrow(self) -> Message | None:
        """The message, where it went from one host to another."""
        message = self.message
        return message if message is not None and message.direction is not Direction.NOTE else None


def hosts_by_role(rows: Iterable[Row]) -> dict[Role, list[str]]:
    """The known hosts at the other ends of the messages, by role, in the order of their messages."""
    hosts: dict[Role, list[str]] = {}
    for row in rows:
        if (arrow := row.arrow) is not None:
            known = hosts.setdefault(arrow.role, [])
            if arrow.server is not None and arrow.server not in known:
                known.append(arrow.server)
    return hosts


def ladder_lines(phone: PhoneReport, width: int, unicode: bool = True, verbose: bool = False) -> list[Line]:
    """The ladder of one phone, no line wider than ``width`` columns; nothing where no message is known.

    Times are seconds since the first message, or with ``verbose`` the time of day in UTC; frames stand beside them
    where there are any. ``verbose`` also shows what has nothing to do with the update, and folds later.
    """
    exchanges = message_exchanges(phone.observations, phone.update_servers)
    if not exchanges:
        return []
    glyphs = _UNICODE if unicode else _ASCII
    rows = _shown_rows(phone, exchanges, glyphs, verbose)
    return _Drawing(phone, rows, max(width, 20) - 1, unicode, verbose).drawn_lines()


def ladder_rows(phone: PhoneReport, verbose: bool = False) -> list[Row]:
    """The lines of the ladder before they are drawn."""
    exchanges = message_exchanges(phone.observations, phone.update_servers)
    return _shown_rows(phone, exchanges, _UNICODE, verbose) if exchanges else []


# What is shown, and in which order.


@dataclass(frozen=True, slots=True)
class _Highlights:
    """The exchanges that the verdict and the findings rest on. ``recovered`` holds identities."""

    broken: bool
    cause: MessageExchange | None  # where the path breaks, or where it is not known how it goes on
    recovered: frozenset[int]  # what the other findings rest on
    needed: list[MessageExchange]  # what must not be folded, the most important first


def _find_highlights(phone: PhoneReport, exchanges: list[MessageExchange]) -> _Highlights:
    root = next((finding for finding in phone.findings if finding.code == phone.verdict.code), None)
    cause = _breaking_exchange(root, exchanges) if root is not None else None
    others = [_evidence_exchanges(finding, exchanges) for finding in phone.findings if finding is not root]
    needed = [cause] if cause is not None else []
    needed += _evidence_exchanges(root, exchanges)[:1] if root is not None else []
    for backing in others:
        needed += [*backing[-1:], *backing[:1]]
    return _Highlights(
        broken=phone.verdict.status is VerdictStatus.BROKEN,
        cause=cause,
        recovered=frozenset(id(exchange) for backing in others for exchange in backing),
        needed=needed,
    )


def _shown_rows(phone: PhoneReport, exchanges: list[MessageExchange], glyphs: _Glyphs, verbose: bool) -> list[Row]:
    highlights = _find_highlights(phone, exchanges)
    shown = _chosen_exchanges(exchanges, highlights.needed, MOST_VERBOSE if verbose else MOST, verbose)
    rows, last_of_cause = _message_rows(exchanges, shown, highlights, glyphs)
    sign = _verdict_row(phone, glyphs)
    if sign is not None:
        place = next((number + 1 for number, row in enumerate(rows) if row is last_of_cause), len(rows))
        rows.insert(place, sign)
    end = _end_of_capture(phone, rows)
    rows = [*rows, end] if end is not None else rows
    return _rows_with_dates(rows) if verbose else rows


def _rows_with_dates(rows: list[Row]) -> list[Row]:
    """The rows with a line before the first row of each later day, since rows show the time of day alone."""
    dated: list[Row] = []
    today: int | None = None
    for row in rows:
        if row.time is not None:
            day = row.time // _DAY
            if today is not None and day != today:
                dated.append(Row(None, _utc_datetime(row.time).strftime("%Y-%m-%d"), mark=" ", style="dim", rule=True))
            today = day
        dated.append(row)
    return dated


def _message_rows(
    exchanges: list[MessageExchange], shown: set[int], highlights: _Highlights, glyphs: _Glyphs
) -> tuple[list[Row], Row | None]:
    """A row for each message of the exchanges shown, one for each run of others, and the cause's last row."""
    # By time, but never a message before an earlier one of its own exchange.
    ordered = sorted(
        (message.time, number, part)
        for number, exchange in enumerate(exchanges)
        for part, message in enumerate(exchange.messages)
    )
    rows: list[Row] = []
    folded: list[MessageExchange] = []
    last_of_cause: Row | None = None
    for _, number, part in ordered:
        exchange = exchanges[number]
        if id(exchange) not in shown:
            if part == 0:
                folded.append(exchange)
            continue
        if folded:
            rows.append(_folded_row(folded, glyphs))
            folded = []
        row = _message_row(exchange.messages[part], exchange, highlights, glyphs)
        if exchange is highlights.cause:
            last_of_cause = row
        rows.append(row)
    if folded:
        rows.append(_folded_row(folded, glyphs))
    return rows, last_of_cause


def _message_row(message: Message, exchange: MessageExchange, highlights: _Highlights, glyphs: _Glyphs) -> Row:
    row = Row(message.time, message.text, message, style=_message_style(message))
    if exchange is highlights.cause and highlights.broken:
        row.mark, row.style = glyphs.cross, "bold red"
    elif id(exchange) in highlights.recovered:
        row.mark, row.style = "!", "yellow"
    return row


def _end_of_capture(phone: PhoneReport, rows: list[Row]) -> Row | None:
    """The row for the end of the capture, for a path that is not whole: a missing message may come later."""
    extent = next((fact for fact in phone.observations if isinstance(fact, Extent)), None)
    if extent is None or phone.verdict.status is VerdictStatus.WHOLE or not rows:
        return None
    count = (extent.lost or 0) + extent.dropped
    lost = f"; it lost {counted(count, 'packet')}" if count else ""
    last = max(row.time for row in rows if row.time is not None)
    return Row(max(extent.end, last), f"(the capture ends{lost})", style="dim")


def _message_style(message: Message) -> str:
    if message.direction is Direction.NOTE:
        return "cyan"
    return "yellow" if message.direction is Direction.LOST else ""


def _verdict_row(phone: PhoneReport, glyphs: _Glyphs) -> Row | None:
    verdict = phone.verdict
    if verdict.status is VerdictStatus.BROKEN:
        return Row(None, f"the path breaks here: {verdict.code}", mark=glyphs.cross, style="bold red", rule=True)
    if verdict.status is VerdictStatus.UNKNOWN and verdict.code:
        return Row(None, f"what came next is not known: {verdict.code}", mark="?", style="bold yellow", rule=True)
    return None


def _evidence_exchanges(finding: Finding, exchanges: list[MessageExchange]) -> list[MessageExchange]:
    """The exchanges that a finding rests on, by time; those of its own step where several share a moment."""
    places = {(evidence.time, evidence.frame) for evidence in finding.evidence if evidence.time is not None}
    backing = [exchange for exchange in exchanges if (exchange.observation.time, exchange.observation.frame) in places]
    own = [exchange for exchange in backing if isinstance(exchange.observation, _KINDS[finding.step])]
    return own or backing


def _breaking_exchange(root: Finding, exchanges: list[MessageExchange]) -> MessageExchange | None:
    """The exchange at which the path breaks: the last one that the finding rests on, or the last like it."""
    backing = _evidence_exchanges(root, exchanges)
    if not backing:
        return None
    # Where other names were asked because that of R2 does not exist, it is the one that counts.
    asked = [exchange for exchange in backing if _asks_for_r2(exchange.observation)]
    return (asked or backing)[-1]


def _asks_for_r2(fact: Observation) -> bool:
    return isinstance(fact, Lookup) and update_label(fact.name) == R2_LABEL


def _chosen_exchanges(
    exchanges: list[MessageExchange], needed: Sequence[MessageExchange], most: int, verbose: bool
) -> set[int]:
    """Which exchanges (by identity) to show: those needed, then the ends of each kind, the latest first."""
    counts = Counter(exchange.key for exchange in exchanges)
    first: dict[tuple[object, ...], MessageExchange] = {}
    last: dict[tuple[object, ...], MessageExchange] = {}
    for exchange in exchanges:
        first.setdefault(exchange.key, exchange)
        last[exchange.key] = exchange
    shown = {id(exchange) for exchange in needed[:most]}
    ranked: list[list[MessageExchange]] = [[], [], []]
    for exchange in reversed(exchanges):
        if exchange.unrelated and not verbose:
            continue
        if last[exchange.key] is exchange:
            ranked[0].append(exchange)
        elif first[exchange.key] is exchange:
            ranked[1].append(exchange)
        elif counts[exchange.key] <= _ALIKE or verbose:
            ranked[2].append(exchange)
    for exchange in (exchange for rank in ranked for exchange in rank):
        if len(shown) >= most:
            break
        shown.add(id(exchange))
    return shown


def _folded_row(folded: list[MessageExchange], glyphs: _Glyphs) -> Row:
    counted = Counter(type(exchange.observation) for exchange in folded if not exchange.unrelated)
    unrelated = sum(exchange.unrelated for exchange in folded)
    said = [
        f"{count:,} {'' if number else 'more '}{_COUNTED[kind][count > 1]}"
        for number, (kind, count) in enumerate(counted.items())
    ]
    if unrelated:
        said.append(f"{unrelated:,} not about the update")
    return Row(None, f"{glyphs.more} {', '.join(said)}", style="dim")


# How it is drawn.


@dataclass(frozen=True, slots=True)
class _Column:
    """``host`` ``None``: all hosts of the role."""

    role: Role
    host: str | None
    number: int = 0

    def role_name(self, long: bool) -> str:
        return self.role.value[long] + (f" {self.number}" if self.number else "")


class _Drawing:
    def __init__(self, phone: PhoneReport, rows: list[Row], width: int, unicode: bool, verbose: bool) -> None:
        self._phone = phone
        self._rows = rows
        self._width = width
        self._unicode = unicode
        self._glyphs = _UNICODE if unicode else _ASCII
        times = [row.time for row in rows if row.time is not None]
        start = min(times)
        self._times = {time: clock_text(time) if verbose else elapsed_text(time - start) for time in times}
        self._time_head = "UTC" if verbose else "time"
        self._time_width = max(len(self._time_head), *(len(text) for text in self._times.values()))
        if width < _NARROW:
            self._times = dict.fromkeys(times, "")
            self._time_width = 0
        frames = [row.message.frame for row in rows if row.message is not None and row.message.frame is not None]
        self._frame_width = max(5, *(len(str(frame)) for frame in frames)) if frames else 0
        if self._frame_width > width // 3:
            self._frame_width = 0  # numbers of no real capture would leave no room for anything else
        self._hosts = hosts_by_role(rows)
        self._columns: list[_Column] = []
        self._gap = 0
        self._plan_columns()

    @property
    def _left_width(self) -> int:
        frame = self._frame_width + 1 if self._frame_width else 0
        return 2 + self._time_width + frame + 1

    @property
    def _lanes_width(self) -> int:
        """How wide the ladder itself is, the labels not counted; 0 where there is no room for one."""
        return 3 + self._gap * len(self._columns) + 3 if self._gap else 0

    def _plan_columns(self) -> None:
        """A column for each host if there is room for the labels too, else one for each role, else none at all."""
        merged = {role for role, hosts in self._hosts.items() if len(hosts) > MOST_HOSTS}
        while True:
            self._columns = self._make_columns(merged)
            self._gap = 9 if any(column.number for column in self._columns) else 7
            split = [role for role in self._hosts if role not in merged and len(self._hosts[role]) > 1]
            if not split or self._label_width >= _FAIR_LABEL:
                break
            merged.add(max(split, key=lambda role: len(self._hosts[role])))
        if not self._columns:
            self._gap = 0
            return
        if self._label_width < _SHORT_LABEL:
            self._frame_width = 0
        if self._label_width < _LEAST_LABEL:
            self._gap = 0
            return
        longest = max(display_width(row.text) for row in self._rows if not row.rule)
        spare = (self._label_width - min(max(longest, _FAIR_LABEL), _MOST_LABEL)) // len(self._columns)
        self._gap = min(self._gap + max(spare, 0), _WIDEST_GAP)

    def _make_columns(self, merged: set[Role]) -> list[_Column]:
        columns = []
        for role in Role:
            hosts = self._hosts.get(role)
            if hosts is None:
                continue
            if role in merged or len(hosts) < 2:
                columns.append(_Column(role, None))
            else:
                columns.extend(_Column(role, host, number) for number, host in enumerate(hosts, 1))
        return columns

    @property
    def _label_width(self) -> int:
        return self._width - self._left_width - self._lanes_width

    def drawn_lines(self) -> list[Line]:
        return [*self._legend_lines(), *self._head_lines(), *(self._row_line(row) for row in self._rows)]

    def _fit_text(self, text: str, width: int) -> str:
        return fit_text(text, width, self._unicode)

    def _addresses_fit(self) -> bool:
        """Whether the addresses fit beneath the names of the columns."""
        known = [host for hosts in self._hosts.values() for host in hosts]
        few = all(column.host is not None or len(self._hosts[column.role]) < 2 for column in self._columns)
        return (
            bool(self._gap)
            and few
            and all(display_width(visible(host)) < self._gap for host in [*known, self._phone_address()])
        )

    def _phone_address(self) -> str:
        return self._phone.phone.ip or self._phone.phone.mac or ""

    def _legend_lines(self) -> list[Line]:
        """The addresses of the hosts, if they do not fit into the heads of the columns."""
        if self._addresses_fit():
            return []
        items = [f"phone {self._phone_address()}"] if self._phone_address() else []
        for role in Role:
            hosts = self._hosts.get(role)
            if not hosts:
                continue
            numbered = [column for column in self._columns if column.role is role and column.number]
            if numbered and self._gap:
                items += [f"{column.role_name(False)} {column.host}" for column in numbered]
            else:
                rest = f" and {len(hosts) - 4} more" if len(hosts) > 4 else ""
                items.append(f"{role.value[0]} {', '.join(hosts[:4])}{rest}")
        lines: list[str] = []
        for item in items:
            text = self._fit_text(item, self._width - 3)
            if lines and display_width(lines[-1]) + 2 + display_width(text) < self._width - 1:
                lines[-1] += f"; {text}"
            else:
                lines.append(f"  {text}")
        return [[(line, "dim")] for line in lines]

    def _head_lines(self) -> list[Line]:
        left = f"  {self._time_head:>{self._time_width}} "
        if self._frame_width:
            left += f"{'frame':>{self._frame_width}} "
        if not self._gap:
            return []
        long = all(len(column.role_name(True)) < self._gap for column in self._columns)
        names = ["phone", *(column.role_name(long) for column in self._columns)]
        heads: list[Line] = [[(f"{left}{self._centred_names(names)}".rstrip(), "bold")]]
        if self._addresses_fit():
            hosts = [self._phone_address()]
            for column in self._columns:
                hosts.append(column.host or "".join(self._hosts[column.role][:1]))
            heads.append([(f"{' ' * len(left)}{self._centred_names(hosts)}".rstrip(), "dim")])
        return heads

    def _centred_names(self, names: Sequence[str]) -> str:
        """Names over their lines, those at the left edge as far as they can be."""
        text = ""
        for number, name in enumerate(names):
            shown = self._fit_text(name, self._gap - 1)
            start = max(2 + number * self._gap - display_width(shown) // 2, display_width(text) + (number > 0), 0)
            text += " " * (start - display_width(text)) + shown
        return text

    def _row_line(self, row: Row) -> Line:
        if row.rule:
            return [(self._rule_text(row), row.style)]
        time = self._times[row.time] if row.time is not None else ""
        left = f"{row.mark:1} {time:>{self._time_width}} "
        if self._frame_width:
            frame = row.message.frame if row.message is not None else None
            left += f"{frame if frame is not None else '':>{self._frame_width}} "
        middle = self._arrow_text(row.arrow) if self._gap else self._pointer_text(row.arrow)
        if self._gap and row.arrow is None and display_width(visible(row.text)) > self._label_width:
            # Without an arrow of its own it may begin where the arrows do.
            middle = middle[:4]
        label = self._fit_text(self._label_text(row), self._width - display_width(left) - display_width(middle))
        style = row.style
        if style.startswith("bold"):
            return [(f"{left}{middle}{label}".rstrip(), style)]
        parts: list[Part] = [(left, "dim"), middle, (label, style) if style else label]
        return parts

    def _rule_text(self, row: Row) -> str:
        """The line beneath the break. The code is what must stay whole where there is little room."""
        dash, room = self._glyphs.dash, self._width - 2
        code = row.text.rpartition(": ")[2]
        text = next((wording for wording in (row.text, f"here: {code}") if len(wording) + 6 <= room), code)
        text = self._fit_text(text, room)
        if len(text) + 6 <= room:
            text = f"{dash * 4} {text} "
            text += dash * min(room - len(text), 12)
        return f"{row.mark} {text}"

    def _label_text(self, row: Row) -> str:
        arrow = row.arrow
        if arrow is None or arrow.server is None:
            return row.text
        column = self._columns[self._column_number(arrow) - 1]
        if (column.host is None or not self._gap) and len(self._hosts[arrow.role]) > 1:
            return f"{arrow.server}: {row.text}"
        return row.text

    def _column_number(self, message: Message) -> int:
        """The column of the message's server, counted from 1; the last of its role for what goes to all."""
        place = 0
        for number, column in enumerate(self._columns, 1):
            if column.role is message.role:
                place = number
                if column.host == message.server:
                    break
        return place

    def _arrow_text(self, arrow: Message | None) -> str:
        glyphs = self._glyphs
        canvas = [" "] * self._lanes_width
        for number in range(len(self._columns) + 1):
            canvas[2 + number * self._gap] = glyphs.line
        if arrow is not None:
            end = 2 + self._column_number(arrow) * self._gap
            canvas[3:end] = glyphs.dash * (end - 3)
            if arrow.direction is Direction.BACK:
                canvas[3] = glyphs.left
            else:
                canvas[end - 1] = glyphs.cross if arrow.direction is Direction.LOST else glyphs.right
        return "".join(canvas)

    def _pointer_text(self, arrow: Message | None) -> str:
        """The text that replaces an arrow if there is no room for columns."""
        if arrow is None:
            return ""
        glyphs = self._glyphs
        name = arrow.role.value[0]
        direction = {
            Direction.OUT: f"{glyphs.dash}{glyphs.right}",
            Direction.LOST: f"{glyphs.dash}{glyphs.cross}",
            Direction.BACK: f"{glyphs.left}{glyphs.dash}",
        }[arrow.direction]
        return f"{direction} {name:6} "


def elapsed_text(micros: int) -> str:
    """A span as the ladder shows it: ``1.204``, ``1:02:03``, ``4d 07h``."""
    seconds = micros / 1_000_000
    if seconds < 1000:
        return f"{seconds:.3f}"
    whole = int(seconds)
    if whole < 360_000:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 86400}d {whole // 3600 % 24:02}h"


def clock_text(micros: int) -> str:
    """The time of day, in UTC."""
    return _utc_datetime(micros).strftime("%H:%M:%S.%f")[:-3]


def _utc_datetime(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=min(max(micros, -62_135_596_800_000_000), _LATEST))
