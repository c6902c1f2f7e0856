"""A phone's ladder as a picture, and the same messages as a table for those who cannot see it."""

from dataclasses import dataclass

from ucdiag.model.report import PhoneReport
from ucdiag.model.times import format_time
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.ladder import MOST_HOSTS, Row, clock_text, elapsed_text, hosts_by_role, ladder_rows
from ucdiag.views.ladder_messages import Direction, Message, Role
from ucdiag.views.text_width import display_width, fit_text

_ROW, _HEAD, _GAP, _PAD = 24, 48, 124, 12
_LETTER = 6.9  # about as wide as a letter of 13 pixels is
_LONGEST_LABEL, _LONGEST_HOST = 88, 17
_LEAST_WIDTH = 760
_ARROW = {Direction.OUT: "l", Direction.BACK: "l", Direction.LOST: "l-ask"}


@dataclass(frozen=True, slots=True)
class _Lane:
    """A column: one host of a role, or all (``host`` is None)."""

    role: Role
    host: str | None
    x: int


def ladder_picture(phone: PhoneReport, verbose: bool) -> Markup:
    """The ladder of one phone and its messages as a table; nothing where no message is known."""
    rows = ladder_rows(phone, verbose)
    if not rows:
        return Markup()
    picture = _Picture(phone, rows, verbose).draw_svg()
    scrolled = tag("div", picture, class_="scroll", tabindex=0, role="group", aria_label="The ladder, scrollable")
    table = tag("details", tag("summary", "The same messages as a table"), _message_table(rows), class_="again")
    return joined_markup([tag("figure", scrolled, class_="ladder"), table])


