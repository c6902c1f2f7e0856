"""The vendor classes (option 60) under which such a phone asks DHCP, in the order in which their answers count.

Polycom's release notes and Microsoft's pages spell the first one differently ("CPE-OCPhone", "CPE-OCPHONE"), so case
does not count. The second is case-sensitive where a server answers it (Microsoft, "Obtaining Values of DHCP Options by
Using DHCPUtil.exe").
"""

VLAN_CLASS = "CPE-OCPhone"
CERTIFICATE_CLASS = "MS-UC-Client"
# The first belongs to the lease (the VLAN question), the second to the certificate service's.
PHONE_CLASSES: tuple[str, ...] = (VLAN_CLASS, CERTIFICATE_CLASS)
#: The class of a Lync phone's second question, in small letters. It is about certificates only, and the phone may have
#: its lease before (Microsoft, "Configuring DHCP Options to Enable Sign-in for IP Phones").
SECOND_CLASS = CERTIFICATE_CLASS.lower()
#: How what may be a phone's class begins, in small letters, as text and as bytes of the option.
CLASS_STARTS = tuple(name.lower() for name in PHONE_CLASSES)
CLASS_STARTS_ON_WIRE = tuple(start.encode() for start in CLASS_STARTS)

#: Manufacturers' prefixes of such phones in public tables: Polycom's, and Snom's for the HP models. A hint only.
PREFIXES = frozenset({"00:04:f2", "64:16:7f", "48:25:67", "00:e0:db", "00:04:13"})

_RANKS = {name: rank for rank, name in enumerate(CLASS_STARTS)}


def class_rank(vendor_class: str | None) -> int:
    """0 for the class that counts most; the highest for a class that is no phone's, and for none."""
    return _RANKS.get((vendor_class or "").lower(), len(PHONE_CLASSES))


def is_phone_class(vendor_class: str | None) -> bool:
    """Whether a phone asks under this class. Two spellings of one of them are documented, so case does not count."""
    return class_rank(vendor_class) < len(PHONE_CLASSES)
