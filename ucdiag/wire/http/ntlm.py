"""NTLM in the fields of a request (MS-NLMP, section 2.2; MS-NTHT)."""

import binascii

_SIGNATURE = b"NTLMSSP\0"
_AUTHENTICATE = b"\x03\0\0\0"  # the type of the message behind which the client says nothing more
# Characters of the token in which the message begins, also inside SPNEGO: a multiple of 4, as base64 wants it.
_LOOKED_AT = 1024


def ends_ntlm(credentials: str | None) -> bool:
    """Whether the value of an Authorization field is a client's last message of NTLM, its proof of the password."""
    token = (credentials or "").partition(" ")[2].strip()
    try:
        message = binascii.a2b_base64(token[:_LOOKED_AT])
    except ValueError:
        return False
    return _SIGNATURE + _AUTHENTICATE in message
