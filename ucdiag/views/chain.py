"""The certificate chain of each TLS server as a small tree, with what a phone of that time may object to."""

from collections.abc import Iterable

from ucdiag.diagnosis.chain_objections import chain_objections, is_root
from ucdiag.model.observations import Certificate, Observation, Tls
from ucdiag.model.times import format_time
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.sanitize import shortened

_LONGEST = 500
_MOST_SERVERS = 4


def show_chains(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """The last chain of each server and port; nothing where none was seen."""
    chains: dict[tuple[str, int], Tls] = {}
    for fact in observations:
        if isinstance(fact, Tls) and fact.chain:
            chains[fact.server, fact.port] = fact
    for tls in list(chains.values())[:_MOST_SERVERS]:
        name = f" for {tls.server_name}" if tls.server_name else ""
        version = f", {tls.version} with this machine" if tls.version else ""
        writer.write_blank()
        writer.write_wrapped((f"The certificates of {tls.server} port {tls.port}{name}", "bold"), version)
        for depth, (certificate, objected) in enumerate(zip(tls.chain, chain_objections(tls), strict=True)):
            indent = "  " * (depth + 1)
            writer.write_wrapped(
                shortened(_certificate_text(certificate), _LONGEST), first=indent, hang=len(indent) + 2
            )
            for text in objected:
                writer.write_wrapped(
                    ("! ", "yellow"), shortened(text, _LONGEST), first=f"{indent}  ", hang=len(indent) + 4
                )


def _certificate_text(certificate: Certificate) -> str:
    parts = [certificate.subject or "a certificate that cannot be read"]
    if certificate.names:
        parts.append(f"names {', '.join(certificate.names[:8])}")
    if certificate.key:
        parts.append(certificate.key)
    if certificate.signature:
        parts.append(certificate.signature)
    if certificate.not_after is not None:
        parts.append(f"until {format_time(certificate.not_after)[:10]}")
    if is_root(certificate) and certificate.subject:
        parts.append("its own issuer")
    return "; ".join(parts)