class _Picture:
    def __init__(self, phone: PhoneReport, rows: list[Row], verbose: bool) -> None:
        self._phone, self._rows = phone, rows
        times = [row.time for row in rows if row.time is not None]
        start = min(times, default=0)
        self._times = {time: clock_text(time) if verbose else elapsed_text(time - start) for time in times}
        self._time_head = "UTC" if verbose else "seconds"
        widest = max([len(self._time_head), *map(len, self._times.values())])
        frames = [row.message.frame for row in rows if row.message is not None and row.message.frame is not None]
        self._time_x = 26 + round(widest * _LETTER)
        self._frame_x = self._time_x + _PAD + round(max(5, len(str(max(frames)))) * _LETTER) if frames else 0
        self._me = max(self._time_x, self._frame_x) + 60
        self._lanes = self._make_lanes()
        self._last = self._lanes[-1].x if self._lanes else self._me
        self._label = self._last + (28 if self._lanes else -30)
        longest = max((display_width(self._row_text(row)) for row in rows), default=0)
        self._width = max(_LEAST_WIDTH, round(self._label + min(longest, _LONGEST_LABEL) * _LETTER) + 2 * _PAD)
        self._height = _HEAD + _ROW * len(rows) + _PAD

    def _make_lanes(self) -> list[_Lane]:
        hosts = hosts_by_role(self._rows)
        lanes: list[_Lane] = []
        for role in Role:
            if role in hosts:
                names = hosts[role] if 0 < len(hosts[role]) <= MOST_HOSTS else [None]
                lanes += [_Lane(role, name, self._me + (len(lanes) + n) * _GAP) for n, name in enumerate(names, 1)]
        return lanes

    def draw_svg(self) -> Markup:
        parts = [*self._draw_heads()]
        for number, row in enumerate(self._rows):
            y = _HEAD + _ROW * number + _ROW // 2 + 4
            parts.append(self._draw_row(row, y))
        label = f"Ladder of {len(self._rows)} messages and notes between the phone and {len(self._lanes)} hosts."
        box = f"0 0 {self._width} {self._height}"
        return tag("svg", *parts, viewBox=box, width=self._width, height=self._height, role="img", aria_label=label)

    def _draw_heads(self) -> list[Markup]:
        me = self._phone.phone.ip or self._phone.phone.mac or ""
        heads = [(self._me, "phone", me), *((lane.x, lane.role.value[1], lane.host or "") for lane in self._lanes)]
        parts = [tag("text", self._time_head, x=self._time_x, y=18, text_anchor="end", class_="s q")]
        if self._frame_x:
            parts.append(tag("text", "frame", x=self._frame_x, y=18, text_anchor="end", class_="s q"))
        for x, name, host in heads:
            parts.append(tag("text", name, x=x, y=18, text_anchor="middle", class_="b"))
            if host:
                shown = fit_text(host, _LONGEST_HOST, True)
                parts.append(tag("text", shown, x=x, y=35, text_anchor="middle", class_="s q"))
            parts.append(tag("path", d=f"M{x} {_HEAD - 6}V{self._height - _PAD}", class_="l-line"))
        return parts

    def _draw_row(self, row: Row, y: int) -> Markup:
        style = "bad" if "red" in row.style else "ask" if "yellow" in row.style else ""
        parts: list[Markup] = []
        if row.mark.strip() or row.rule:
            wash = {"bad": "f-wash", "ask": "f-askwash"}.get(style, "f-page")
            strong = row.rule or "bold" in row.style
            if strong:
                parts.append(tag("rect", x=0, y=y - 16, width=self._width, height=_ROW, rx=3, class_=wash))
                parts += [
                    self._draw_lifeline(x, y) for x in (self._me, *(lane.x for lane in self._lanes)) if not row.rule
                ]
            parts.append(tag("text", row.mark, x=6, y=y, class_=f"b f-{style or 'quiet'}"))
        if row.rule:
            text = fit_text(row.text, (self._width - 60) // 7, True)
            return joined_markup([*parts, tag("text", text, x=28, y=y, class_=f"b f-{style or 'quiet'}")])
        if row.time is not None:
            time = self._times[row.time]
            parts.append(tag("text", time, x=self._time_x, y=y, text_anchor="end", class_="n q"))
        if row.message is not None and row.message.frame is not None and self._frame_x:
            parts.append(tag("text", str(row.message.frame), x=self._frame_x, y=y, text_anchor="end", class_="n q"))
        if row.arrow is not None and self._lanes:
            parts.append(self._draw_arrow(row.arrow, y - 4, style))
        class_ = f"f-{style}" if style else "q" if row.arrow is None else None
        text = fit_text(self._row_text(row), _LONGEST_LABEL, True)
        weight = " b" if style == "bad" else ""
        parts.append(tag("text", text, x=self._label, y=y, class_=f"{class_ or ''}{weight}".strip() or None))
        return joined_markup(parts)

    def _draw_lifeline(self, x: int, y: int) -> Markup:
        return tag("path", d=f"M{x} {y - 16}v{_ROW}", class_="l-line")

    def _row_text(self, row: Row) -> str:
        arrow = row.arrow
        if arrow is None or arrow.server is None:
            return row.text
        return row.text if self._message_lane(arrow).host is not None else f"{arrow.server}: {row.text}"

    def _message_lane(self, message: Message) -> _Lane:
        """The message's lane; the last of its role for what goes to all."""
        own = [lane for lane in self._lanes if lane.role is message.role]
        return next((lane for lane in own if lane.host == message.server), own[-1])

    def _draw_arrow(self, message: Message, y: int, style: str) -> Markup:
        x = self._message_lane(message).x
        class_ = f"l-{style}" if style else _ARROW[message.direction]
        if message.direction is Direction.BACK:
            return tag("path", d=f"M{x} {y}H{self._me + 1}m7 -5l-7 5l7 5", class_=class_)
        if message.direction is Direction.LOST:
            return tag("path", d=f"M{self._me} {y}H{x - 12}m-5 -5l10 10m0 -10l-10 10", class_=class_)
        return tag("path", d=f"M{self._me} {y}H{x - 1}m-7 -5l7 5l-7 5", class_=class_)


def _message_table(rows: list[Row]) -> Markup:
    heads = tag("tr", *(tag("th", head, scope="col") for head in ("Time (UTC)", "Frame", "From", "To", "What")))
    lines = [_table_row(row) for row in rows]
    table = tag("table", tag("thead", heads), tag("tbody", *lines))
    return tag("div", table, class_="scroll", tabindex=0, role="group", aria_label="Messages, scrollable")


def _table_row(row: Row) -> Markup:
    time = format_time(row.time)[11:23] if row.time is not None else ""
    message = row.message
    frame = str(message.frame) if message is not None and message.frame is not None else ""
    source = target = ""
    if (arrow := row.arrow) is not None:
        host = arrow.role.value[1] + (f" {arrow.server}" if arrow.server else "")
        source, target = (host, "phone") if arrow.direction is Direction.BACK else ("phone", host)
    lost = " (no answer)" if message is not None and message.direction is Direction.LOST else ""
    said = tag("strong", row.text) if row.rule or "bold" in row.style else joined_markup([row.text + lost])
    return tag("tr", *(tag("td", cell) for cell in (time, frame, source, target)), tag("td", said))
