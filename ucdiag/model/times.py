"""Times, microseconds since the epoch, as text and as ``datetime``."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START = datetime(1970, 1, 1)  # a time without a zone is written faster, and "Z" stands behind it
_MICROSECOND = timedelta(microseconds=1)
_LOWEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_HIGHEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def format_time(time: Microseconds) -> str:
    """Microseconds since the epoch as RFC 3339; a time outside the years 1 to 9999 is clamped to them."""
    seconds, microseconds = divmod(min(max(time, _LOWEST), _HIGHEST), 1_000_000)
    return f"{_format_second(seconds)}.{microseconds:06d}Z"


@lru_cache(maxsize=64)
def _format_second(seconds: int) -> str:
    return (_START + timedelta(seconds=seconds)).isoformat()


def utc_datetime(time: Microseconds) -> datetime:
    """The second of a time, in UTC; a time outside the years 1 to 9999 is clamped to them.

    ``datetime.fromtimestamp`` refuses times before 1970 and after 3000 on Windows (OSError).
    """
    return _EPOCH + timedelta(seconds=min(max(time, _LOWEST), _HIGHEST) // 1_000_000)


def parse_time(text: str) -> Microseconds:
    """RFC 3339 text to microseconds since the epoch. Raises ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{quoted(text)} has no time zone")
    return since_epoch(moment)


def since_epoch(moment: datetime) -> Microseconds:
    """The microseconds from the epoch to a time that has a zone."""
    return (moment - _EPOCH) // _MICROSECOND
