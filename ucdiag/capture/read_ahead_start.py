"""Whether a capture is worth being read ahead, see ``read_ahead.py``."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.read_ahead_options import Layout, ReadAheadOptions
from ucdiag.capture.read_buffer import LONGEST, Buffer

_LARGE = 1024  # bytes of a packet, where most are of a download


class ReadAhead:
    """Starts a worker that reads one capture ahead, where that is worth it."""

    def __init__(self, buffer: Buffer, prefilter: PacketPrefilter, ahead: ReadAheadOptions) -> None:
        self._buffer = buffer
        self._prefilter = prefilter
        self._ahead = ahead
        self._try_at = min(ahead.limits.start, ahead.limits.piece * 3)

    @property
    def is_due(self) -> bool:
        """Whether it is time to try."""
        return self._buffer.place >= self._try_at

    def read_pieces(self, layout: Layout, clock: Callable[[int], int], frame: int) -> Iterator[tuple[int, int]]:
        """Tries from the buffer's position on, where the packet ``frame`` is. The link type has to be Ethernet.

        After each piece of the file: the number of the next packet, and the time of the piece's first as it stands
        there. ``clock`` turns such times into microseconds. Afterwards the buffer is behind the last piece.
        """
        buffer = self._buffer
        place = buffer.place
        ahead, limits = self._ahead, self._ahead.limits
        self._try_at = place + limits.start
        if (
            buffer.file < 0
            or buffer.size - place < limits.start
            or not self._prefilter.counts_runs
            or not ahead.can_fork()
        ):
            return
        from ucdiag.capture.read_ahead import RunCompactor, RunReplayer

        have = buffer.have - buffer.at
        tried = None
        # That it is not worth it mostly shows in the first quarter of what is in memory, for a quarter of the time.
        for part, left in ((have // 4, have // 8), (have, LONGEST)) if have > LONGEST else ((have, LONGEST),):
            few = replace(limits, most=int(part // _LARGE // limits.worth))
            tried = RunCompactor(layout, clock, few).compact_piece(buffer.view[buffer.at :], part, place, frame)
            if tried is None or tried[0] < place + part - left:
                return
        replayer = RunReplayer(self._prefilter, layout, buffer.file, ahead)
        if tried is None or replayer.least_cost(tried[-1]) * limits.worth > tried[1] - frame:
            return
        run = partial(RunCompactor(layout, clock, limits).send_pieces, buffer.file, place, buffer.size, frame)
        dull = 0
        with ahead.start_worker(run) as worker:
            for piece in worker.results():
                replayer.begins, replayer.ends = (place, frame), piece[0]
                place, following, stamp, records, items = piece
                cost = replayer.replay_piece(records, items)
                dull = dull + 1 if cost * limits.worth > following - frame else 0
                frame = following
                yield frame, stamp
                if dull > limits.dull:
                    break
        buffer.jump_to(place)
        self._try_at = place + limits.start
