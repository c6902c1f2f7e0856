"""What is learnt and masked of messages in which any one byte is another, and of those that are cut anywhere.

Of each message the number of different results and a digest of all: enough to see that nothing became otherwise.
``python -m tests.masking.sweeps`` writes ``sweeps.txt`` anew.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.masking.captures import CAPTURES
from tests.masking.masks import KEY, learnt, secrets
from tests.masking.messages import CERTIFICATE, DHCP, DNS, HTTP, TLS
from tests.recorded_texts import read_texts, write_cases
from ucdiag.masking.checksums import mend_checksums
from ucdiag.masking.dhcp import learn_dhcp, mask_dhcp
from ucdiag.masking.dns import _parse_name, learn_dns, mask_dns
from ucdiag.masking.http import learn_http, mask_http
from ucdiag.masking.layers import LeftOut, layers_of
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.masking.tls import _der_elements, _der_leaves, is_tls, learn_tls, mask_tls
from ucdiag.masking.unwrapping import unwrap_frame

FILE = Path(__file__).with_name("sweeps.txt")
_VALUES = (0, 1, 0x1F, 0x3F, 0x80, 0x84, 0xC0, 0xFF)
# Bytes of a message that are changed; all of the longest would take too long.
_MOST = 160
_LEARNT_MOST, _MASKED_MOST = 20, 9


def variants(data: bytes, most: int) -> Iterator[bytes]:
    """The data with one byte changed, and cut."""
    step = max(1, -(-len(data) // most))
    for at in range(0, len(data), step):
        yield data[:at]
        for value in _VALUES:
            if data[at] != value:
                yield data[:at] + bytes((value,)) + data[at + 1 :]
    yield data


def swept(read: Callable[[bytes], Any], data: bytes, most: int = _MOST) -> str:
    results = []
    for variant in variants(data, most):
        try:
            results.append(repr(read(variant)))
        except (LeftOut, ValueError, IndexError) as error:
            results.append(f"{type(error).__name__}: {error}")
    digest = hashlib.sha256("\n".join(results).encode()).hexdigest()[:16]
    return f"{len(results)} variants, {len(set(results))} results, SHA-256 {digest}"


def _learnt(learn: Callable[[Mask, bytes], Any], data: bytes) -> str:
    mask = Mask(KEY)
    learn(mask, data)
    return learnt(mask)


def _masked(mask_it: Callable[[Mask, Scrubber, bytes], bytes]) -> Callable[[bytes], bytes]:
    mask = secrets()
    return lambda data: mask_it(mask, Scrubber(mask), data)


def _mended(data: bytes) -> bytes:
    """Another address, port and last byte, and what that makes of the checksums."""
    new = bytearray(data)
    for at in (15, 21, len(data) - 1):
        if 0 <= at < len(new):
            new[at] ^= 0x55
    mend_checksums(data, new, 0)
    return bytes(new)


def _of_frames() -> Iterator[tuple[str, Callable[[], str]]]:
    for name, frames in CAPTURES.items():
        link, frame = frames[0]
        yield f"layers, {name}", partial(swept, lambda data, link=link: layers_of(link, data), frame)
        yield f"unwrapped, {name}", partial(swept, lambda data, link=link: unwrap_frame(link, data), frame)
        if link == 1:
            yield f"checksums, {name}", partial(swept, _mended, frame[14:])


def _of_messages() -> Iterator[tuple[str, Callable[[], str]]]:
    for kind, messages, learn, mask_it in (
        ("DNS", DNS, learn_dns, mask_dns),
        ("DHCP", DHCP, learn_dhcp, mask_dhcp),
        ("TLS", TLS, learn_tls, mask_tls),
        ("HTTP", HTTP, learn_http, lambda mask, scrubber, data: mask_http(mask, scrubber, data)[0]),
    ):
        for name, data in messages.items():
            if len(data) < 1500 and b"\x1f\x8b" not in data:
                yield f"{kind} learnt, {name}", partial(swept, partial(_learnt, learn), data, _LEARNT_MOST)
                yield f"{kind} masked, {name}", partial(swept, _masked(mask_it), data, _MASKED_MOST)


def _of_parts() -> Iterator[tuple[str, Callable[[], str]]]:
    for name, data in DNS.items():
        yield f"name, {name}", partial(swept, lambda data: _parse_name(data, 12), data[:300])
    far = bytes(12) + b"\1a\xc0\x0c" + bytes(300) + b"\3far\0\1b\xc1\x3c\xc1\x3e"
    yield "name, far away", partial(swept, lambda data: [_parse_name(data, at) for at in (12, 321, 323, 325)], far, 400)
    yield "elements", partial(swept, lambda data: list(_der_elements(data, 0, len(data))), CERTIFICATE[:200], 200)
    yield "inner elements", partial(swept, lambda data: list(_der_elements(data, 4, len(data))), CERTIFICATE[:200], 200)
    yield "leaves", partial(swept, lambda data: list(_der_leaves(data, 0, len(data))), CERTIFICATE)
    for name, data in TLS.items():
        yield f"is TLS, {name}", partial(swept, is_tls, data[:40])


CASES: dict[str, Callable[[], str]] = {**dict(_of_frames()), **dict(_of_messages()), **dict(_of_parts())}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
