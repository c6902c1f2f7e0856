"""Files of a series, as tcpdump (-C, -W) and dumpcap (-b) number them, of which one may be missing."""

import os

from ucdiag.model.patterns import pattern

# dumpcap: NAME_00001_20260131090000.pcapng. tcpdump: NAME.pcap, NAME.pcap1, NAME.pcap2, or NAME.pcap00 with -W.
_DUMPCAP = pattern(r"(.*)_(\d{5})_\d{14}(\.[^.]*)?(\.gz|\.zst|\.lz4)?")
_TCPDUMP = pattern(r"(.*\.p?cap(?:ng)?)(\d{0,6})(\.gz|\.zst|\.lz4)?")


def missing_between(one: str, other: str) -> int:
    """How many files of a series are missing between two that follow each other in time; 0 where that is not known.

    A number that begins anew is a ring's.
    """
    for shape, first in ((_DUMPCAP, 1), (_TCPDUMP, 0)):
        before, after = shape.fullmatch(one), shape.fullmatch(other)
        if before is None or after is None or before[1] != after[1]:
            continue
        return max(0, int(after[2] or first) - int(before[2] or first) - 1)
    return 0


def gap_text(one: str, other: str) -> str | None:
    """The clause that files are missing between these two; None if none are."""
    count = missing_between(one, other)
    if not count:
        return None
    files = "a file is" if count == 1 else f"{count:,} files are"
    return f"{files} missing between {os.path.basename(one)} and {os.path.basename(other)}"  # noqa: PTH119
