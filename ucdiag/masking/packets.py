"""Masks the packets of a capture: first all are looked at for secrets, then all are rewritten in their places.

The bytes of TCP are masked as a stream, since a word may begin in one segment and end in the next. What is not of a
phone's path, or cannot be read, is left out, and so is a packet in which a secret can still be found at the end.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from ucdiag.masking.checksums import mend_checksums
from ucdiag.masking.dhcp import learn_dhcp, mask_dhcp
from ucdiag.masking.dns import learn_dns, mask_dns
from ucdiag.masking.http import learn_http, mask_http
from ucdiag.masking.layers import ICMP, TCP, UDP, Layers, LeftOut, ip_header, layers_of
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.masking.tls import is_tls, learn_tls, mask_tls
from ucdiag.model.fast_dataclass import record

_DNS, _DHCP = 53, (67, 68)
_DHCP_PORTS = frozenset({b"\0\x43", b"\0\x44"})
_SEQUENCES = 1 << 32
_SYN = 2
_STREAM_MOST = 1 << 28

Key = tuple[bytes, int, int]  # addresses, ports, and which of the connections between them


@record(frozen=True, slots=True)
class _Piece:
    """The payload of a segment: its place in its stream, in its frame, and which frame."""

    sequence: int
    start: int
    end: int
    frame: int


class PacketMasker:
    """Masks ``frames``: the link type, and the bytes of each. ``ports`` are those of TCP that are watched.

    ``left_out`` counts what was left out, ``changed`` what was blanked, by what it is.
    """

    def __init__(self, mask: Mask, frames: Sequence[tuple[int, bytes]], ports: frozenset[int]) -> None:
        self._mask = mask
        self._frames = frames
        self._ports = ports | {_DNS, 5061}
        self._layers: list[Layers | None] = []
        self._streams: dict[Key, list[_Piece]] = {}
        self._opened: dict[tuple[bytes, int], tuple[int, int]] = {}
        self._askers: set[tuple[bytes, int]] = set()
        self.left_out: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        for number, (link, frame) in enumerate(frames):
            self._layers.append(self._read_layers(number, link, frame))

    def _read_layers(self, number: int, link: int, frame: bytes) -> Layers | None:
        try:
            layers = layers_of(link, frame)
            self._check_protocol(layers, frame)
        except LeftOut as left:
            self.left_out[str(left)] += 1
            return None
        if layers.protocol == TCP:
            self._add_segment(number, layers, frame)
        return layers

    def _check_protocol(self, layers: Layers, frame: bytes) -> None:
        """Raises LeftOut for what is not of a phone's path."""
        if layers.arp:
            return
        inner = layers.inner
        ports = int.from_bytes(frame[inner : inner + 2], "big"), int.from_bytes(frame[inner + 2 : inner + 4], "big")
        if layers.protocol == ICMP:
            if frame[inner : inner + 1] not in (b"\3", b"\x0b"):
                raise LeftOut("ICMP that is no error")
            return
        if layers.end < inner + (14 if layers.protocol == TCP else 8):
            raise LeftOut("frames that are cut")
        if layers.protocol == TCP:
            if self._ports.isdisjoint(ports):
                raise LeftOut("TCP of other ports")
        elif ports[0] != _DNS and ports[1] != _DNS and not {*ports} & {*_DHCP}:
            source = bytes(frame[layers.network + 16 : layers.network + 20]), ports[1]
            if source not in self._askers:
                raise LeftOut("UDP other than DHCP and DNS")
        elif ports[1] == _DNS:
            self._askers.add((bytes(frame[layers.network + 12 : layers.network + 16]), ports[0]))

    def _add_segment(self, number: int, layers: Layers, frame: bytes) -> None:
        """Puts a segment into its stream. A SYN with another number begins a new one."""
        at = layers.inner
        ends = bytes(frame[layers.network + 12 : layers.network + 20])
        ports = int.from_bytes(frame[at : at + 4], "big")
        sequence = int.from_bytes(frame[at + 4 : at + 8], "big")
        key = (ends, ports)
        begun = self._opened.get(key)
        if begun is None or (frame[at + 13] & _SYN and begun[1] != sequence):
            begun = self._opened[key] = (begun[0] + 1 if begun else 0, sequence)
        if layers.end > layers.payload:
            relative = (sequence - begun[1] + (1 << 31)) % _SEQUENCES - (1 << 31) + (1 if frame[at + 13] & _SYN else 0)
            piece = _Piece(relative, layers.payload, layers.end, number)
            self._streams.setdefault((ends, ports, begun[0]), []).append(piece)

    # The first look.

    def learn_secrets(self) -> None:
        """Learns the secrets of all packets."""
        mask = self._mask
        for (_, frame), layers in zip(self._frames, self._layers, strict=True):
            if layers is None:
                continue
            for at in layers.macs:
                mask.learn_mac(frame[at : at + 6])
            at = layers.network
            if layers.arp:
                mask.learn_mac(frame[at + 8 : at + 14])
                mask.learn_mac(frame[at + 18 : at + 24])
                mask.learn_address(frame[at + 14 : at + 18])
                mask.learn_address(frame[at + 24 : at + 28])
                continue
            mask.learn_address(frame[at + 12 : at + 16])
            mask.learn_address(frame[at + 16 : at + 20])
            if layers.protocol == UDP:
                self._learn_datagram(layers, frame)
            elif layers.protocol == ICMP and len(frame) >= layers.payload + 20:
                self._learn_quoted(layers, frame)
        for key, pieces in self._streams.items():
            for _, data, _ in self._contiguous_spans(pieces):
                self._learn_stream(key, bytes(data))

    def _learn_quoted(self, layers: Layers, frame: bytes) -> None:
        """Learn the packet that an ICMP error quotes: it need not be in the capture itself."""
        at = layers.payload
        self._mask.learn_address(frame[at + 12 : at + 16])
        self._mask.learn_address(frame[at + 16 : at + 20])
        try:
            protocol, inner, _, _ = ip_header(frame, at)
        except LeftOut:
            return
        ports, payload = frame[inner : inner + 4], frame[inner + 8 : layers.end]
        if protocol == UDP and _has_dns_port(ports):
            learn_dns(self._mask, payload)
        elif protocol == UDP and _has_dhcp_port(ports):
            learn_dhcp(self._mask, payload)

    def _learn_datagram(self, layers: Layers, frame: bytes) -> None:
        payload = frame[layers.payload : layers.end]
        if self._is_dhcp(layers, frame):
            learn_dhcp(self._mask, payload)
        else:
            learn_dns(self._mask, payload)

    @staticmethod
    def _is_dhcp(layers: Layers, frame: bytes) -> bool:
        at = layers.inner
        return _has_dhcp_port(frame[at : at + 4])

    def _learn_stream(self, key: Key, data: bytes) -> None:
        if _is_dns(key):
            for start, end in _messages_of_dns(data):
                learn_dns(self._mask, data[start:end])
        elif is_tls(data):
            learn_tls(self._mask, data)
        else:
            learn_http(self._mask, data)

    def _contiguous_spans(self, pieces: list[_Piece]) -> Iterator[tuple[int, bytearray, list[_Piece]]]:
        """The spans of a stream without a hole: where each begins, its bytes, and the pieces that it is made of."""
        begin, data, parts = 0, bytearray(), list[_Piece]()
        for piece in sorted(pieces, key=lambda piece: piece.sequence):
            at = piece.sequence - begin
            if parts and at <= len(data) < _STREAM_MOST:
                size = piece.end - piece.start
                if at + size > len(data):
                    data += self._frames[piece.frame][1][piece.start + len(data) - at : piece.end]
                parts.append(piece)
                continue
            if parts:
                yield begin, data, parts
            begin, data, parts = piece.sequence, bytearray(self._piece_bytes(piece)), [piece]
        if parts:
            yield begin, data, parts

    def _piece_bytes(self, piece: _Piece) -> bytes:
        return self._frames[piece.frame][1][piece.start : piece.end]

    # The second look.

    def rewrite_frames(self) -> list[bytes | None]:
        """Every frame with masks; None for those that are left out."""
        scrubber = Scrubber(self._mask)
        made: list[bytearray | None] = []
        for (_, frame), layers in zip(self._frames, self._layers, strict=True):
            made.append(self._masked_frame(scrubber, layers, frame) if layers is not None else None)
        for key, pieces in self._streams.items():
            for begin, data, parts in self._contiguous_spans(pieces):
                self._write_segments(
                    scrubber, begin, bytes(data), self._masked_stream(scrubber, key, bytes(data)), parts, made
                )
        done: list[bytes | None] = []
        for (_, frame), layers, new in zip(self._frames, self._layers, made, strict=True):
            if layers is None or new is None:
                done.append(None)
                continue
            if not layers.arp:
                mend_checksums(frame, new, layers.network)
            done.append(self._checked_frame(bytes(new), layers, scrubber))
        return done

    def _masked_frame(self, scrubber: Scrubber, layers: Layers, frame: bytes) -> bytearray:
        mask, new, at = self._mask, bytearray(frame), layers.network
        for place in layers.macs:
            new[place : place + 6] = mask.mask_mac(frame[place : place + 6])
        # What a switch or a card put behind the packet is of nobody's use.
        if layers.end < len(frame):
            new[layers.end :] = bytes(len(frame) - layers.end)
        if layers.arp:
            for place in (at + 8, at + 18):
                new[place : place + 6] = mask.mask_mac(frame[place : place + 6])
            for place in (at + 14, at + 24):
                new[place : place + 4] = mask.mask_address(frame[place : place + 4])
            return new
        self._mask_ends(new, frame, at)
        payload = frame[layers.payload : layers.end]
        if layers.protocol == UDP:
            if self._is_dhcp(layers, frame):
                payload = mask_dhcp(mask, scrubber, payload)
            else:
                payload = mask_dns(mask, scrubber, payload)
            new[layers.payload : layers.end] = payload
        elif layers.protocol == ICMP:
            self._mask_quoted(scrubber, new, frame, layers)
        return new

    def _mask_ends(self, new: bytearray, frame: bytes, at: int) -> None:
        for place in (at + 12, at + 16):
            if place + 4 <= len(frame):
                new[place : place + 4] = self._mask.mask_address(frame[place : place + 4])

    def _mask_quoted(self, scrubber: Scrubber, new: bytearray, frame: bytes, layers: Layers) -> None:
        """The packet that an ICMP error quotes."""
        at = layers.payload
        try:
            protocol, inner, _, _ = ip_header(frame, at)
        except LeftOut:
            new[at : layers.end] = bytes(layers.end - at)
            return
        self._mask_ends(new, frame, at)
        beyond = inner + 8
        if beyond >= layers.end:
            return
        payload = frame[beyond : layers.end]
        ports = frame[inner : inner + 4]
        if protocol == UDP and _has_dns_port(ports):
            payload = mask_dns(self._mask, scrubber, payload)
        elif protocol == UDP and _has_dhcp_port(ports):
            payload = mask_dhcp(self._mask, scrubber, payload)
        elif protocol == TCP:
            header = max((payload[4] >> 4) * 4 - 8, 12) if len(payload) > 4 else len(payload)
            payload = payload[:header] + bytes(len(payload) - min(header, len(payload)))
        else:
            payload = bytes(len(payload))
        new[beyond : layers.end] = payload

    def _masked_stream(self, scrubber: Scrubber, key: Key, data: bytes) -> bytes:
        if _is_dns(key):
            made = bytearray(data)
            for start, end in _messages_of_dns(data):
                made[start:end] = mask_dns(self._mask, scrubber, data[start:end])
            return bytes(made)
        if is_tls(data):
            self.changed["what is encrypted, and the keys and signatures of certificates"] += 1
            return mask_tls(self._mask, scrubber, data)
        made_, blanked = mask_http(self._mask, scrubber, data)
        self.changed.update(blanked)
        return made_

    def _write_segments(
        self,
        scrubber: Scrubber,
        begin: int,
        old: bytes,
        new: bytes,
        parts: list[_Piece],
        made: Sequence[bytearray | None],
    ) -> None:
        """Puts a masked stream back into its segments."""
        for piece in parts:
            frame = made[piece.frame]
            if frame is None:
                continue
            at, size = piece.sequence - begin, piece.end - piece.start
            mine = self._piece_bytes(piece)
            # What was sent again otherwise than before is masked by itself.
            same = old[at : at + size] == mine
            frame[piece.start : piece.end] = new[at : at + size] if same else scrubber.scrub(mine)

    def _checked_frame(self, new: bytes, layers: Layers, scrubber: Scrubber) -> bytes | None:
        """The frame, unless a secret is still in what it carries."""
        if scrubber.finds_secret(new[layers.payload : layers.end]):
            self.left_out["packets in which something could not be masked"] += 1
            return None
        return new


def _has_dns_port(ports: bytes) -> bool:
    """Whether one of the two ports is that of DNS."""
    return b"\0\x35" in (ports[:2], ports[2:4])


def _has_dhcp_port(ports: bytes) -> bool:
    """Whether one of the two ports is DHCP's: a relay may have another one (RFC 8357)."""
    return not _DHCP_PORTS.isdisjoint((ports[:2], ports[2:4]))


def _is_dns(key: Key) -> bool:
    return _DNS in (key[1] >> 16, key[1] & 0xFFFF)


def _messages_of_dns(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the messages of DNS over TCP are."""
    at = 0
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        yield at + 2, min(at + 2 + size, len(data))
        at += 2 + size
