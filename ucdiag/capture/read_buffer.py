"""A capture's bytes in one buffer that is allocated once and refilled in place, and the errors of reading."""

from ucdiag.capture.open_capture import BrokenArchiveError, Bytes
from ucdiag.capture.prefilter import MARGIN

CHUNK = 1 << 20
# What Wireshark takes for the longest possible packet; a longer one is damage.
LONGEST = 262144


class DamagedError(Exception):
    """The capture cannot be read any further. The text says where and why, as the end of a sentence."""


class Buffer:
    """``octets`` is the whole buffer, ``view`` a view of it; the bytes from ``at`` to ``have`` are not yet used.

    ``at`` beyond ``have`` means that the bytes between are still to come and do not matter.
    """

    def __init__(self, stream: Bytes, size: int = CHUNK) -> None:
        self._stream = stream
        self._size = size
        self.octets = bytearray(size + MARGIN)
        self.view = memoryview(self.octets)
        self.at = 0
        self.have = 0
        self.ended = False
        self._taken = 0
        self.broken: str | None = None

    @property
    def has_more(self) -> bool:
        """Whether there surely is another packet behind what was read: the one that it ends in may be the last."""
        return self.bytes_to_come > LONGEST

    @property
    def bytes_to_come(self) -> int:
        """How many bytes of the file there surely are behind what was read."""
        return max(self._stream.size - self._taken, 0)

    @property
    def file(self) -> int:
        """The descriptor of the file, where it is one that can be read at any place, else -1."""
        return self._stream.file

    @property
    def size(self) -> int:
        """The bytes of a regular file when it was opened; 0 for any other."""
        return self._stream.size

    @property
    def place(self) -> int:
        """Where ``at`` is in what was read so far, in bytes."""
        return self._taken - self.have + self.at

    def jump_to(self, place: int) -> None:
        """Reads on there, in such a file. Raises OSError where the system does."""
        self._stream.seek(place)
        self._taken = place
        self.at = self.have = 0

    def fill(self) -> bool:
        """Moves what is left to the front and reads once behind it; False at the end of the capture.

        Raises OSError where the system does.
        """
        if self.ended:
            return False
        self._shift_unread()
        while True:
            got = self._read_more()
            if not got:
                self.ended = True
                # What lies behind the last byte is read, before lengths are checked, as if it were there.
                self.view[self.have : self.have + MARGIN] = bytes(MARGIN)
                return False
            self.have += got
            self._taken += got
            if self.at < self.have:
                return True
            # Still inside a packet that does not matter.
            self.at -= self.have
            self.have = 0

    def need(self, amount: int) -> bool:
        """Reads until ``amount`` unused bytes are there; False when the capture ends before."""
        while self.have - self.at < amount:
            if not self.fill():
                return False
        return True

    def take(self, amount: int) -> bytes:
        """The next bytes, which ``need`` has made sure of."""
        taken = bytes(self.view[self.at : self.at + amount])
        self.at += amount
        return taken

    def _shift_unread(self) -> None:
        if self.at >= self.have:
            self.at -= self.have
            self.have = 0
        elif self.at:
            left = self.have - self.at
            self.octets[:left] = self.octets[self.at : self.have]
            self.at, self.have = 0, left

    def _read_more(self) -> int:
        try:
            return self._stream.readinto(self.view[self.have : self._size]) or 0
        except BrokenArchiveError as error:
            self.broken = str(error)
            return 0
