"""The path from the phone to the file as a picture: seven stations, and the break in the line between two of them."""

from collections.abc import Sequence

from ucdiag.model.report import StepResult, Verdict
from ucdiag.model.steps import StepStatus, VerdictStatus
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.words import duration_text, step_name, verdict_lead

STATUS_WORDS = {
    StepStatus.OK: "OK",
    StepStatus.WARNING: "warning",
    StepStatus.FAILED: "FAILED",
    StepStatus.NOT_NEEDED: "not needed",
    StepStatus.NOT_SEEN: "not seen",
    StepStatus.NOT_TESTED: "not tested",
    StepStatus.NOT_REACHED: "not reached",
}
_WIDTH, _HEIGHT, _Y, _RADIUS = 960, 132, 48, 17
_FIRST, _GAP = 130, 117
_STYLES = {StepStatus.OK: "good", StepStatus.WARNING: "ask", StepStatus.FAILED: "bad"}


def path_picture(steps: Sequence[StepResult], verdict: Verdict) -> Markup:
    """The picture of one phone's path."""
    parts: list[Markup] = []
    whole = verdict.status is VerdictStatus.WHOLE
    come = True  # whether the phone came so far
    for step in steps:
        x = _FIRST + (step.number - 1) * _GAP
        stops = step.step is verdict.step and not whole
        parts.append(_draw_line(x, come, verdict.status if stops else None))
        come = come and not stops
        if stops and verdict.code:
            style = "f-bad" if verdict.status is VerdictStatus.BROKEN else "f-ask"
            anchor = "start" if step.number < 3 else "end" if step.number > 5 else "middle"
            place = x - _RADIUS if anchor == "start" else x + _RADIUS if anchor == "end" else x
            parts.append(tag("text", verdict.code, x=place, y=18, text_anchor=anchor, class_=f"b {style}"))
        parts.append(_draw_station(step, x, stops, verdict.status))
    last = _FIRST + 6 * _GAP
    parts.append(_draw_line(last + _GAP - 36, whole, None, last))
    said = ", ".join(f"{step_name(step.step)} {STATUS_WORDS[step.status]}" for step in steps)
    label = f"The path. {verdict_lead(verdict.status, verdict.step)}. {said}."
    drawn = [_draw_phone(), *parts, _draw_file(whole)]
    picture = tag("svg", *drawn, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", width=_WIDTH, role="img", aria_label=label)
    return tag("figure", picture, class_="wide")


def _draw_line(x: int, come: bool, stopped: VerdictStatus | None, before: int | None = None) -> Markup:
    """The line that leads to a station: whole, with a break in it, or only dotted."""
    start = x - _GAP + _RADIUS + 2 if before is None else before + _RADIUS + 2
    if x == _FIRST:
        start = 52
    end = x - _RADIUS - 2 if before is None else x
    if stopped is not None and come:
        style = "l-bad" if stopped is VerdictStatus.BROKEN else "l-ask"
        middle = (start + end) // 2
        left = tag("path", d=f"M{start} {_Y}H{middle - 9}", class_="l-good")
        if stopped is VerdictStatus.BROKEN:
            torn = f"M{middle - 9} {_Y - 12}l5 8l-5 8l5 8M{middle + 4} {_Y - 12}l5 8l-5 8l5 8"
        else:
            torn = f"M{middle - 4} {_Y - 9}v18M{middle + 4} {_Y - 9}v18"
        right = tag("path", d=f"M{middle + 9} {_Y}H{end}", class_="l-gone")
        return joined_markup([left, tag("path", d=torn, class_=style), right])
    return tag("path", d=f"M{start} {_Y}H{end}", class_="l-good" if come else "l-gone")


def _draw_station(step: StepResult, x: int, stops: bool, status: VerdictStatus) -> Markup:
    style = _STYLES.get(step.status, "ask" if stops and status is VerdictStatus.UNKNOWN else "")
    circle = tag("circle", cx=x, cy=_Y, r=_RADIUS, class_=f"f-{style}" if style else "ring l-gone")
    took = duration_text(step.seconds)
    name = "b" if style else "q"
    return joined_markup(
        [
            circle,
            _draw_glyph(step, x, style),
            tag("text", f"{step.number} {step_name(step.step)}", x=x, y=88, text_anchor="middle", class_=name),
            tag("text", STATUS_WORDS[step.status], x=x, y=106, text_anchor="middle", class_=f"s f-{style or 'quiet'}"),
            tag("text", took, x=x, y=123, text_anchor="middle", class_="s n q") if took else Markup(),
        ]
    )


def _draw_glyph(step: StepResult, x: int, style: str) -> Markup:
    """What stands in the circle: a tick, a cross, a mark; else the number."""
    if style == "good":
        return tag("path", d=f"M{x - 7} {_Y}l5 6l9 -11", class_="glyph")
    if style == "bad":
        return tag("path", d=f"M{x - 6} {_Y - 6}l12 12m0 -12l-12 12", class_="glyph")
    if style == "ask":
        return tag("path", d=f"M{x} {_Y - 8}v9m0 6v.5", class_="glyph")
    return tag("text", str(step.number), x=x, y=_Y + 5, text_anchor="middle", class_="q")


def _draw_phone() -> Markup:
    keys = "M22 54h2m5 0h2m5 0h2M22 60h2m5 0h2m5 0h2"
    return joined_markup(
        [
            tag("path", d="M14 34h32v34h-32zM19 40h22v8h-22z", class_="l"),
            tag("path", d=keys, class_="l"),
            tag("text", "phone", x=30, y=88, text_anchor="middle", class_="q"),
        ]
    )


def _draw_file(come: bool) -> Markup:
    x = _FIRST + 7 * _GAP - 32
    style = "l-good" if come else "l"
    return joined_markup(
        [
            tag("path", d=f"M{x} 33h17l9 9v27h-26zM{x + 17} 33v9h9", class_=style),
            tag("text", "firmware", x=x + 12, y=88, text_anchor="middle", class_="q"),
        ]
    )
