"""What is secret in one run, and what takes its place: always the same for the same, as long, and of its kind."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ucdiag.masking.vocabulary import ENDS, is_public, needs_bounds, words_of
from ucdiag.model.patterns import pattern

_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
# Addresses that are no host's of a site: they stay.
_NO_HOSTS = frozenset({bytes(4), b"\xff" * 4})
_LOOPBACK, _LINK_LOCAL, _MULTICAST = 127, (169, 254), 224
# MAC addresses that are of protocols, not of devices: VRRP, HSRP.
_VIRTUAL = (b"\0\0\x5e", b"\0\0\x0c\x07\xac")
_SPLIT = pattern(r"[^0-9A-Za-z_\-\u0080-\U0010ffff]+")
_LONGEST = 255
_TRIES = 64


class Mask:
    """The secrets of one run: ``words`` (in lower case) and their masks, addresses and MAC addresses likewise.

    ``key`` makes the masks: with it the mask of a guessed value can be computed. ``kept_makers`` are the first three
    bytes of the MAC addresses of these phones' makers, which stay, since they show that it is such a phone.
    """

    def __init__(self, key: bytes, kept_makers: Iterable[bytes] = ()) -> None:
        self._key = key
        self._kept_makers = frozenset(kept_makers)
        self.words: dict[str, str] = {}
        self.addresses: dict[bytes, bytes] = {}
        self.macs: dict[bytes, bytes] = {}
        self.bound: set[str] = set()
        self.changes = 0  # grows with every secret
        self._octets: dict[bytes, dict[int, int]] = {}
        self._branches: dict[bytes, set[int]] = {}
        self._taken: set[str] = set()
        self.public_macs: set[bytes] = set()  # that of the test phone
        #: Masks are asked for before all secrets are known: what is learnt later takes no account of those before.
        self.frozen = False

    def _keyed_number(self, what: str, data: bytes, most: int) -> int:
        digest = hmac.digest(self._key, what.encode() + b"\0" + data, "sha256")
        return int.from_bytes(digest[:8], "big") % most

    # Words.

    def learn_name(self, name: str | None) -> None:
        """A host's or a domain's name: each of its labels is a secret, but for the public ones."""
        parts = [part for part in _SPLIT.split((name or "")[:1024]) if part]
        if len(parts) > 1 and (parts[-1].lower() in ENDS or parts[-1].lower() in _COUNTRIES):
            parts.pop()
        for part in parts:
            self.learn_word(part)

    def learn_word(self, word: str) -> None:
        """A word that is a secret wherever it stands."""
        word = word.strip("-_ \t").lower()
        if not word or word in self.words or len(word) < 2 or len(word) > _LONGEST or is_public(word):
            return
        if (len(word) < 3 and not word.isalpha()) or (word.isdigit() and len(word) < 5):
            return
        self.words[word] = self._make_word_mask(word)
        self.changes += 1
        if needs_bounds(word):
            self.bound.add(word)

    def _make_word_mask(self, word: str) -> str:
        for attempt in range(_TRIES):
            made = "".join(self._masked_character(word, at, attempt) for at in range(len(word)))
            if made not in self._taken and made not in self.words and made != word and not is_public(made):
                break
        self._taken.add(made)
        return made

    def _masked_character(self, word: str, at: int, attempt: int) -> str:
        character = word[at]
        seed = f"{word}\0{at}\0{attempt}".encode("utf-8", "surrogatepass")
        if character in _LETTERS:
            # Consonants alone: no word of any language comes of it by chance.
            return _CONSONANTS[self._keyed_number("letter", seed, len(_CONSONANTS))]
        if character in _DIGITS:
            return _DIGITS[self._keyed_number("digit", seed, 10)]
        size = len(character.encode("utf-8", "surrogatepass"))
        first = {2: 0xE0, 3: 0x4E00, 4: 0x20000}.get(size)
        return character if first is None else chr(first + self._keyed_number("other", seed, 23))

    def mask_word(self, word: str) -> str:
        """The mask of a word as it is spelt; one that is no secret stays."""
        made = self.words.get(word.lower())
        if made is None:
            return word
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, made, strict=False))

    # Addresses of IPv4.

    def learn_address(self, address: bytes | str | None) -> None:
        """The IPv4 address of a host: packed, or as text."""
        packed = _packed_address(address) if isinstance(address, str) else address
        if packed is None or len(packed) != 4 or packed in self.addresses or _is_special_address(packed):
            return
        self.addresses[packed] = packed  # its mask is made when all are known
        self.changes += 1
        if not self.frozen:
            for size in range(4):
                self._branches.setdefault(packed[:size], set()).add(packed[size])
            self._octets.clear()

    def mask_address(self, packed: bytes) -> bytes:
        """The mask of an IPv4 address, which keeps prefixes, classes and the length of its text."""
        if len(packed) != 4 or _is_special_address(packed):
            return packed
        return bytes(self._masked_octet(packed[:at], packed[at]) for at in range(4))

    def mask_prefix(self, octets: bytes) -> bytes:
        """The mask of the first octets of an address, as names of reverse zones have them."""
        if len(octets) == 4:
            return self.mask_address(octets)
        if not octets:
            return octets
        if _is_special_address((octets + bytes(4))[:4]):
            return octets
        return bytes(self._masked_octet(octets[:at], octets[at]) for at in range(len(octets)))

    def _masked_octet(self, prefix: bytes, octet: int) -> int:
        table = self._octets.get(prefix)
        if table is None:
            table = self._octets[prefix] = self._octet_permutation(prefix)
        return table[octet]

    def _octet_permutation(self, prefix: bytes) -> dict[int, int]:
        """A permutation of the octets behind a prefix, within classes and numbers of digits. Those that the
        originals have there are avoided as far as there are others."""
        classes: dict[tuple[object, int], list[int]] = {}
        for octet in range(256):
            classes.setdefault((_octet_class(prefix, octet), len(str(octet))), []).append(octet)
        used = self._branches.get(prefix, set())
        table: dict[int, int] = {}
        for (kind, _), octets in classes.items():
            if kind == "kept":
                table.update((octet, octet) for octet in octets)
                continue
            shuffled = sorted(octets, key=lambda octet: self._keyed_number("octet", prefix + bytes([octet]), 1 << 62))
            wanted = [octet for octet in octets if octet in used]
            free = [octet for octet in shuffled if octet not in used] + [octet for octet in shuffled if octet in used]
            table.update(_match_octets(wanted, free))
            taken = set(table.values())
            rest = [octet for octet in octets if octet not in table]
            table.update(_pair_octets(rest, [octet for octet in free if octet not in taken]))
        return table

    # MAC addresses.

    def learn_mac(self, mac: bytes | str | None) -> None:
        """The MAC address of a device."""
        if isinstance(mac, str):
            try:
                mac = bytes.fromhex(mac.replace(":", "").replace("-", ""))
            except ValueError:
                return
        if mac is None or len(mac) != 6 or mac in self.macs or mac in self.public_macs or mac[0] & 1:
            return
        if not any(mac) or mac.startswith(_VIRTUAL):
            return
        self.macs[mac] = self._make_mac_mask(mac)
        self.changes += 1

    def mask_mac(self, mac: bytes) -> bytes:
        """The mask of a MAC address; those of groups and of protocols stay."""
        return self.macs.get(mac, mac)

    def _make_mac_mask(self, mac: bytes) -> bytes:
        taken = set(self.macs.values()) | set(self.macs)
        for attempt in range(_TRIES):
            seed = mac + bytes([attempt])
            maker = mac[:3]
            if maker not in self._kept_makers:
                # Locally administered: no maker's.
                maker = b"\x02" + self._keyed_number("maker", mac[:3], 1 << 16).to_bytes(2, "big")
            made = maker + self._keyed_number("device", seed, 1 << 24).to_bytes(3, "big")
            if made not in taken and made[3:] != mac[3:]:
                break
        return made

    # IPv6.

    def mask_ipv6_address(self, packed: bytes) -> bytes:
        """The mask of an IPv6 address: its first two bytes and every zero stay, so that its text is as long."""
        if packed[:2] == b"\xff\x02" or not any(packed[:15]):
            return packed
        digits = packed.hex()
        keep = 16 if packed[:2] == b"\xfe\x80" else 4
        masked = digits[:keep]
        for at in range(keep, 32):
            seed = digits[:at].encode()
            digit = int(digits[at], 16)
            masked += "0" if not digit else f"{(digit - 1 + self._keyed_number('nibble', seed, 15)) % 15 + 1:x}"
        return bytes.fromhex(masked)

    def noise(self, data: bytes) -> bytes:
        """As many bytes that say nothing."""
        return hashlib.shake_128(self._key + data).digest(len(data))


@lru_cache(maxsize=4096)
def _packed_address(text: str) -> bytes | None:
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return None
    numbers = list(map(int, parts))
    return bytes(numbers) if max(numbers) < 256 else None


def _is_special_address(packed: bytes) -> bool:
    """Whether an address is of no host of a site: none, loopback, a group, everybody."""
    return packed in _NO_HOSTS or packed[0] in (0, _LOOPBACK) or packed[0] >= _MULTICAST


def _octet_class(prefix: bytes, octet: int) -> object:
    """What an octet behind a prefix makes of an address: those of one class can be exchanged."""
    if not prefix:
        special = octet in (0, 10, _LOOPBACK, 100, 169, 172, 192, 198, 203) or octet >= _MULTICAST
        return "kept" if special else "public"
    if len(prefix) == 1:
        first = prefix[0]
        ranges = {
            100: [range(64, 128)],
            169: [range(254, 255)],
            172: [range(16, 32)],
            192: [range(168, 169), range(1)],
            198: [range(18, 20), range(51, 52)],
            203: [range(1)],
        }.get(first, [])
        for number, span in enumerate(ranges):
            if octet in span:
                return "kept" if len(span) == 1 else number
        return "other"
    documentation = prefix in (b"\xc0\0", b"\xc6\x33", b"\xcb\0") and octet in (2, 100, 113)
    if len(prefix) == 2 and documentation:
        return "kept"
    if len(prefix) == 3 and octet in (0, 255):
        return "kept"  # often a network's own address, or everybody's in it
    return "other"


def _pair_octets(octets: list[int], free: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of both, in the order of the free, none with itself as far as that can be: an address that was not known
    when the table was made is hidden, too."""
    masks = list(free)
    for at, octet in enumerate(octets):
        if masks[at] == octet:
            masks[at], masks[at - 1] = masks[at - 1], masks[at]
    return zip(octets, masks, strict=True)


def _match_octets(wanted: list[int], free: list[int]) -> dict[int, int]:
    """For each a different one of the free, in their order, and never itself as far as that can be."""
    found: dict[int, int] = {}
    left = list(free)
    for number in wanted:
        choice = next((other for other in left if other != number), left[0])
        if choice == number and found:
            # The last has itself alone: it changes places.
            other = next(iter(found))
            found[number], found[other] = found[other], number
        else:
            found[number] = choice
        left.remove(choice)
    return found


_COUNTRIES = words_of("""
    at au be br ca ch cn cz de dk es eu fi fr gr hu ie il in io it jp kr lu me mx nl no nz pl pt ro ru se sg si sk
    tr tv tw uk us za
""")
