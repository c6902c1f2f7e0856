"""A server's certificates as facts, read with ``cryptography``; the names of signatures are those of captures.

Captures have a reader of their own (``ucdiag.wire.tls.x509``): docs/decisions/0008 says why.
"""

from typing import Any

from ucdiag.model.observations import Certificate
from ucdiag.model.tls_words import PSS_SIGNATURE, SIGNATURE_NAMES
from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.silenced_warnings import silenced

LONGEST_CHAIN = 10  # certificates that are read
_NAMES = 50
_TEXT = 500  # characters


def read_certificates(chain: list[bytes]) -> tuple[Certificate, ...]:
    """Certificates in DER as facts; one that cannot be read stays as an empty fact, so that the order is kept."""
    return tuple(_certificate_from_der(der) for der in chain[:LONGEST_CHAIN])


def _certificate_from_der(der: bytes) -> Certificate:
    # Here and not above: it takes longer to load than most servers take to answer.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509.oid import NameOID

    unreadable = Certificate(subject="", issuer="")
    with silenced():  # it warns of what is wrong with old certificates
        try:
            certificate = x509.load_der_x509_certificate(der)
            subject = certificate.subject.rfc4514_string()[:_TEXT]
            issuer = certificate.issuer.rfc4514_string()[:_TEXT]
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return unreadable
        names: list[str] = []
        try:
            alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names += alternative.get_values_for_type(x509.DNSName)
            names += [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, TypeError):
            pass
        if not names:
            names += [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        return Certificate(
            subject=subject,
            issuer=issuer,
            names=tuple(name[:_TEXT] for name in names[:_NAMES]),
            not_before=_validity_time(certificate, "not_valid_before"),
            not_after=_validity_time(certificate, "not_valid_after"),
            signature=_signature_name(certificate),
            key=_key_description(certificate),
        )


def _validity_time(certificate: Any, name: str) -> Microseconds | None:
    from datetime import UTC, datetime, timedelta

    try:
        moment = getattr(certificate, f"{name}_utc", None)  # from cryptography 42 on
        moment = moment or getattr(certificate, name).replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    except (ValueError, TypeError, OverflowError):
        return None


def _key_description(certificate: Any) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.key_size}" if isinstance(key, ec.EllipticCurvePublicKey) else None


def _signature_name(certificate: Any) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        oid = certificate.signature_algorithm_oid.dotted_string
        if oid == PSS_SIGNATURE:
            return f"rsassaPss-{certificate.signature_hash_algorithm.name}"
        return str(SIGNATURE_NAMES.get(oid, oid))
    except (ValueError, UnsupportedAlgorithm):
        return None
