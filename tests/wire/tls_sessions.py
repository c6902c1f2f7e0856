"""Sessions between s_server and s_client of OpenSSL 3.0.19, recorded with their keys: what Python's ssl cannot do."""

import json
from pathlib import Path
from typing import Any

from tests.wire.ladder import Ladder
from ucdiag.wire.tls.secrets import TlsSecrets

RECORDED: dict[str, dict[str, Any]] = {
    case["what"]: case for case in json.loads((Path(__file__).parent / "data" / "tls_openssl.json").read_text())
}
EARLY = "early data that the server takes"
REFUSED = "early data that the server refuses"
UPDATED = "keys that both sides update"
MAC_FIRST = "a MAC that comes first, TLS 1"
RENEGOTIATED = "a renegotiation, TLS 1.2, resumed"


def ladder(what: str, piece: int = 1400) -> Ladder:
    """The session in segments of at most so many bytes."""
    made = Ladder(port=443).opens()
    for up, data in RECORDED[what]["flights"]:
        flight = bytes.fromhex(data)
        for at in range(0, len(flight), piece):
            (made.says if up else made.answers)(flight[at : at + piece])
    return made.closes()


def secrets(what: str, *, without: str = "nothing") -> TlsSecrets:
    """Its keys, but for those of a label."""
    found = TlsSecrets()
    found.add_text("\n".join(line for line in RECORDED[what]["key_log"] if without not in line).encode())
    return found
