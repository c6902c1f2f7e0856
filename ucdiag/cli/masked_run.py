"""``--mask``: what every output of a run is masked with, and the masked copy of a capture."""

import os
import struct
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ucdiag.capture.writer import Writer
from ucdiag.cli.changed_phones import changed_phones
from ucdiag.cli.typed_options import typed_options
from ucdiag.masking.learning import learn_host, learn_record, learn_report
from ucdiag.masking.mask import Mask
from ucdiag.masking.packets import PacketMasker
from ucdiag.masking.report import ReportMasker
from ucdiag.masking.unwrapping import unwrap_frame
from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone_classes import PREFIXES
from ucdiag.model.report import Report
from ucdiag.wire.link.link_layer import ETHERNET

if TYPE_CHECKING:
    from ucdiag.model.observations import Observation

_HOSTS = frozenset(
    {"domain", "sip_domain", "nameserver", "server", "address", "url", "host", "host_header", "connect_to"}
)
_HOSTS |= frozenset({"proxy", "assume", "relay", "query"})
_WORDS = frozenset({"serial", "site", "user"})
# Options whose values, files mostly, are shown in commands of the advice alone.
_PRIVATE = frozenset({"--ca", "--body", "--profile", "--circuit-id"})
_SHORT = 3  # letters, which may be a part of any word


@record(slots=True)
class MaskedCopy:
    """What became of the packets: the new number of each frame by its old one, and what has to be said."""

    frames: dict[int, int]
    notes: tuple[str, ...]


class MaskedRun:
    """The masks of one run. All that is secret is learnt before the first thing is masked."""

    def __init__(self, files: Iterable[str] = ()) -> None:
        self.mask = Mask(os.urandom(32), (bytes.fromhex(prefix.replace(":", "")) for prefix in PREFIXES))
        self._names: dict[str, str] = {}
        for number, name in enumerate(files, 1):
            shown = f"capture-{number}"
            self._names.setdefault(name, shown)
            if len(os.path.basename(name)) > 3:  # noqa: PTH119 - pathlib is slow to import
                self._names.setdefault(os.path.basename(name), shown)  # noqa: PTH119

    def call(self, name: str, instead: str) -> None:
        """A text, such as the name of a temporary file, is shown as another one."""
        self._names[name] = instead

    def learn_options(self, values: dict[str, Any]) -> None:
        """The secrets that the user gave."""
        for name, value in values.items():
            for text in _texts_in(value):
                if name in _HOSTS:
                    learn_host(self.mask, text)
                elif name in _WORDS:
                    self.mask.learn_name(text)
                elif name == "mac":
                    self.mask.learn_mac(text)
        for option, value in typed_options():
            if option in _PRIVATE and value is not None and len(value) > _SHORT:
                self.call(value, f"<value of {option}>")

    def learn_report(self, report: Report) -> None:
        """The secrets in the facts of a report."""
        learn_report(self.mask, report)

    def learn_packets(self, name: str, ports: frozenset[int]) -> "MaskedPackets":
        """The secrets in the packets of a copy that ``Writer`` wrote."""
        return MaskedPackets(self.mask, name, ports)

    def report(self, report: Report) -> Report:
        """The report with masks."""
        masker = ReportMasker(self.mask, self._names)
        shown = masker.mask_record(replace(report, phones=()))
        return replace(shown, phones=changed_phones(report.phones, masker.mask_record))

    def as_they_come(self) -> None:
        """What is learnt from now on changes no mask that was given before."""
        self.mask.frozen = True

    def fact(self, fact: "Observation") -> "Observation":
        """One fact by itself, with masks."""
        learn_record(self.mask, fact)
        return ReportMasker(self.mask, self._names).mask_record(fact)

    def text(self, text: str) -> str:
        """A text with masks."""
        return ReportMasker(self.mask, self._names).mask_text(text)

    def mac(self, mac: str) -> str:
        """A MAC address with its mask."""
        return self.mask.mask_mac(bytes.fromhex(mac.replace(":", ""))).hex(":")


class MaskedPackets:
    """The packets of a copy, whose secrets are learnt at once."""

    def __init__(self, mask: Mask, name: str, ports: frozenset[int]) -> None:
        self._packets = _Frames(name)
        self._masker = PacketMasker(mask, self._packets.frames, ports)
        self._masker.learn_secrets()

    def write(self, name: str) -> MaskedCopy:
        """Write the packets, masked. Raises CannotTest."""
        packets, masker = self._packets, self._masker
        frames: dict[int, int] = {}
        writer = Writer(name, packets.links[0], replace=True)
        try:
            writer.begin_file()
            for link in packets.links[1:]:
                writer.write(writer.interface_block(link))
            for number, (packet, details) in enumerate(zip(masker.rewrite_frames(), packets.details, strict=True), 1):
                if packet is not None:
                    frames[number] = len(frames) + 1
                    writer.write(writer.packet_record(details[0], packet, details[1], details[2]))
            if packets.ended:
                writer.write_end(packets.ended, packets.lost)
            writer.keep()
        finally:
            writer.close()
        return MaskedCopy(frames, tuple(_masking_notes(masker)))


def _masking_notes(masker: PacketMasker) -> Iterable[str]:
    if masker.left_out:
        what = ", ".join(f"{count:,} of {name}" for name, count in sorted(masker.left_out.items()))
        yield f"Packets that cannot be masked, or are not of a phone's path, were left out: {what}."
    if masker.changed:
        yield f"Blanked in the packets: {'; '.join(sorted(masker.changed))}."


class _Frames:
    """The packets of a pcapng file that ``Writer`` wrote, in memory: link type and bytes, and what stands beside."""

    def __init__(self, name: str) -> None:
        self.links: list[int] = []  # of the frames, each once
        self._interfaces: list[int] = []
        self.frames: list[tuple[int, bytes]] = []
        self.details: list[tuple[int, int, int]] = []  # nanoseconds, length on the wire, interface
        self.ended = 0
        self.lost: int | None = None
        with open(name, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            while len(head := file.read(8)) == 8:
                kind, size = struct.unpack("<II", head)
                body = file.read(size - 8)
                self._add_block(kind, body)
        if not self.links:
            self.links.append(self._interfaces[0] if self._interfaces else ETHERNET)

    def _add_block(self, kind: int, body: bytes) -> None:
        if kind == 1:
            self._interfaces.append(int.from_bytes(body[:2], "little"))
        elif kind == 6:
            interface, high, low, size, length = struct.unpack_from("<IIIII", body)
            frame = body[20 : 20 + size]
            link, inner = unwrap_frame(self._interfaces[interface], frame)
            self.frames.append((link, inner))
            if link not in self.links:
                self.links.append(link)
            length = max(length - len(frame) + len(inner), len(inner))
            self.details.append((high << 32 | low, length, self.links.index(link)))
        elif kind == 5:
            _, high, low = struct.unpack_from("<III", body)
            self.ended = high << 32 | low
            at = body.find(struct.pack("<HH", 5, 8), 12)
            self.lost = int.from_bytes(body[at + 4 : at + 12], "little") if at >= 0 else None


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from _texts_in(item)
