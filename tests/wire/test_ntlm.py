"""Who was refused with a password, and who was only asked for one: NTLM in the fields of a request."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.ladder import Ladder, only
from ucdiag.model.observations import Http
from ucdiag.wire.http.ntlm import ends_ntlm


def message(kind: int, before: bytes = b"", behind: int = 60) -> str:
    return base64.b64encode(before + b"NTLMSSP\0" + kind.to_bytes(4, "little") + bytes(behind)).decode()


@pytest.mark.parametrize(
    ("credentials", "last"),
    [
        (f"NTLM {message(3)}", True),
        (f"ntlm  {message(3, behind=3000)} ", True),
        (f"Negotiate {message(3)}", True),
        (f"Negotiate {message(3, b'a0' + bytes(60))}", True),  # inside SPNEGO
        (f"NTLM {message(1)}", False),
        (f"NTLM {message(2)}", False),
        (f"NTLM {message(3 + 256)}", False),
        ("Negotiate YIIGhwYGKwYBBQUC", False),  # Kerberos
        ("Basic " + base64.b64encode(b"contoso\\kim:NTLMSSP").decode(), False),
        ("NTLM \u00e9", False),
        ("NTLM TlRMTVNTUAAD", False),
        ("NTLM TlRM*", False),
        ("NTLM", False),
        ("", False),
        (None, False),
    ],
)
def test_the_last_message_of_ntlm(credentials: str | None, last: bool) -> None:
    assert ends_ntlm(credentials) is last


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert not ends_ntlm(f"NTLM {text}")


def asks(token: str, path: str = "/RequestHandlerExt/ucdevice.upx", status: bytes = b"401 Unauthorized") -> Http:
    """A request with these credentials, and its answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM {token}\r\nContent-Length: 10\r\n\r\n<request/>"
    ladder = Ladder().opens().says(head.encode())
    ladder.answers(b"HTTP/1.1 " + status + b"\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n")
    [http] = only(ladder.facts(), Http)
    return http


def test_a_password_that_is_not_taken() -> None:
    assert asks(message(3)).sign_in == "refused"


@pytest.mark.parametrize(
    "http",
    [
        asks(message(1)),
        asks(message(3), status=b"403 Forbidden"),
        asks(message(3), status=b"200 OK"),
        asks(message(3), path="/ews/exchange.asmx"),
    ],
    ids=["a first message", "another status", "success", "another service"],
)
def test_no_password_was_refused(http: Http) -> None:
    assert http.sign_in is None
