"""Certificates for the servers of the tests: an authority made for the occasion and one certificate from it."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.probe.certificates import signs_certificates
from tests.real import need

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Issued:
    """All as PEM: the server's chain and key, and the authority's certificate, which a client may trust."""

    chain: bytes
    key: bytes
    authority: bytes


def issue(
    *names: str,
    start: timedelta = timedelta(days=-1),
    end: timedelta = timedelta(days=365),
    bits: int = 2048,
    sha1: bool = False,
    intermediate: str | None = None,
) -> Issued:
    """A certificate for DNS names and addresses, valid from ``start`` to ``end`` counted from now.

    ``sha1`` signs with SHA-1, which is what the old phones can verify; ``start`` is then not to be chosen.
    ``intermediate`` puts an authority between, whose certificate is ``"sent"`` in the chain or ``"left out"``.
    """
    now = datetime.now(UTC)
    top_key, top = _authority(now)
    root_key, root = (top_key, top) if intermediate is None else _authority(now, "Test site issuing CA", top_key, top)
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    if sha1:
        leaf = _signed_with_sha1(names, key, root_key, root, end)
    else:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(names[0]))
            .issuer_name(root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
                critical=False,
            )
        )
        leaf = builder.sign(root_key, hashes.SHA256()).public_bytes(PEM)
    root_pem = top.public_bytes(PEM)
    if intermediate == "left out":
        return Issued(leaf, _plain(key), root_pem)
    between = root.public_bytes(PEM) if intermediate else b""
    return Issued(leaf + between + root_pem, _plain(key), root_pem)


def _authority(
    now: datetime,
    subject: str = "Test site root",
    signer_key: rsa.RSAPrivateKey | None = None,
    signer: x509.Certificate | None = None,
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """A root, or with a signer an authority below it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = _name(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if signer is None else signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(signs_certificates(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return key, builder.sign(signer_key or key, hashes.SHA256())


def _signed_with_sha1(
    names: tuple[str, ...], key: rsa.RSAPrivateKey, root_key: rsa.RSAPrivateKey, root: x509.Certificate, end: timedelta
) -> bytes:
    """By openssl: the cryptography package makes no such signatures any more."""
    kinds = [f"{'IP' if isinstance(_general(name), x509.IPAddress) else 'DNS'}:{name}" for name in names]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        request = x509.CertificateSigningRequestBuilder().subject_name(_name(names[0])).sign(key, hashes.SHA256())
        (place / "request").write_bytes(request.public_bytes(PEM))
        (place / "root").write_bytes(root.public_bytes(PEM))
        (place / "key").write_bytes(_plain(root_key))
        extensions = ["basicConstraints=critical,CA:FALSE", "authorityKeyIdentifier=keyid"]
        extensions.append(f"subjectAltName={','.join(kinds)}")
        (place / "extensions").write_text("\n".join([*extensions, ""]))
        words = [need("openssl"), "x509", "-req", "-sha1", "-in", "request", "-CA", "root", "-CAkey", "key"]
        words += ["-extfile", "extensions", "-days", str(end.days), "-set_serial", str(x509.random_serial_number())]
        return subprocess.run(words, cwd=place, capture_output=True, check=True).stdout


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _plain(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
