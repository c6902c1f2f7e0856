"""Classic BPF, executed as the kernel does it."""

import struct


def passes(program: bytes, frame: bytes) -> bool:
    """Whether the kernel would let a frame through: classic BPF, as far as our filters use it."""
    lines = list(struct.iter_unpack("=HBBI", program))
    at = accumulator = index = 0
    while True:
        code, true, false, operand = lines[at]
        at += 1
        if code == 0x06:
            return bool(operand)
        if code in (0x28, 0x30, 0x48, 0x50, 0xB1):
            place, size = operand + (index if code in (0x48, 0x50) else 0), 2 if code in (0x28, 0x48) else 1
            if place + size > len(frame):
                return False
            value = int.from_bytes(frame[place : place + size], "big")
            if code == 0xB1:
                index = (value & 15) * 4
            else:
                accumulator = value
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x05:
            at += operand
        elif code in (0x15, 0x45):
            at += true if (accumulator == operand if code == 0x15 else accumulator & operand) else false
        else:
            raise AssertionError(hex(code))
