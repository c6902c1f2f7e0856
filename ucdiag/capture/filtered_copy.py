"""Writes the packets of the update path to another file while a capture is read, as a live capture with ``-w`` does.

The file gets the packets that the kernel's filter would pass (see ``bpf.py``), those wrapped in MPLS or SNAP as well;
with ``everything`` also IPv6. Only packets of the new file are judged, so frame numbers are those of the new file. Of a
capture from a pipe it is often the only copy.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.file_reader import CaptureFileReader, CaptureFormat
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.read_buffer import LONGEST
from ucdiag.capture.writer import Writer
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import (
    ARP,
    ETHERNET,
    IPV4,
    IPV6,
    LINUX_SLL,
    LINUX_SLL2,
    PLAIN,
    VLAN_TAGS,
    WRAPPERS,
)
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.watched import ICMP, ICMP_ERRORS, TCP, TUNNEL_PROTOCOLS, UDP, UDP_PORTS

if TYPE_CHECKING:
    from ucdiag.wire.tls.secrets import TlsSecrets

_TYPED = frozenset({ETHERNET, LINUX_SLL, LINUX_SLL2})
_SNAP = 0xAA
# From the IPv4 header: version and length, fragment, protocol.
_IP = struct.Struct(">B5xHxB").unpack_from
_HALF = struct.Struct(">H").unpack_from
_TWO_HALVES = struct.Struct(">HH").unpack_from


class FilteringCopier(PacketPrefilter):
    """A ``PacketPrefilter`` whose sets stay empty, so that the loops of the readers pass every packet on.

    ``kept`` counts the packets in the file, ``problem`` is why not all could be written. The file is made when
    its link type is known. With ``replace``, one that is there stays until all could be written.
    """

    def __init__(self, observer: PacketTracker, name: str, clock_steps: ClockSteps, *, replace: bool = False) -> None:
        super().__init__(observer)
        self.dns_hosts = None
        self.counts_runs = False
        self.kept = 0
        self.problem: Problem | None = None
        self._name, self._replace = name, replace
        self._judge = PacketPrefilter(observer, clock_steps)
        self._everything = observer.interest.everything
        self._tcp_ports = observer.ports
        self._writer: Writer | None = None
        self._links: dict[int, int] = {}
        # Key logs of the captures, as long as there is no file to put them in, and how many could not be kept.
        self._secrets: list[bytes] = []
        self.lost_secrets = 0
        self._written: list[bytes] = []
        self._at = (ETHERNET, *PLAIN[ETHERNET])

    def use_format(self, link: int, clock: Callable[[int], int], stamp: str, stamp_at: int, head: int) -> None:
        super().use_format(link, clock, stamp, stamp_at, head)
        self.ignored_ethertypes = set()
        self._judge.use_format(link, clock, stamp, stamp_at, head)
        self._at = (link, *PLAIN.get(link, (0, 0)))
        self._length_of = struct.Struct(f"{stamp[0]}I").unpack_from
        # How long it was on the wire stands before the packet; Kuznetsov's variant has more behind it.
        self._length_at = 12 if head == 24 else head - 4

    def settle_runs(self, view: memoryview) -> None:
        """A piece was read: write its packets."""
        super().settle_runs(view)
        self.flush()

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        start = at + self._head
        if not self._packet_matters(view, start, start + size):
            return
        self.kept += 1
        if self.problem is None:
            self._keep_packet(view, at, start, size)
        self._judge.take_packet(view, at, size, mark, self.kept, shift, key)

    def use_secrets(self) -> None:
        super().use_secrets()
        self._judge.use_secrets()

    def keep_secrets(self, text: bytes) -> None:
        """A key log that a capture holds. It stands before all packets that come later."""
        if self._writer is None:
            self._secrets.append(text)
        elif self.problem is None:
            self._written.append(self._put_secrets(self._writer, text))

    def _put_secrets(self, writer: Writer, text: bytes) -> bytes:
        self.lost_secrets += not writer.keeps_secrets
        return writer.secrets_block(text)

    def flush(self) -> None:
        """Writes what was kept up to here."""
        if not self._written:
            return
        records = b"".join(self._written)
        self._written.clear()
        if self._writer is None:
            return
        try:
            self._writer.write(records)
        except CannotTest as cannot:
            self.problem = Problem(code=cannot.code, text=cannot.text)

    def close(self, end: int, lost: int) -> None:
        """All was read, up to the time ``end``. A file without packets is one too."""
        try:
            if self.problem is None:
                self._interface_number(self._at[0])
                if self._writer is not None:
                    self._writer.begin_file()
                self.flush()
            if self.problem is None and self._writer is not None and end:
                self._writer.write_end(end * 1000, lost)
            if self.problem is None and self._writer is not None:
                self._writer.keep()
        except CannotTest as cannot:
            self.problem = Problem(code=cannot.code, text=cannot.text)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Stop writing. The file ends with a whole packet."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _keep_packet(self, view: memoryview, at: int, start: int, size: int) -> None:
        try:
            interface = self._interface_number(self._at[0])
        except CannotTest as cannot:
            self.flush()
            self.problem = Problem(code=cannot.code, text=cannot.text)
            return
        if self._writer is None:
            return
        packet = bytes(view[start : start + min(size, LONGEST)])
        length = max(self._length_of(view, at + self._length_at)[0], size)
        self._written.append(
            self._writer.packet_record(self._packet_time(view, at, self.kept) * 1000, packet, length, interface)
        )

    def _interface_number(self, link: int) -> int:
        """The number, in the file, of the interface for a link type. Raises CannotTest."""
        if link not in self._links:
            if self._writer is None:
                self._writer = Writer(self._name, link, replace=self._replace)
                self._written += [self._put_secrets(self._writer, text) for text in self._secrets]
                self._secrets.clear()
            else:
                self._written.append(self._writer.interface_block(link))
            self._links[link] = len(self._links)
        return self._links[link]

    def _packet_matters(self, view: memoryview, start: int, end: int) -> bool:
        link, kind_at, ip_at = self._at
        head = start + ip_at
        if link not in PLAIN or head + 2 > end:
            return link not in PLAIN
        if link not in _TYPED:
            version = view[head] >> 4
            return self._ip_matters(view, head, end) if version == 4 else version != 6 or self._everything
        kind = _HALF(view, start + kind_at)[0]
        if kind in VLAN_TAGS:
            if head + 4 > end:
                return False
            kind = _HALF(view, head + 2)[0]
            head += 4
            if kind in VLAN_TAGS:
                return True
        if kind == IPV4:
            return self._ip_matters(view, head, end)
        if kind == IPV6:
            return self._everything
        return kind == ARP or kind in WRAPPERS or (kind < 0x0600 and head < end and view[head] == _SNAP)

    def _ip_matters(self, view: memoryview, head: int, end: int) -> bool:
        if head + 10 > end:
            return False
        version, piece, protocol = _IP(view, head)
        if protocol in (TCP, UDP):
            if piece & 0x3FFF:
                return True
            inner = head + (version & 15) * 4
            ports = self._tcp_ports if protocol == TCP else UDP_PORTS
            if inner + 4 > end:
                return inner + 2 <= end and _HALF(view, inner)[0] in ports
            source, destination = _TWO_HALVES(view, inner)
            if source in ports or destination in ports:
                return True
            # An answer of DNS from another port than was asked.
            client = bytes(view[head + 16 : head + 20])
            return protocol == UDP and self.observer.lookups.expects_answer(client, destination)
        if protocol == ICMP:
            inner = head + (version & 15) * 4
            return inner < end and view[inner] in ICMP_ERRORS
        return protocol in TUNNEL_PROTOCOLS


class CopyingFileReader(CaptureFileReader):
    """A ``CaptureFileReader`` that keeps what matters in the file ``write``; ``-`` is standard output.

    ``of_captures`` are the key logs that the captures themselves hold, where those were looked for before: then they
    stand before all packets. A file that ``write`` names then stays until all could be written: they can be read
    again.
    """

    _numbers_are_its_own = False

    def __init__(
        self,
        interest: HostFilter,
        *,
        write: str,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        limit: int | None = None,
        secrets: "TlsSecrets | None" = None,
        of_captures: Sequence[bytes] | None = None,
    ) -> None:
        self._name, self._again = write, of_captures is not None
        super().__init__(
            interest,
            ports=ports,
            patience=patience,
            limit=limit,
            make_prefilter=self._make_copier,
            secrets=secrets,
            all_secrets=of_captures is not None,
        )
        for text in of_captures or ():
            self._copier.keep_secrets(text)

    def _make_copier(self, observer: PacketTracker, clock_steps: ClockSteps, cached: int) -> FilteringCopier:
        self._copier = FilteringCopier(observer, self._name, clock_steps, replace=self._again)
        return self._copier

    @property
    def problem(self) -> Problem | None:
        """Why not all could be kept."""
        return self._copier.problem

    def read(self, names: Sequence[str]) -> Iterator[Observation | Problem | None]:
        """See ``CaptureFileReader``. The last item says how frames are numbered."""
        try:
            for item in super().read(names):
                if isinstance(item, Extent):
                    if self.unread and not self._copier.kept:
                        self._copier.abandon()  # nothing was read: what was there stays
                    # Its packets have their times as they were read.
                    else:
                        self._copier.close(item.end - self._clock_steps.shift, item.lost or 0)
                    yield self.problem or self._numbering_note()
                    if self._copier.lost_secrets:
                        yield self._secrets_lost()
                yield item
        finally:
            self._copier.abandon()

    def _take_secrets(self, text: bytes) -> None:
        if not self._all_secrets:
            self._copier.keep_secrets(text)
        super()._take_secrets(text)

    def _note_progress(self, reader: CaptureFormat, shift: int) -> None:
        super()._note_progress(reader, shift)
        self._copier.flush()

    def _secrets_lost(self) -> Problem:
        text = f"The captures hold secrets of TLS, for which {self._name} has no place: write to a name in .pcapng."
        return Problem(code="keylog-incomplete", text=text)

    def _numbering_note(self) -> Problem:
        where = "standard output" if self._name == "-" else self._name
        text = f"Frame numbers are those of {where}, where {self._copier.kept:,} of the {self.packets:,} packets are."
        return Problem(code="frames-of-copy", text=text)
