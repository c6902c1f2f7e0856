"""The key that signs a user in: made of the name's capitals as Windows has them, by what pyspnego sends."""

import base64
import hmac
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from ucdiag.model.observations import Http
from ucdiag.probe.http import Answered
from ucdiag.probe.sign_in import sign_in
from ucdiag.runtime.context import Account
from ucdiag.update_service.request import Request

spnego = pytest.importorskip("spnego")
# What pyspnego takes from other packages may be on its way out there.
pytestmark = pytest.mark.filterwarnings("ignore")
PASSWORD = "Correct-Horse-7"


def field(message: bytes, at: int) -> bytes:
    """What the length and offset at that place of an NTLM message point to (MS-NLMP, section 2.2.1.3)."""
    size, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset : offset + size]


# pyspnego 0.12.4 takes str.upper(), which makes two letters of some (findings/pyspnego-capital-sharp-s.sh).
@pytest.mark.parametrize(
    ("user", "domain", "name", "capitals"),
    [
        ("CONTOSO\\anna", "CONTOSO", "anna", "ANNA"),
        ("CONTOSO\\müller", "CONTOSO", "müller", "MÜLLER"),
        ("CONTOSO\\weiß", "CONTOSO", "weiß", "WEIß"),
        ("weiß@contoso.com", "", "weiß@contoso.com", "WEIß@CONTOSO.COM"),
        ("CONTOSO\\ﬁnn", "CONTOSO", "ﬁnn", "ﬁNN"),
    ],
)
def test_the_key_is_made_of_the_capitals_of_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, domain: str, name: str, capitals: str
) -> None:
    from spnego._ntlm_raw.crypto import ntowfv1

    users = tmp_path / "users"
    users.write_text(f"CONTOSO:anna:{PASSWORD}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    server = spnego.server(protocol="ntlm")
    unauthorized = Http(time=1, server="192.0.2.81", port=443, status=401, challenges=("NTLM",), complete=True)
    sent: list[bytes] = []

    def answer(request: Request) -> Answered:
        sent.append(base64.b64decode((request.header("Authorization") or "").partition(" ")[2]))
        if len(sent) > 1:
            return Answered(replace(unauthorized, status=200, challenges=()), b"", None, None)
        sent.append(server.step(sent[0]))
        return Answered(unauthorized, b"", None, None, f"NTLM {base64.b64encode(sent[1]).decode()}")

    answered = sign_in(Account(user, PASSWORD), unauthorized, Request(), answer, answer)
    assert answered.http.sign_in == "done"
    _, challenge, reply = sent
    response = field(reply, 20)
    key = hmac.digest(ntowfv1(PASSWORD), (capitals + domain).encode("utf-16-le"), "md5")
    assert response[:16] == hmac.digest(key, challenge[24:32] + response[16:], "md5")
    assert (field(reply, 28), field(reply, 36)) == (domain.encode("utf-16-le"), name.encode("utf-16-le"))
