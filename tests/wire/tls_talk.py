"""TLS between a real client and a real server, both OpenSSL's, in memory: the bytes that each of them sends.

::

    talk = TlsTalk(maximum=TLSv1_2, ciphers="AES128-SHA")
    ladder = talk.request(b"GET / HTTP/1.1\\r\\n\\r\\n").answer(b"HTTP/1.1 204 No Content\\r\\n\\r\\n").close().ladder()
    facts = ladder.facts(secrets=talk.secrets())

The certificate is made when it is first needed. What the key log has is in ``key_log``.
"""

import atexit
import os
import shutil
import ssl
import tempfile
import warnings
import weakref
from functools import cache
from pathlib import Path
from ssl import TLSVersion

from cryptography.hazmat.primitives import serialization

from tests.probe import certificates
from tests.wire.ladder import Ladder
from ucdiag.wire.tls.secrets import TlsSecrets

PIECE = 1400


def _remove(folder: str, owner: int) -> None:
    """Not where a copy of the process ends, which has not made the folder."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def server_pem() -> str:
    """A certificate with an RSA key, and that key, in one file."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ucupdates-r2.contoso.com")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - certificates.DAY)
        .not_valid_after(now + certificates.DAY)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*plain)
    folder = tempfile.mkdtemp()
    atexit.register(_remove, folder, os.getpid())
    file = Path(folder) / "server.pem"
    file.write_bytes(pem)
    return str(file)


@cache
def contexts(
    minimum: TLSVersion, maximum: TLSVersion, ciphers: str, tickets: bool, verify: bool, curve: str | None
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The client's and the server's. The same for the same arguments, so that sessions can be resumed."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for side in (client, server):
            side.minimum_version, side.maximum_version = minimum, maximum
            side.set_ciphers(f"{ciphers}:@SECLEVEL=0")
            if not tickets:
                side.options |= ssl.OP_NO_TICKET
    client.check_hostname = False
    client.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    server.load_cert_chain(server_pem())
    if curve is not None:
        server.set_ecdh_curve(curve)
    return client, server


class TlsTalk:
    """One connection. Each call adds what it makes the two send; ``flights`` has it in order, True for the client."""

    def __init__(
        self,
        *,
        minimum: TLSVersion = TLSVersion.TLSv1,
        maximum: TLSVersion = TLSVersion.TLSv1_3,
        ciphers: str = "ALL",
        tickets: bool = True,
        verify: bool = False,
        curve: str | None = None,
        session: ssl.SSLSession | None = None,
        logged: bool = True,
    ) -> None:
        client, server = contexts(minimum, maximum, ciphers, tickets, verify, curve)
        folder = tempfile.mkdtemp()
        weakref.finalize(self, _remove, folder, os.getpid())
        self._log = Path(folder) / "keys"
        # The server's: OpenSSL's client keeps no secret of a handshake that it refuses.
        server.keylog_filename = str(self._log) if logged else None  # type: ignore[assignment]
        self._to_client, self._to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._client_out, self._server_out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self._to_client, self._client_out, session=session)
        self.server = server.wrap_bio(self._to_server, self._server_out, server_side=True)
        self.flights: list[tuple[bool, bytes]] = []
        self._handshake()

    @property
    def key_log(self) -> str:
        lines = self._log.read_text().splitlines(keepends=True) if self._log.exists() else []
        return "".join(line for line in lines if not line.startswith("#"))

    def secrets(self) -> TlsSecrets:
        secrets = TlsSecrets()
        secrets.add_text(self.key_log.encode())
        return secrets

    def _handshake(self) -> None:
        done: set[ssl.SSLObject] = set()
        for _ in range(10):
            for side in (self.client, self.server):
                try:
                    side.do_handshake()
                    done.add(side)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    self._move()
                    return
                self._move()
            if len(done) == 2:
                break
        self._read(self.client)

    def _move(self) -> None:
        for up, out, into in ((True, self._client_out, self._to_server), (False, self._server_out, self._to_client)):
            data = out.read()
            if data:
                self.flights.append((up, data))
                into.write(data)

    def _read(self, side: ssl.SSLObject) -> bytes:
        try:
            return side.read(1 << 20)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            return b""

    def request(self, data: bytes) -> "TlsTalk":
        self.client.write(data)
        self._move()
        self._read(self.server)
        return self

    def answer(self, data: bytes) -> "TlsTalk":
        self.server.write(data)
        self._move()
        while self._read(self.client):
            pass
        return self

    def close(self) -> "TlsTalk":
        """Both send close_notify, the server first."""
        for side in (self.server, self.client):
            try:
                side.unwrap()
            except ssl.SSLError:
                pass
            self._move()
        return self

    def ladder(self, *, port: int = 443, piece: int = PIECE, closes: bool = True, client_port: int = 49152) -> Ladder:
        """As segments of TCP."""
        ladder = Ladder(port=port, client_port=client_port).opens()
        for up, data in self.flights:
            for at in range(0, len(data), piece):
                (ladder.says if up else ladder.answers)(data[at : at + piece])
        return ladder.closes() if closes else ladder
