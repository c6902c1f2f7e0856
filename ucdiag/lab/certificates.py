"""Certificates made at run time, for lab sites with https.

Self-signed ones carry a SHA-1 signature, which old phones need and which the library no longer makes: the signed part
is built with SHA-256, its algorithm identifier is changed (both have the same length) and it is signed anew. A client
that trusts such a certificate as a root does not look at its signature's hash.

An issued one and its authority have what RFC 5280 (4.2.1.1 to 4.2.1.3, 4.2.1.9) demands of a conforming authority, as
strict clients want it: ``ssl.create_default_context`` from Python 3.13 on is one.
"""

import datetime
import ssl
import threading
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ucdiag.lab.scenario import TlsSetting

_SHA256_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_RSA = bytes.fromhex("06092a864886f70d010105")
_DAY = datetime.timedelta(days=1)
_WRONG_NAME = "www.elsewhere.example"


_making = threading.Lock()


@cache
def _new_key(owner: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _shared_key(owner: str = "server") -> rsa.RSAPrivateKey:
    """One key per owner for all sites of this process: making one takes longer than starting a site."""
    with _making:  # a cache alone would let two threads make one each
        return _new_key(owner)


class Certificates:
    """Certificates for these host names, in files below ``folder``. ``ca_file`` holds all trusted roots."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder, names
        self.ca_file = folder / "trusted.pem"
        self._made: dict[str, Path] = {}
        now = datetime.datetime.now(datetime.UTC)
        # A client refuses a file without any root, which is what a site of untrusted servers would have.
        self.ca_file.write_bytes(_self_signed("ucdiag lab root", (_WRONG_NAME,), now - 30 * _DAY, now + 365 * _DAY))
        self._key_file = folder / "key.pem"
        self._key_file.touch(mode=0o600)
        self._key_file.write_bytes(
            _shared_key().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def server_context(self, tls: TlsSetting) -> ssl.SSLContext:
        """What a server with this certificate needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate_file(tls.certificate), self._key_file)
        return context

    def _certificate_file(self, kind: str) -> Path:
        if kind not in self._made:
            now = datetime.datetime.now(datetime.UTC)
            first, last = now - 30 * _DAY, now + 365 * _DAY
            if kind == "expired":
                first, last = now - 400 * _DAY, now - 2 * _DAY
            elif kind == "not_yet_valid":
                first, last = now + 2 * _DAY, now + 400 * _DAY
            names = (_WRONG_NAME,) if kind == "wrong_name" else self._names
            # All are signed with the same key, so the untrusted one must not have a trusted one's subject.
            subject = "ucdiag lab stranger" if kind == "untrusted" else names[0]
            if kind == "sha2":
                chain, root = _issue_chain(names, first, last)
            else:
                chain = root = _self_signed(subject, names, first, last)
            path = self._folder / f"{kind}.pem"
            path.write_bytes(chain)
            if kind != "untrusted":
                with self.ca_file.open("ab") as file:
                    file.write(root)
            self._made[kind] = path
        return self._made[kind]


def _certificate_builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, first: datetime.datetime, last: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
    )


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _alternative_names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def _key_usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in granted for name in every})


def _self_signed(subject: str, names: tuple[str, ...], first: datetime.datetime, last: datetime.datetime) -> bytes:
    name = _common_name(subject)
    builder = _certificate_builder(name, name, _shared_key(), first, last).add_extension(
        _alternative_names(names), critical=False
    )
    signed = builder.sign(_shared_key(), hashes.SHA256()).tbs_certificate_bytes.replace(_SHA256_RSA, _SHA1_RSA, 1)
    signature = _shared_key().sign(signed, padding.PKCS1v15(), hashes.SHA1())
    algorithm = _encode_der(0x30, _SHA1_RSA + b"\x05\x00")
    whole = _encode_der(0x30, signed + algorithm + _encode_der(0x03, b"\x00" + signature))
    return x509.load_der_x509_certificate(whole).public_bytes(serialization.Encoding.PEM)


def _issue_chain(names: tuple[str, ...], first: datetime.datetime, last: datetime.datetime) -> tuple[bytes, bytes]:
    """(chain, root), both as PEM, signed with SHA-256."""
    authority, key = _common_name("ucdiag lab authority"), _shared_key("authority")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    root = (
        _certificate_builder(authority, authority, key, first, last)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    leaf = (
        _certificate_builder(_common_name(names[0]), authority, _shared_key(), first, last)
        .add_extension(_alternative_names(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("digital_signature", "key_encipherment"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(_shared_key().public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return leaf.public_bytes(pem) + root.public_bytes(pem), root.public_bytes(pem)


def _encode_der(tag: int, content: bytes) -> bytes:
    """One ASN.1 value with a definite length (X.690, 8.1.3)."""
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content
