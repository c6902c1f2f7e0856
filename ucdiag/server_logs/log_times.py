"""Times as server logs write them.

How the audit log writes its date is published nowhere, nor in which zone: so the usual spelling of each language of
Windows is read, and what ``03/04/2026`` means is decided for a whole file, by its name or by a row that allows one
reading only.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from ucdiag.model.patterns import pattern
from ucdiag.model.times import since_epoch
from ucdiag.model.vocabulary import Microseconds

# The halves of a day: English and Spanish, Greek, Vietnamese, Korean, Chinese, Japanese.
_MORNING = ("am", "πμ", "sa", "오전", "上午", "午前")
_AFTERNOON = ("pm", "μμ", "ch", "오후", "下午", "午後")
_HALF = r"[AaPp]\.?\s?[Mm]\.?|[πΠμΜ]\.?[μΜ]\.?|SA|CH|오전|오후|[上下]午|午[前後]"
# Czech has blanks in the date, Croatian a dot behind it, Hungarian both, Bulgarian a letter.
_TIME = pattern(
    r"\s*+(?P<one>\d{1,4})(?P<mark>[./-])\s?(?P<two>\d{1,2})(?P=mark)\s?(?P<three>\d{1,4})(?:\.|\s?г\.)?[T, ]+"
    rf"(?:(?P<first_half>{_HALF})\s?)?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    rf"\s*+(?P<half>{_HALF})?\s*+(?P<zone>Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}})?\s*+"
)
# A date in a file's name, where the name of a server stands before it and may end with digits. One with the year last
# is not used: its order is known only where a day is above 12, and a row of that day shows it as well.
_YEAR_FIRST = pattern(r"(?<!\d)(?:19|20)\d\d([-._]?)(?P<month>\d\d)\1(?P<day>\d\d)(?!\d)")


_SECONDS = {f"{second:02}": second * 1_000_000 for second in range(60)}
_MOST_MINUTES = 4096


class TimeReader:
    """Reads the times of one log: those of the same minute differ in two digits alone."""

    def __init__(self, *, day_first: bool, offset: timedelta = timedelta()) -> None:
        self._day_first = day_first
        self._offset = offset
        # The beginning of a minute by the text before its second and the text behind that.
        self._minutes: dict[tuple[str, str], Microseconds] = {}

    def parse_time(self, text: str) -> Microseconds | None:
        """Microseconds since the epoch, as the function ``parse_time`` reads them."""
        at = text.rfind(":") + 1
        minute = self._minutes.get((text[:at], text[at + 2 :]))
        second = _SECONDS.get(text[at : at + 2])
        if minute is not None and second is not None:
            return minute + second
        time = parse_time(text, day_first=self._day_first, offset=self._offset)
        if time is not None and second is not None and _second_at(text) == at:
            if len(self._minutes) >= _MOST_MINUTES:
                self._minutes.clear()
            self._minutes[text[:at], text[at + 2 :]] = time - second
        return time


def _second_at(text: str) -> int:
    """Where the second stands in a time; -1 where it has none."""
    match = _TIME.fullmatch(text)
    return match.start("second") if match is not None else -1


def parse_time(text: str, *, day_first: bool, offset: timedelta = timedelta()) -> Microseconds | None:
    """A time of the audit log; None for what is none.

    ``day_first`` decides what ``03/04/2026`` means where both readings are possible; with dots the day is always first.
    ``offset`` is that of the log's zone from UTC, for a time that names none.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    if len(match["one"]) == 4:
        year, month, day = one, two, three
    else:
        year = three + 2000 if three < 100 else three
        first_is_day = match["mark"] == "." or (day_first if max(one, two) <= 12 else one > 12)
        month, day = (two, one) if first_is_day else (one, two)
    hour = int(match["hour"])
    half = re.sub(r"[.\s]", "", match["first_half"] or match["half"] or "").lower()
    if half:
        if half not in _MORNING + _AFTERNOON or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    part = int((match["part"] or "0").ljust(6, "0")[:6])
    try:
        zone = _parse_zone(match["zone"], offset)
        moment = datetime(year, month, day, hour, int(match["minute"]), int(match["second"] or 0), part, tzinfo=zone)
        return since_epoch(moment)
    except (ValueError, OverflowError):
        return None


def _parse_zone(text: str | None, offset: timedelta) -> timezone:
    if text is None:
        return timezone(offset)
    if text[0] not in "+-":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def day_comes_first(times: list[str], name: str) -> bool | None:
    """Whether the day stands before the month in a file with these times and this name; None if neither shows it.

    No language of Windows puts the month first where hyphens part a date that ends with its year.
    """
    hyphens = False
    for text in times:
        match = _TIME.fullmatch(text)
        if match is None or len(match["one"]) == 4 or match["mark"] == ".":
            continue
        one, two = int(match["one"]), int(match["two"])
        if one > 12:
            return True
        if two > 12:
            return False
        hyphens = match["mark"] == "-"
    by_name = _by_name(times, name)
    return True if by_name is None and hyphens else by_name


def _by_name(times: list[str], name: str) -> bool | None:
    """By the date in the file's name, which is that of its rows."""
    dates = {(int(date["month"]), int(date["day"])) for date in _YEAR_FIRST.finditer(re.split(r"[\\/]", name)[-1])}
    for text in times:
        match = _TIME.fullmatch(text)
        if match is None:
            continue
        one, two = int(match["one"]), int(match["two"])
        month_first, day_first = (one, two) in dates, (two, one) in dates
        if month_first != day_first:
            return day_first
    return None
