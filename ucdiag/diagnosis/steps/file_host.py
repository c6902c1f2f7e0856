"""Why the host of the file's URL has no address: DNS says that there is none, or does not say anything of use.

Only the former is mended by a record. In the latter case the record may well be there, and the server is what to
look at.
"""

from ucdiag.diagnosis.phrases import lookup_said
from ucdiag.model.observations import Lookup

_DEFINITE = ("NOERROR", "NXDOMAIN")


def unresolved(lookup: Lookup) -> tuple[str, dict[str, str]]:
    """What became of the lookup, as a clause after the host's name, and the values for the advice."""
    values = {"host": lookup.name}
    if lookup.server:
        values["nameserver"] = lookup.server
    if lookup.server_port is not None:
        values["dns_port"] = str(lookup.server_port)
    said = lookup_said(lookup)
    if lookup.rcode in _DEFINITE and not lookup.referred:
        return f"does not resolve: {said}", values
    who = f"the DNS server {lookup.server}" if lookup.server else "the DNS server"
    unknown = "so whether it has an address is not known"
    if lookup.rcode is None:
        values["variant"] = "nameserver-silent"
        return f"could not be looked up: {said} from {who}, {unknown}", values
    if lookup.rcode == "REFUSED":
        values["variant"] = "nameserver-refused"
        return f"could not be looked up: {who} refuses to answer (REFUSED), {unknown}", values
    values["variant"] = "nameserver-failed"
    if lookup.rcode == "NOERROR":
        return f"could not be looked up: {who} {said}, {unknown}", values
    return f"could not be looked up: {who} failed ({said}), {unknown}", values
