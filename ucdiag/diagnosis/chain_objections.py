"""What a phone of that time may object to in a server's chain, one certificate after the other. Pure text."""

from ucdiag.diagnosis.steps.tls import sha2_signed
from ucdiag.model.observations import Certificate, Tls
from ucdiag.model.times import format_time
from ucdiag.model.vocabulary import Microseconds

# Lengths of RSA keys that the server's documentation names ("Certificate Infrastructure Requirements").
_LENGTHS = ("1024", "2048", "4096")


def chain_objections(tls: Tls) -> tuple[tuple[str, ...], ...]:
    """The objections to each certificate of the chain, in its order; the first is the server's own."""
    chain = tls.chain
    return tuple(
        _certificate_objections(chain, at, tls.server_name if at == 0 else None, tls.time) for at in range(len(chain))
    )


def _certificate_objections(
    chain: tuple[Certificate, ...], at: int, name: str | None, now: Microseconds
) -> tuple[str, ...]:
    certificate = chain[at]
    found: list[str] = []
    if (
        name is not None
        and certificate.names
        and not any(_matches_name(pattern, name) for pattern in certificate.names)
    ):
        found.append(f"it does not name {name}")
    if certificate.not_after is not None and certificate.not_after < now:
        found.append(f"it expired on {format_time(certificate.not_after)[:10]}")
    if certificate.not_before is not None and certificate.not_before > now:
        found.append(f"it is not valid before {format_time(certificate.not_before)[:10]}")
    if not is_root(certificate) or len(chain) == 1:
        algorithm = sha2_signed((certificate,))
        if algorithm is not None:
            found.append(f"it is signed with {algorithm}, which old firmware cannot verify")
        if "md5" in (certificate.signature or "").lower():
            found.append("it is signed with MD5")
    kind, _, bits = (certificate.key or "").partition(" ")
    if kind == "RSA" and bits not in _LENGTHS:
        found.append(f"its key has {bits} bits; 1024, 2048 and 4096 are documented")
    elif kind and kind != "RSA":
        found.append(f"its key is of the kind {kind}; such phones are older than elliptic curves in TLS")
    if at == len(chain) - 1 and not is_root(certificate):
        found.append(f"its issuer {certificate.issuer} was not sent: the phone must have it")
    return tuple(found)


def is_root(certificate: Certificate) -> bool:
    """Whether it names itself as its issuer."""
    return certificate.subject == certificate.issuer


def _matches_name(pattern: str, name: str) -> bool:
    """Whether a name of a certificate fits a host, a wildcard for one label included (RFC 6125, section 6.4.3)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == name
    return name.partition(".")[2] == pattern[2:] and bool(name.partition(".")[0])
