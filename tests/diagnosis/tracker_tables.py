"""How full the tables of a tracker of phones are."""

from ucdiag.diagnosis.phone_tracker import PhoneTracker


def taken_bytes(tracker: PhoneTracker) -> int:
    """How many bytes of the room for phones' facts are taken."""
    return tracker._taken


def leased_ips(tracker: PhoneTracker) -> tuple[str, ...]:
    """The addresses with a known lease, the oldest first."""
    return tuple(tracker._leases)


def terms_of(tracker: PhoneTracker, address: str) -> int:
    """How many changes of an address's lessee are kept."""
    return len(tracker._leases.get(address, ()))
