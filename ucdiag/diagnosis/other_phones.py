"""Phones of other makers that use the same update service, and how they differ from the Phone Edition.

They learn the URL at their sign-in alone and never ask DNS for ``ucupdates``: AudioCodes 4xxHD (AudioCodes
Administrator's Manual LTRT-09960, page 176), Polycom VVX (field reports). They have versions of their own, to which
the table of firmware generations does not apply.
"""

import re

from ucdiag.model.patterns import pattern
from ucdiag.model.report import Identity

_MODEL = pattern(r"4[0-9]{2}HD|VVX", re.IGNORECASE)


def learns_in_band(identity: Identity) -> bool:
    """Whether it is such a phone, by the vendor and model in its own requests."""
    return "audiocodes" in (identity.vendor or "").lower() or _MODEL.search(identity.model or "") is not None
