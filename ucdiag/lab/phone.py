"""The request of the lab's phone.

No real phone's request is published, so its form is this lab's own: all documented values, in attributes. The path and
the values are those of the Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26.
"""

from xml.sax.saxutils import quoteattr

from ucdiag.model.phone import Phone
from ucdiag.update_service.names import INTERNAL_PATH
from ucdiag.update_service.request import OLD_FIRMWARE


def request_body(phone: Phone) -> bytes:
    """The request of this lab's phones: all documented values, in attributes (which is this lab's own choice)."""
    values = {
        "deviceType": phone.device_type,
        "macAddress": phone.mac.replace(":", "").upper(),
        "serialNumber": phone.serial,
        "vendor": phone.vendor,
        "model": phone.model,
        "revision": phone.revision,
        "locale": phone.locale,
    }
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
    module = f'fileName="CPE.nbt" version={quoteattr(phone.firmware or OLD_FIRMWARE)} timestamp="2009-01-01T00:00:00Z"'
    return f'<?xml version="1.0"?><labRequest><device{attributes}/><module {module}/></labRequest>'.encode()


def saved_request(phone: Phone, host: str) -> bytes:
    """A whole update request of such a phone, as ``capture --save-request`` would keep one of a real phone."""
    body = request_body(phone)
    lines = (
        f"POST {INTERNAL_PATH} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: text/xml",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + body
