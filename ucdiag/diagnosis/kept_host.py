"""The facts and identities that are kept of one host while a capture is read."""

from dataclasses import field

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Observation
from ucdiag.model.packed_facts import PackedFact, pack_fact, unpack_fact

_PER_STRANGER = 48
_MACS = 4  # that are believed to carry the packets of one address
_SAID = 256  # phones distinguished behind one address
ROUTINE = 96  # facts of a phone that all stay; of more the older ones of what it does over and over go

#: A host as plain values.
PackedHost = tuple[list[PackedFact], int, int, set[str], bool, bool, dict[str, None]]


@record(slots=True)
class KeptHost:
    """The facts of one IP address, or the DHCP messages of one MAC address."""

    # The latest ones. Not a deque: that takes as much for one observation as for sixty-four, and most hosts have few.
    kept: list[Observation] = field(default_factory=list)
    most: int = _PER_STRANGER
    # With so many it is worth a look what of them is routine.
    routine_at: int = ROUTINE
    macs: set[str] = field(default_factory=set)
    is_phone: bool = False
    # Whether it did more than ask DNS, which a resolver does too.
    did_more: bool = False
    # The MAC addresses or serial numbers that its update requests name.
    claimed_identities: dict[str, None] = field(default_factory=dict)

    def identities_behind_nat(self) -> list[str]:
        """The phones that sent from this address, if there are several."""
        # Serial numbers only where no MAC address is said: a phone may leave out one of the two now and then.
        macs = [who for who in self.claimed_identities if ":" in who]
        several = macs or list(self.claimed_identities)
        return several if len(several) > 1 else []

    def only_identity(self) -> str | None:
        """The identity in the host's own requests, where it is that of one phone."""
        macs = [who for who in self.claimed_identities if ":" in who]
        names = macs or list(self.claimed_identities)
        return names[0] if len(names) == 1 else None

    def carried_by(self, mac: str) -> bool:
        """Note a MAC address of its frames; whether it is among those that are kept."""
        if len(self.macs) < _MACS:
            self.macs.add(mac)
        return mac in self.macs

    def note_identity(self, identity: str) -> None:
        """Note the identity that an update request claims."""
        if len(self.claimed_identities) < _SAID:
            self.claimed_identities[identity] = None

    def mark_as_phone(self, most: int) -> None:
        self.is_phone = True
        self.limit_facts(most)

    def join_later(self, later: "KeptHost") -> None:
        """Add the later facts of the same host."""
        self.kept += later.kept
        for mac in sorted(later.macs):
            self.carried_by(mac)
        self.is_phone |= later.is_phone
        self.did_more |= later.did_more
        for identity in later.claimed_identities:
            self.note_identity(identity)
        self.limit_facts(max(self.most, later.most))

    def limit_facts(self, most: int) -> None:
        self.most = most
        del self.kept[:-most]

    def packed(self) -> PackedHost:
        """The host as plain values."""
        facts = [pack_fact(fact) for fact in self.kept]
        return facts, self.most, self.routine_at, self.macs, self.is_phone, self.did_more, self.claimed_identities

    @classmethod
    def unpacked(cls, packed: PackedHost) -> "KeptHost":
        """The host from the result of ``packed``."""
        facts, most, routine_at, macs, is_phone, did_more, names = packed
        return cls([unpack_fact(fact) for fact in facts], most, routine_at, macs, is_phone, did_more, names)
