"""How ``read_ahead.py`` is to work: its limits, what it forks, and how the records of a format are laid out."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from ucdiag.model.fast_dataclass import record

if TYPE_CHECKING:
    from ucdiag.runtime.forked_worker import Send


@record(frozen=True, slots=True)
class ReadAheadLimits:
    """When a worker is started, and how much it sends at once."""

    # Bytes of the file that are read at once.
    piece: int = 1 << 20
    # Whether a worker is worth it is tried after so many bytes, and where at least as many are left.
    start: int = 24 << 20
    # It is where one packet in so many has to be looked at, or fewer; and no more after so many pieces of the file,
    # one after the other, of which that was not true.
    worth: float = 4
    dull: int = 4
    # Packets and runs of a piece: where there are more, it is a shorter one, for both processes to stay small.
    most: int = 1024
    # So many segments alike are passed on before a run begins: what is to be counted is a run by then.
    first: int = 8


class ReadAheadCounts:
    """What workers sent: pieces, the most packets and runs of one, packets, and runs.

    Of those, how many could be counted or left out, and how many were read ``again``.
    """

    __slots__ = ("again", "counted", "largest", "packets", "pieces")

    def __init__(self) -> None:
        self.pieces = self.largest = self.packets = self.counted = self.again = 0


class Worker(Protocol):
    """Work that is done beside this process; at the end of the context nothing is left of it."""

    def __enter__(self) -> "Worker": ...

    def __exit__(self, *raised: object) -> None: ...

    def results(self) -> Iterator[Any]:
        """What the work sends, in its order, up to where it ends or is killed."""


# Most captures are too small for a worker: what it does, and what forks it, is imported where one is started.
def _can_fork() -> bool:
    from ucdiag.runtime.forked_worker import can_fork_worker

    return can_fork_worker()


def _start_worker(work: "Callable[[Send], None]") -> Worker:
    from ucdiag.runtime.forked_worker import ForkedWorker

    return ForkedWorker(work)


@record(frozen=True, slots=True)
class ReadAheadOptions:
    """How to read ahead: ``can_fork`` says whether work can be done beside this process, ``start_worker`` begins it."""

    limits: ReadAheadLimits = ReadAheadLimits()
    can_fork: Callable[[], bool] = _can_fork
    start_worker: Callable[[Callable[["Send"], None]], Worker] = _start_worker
    counts: ReadAheadCounts | None = None


DEFAULT_OPTIONS = ReadAheadOptions()


@record(frozen=True, slots=True)
class Layout:
    """How records are laid out: ``order`` is ``<`` or ``>``, the packet is behind ``head`` bytes, a time of eight bytes
    at ``stamp_at``, a length of four at ``length_at``, which counts all but the first ``uncounted`` bytes.

    ``blocks``: they are Enhanced Packet Blocks of pcapng, of the first interface, else the length is the packet's.
    """

    order: str
    head: int
    stamp_at: int
    length_at: int
    uncounted: int
    blocks: bool


def pcap_layout(order: str, head: int) -> Layout:
    """The layout of pcap records with a header of ``head`` bytes."""
    return Layout(order=order, head=head, stamp_at=0, length_at=8, uncounted=head, blocks=False)


def pcapng_layout(order: str) -> Layout:
    """The layout of pcapng's Enhanced Packet Blocks."""
    return Layout(order=order, head=28, stamp_at=12, length_at=4, uncounted=0, blocks=True)
