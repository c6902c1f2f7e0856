"""Lines of key logs, and what is known by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.wire.tls.first_bytes import opens_known_session
from ucdiag.wire.tls.secrets import HANDSHAKE_LABELS, SESSIONS_MOST, TRAFFIC_LABELS, TlsSecrets

RANDOM, OTHER = bytes(range(32)), bytes(32)
MASTER = bytes(range(48))


def secrets(*lines: str) -> TlsSecrets:
    made = TlsSecrets()
    made.add_text("\n".join(lines).encode())
    return made


@pytest.mark.parametrize("line", ["{}", "{} ", "  {}", "{}\r"])
@pytest.mark.parametrize("upper", [True, False])
def test_a_master_secret(line: str, upper: bool) -> None:
    words = f"{RANDOM.hex()} {MASTER.hex()}"
    known = secrets(line.format(f"CLIENT_RANDOM {words.upper() if upper else words}"))
    assert known.master_secret(RANDOM) == MASTER
    assert known.master_secret(OTHER) is None
    assert (known.lines, known.junk, len(known)) == (1, 0, 1)


@pytest.mark.parametrize("label", [*HANDSHAKE_LABELS, *TRAFFIC_LABELS, "CLIENT_EARLY_TRAFFIC_SECRET"])
@pytest.mark.parametrize("size", [32, 48, 64])
def test_a_secret_of_tls_1_3(label: str, size: int) -> None:
    known = secrets(f"{label} {RANDOM.hex()} {bytes(range(size)).hex()}")
    assert known.traffic_secret(label, RANDOM) == bytes(range(size))  # type: ignore[arg-type]
    assert [
        known.traffic_secret(other, RANDOM) for other in (*HANDSHAKE_LABELS, *TRAFFIC_LABELS) if other != label
    ] in (
        [None] * 3,
        [None] * 4,
    )
    assert known.knows_connection(RANDOM)
    assert not known.knows_connection(OTHER)


@pytest.mark.parametrize(
    "line",
    [
        "CLIENT_RANDOM",
        f"CLIENT_RANDOM {RANDOM.hex()}",
        f"CLIENT_RANDOM {RANDOM.hex()} {MASTER.hex()}00",
        f"CLIENT_RANDOM {RANDOM.hex()}00 {MASTER.hex()}",
        f"CLIENT_RANDOM {RANDOM.hex()} {MASTER.hex()} more",
        f"CLIENT_RANDOM {'zz' * 32} {MASTER.hex()}",
        f"client_random {RANDOM.hex()} {MASTER.hex()}",
        f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.hex()} {'00' * 65}",
        f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.hex()} zz",
        f"PMS_CLIENT_RANDOM {RANDOM.hex()} {'00' * 1025}",
        f"RSA {RANDOM.hex()} {MASTER.hex()}",
        f"RSA {RANDOM[:8].hex()} {MASTER.hex()}00",
        f"RSA Session-ID:{RANDOM.hex()}",
        f"RSA Session-ID:{RANDOM.hex()} Master-Key:{MASTER.hex()} more",
        f"RSA Session-ID: Master-Key:{MASTER.hex()}",
        f"rsa Session-ID:{RANDOM.hex()} Master-Key:{MASTER.hex()}",
        "RSA Session-ID: Master-Key:",
        f"RSA Session-ID:{RANDOM.hex()} Master-Key:00",
        "<?xml version='1.0'?>",
    ],
)
def test_what_is_no_secret_is_none(line: str) -> None:
    known = secrets(line)
    assert (known.lines, known.junk, len(known)) == (0, 1, 0)
    assert not known.knows_connection(RANDOM)
    assert known.resumed_secret(RANDOM) is None


@pytest.mark.parametrize("size", [1, 1024])
def test_a_pre_master_secret_by_the_client_s_random(size: int) -> None:
    known = secrets(f"PMS_CLIENT_RANDOM {RANDOM.hex()} {'07' * size}")
    assert known.premaster_secret(RANDOM, b"") == b"\7" * size
    assert known.premaster_secret(OTHER, RANDOM) is None
    assert known.knows_connection(RANDOM)
    assert not known.knows_connection(OTHER)


def test_a_pre_master_secret_by_what_it_was_encrypted_as() -> None:
    known = secrets(f"RSA {RANDOM[:8].hex()} {MASTER.hex()}")
    assert known.premaster_secret(OTHER, RANDOM) == MASTER
    assert known.premaster_secret(OTHER, RANDOM[1:]) is None
    assert known.premaster_secret(OTHER, RANDOM[:7]) is None


@pytest.mark.parametrize("line", ["", "   ", "# comment", "#CLIENT_RANDOM 00 00", "EXPORTER_SECRET 00 00"])
def test_what_says_nothing_is_no_junk(line: str) -> None:
    known = secrets(line)
    assert (known.lines, known.junk) == (0, 0)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_lines_too(data: bytes) -> None:
    known = TlsSecrets()
    known.add_text(data)
    known.add_text(b"CLIENT_RANDOM " + data)
    assert len(known) == 0


def test_the_latest_secrets_are_kept() -> None:
    known = TlsSecrets(most=10)
    for number in range(100):
        known.add_line(b"CLIENT_RANDOM %064x %096x" % (number, number))
        assert len(known) <= 10
    assert all(known.master_secret(number.to_bytes(32, "big")) is not None for number in range(95, 100))
    assert known.master_secret(bytes(32)) is None
    assert known.dropped == 100 - len(known)


def test_room_for_one_secret_holds_the_latest() -> None:
    known = TlsSecrets(most=1)
    for number in (1, 2):
        known.add_line(b"CLIENT_RANDOM %064x %096x" % (number, number))
    assert (len(known), known.dropped) == (1, 1)
    assert known.master_secret((2).to_bytes(32, "big")) == (2).to_bytes(48, "big")


@pytest.mark.parametrize("size", [4, 400])
def test_sessions_are_bounded(size: int) -> None:
    """Those that were remembered last are kept."""
    known = TlsSecrets()
    sessions = [number.to_bytes(4, "big") * (size // 4) for number in range(SESSIONS_MOST + 1)]
    for session in sessions[:-1]:
        known.remember_session(session, MASTER)
    assert known.resumed_secret(sessions[0]) == MASTER
    known.remember_session(sessions[0], RANDOM)
    known.remember_session(sessions[-1], MASTER)
    assert [known.resumed_secret(sessions[place]) for place in (0, 1, 2, -1)] == [RANDOM, None, MASTER, MASTER]


def test_a_session_without_a_name_is_none() -> None:
    known = TlsSecrets()
    known.remember_session(b"", MASTER)
    assert known.resumed_secret(b"") is None


def test_a_missing_secret_is_looked_for_once_more() -> None:
    known = TlsSecrets()
    asked: list[int] = []

    def refresh() -> None:
        asked.append(1)
        known.add_line(f"CLIENT_RANDOM {RANDOM.hex()} {MASTER.hex()}".encode())

    known.refresh = refresh
    assert known.master_secret(RANDOM) == MASTER
    assert known.master_secret(RANDOM) == MASTER
    assert len(asked) == 1


HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


@pytest.mark.parametrize(
    ("payload", "known"),
    [
        (HELLO + RANDOM + bytes(9), True),
        (HELLO + OTHER, False),
        (HELLO + RANDOM[:-1], False),
        (b"\x17" + HELLO[1:] + RANDOM, False),
        (HELLO[:5] + b"\x02" + HELLO[6:] + RANDOM, False),
        (b"", False),
    ],
)
def test_a_hello_of_a_known_session_is_recognised(payload: bytes, known: bool) -> None:
    assert opens_known_session(payload, secrets(f"CLIENT_RANDOM {RANDOM.hex()} {MASTER.hex()}")) is known
