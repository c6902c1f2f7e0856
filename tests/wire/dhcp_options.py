"""DHCP options as bytes."""


def option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"
