"""Phones that do not fit into memory, in a temporary file.

The file has no name (on Windows the system removes it when it is closed), so nobody else can open it, and nothing is
left behind, also after a kill. No database: SQLite's temporary one can no longer be read once the disk was full.
"""

import marshal
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.temporary_files import temporary_file

_HEAD = struct.Struct("=qQ")  # when it was first seen (microseconds), and how many bytes follow
_USUAL = 8 << 10  # bytes of most phones, read at once
_BLOCK = 64 << 10
_PARTS = 16  # of the index
_SMALLEST = 512  # places in a part, a power of two

_GONE = (1 << 32) - 1  # in the place of a number: a key that is there no longer
_TAKEN = (1 << 64) - 1  # in the place of an offset: a phone that is there no longer


class _Index:
    """Numbers by the hash of a key, in eight bytes each: a dictionary takes a hundred. Two keys may have one hash.

    It is in parts, because one that grows takes its memory twice.
    """

    def __init__(self) -> None:
        self._parts = tuple([_Part() for _ in range(_PARTS)])

    def add_key(self, key: str, number: int) -> None:
        """One more key of that number (1 at least)."""
        self._part_of_key(key).add_key(key, number)

    def find_numbers(self, key: str) -> list[int]:
        """The numbers of all keys with this key's hash, mostly one or none."""
        return self._part_of_key(key).find_numbers(key)

    def remove_key(self, key: str, number: int) -> None:
        """The key has that number no longer."""
        self._part_of_key(key).remove_key(key, number)

    def _part_of_key(self, key: str) -> "_Part":
        return self._parts[hash(key) % _PARTS]


class _Part:
    def __init__(self) -> None:
        self._hashes, self._numbers, self._used = _zero_array(_SMALLEST), _zero_array(_SMALLEST), 0

    def add_key(self, key: str, number: int) -> None:
        if self._used * 5 > len(self._numbers) * 3:
            self._make_room()
        self._insert_hash(hash(key) & 0xFFFFFFFF, number)

    def find_numbers(self, key: str) -> list[int]:
        wanted = hash(key) & 0xFFFFFFFF
        return [
            self._numbers[at]
            for at in self._chain_places(wanted)
            if self._hashes[at] == wanted and self._numbers[at] != _GONE
        ]

    def remove_key(self, key: str, number: int) -> None:
        """A phone goes with all its keys: another one of them in the chain may go already."""
        for at in self._chain_places(hash(key) & 0xFFFFFFFF):
            if self._numbers[at] == number:
                self._numbers[at] = _GONE

    def _chain_places(self, wanted: int) -> Iterator[int]:
        mask = len(self._numbers) - 1
        at = wanted * 2654435761 >> 7 & mask
        while self._numbers[at]:
            yield at
            at = at + 1 & mask

    def _insert_hash(self, wanted: int, number: int) -> None:
        mask = len(self._numbers) - 1
        at = wanted * 2654435761 >> 7 & mask
        while self._numbers[at]:
            at = at + 1 & mask
        self._hashes[at], self._numbers[at] = wanted, number
        self._used += 1

    def _make_room(self) -> None:
        hashes, numbers = self._hashes, self._numbers
        live = sum(number not in (0, _GONE) for number in numbers)
        size = len(numbers) * (2 if live * 5 > len(numbers) * 2 else 1)
        self._hashes, self._numbers, self._used = _zero_array(size), _zero_array(size), 0
        for wanted, number in zip(hashes, numbers, strict=True):
            if number not in (0, _GONE):
                self._insert_hash(wanted, number)


def _zero_array(size: int) -> "array[int]":
    return array("I", (0,)) * size


class PhoneArchive:
    """Phones by their keys (addresses). What is kept of a phone is anything that ``marshal`` takes.

    ``put``, ``take`` and ``phones`` raise OSError where the file cannot be made, written or read. What was put in
    before is still there then.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0
        self._index: _Index | None = None
        self._offsets = array("Q", [_TAKEN])  # where in the file each phone is, by its number
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, first_seen: Microseconds, keys: Sequence[str], phone: Any) -> None:
        """Keep a phone. None of the keys may be another kept phone's."""
        if self._index is None:
            self._index = _Index()
        data = marshal.dumps((list(keys), phone))
        try:
            if self._file is None:
                self._file = temporary_file()
            self._file.seek(self._end)
            left = memoryview(_HEAD.pack(first_seen, len(data)) + data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _with_reason(error) from error
        for key in keys:
            self._index.add_key(key, len(self._offsets))
        self._offsets.append(self._end)
        self._end += _HEAD.size + len(data)
        self._count += 1

    def take(self, key: str) -> Any | None:
        """The phone with this key, which is kept no longer; None where there is none."""
        if self._index is None:
            return None
        for number in self._index.find_numbers(key):
            keys, phone = self._read_phone(self._offsets[number])
            if key in keys:
                for other in keys:
                    self._index.remove_key(other, number)
                self._offsets[number] = _TAKEN
                self._count -= 1
                return phone
        return None

    def phones(self) -> Iterator[tuple[Microseconds, Any]]:
        """When each was first seen, and the phone, in the order of that time."""
        # Arrays, because there may be tens of thousands.
        places = array("Q", (offset for offset in self._offsets if offset != _TAKEN))
        firsts = array("q", self._first_times(places))
        order = array("L", sorted(range(len(places)), key=firsts.__getitem__))
        for index in order:
            yield firsts[index], self._read_phone(places[index])[1]

    def close(self) -> None:
        """Let go of the file, and of all phones in it."""
        self._index, self._offsets, self._count = None, array("Q", [_TAKEN]), 0
        if self._file is not None:
            self._file.close()

    def _first_times(self, places: Iterable[int]) -> Iterator[Microseconds]:
        """When the phones at these places, which ascend, were first seen."""
        block, start = b"", 0
        for place in places:
            if place + _HEAD.size > start + len(block):
                block, start = self._read_bytes(place, _HEAD.size, _BLOCK), place
            yield _HEAD.unpack_from(block, place - start)[0]

    def _read_phone(self, place: int) -> tuple[Sequence[str], Any]:
        data = self._read_bytes(place, _HEAD.size, _USUAL)
        end = _HEAD.size + _HEAD.unpack_from(data)[1]
        if len(data) < end:
            data = self._read_bytes(place, end, end)
        # Its own: only ``put`` writes into the file, which no other process can open.
        keys, phone = marshal.loads(memoryview(data)[_HEAD.size : end])
        return keys, phone

    def _read_bytes(self, place: int, least: int, most: int) -> bytes:
        """Some of the file."""
        assert self._file is not None
        try:
            self._file.seek(place)
            data = self._file.read(most)
        except OSError as error:
            raise _with_reason(error) from error
        if len(data) < least:
            raise _with_reason(OSError("it is shorter than it was"))
        return data


def _with_reason(error: OSError) -> OSError:
    return OSError(f"the temporary file of phones: {error.strerror or error}")
