"""What a run waits for at the moment, for whoever shows it. Noting it costs next to nothing."""

import time
from collections.abc import Callable

from ucdiag.model.text import counted
from ucdiag.model.vocabulary import Seconds

_KIB, _MIB = 1 << 10, 1 << 20
_TELLING = 1.0  # seconds before a wait or a rate is worth a word


class Waiting:
    """``begin_wait`` says what is waited for, ``count_bytes`` how many bytes came.

    ``waiting_text`` says it in one line, which may be made in another thread than the one that waits.
    """

    def __init__(self, monotonic: Callable[[], Seconds] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._what: tuple[str, Seconds | None, Seconds] | None = None
        self._bytes: tuple[int, int | None] | None = None

    def begin_wait(self, what: str, longest: Seconds | None = None) -> None:
        """From now on ``what`` is waited for, ``longest`` seconds at most."""
        self._bytes = None
        self._what = (what, longest, self._monotonic())

    def count_bytes(self, done: int, total: int | None) -> None:
        """So many bytes came, of ``total`` where that is known."""
        self._bytes = (done, total)

    def waiting_text(self) -> str:
        """What is waited for, how long, of how much; empty where it is nothing."""
        state, counted = self._what, self._bytes
        if state is None:
            return ""
        what, longest, began = state
        passed = max(self._monotonic() - began, 0.0)
        if counted is not None:
            done, total = counted
            rate = f", {size_text(done / passed)}/s" if passed >= _TELLING else ""
            left = (
                f", {duration_text((total - done) * passed / done)} left"
                if total and done and passed >= _TELLING
                else ""
            )
            return f"{what}: {of_amount(done, total)}{rate}{left}"
        most = f" of at most {longest:g}" if longest is not None else ""
        return f"{what}, {passed:.0f}{most} s" if passed >= _TELLING else what


def size_text(count: float) -> str:
    """Bytes as a person reads them: ``1.2 MiB``."""
    if count < _KIB:
        return f"{count:.0f} B"
    return f"{count / _KIB:.0f} KiB" if count < _MIB else f"{count / _MIB:,.1f} MiB"


def of_amount(done: int, total: int | None) -> str:
    """``12 of 24 MiB``, in the unit of the whole."""
    if not total:
        return size_text(done)
    if total < _MIB:
        return f"{done / _KIB:.0f} of {total / _KIB:.0f} KiB"
    return f"{done / _MIB:,.0f} of {total / _MIB:,.0f} MiB"


def duration_text(seconds: Seconds) -> str:
    """``45 s``, ``2:05``, ``1:00:05``."""
    whole = int(max(seconds, 0) + 0.5)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def reading_text(name: str, packets: int, done: int, total: int, passed: Seconds) -> str:
    """How far a capture was read: packets, bytes, remaining time."""
    left = f", {duration_text((total - done) * passed / done)} left" if 0 < done <= total and passed >= _TELLING else ""
    how_far = f", {of_amount(done, total)}" if total or done else ""
    return f"reading {name}: {counted(packets, 'packet')}{how_far}{left}"


def listening_text(interface: str, packets: int, passed: Seconds, longest: Seconds | None, written: str | None) -> str:
    """A live capture, and what to do now."""
    most = f" of {duration_text(longest)}" if longest is not None else ""
    file = f" written to {written}" if written is not None and written != "-" else ""
    text = f"{interface}, {duration_text(passed)}{most}, {counted(packets, 'packet')}{file}."
    return f"{text} Restart the phone now. Ctrl-C stops and judges."
