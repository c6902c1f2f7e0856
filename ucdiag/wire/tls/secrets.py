"""The secrets of TLS sessions, as clients and servers log them for whoever may read their traffic.

The format is that of the variable SSLKEYLOGFILE, which NSS began (https://www.ietf.org/archive/id/
draft-ietf-tls-keylogfile-02.html): a label, the client's random, and the secret, a line each. Sessions are known by
the client's random; a resumed one of up to TLS 1.2 also by the session that it resumes.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Literal

# Secrets of each kind that are kept, the latest: about 20 MB where there are so many.
SECRETS_MOST = 65536
SESSIONS_MOST = 4096

_RANDOM = 32
_MASTER = 48
_SECRET_MOST = 64  # bytes: a hash of TLS 1.3
_PREMASTER_MOST = 1024
_ENCRYPTED_HEAD = 8

Label = Literal[
    "CLIENT_EARLY_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
]
EARLY: Label = "CLIENT_EARLY_TRAFFIC_SECRET"
# What keys of TLS 1.3 are made of: of the handshake and of what follows it, the client's and the server's.
HANDSHAKE_LABELS: tuple[Label, Label] = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET")
TRAFFIC_LABELS: tuple[Label, Label] = ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")

_LABELS: dict[bytes, int] = {
    label.encode(): number for number, label in enumerate((EARLY, *HANDSHAKE_LABELS, *TRAFFIC_LABELS))
}
_NUMBERS: dict[Label, int] = {label.decode(): number for label, number in _LABELS.items()}  # type: ignore[misc]
# Labels of the format of which no use is made.
_OTHERS = frozenset({b"EXPORTER_SECRET", b"EARLY_EXPORTER_SECRET", b"ECH_SECRET", b"ECH_CONFIG"})


class _Latest:
    """A table of the latest secrets, half as many at least as there is room for."""

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def put(self, key: bytes, secret: bytes) -> None:
        self._young[key] = secret
        if len(self._young) >= self._half:
            # Not one by one: a dict that loses its first key at every step is slow.
            self.dropped += len(self._old)
            self._old, self._young = self._young, {}

    def get(self, key: bytes) -> bytes | None:
        return self._young.get(key) or self._old.get(key)


class TlsSecrets:
    """All secrets that are known. Bounded, oldest out.

    ``lines`` counts lines that hold a secret, ``junk`` those that are no line of a key log.
    """

    def __init__(self, most: int = SECRETS_MOST) -> None:
        self._masters, self._premasters = _Latest(most), _Latest(most)
        # By the client's random, and the number of the label behind it.
        self._traffic = _Latest(most)
        # Of sessions that may be resumed, by a hash of their identifier or ticket.
        self._sessions: OrderedDict[bytes, bytes] = OrderedDict()
        # Reads what was added where the secrets come from, called where one is missing.
        self.refresh: Callable[[], None] | None = None
        self.lines = 0
        self.junk = 0

    def __len__(self) -> int:
        return sum(len(table) for table in (self._masters, self._premasters, self._traffic))

    @property
    def dropped(self) -> int:
        """Secrets that had to make room for others."""
        return sum(table.dropped for table in (self._masters, self._premasters, self._traffic))

    def add_text(self, text: bytes) -> None:
        """Lines of a key log, whatever else is between them."""
        for line in text.splitlines():
            self.add_line(line)

    def add_line(self, line: bytes) -> None:
        """One line of a key log."""
        words = line.split()
        if not words or words[0].startswith(b"#"):
            return
        if not self._take_words(words):
            self.junk += words[0] not in _OTHERS
            return
        self.lines += 1

    def _take_words(self, words: list[bytes]) -> bool:
        if words[0] == b"RSA" and len(words) == 3 and words[1].startswith(b"Session-ID:"):
            # OpenSSL's older form, which Wireshark reads too.
            session, master = _bytes_from_hex(words[1][11:]), _bytes_from_hex(words[2].removeprefix(b"Master-Key:"))
            if not session or len(master) != _MASTER:
                return False
            self.remember_session(session, master)
            return True
        if len(words) != 3:
            return False
        label, name, secret = words[0], _bytes_from_hex(words[1]), _bytes_from_hex(words[2])
        if label == b"RSA" and len(name) == _ENCRYPTED_HEAD and len(secret) == _MASTER:
            self._premasters.put(name, secret)
        elif len(name) != _RANDOM or not secret:
            return False
        elif label == b"CLIENT_RANDOM" and len(secret) == _MASTER:
            self._masters.put(name, secret)
        elif label == b"PMS_CLIENT_RANDOM" and len(secret) <= _PREMASTER_MOST:
            self._premasters.put(name, secret)
        elif label in _LABELS and len(secret) <= _SECRET_MOST:
            self._traffic.put(name + bytes((_LABELS[label],)), secret)
        else:
            return False
        return True

    def knows_connection(self, client_random: bytes) -> bool:
        """Whether there is a secret of the connection that this client's random began."""
        one_of = (bytes((number,)) for number in _NUMBERS.values())
        return (
            self._masters.get(client_random) is not None
            or self._premasters.get(client_random) is not None
            or any(self._traffic.get(client_random + label) is not None for label in one_of)
        )

    def master_secret(self, client_random: bytes) -> bytes | None:
        """The master secret (48 bytes) of a connection of up to TLS 1.2."""
        return self._find_secret(self._masters, client_random)

    def premaster_secret(self, client_random: bytes, encrypted: bytes) -> bytes | None:
        """The pre-master secret, of RSA key exchange also by what the client sent it encrypted as."""
        return self._premasters.get(client_random) or self._premasters.get(encrypted[:_ENCRYPTED_HEAD])

    def traffic_secret(self, label: Label, client_random: bytes) -> bytes | None:
        """A secret of TLS 1.3, as long as the hash of its cipher suite."""
        return self._find_secret(self._traffic, client_random + bytes((_NUMBERS[label],)))

    def _find_secret(self, table: "_Latest", key: bytes) -> bytes | None:
        secret = table.get(key)
        if secret is None and self.refresh is not None:
            self.refresh()
            secret = table.get(key)
        return secret

    def remember_session(self, session: bytes, master: bytes) -> None:
        """A session, by identifier or ticket, that another connection may resume."""
        key = sha256(session).digest()
        self._sessions[key] = master
        self._sessions.move_to_end(key)
        if len(self._sessions) > SESSIONS_MOST:
            self._sessions.popitem(last=False)

    def resumed_secret(self, session: bytes) -> bytes | None:
        """The master secret of a session that is resumed by this identifier or ticket."""
        return self._sessions.get(sha256(session).digest()) if session else None


def _bytes_from_hex(text: bytes) -> bytes:
    """Bytes in hexadecimal; empty for what is none."""
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return b""
