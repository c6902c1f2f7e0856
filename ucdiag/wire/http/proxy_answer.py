"""Which proxy made an answer itself, in place of passing on that of the server behind it."""

from ucdiag.model.patterns import pattern

# What proxies call themselves in the field Server of their own answers. In those that they pass on it is the server's.
_PROXIES = frozenset({"squid", "tinyproxy", "varnish", "zscaler", "bigip", "awselb"})
_PRODUCT = pattern(r"([A-Za-z]+)[\w./-]{0,40}")
# ISA Server and Forefront TMG write their error into the status line: "Forbidden ( The server denied ... )".
_ISA_PHRASE = pattern(r".{1,80} \( .+\)\s*$")


def answering_proxy(server: str | None, squid_error: str | None, phrase: str | None) -> str | None:
    """The proxy's name for itself, without a comment behind it; None where nothing says that a proxy made the answer.

    ``server`` and ``squid_error`` are the fields Server and X-Squid-Error, ``phrase`` is the status line's.
    """
    product = _PRODUCT.match(server) if server else None
    if product and product[1].lower() in _PROXIES:
        return product[0]
    if squid_error:
        return "squid"
    return "ISA Server or Forefront TMG" if phrase and _ISA_PHRASE.match(phrase) else None
