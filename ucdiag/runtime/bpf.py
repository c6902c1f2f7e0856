"""An assembler for classic BPF, the language of the filters that the kernel runs on a packet socket.

Instructions: Documentation/networking/filter.rst of the Linux kernel. A load beyond the packet's end rejects the
packet, so every test of a field follows the tests of those before it.
"""

import struct
from collections.abc import Iterable

# Loads into the accumulator: at a fixed place, at a place behind X, and of the length of an IPv4 header into X.
LOAD_HALF, LOAD_BYTE, LOAD_HALF_X, LOAD_BYTE_X, HEADER_TO_X = 0x28, 0x30, 0x48, 0x50, 0xB1
AND = 0x54
# Jumps: the accumulator equals the operand; it has one of the operand's bits.
EQUAL, ANY_BIT = 0x15, 0x45
RETURN = 0x06
# A jump over any number of instructions, to the label that it has for "true".
GO = 0x05

REJECT, ACCEPT = 0, 0x40000  # how many bytes of the packet are let through

_Line = tuple[int, int, str | None, str | None]  # code, operand, where to go on when it holds, and when not


class Program:
    """Instructions with labels. A jump to ``None`` goes on with the next instruction."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._labels: dict[str, int] = {}

    def label(self, name: str) -> None:
        """Names the next instruction."""
        self._labels[name] = len(self._lines)

    def add(self, code: int, operand: int, true: str | None = None, false: str | None = None) -> None:
        """One instruction; ``true`` and ``false`` are the labels that a jump goes to."""
        self._lines.append((code, operand, true, false))

    def jump_if_any(self, values: Iterable[int], true: str) -> None:
        """Goes to the label ``true`` where the accumulator equals one of ``values``."""
        for value in values:
            self.add(EQUAL, value, true)

    def assemble(self) -> bytes:
        """An array of ``struct sock_filter``. Raises ValueError for a jump over more than 255 instructions."""
        instructions = []
        for number, (code, operand, true, false) in enumerate(self._lines):
            jumps = [0 if name is None else self._labels[name] - number - 1 for name in (true, false)]
            if code == GO:
                instructions.append(struct.pack("=HBBI", code, 0, 0, jumps[0]))
                continue
            if max(jumps) > 255:
                raise ValueError("a jump is too far: too many ports")
            instructions.append(struct.pack("=HBBI", code, *jumps, operand))
        return b"".join(instructions)
