"""DHCP options as bytes."""


def option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def message(
    *options: bytes, type: int | None, op: int, htype: int = 1, hlen: int = 6, sname: bytes = b"", end: bytes = b"\xff"
) -> bytes:
    head = bytes([op, htype, hlen, 0]) + b"\x12\x34\x56\x78" + bytes(8) + bytes([10, 0, 0, 7]) + bytes(8)
    head += bytes.fromhex("0004f2aabbcc").ljust(16, b"\0") + sname.ljust(64, b"\0") + bytes(128)
    kind = b"" if type is None else option(53, bytes([type]))
    return head + b"\x63\x82\x53\x63" + kind + b"".join(options) + end
