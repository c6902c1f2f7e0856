"""The phone that a command plays, as an administrator names it."""

import re
from functools import lru_cache

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.visible_text import quoted

_MAC_USUAL = pattern(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}")
_MAC_SEPARATED = pattern(r"[0-9a-fA-F]{2}([:\-. ]?)(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}")
_MAC_CISCO = pattern(r"[0-9a-fA-F]{4}([.\-:])[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}")
_MAC_HALVES = pattern(r"[0-9a-fA-F]{6}[-:.][0-9a-fA-F]{6}")
_MAC_SHORT = pattern(r"[0-9a-fA-F]{1,2}([:\-])(?:[0-9a-fA-F]{1,2}\1){4}[0-9a-fA-F]{1,2}")
_PADDED = pattern(r"\b0[0-9a-fA-F]")
_SERIAL = pattern(r"[A-Za-z0-9_-]{1,64}")
_FIRMWARE = pattern(r"\d{1,9}(?:\.\d{1,9}){1,3}")

DEFAULT_MAC = "00:04:f2:00:00:01"
DEFAULT_SERIAL = "UCDIAG-0001"


@lru_cache(maxsize=1024)
def parse_mac(text: str) -> str:
    """A MAC address in any usual spelling as lower case with colons.

    ``010203040506``, ``01-02-03-04-05-06``, ``01:02:03:04:05:06`` are those that New-CsTestDevice takes
    (Microsoft, "New-CsTestDevice"); switches print ``0102.0304.0506`` or ``010203-040506``, and arp of BSD and macOS
    ``1:2:3:4:5:6``, without leading zeros. Raises ValueError, with one sentence that says what is wrong, for anything
    else and for a group or all-zero address.
    """
    text = text.strip()
    if _MAC_USUAL.fullmatch(text) and text != "00:00:00:00:00:00":
        return text
    separated = _MAC_SEPARATED.fullmatch(text)
    if not (separated or any(form.fullmatch(text) for form in (_MAC_CISCO, _MAC_HALVES, _MAC_SHORT))):
        raise ValueError(
            f"{quoted(text[:100])} is not a MAC address: give six pairs of hexadecimal digits, "
            "such as 00:04:f2:aa:bb:cc, 00-04-F2-AA-BB-CC or 0004f2aabbcc"
        )
    if separated:
        digits = (text.replace(separated[1], "") if separated[1] else text).lower()
    elif _MAC_SHORT.fullmatch(text):
        groups = re.split("[:-]", text.lower())
        if any(len(group) == 1 for group in groups) and _PADDED.search(text):
            # Whoever drops leading zeros drops all of them: here rather a digit was lost on the way.
            raise ValueError(
                f"{quoted(text)} lacks a digit, or drops some leading zeros and keeps others: give all six pairs, "
                "such as 00:04:f2:aa:bb:cc"
            )
        digits = "".join(group.zfill(2) for group in groups)
    else:
        digits = re.sub(r"[^0-9a-fA-F]", "", text).lower()
    if int(digits[:2], 16) & 1:
        raise ValueError(
            f"{quoted(text)} is a group (multicast or broadcast) address, which no phone has: give the phone's own"
        )
    if int(digits, 16) == 0:
        raise ValueError(f"{quoted(text)} is the empty MAC address, which no phone has: give the phone's own")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def parse_serial(text: str) -> str:
    """A serial number: letters, digits, hyphen and underscore (Microsoft, "New-CsTestDevice"). Raises ValueError."""
    text = text.strip()
    if not _SERIAL.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a serial number: letters, digits, '-' and '_' only, 64 at most")
    return text


def parse_firmware(text: str) -> str:
    """A firmware version such as ``3.5.6907.35``. Raises ValueError for anything else."""
    text = text.strip()
    if not _FIRMWARE.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} is not a firmware version: two to four numbers with dots, such as 3.5.6907.35"
        )
    return text


@record(frozen=True, slots=True, kw_only=True)
class Phone:
    """Who asks. The defaults are a CX700's, spelt as in the manual's URL ``.../UCPhone/Polycom/CX700/A/ENU/...``.

    Whether a server compares these with regard to case is not known. ``firmware`` ``None`` means that
    nobody said which; the request then names ``1.0.522.101``, a version that is offered updates. ``site`` is where it
    stands: for reports alone, no server hears of it.
    """

    mac: str = DEFAULT_MAC
    serial: str = DEFAULT_SERIAL
    device_type: str = "UCPhone"
    vendor: str = "Polycom"
    model: str = "CX700"
    revision: str = "A"
    locale: str = "ENU"
    firmware: str | None = None
    site: str | None = None
