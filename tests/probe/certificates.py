"""Certificates for tests, made when they are needed: an authority and servers that are right or wrong in one way."""

import datetime
import ipaddress
import ssl
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signs_certificates() -> x509.KeyUsage:
    """The key usage of an authority, without which a strict client (OpenSSL's X509_STRICT) does not take it for one."""
    others = dict.fromkeys(
        (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **others)


@cache
def authority() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(NOW - 1000 * DAY)
        .not_valid_after(NOW + 1000 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(signs_certificates(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key().public_key()), critical=False)
        .sign(key(), hashes.SHA256())
    )


def server_context(
    folder: Path,
    *names: str,
    first_day: int = -10,
    last_day: int = 10,
    self_signed: bool = False,
) -> ssl.SSLContext:
    """A server whose certificate names ``names`` (DNS names and addresses) and is valid between two days from now."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternative: list[x509.GeneralName] = []
    for name in names:
        try:
            alternative.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            alternative.append(x509.DNSName(name))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if self_signed else authority().subject)
        .public_key(key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + first_day * DAY)
        .not_valid_after(NOW + last_day * DAY)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    )
    if not self_signed:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key().public_key())
        builder = builder.add_extension(issuer, critical=False)
    certificate = builder.sign(key(), hashes.SHA256())
    chain = folder / "server.pem"
    chain.write_bytes(
        key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
        + (b"" if self_signed else authority().public_bytes(serialization.Encoding.PEM))
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def authority_file(folder: Path) -> str:
    path = folder / "authority.pem"
    path.write_bytes(authority().public_bytes(serialization.Encoding.PEM))
    return str(path)
