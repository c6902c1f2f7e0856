"""The vendor classes (option 60) under which such a phone asks DHCP, in the order in which their answers count."""

from ucdiag.wire.dhcp.message import CERTIFICATE_CLASS, VLAN_CLASS

# The first belongs to the lease (the VLAN question), the second to the certificate service's.
PHONE_CLASSES: tuple[str, ...] = (VLAN_CLASS, CERTIFICATE_CLASS)
#: The class of a Lync phone's second question, in small letters. It is about certificates only, and the phone may have
#: its lease before (Microsoft, "Configuring DHCP Options to Enable Sign-in for IP Phones").
SECOND_CLASS = CERTIFICATE_CLASS.lower()

_RANKS = {name.lower(): rank for rank, name in enumerate(PHONE_CLASSES)}


def class_rank(vendor_class: str | None) -> int:
    """0 for the class that counts most; the highest for a class that is no phone's, and for none."""
    return _RANKS.get((vendor_class or "").lower(), len(PHONE_CLASSES))


def is_phone_class(vendor_class: str | None) -> bool:
    """Whether a phone asks under this class. Two spellings of one of them are documented, so case does not count."""
    return class_rank(vendor_class) < len(PHONE_CLASSES)
