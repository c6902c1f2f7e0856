"""What becomes of a capture before somebody reads it: mirrors of one direction, snap lengths. By Wireshark's tools."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.site.ground import PHONE_MAC


def _tool(*words: object) -> None:
    subprocess.run([*map(str, words)], check=True, capture_output=True)


def snapped(size: int) -> Callable[[Path], None]:
    """The file as a snap length leaves it."""

    def edit(file: Path) -> None:
        whole_file = file.rename(file.with_suffix(".whole.pcap"))
        _tool("editcap", "-F", "pcap", "-s", size, whole_file, file)

    return edit


def mirrored(phone_sent: bool) -> Callable[[Path], None]:
    """The file as a mirror of one direction gives it."""

    def edit(file: Path) -> None:
        both = file.rename(file.with_suffix(".both.pcap"))
        wanted = f"eth.src == {PHONE_MAC}"
        _tool("tshark", "-r", both, "-F", "pcap", "-Y", wanted if phone_sent else f"!({wanted})", "-w", file)

    return edit


def two_clocks(seconds: float) -> Callable[[Path], None]:
    """The file as two taps give it, of which the one for what servers send has another clock."""

    def edit(file: Path) -> None:
        both, mine, theirs, moved = (file.with_suffix(f".{name}.pcap") for name in ("both", "mine", "theirs", "moved"))
        file.rename(both)
        _tool("tshark", "-r", both, "-F", "pcap", "-Y", f"eth.src == {PHONE_MAC}", "-w", mine)
        _tool("tshark", "-r", both, "-F", "pcap", "-Y", f"!(eth.src == {PHONE_MAC})", "-w", theirs)
        _tool("editcap", "-F", "pcap", "-t", seconds, theirs, moved)
        _tool("mergecap", "-F", "pcap", "-w", file, mine, moved)

    return edit
