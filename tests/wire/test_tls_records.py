"""The record layer: what begins as TLS does, and how a direction reads on."""

import pytest

from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import ENDLESS, Budget
from ucdiag.wire.tls.first_bytes import is_tls_answer, is_tls_hello
from ucdiag.wire.tls.records import HANDSHAKE_MOST, TlsDirection, is_record, record_size

ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


@pytest.mark.parametrize(
    ("data", "is_hello"),
    [
        (b"\x16", True),
        (b"\x16\x03", True),
        (b"\x16\x03\x01\x00\x05", True),
        (b"\x15\x03\x01", True),
        (b"\x16\x02\x01", False),
        (b"\x17\x03\x01", False),
        (b"\x14\x03\x01", False),
        (b"G", False),
        (b"GET /", False),
        (b"A\x03\x01", False),
        (b"\x80\x2e\x01\x03\x01", True),
        (b"\x80\x2e\x01\x00\x02", True),
        (b"\x80\x2e\x01\x00\x03", False),
        (b"\x80\x2e\x01\x04\x01", False),
        (b"\x80\x2e\x02\x03\x01", False),
        (b"\x00\x2e\x01\x03\x01", False),
        (b"\x80\x2e\x01\x03", False),
    ],
)
def test_how_a_client_of_tls_begins(data: bytes, is_hello: bool) -> None:
    assert is_tls_hello(data) is is_hello


@pytest.mark.parametrize(
    ("data", "is_answer"),
    [
        (b"\x14\x03\x00", True),
        (b"\x17\x03\x04", True),
        (b"\x13\x03\x03", False),
        (b"\x18\x03\x03", False),
        (b"\x16\x02\x03", False),
        (b"\x16\x04\x03", False),
        (b"\x16\x03\x05", False),
        (b"\x16\x03", False),
    ],
)
def test_how_a_server_of_tls_begins(data: bytes, is_answer: bool) -> None:
    assert is_tls_answer(data) is is_answer


class Taker:
    """Writes down what a direction hands over. A message of type 99 cannot be read."""

    def __init__(self, total: int = 1 << 20) -> None:
        self.budget = Budget(total)
        self.over = self.lost = self.snapped = False
        self.taken: list[tuple[object, ...]] = []
        self.encrypts = False
        self.activity = 0

    def note_activity(self, up: bool, time: Microseconds, frame: int) -> None:
        self.activity += 1

    def take_message(self, up: bool, kind: int, body: bytes, time: Microseconds, frame: int) -> None:
        if kind == 99:
            raise DecodeError("unreadable")
        self.taken.append(("message", kind, body))

    def cut_message(self, up: bool, message: bytes, time: Microseconds, frame: int) -> None:
        self.taken.append(("cut", message))

    def ssl2_hello(self, body: bytes, time: Microseconds, frame: int) -> None:
        self.taken.append(("ssl2", body))

    def take_alert(self, up: bool, level: int, number: int, time: Microseconds, frame: int) -> None:
        self.taken.append(("alert", level, number))

    def encrypts_from_change(self) -> bool:
        return self.encrypts

    def encrypted_record(self, up: bool, kind: int, size: int, time: Microseconds, frame: int) -> None:
        self.taken.append(("encrypted", kind, size))

    def not_tls(self, answer: bytes, time: Microseconds) -> None:
        self.taken.append(("not tls", answer))
        self.over = True

    def note_closed(self, up: bool, time: Microseconds) -> None:
        self.taken.append(("closed", up, time))


def record(kind: int, content: bytes, *, size: int | None = None, version: bytes = b"\x03\x03") -> bytes:
    return bytes((kind,)) + version + (len(content) if size is None else size).to_bytes(2, "big") + content


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def feed(*pieces: bytes, up: bool = False, taker: Taker | None = None) -> tuple[TlsDirection, Taker]:
    taker = taker or Taker()
    direction = TlsDirection(taker, up)
    for number, piece in enumerate(pieces):
        direction.receive_data(piece, number, number)
    return direction, taker


HELLO = record(22, message(2, b"hello") + message(11, b"chain"))
HANDED_OVER = [("message", 2, b"hello"), ("message", 11, b"chain"), ("alert", 2, 40)]


# Of a first record in two segments ssldump 1.5 shows nothing (findings/ssldump-split-hello.sh).
@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 1000])
def test_records_in_pieces_of_any_size(piece: int) -> None:
    data = HELLO + ALERT
    direction, taker = feed(*(data[at : at + piece] for at in range(0, len(data), piece)))
    assert taker.taken == HANDED_OVER
    assert (taker.budget.left, direction.started, taker.lost) == (1 << 20, True, False)


# tls-parser 2.0.2 asks for more data for ever (findings/tls-parser-split-message.sh), ssldump 1.5 shows no hello
# (findings/ssldump-split-hello.sh).
@pytest.mark.parametrize("cut", range(1, 18))
def test_a_handshake_message_may_be_spread_over_records(cut: int) -> None:
    content = message(2, b"hello") + message(11, b"chain")
    _, taker = feed(record(22, content[:cut]) + record(22, content[cut:]) + ALERT)
    assert taker.taken == HANDED_OVER
    assert taker.budget.left == 1 << 20


def test_an_alert_of_another_length_is_none() -> None:
    assert feed(record(21, b"\x02\x28\x00") + record(21, b"\x02"))[1].taken == []


@pytest.mark.parametrize("encrypts", [True, False])
def test_what_follows_a_change_of_cipher_is_encrypted_up_to_tls_1_2(encrypts: bool) -> None:
    taker = Taker()
    taker.encrypts = encrypts
    direction, _ = feed(record(20, b"\x01") + ALERT, taker=taker)
    assert taker.taken == [("encrypted", 21, 2) if encrypts else ("alert", 2, 40)]
    assert direction.encrypted is encrypts


def test_an_encrypted_record_is_only_counted() -> None:
    direction, taker = feed(record(23, b"abc", size=100), up=True)
    assert taker.taken == [("encrypted", 23, 100)]
    assert (direction.counts, direction.unread, taker.budget.left) == (97, 97, 1 << 20)
    direction.skip_bytes(90, 0, 2, 2)
    assert (direction.counts, direction.unread, taker.activity) == (7, 7, 2)
    direction.skip_bytes(7, 0, 3, 3)
    direction.receive_data(ALERT, 4, 4)
    assert taker.taken[1:] == [("alert", 2, 40)]


@pytest.mark.parametrize(
    ("begin", "fits"),
    [
        (b"\x14\x03\x00\x48\x00", True),
        (b"\x18\x03\x04\x00\x00", True),
        (b"\x16\x03\x03\x48\x01", False),
        (b"\x13\x03\x03\x00\x01", False),
        (b"\x19\x03\x03\x00\x01", False),
        (b"\x16\x02\x03\x00\x01", False),
        (b"\x16\x03\x05\x00\x01", False),
    ],
)
def test_the_head_of_a_record(begin: bytes, fits: bool) -> None:
    _, taker = feed(begin)
    assert taker.taken == ([] if fits else [("not tls", begin)])


def test_a_client_or_a_server_under_way_that_breaks_the_format_is_read_on_from_the_next_record() -> None:
    for direction, taker in (feed(b"GET / HTTP/1.1", up=True), feed(HELLO + b"HTTP/1.1 200")):
        assert (taker.lost, direction.astray, taker.budget.left) == (True, True, 1 << 20)
        direction.receive_data(b"more", 5, 5)
        assert direction.astray
        taker.taken.clear()
        direction.receive_data(ALERT, 6, 6)
        assert (taker.taken, direction.astray) == ([("alert", 2, 40)], False)


@pytest.mark.parametrize("what", ["cut", "lost"])
def test_a_gap_drops_what_was_kept(what: str) -> None:
    direction, taker = feed(HELLO + record(22, message(2, b"hello"))[:-1])
    if what == "cut":
        assert direction.cut_bytes(1, 2, 2)
    else:
        direction.miss_bytes(1, 2, 2)
    assert (taker.lost, taker.snapped, taker.budget.left) == (True, what == "cut", 1 << 20)
    assert [taken for taken in taker.taken if taken[0] == "cut"] == (
        [("cut", b"\x02\x00\x00\x05hell")] * (what == "cut")
    )


def test_nothing_is_read_when_the_handshake_is_over() -> None:
    direction, taker = feed(HELLO[:4])
    taker.over = True
    assert not direction.cut_bytes(1, 2, 2)
    direction.miss_bytes(1, 2, 2)
    assert (taker.lost, direction.counts) == (False, 0)
    direction.receive_data(HELLO[4:], 3, 3)
    assert (taker.taken, direction.counts, taker.budget.left) == ([], ENDLESS, 1 << 20)


def test_an_unreadable_message_loses_the_place() -> None:
    direction, taker = feed(record(22, message(99, b"x") + message(2, b"hello")))
    assert (taker.taken, taker.lost, direction.astray, taker.budget.left) == ([], True, True, 1 << 20)


def test_what_is_kept_is_given_back_in_the_end() -> None:
    direction, taker = feed(record(22, message(2, b"hello")[:-1]) + HELLO[:7])
    assert taker.budget.left == (1 << 20) - 8 - 7
    direction.stop()
    assert (taker.budget.left, direction.counts) == (1 << 20, ENDLESS)


@pytest.mark.parametrize(("size", "lost"), [(HANDSHAKE_MOST, False), (HANDSHAKE_MOST + 1, True)])
def test_a_message_is_bounded(size: int, lost: bool) -> None:
    _, taker = feed(record(22, b"\x02" + size.to_bytes(3, "big") + b"x"))
    assert taker.lost is lost


def test_a_handshake_is_bounded() -> None:
    begin = record(22, b"\x02" + HANDSHAKE_MOST.to_bytes(3, "big"))
    _, taker = feed(begin, *[record(22, bytes(16384))] * 7)
    assert not taker.lost
    _, taker = feed(begin, *[record(22, bytes(16384))] * 8)
    assert (taker.lost, taker.budget.left) == (True, 1 << 20)


@pytest.mark.parametrize(("total", "lost"), [(len(HELLO), False), (len(HELLO) - 1, True)])
def test_what_the_budget_does_not_allow_is_a_loss(total: int, lost: bool) -> None:
    taker = Taker(total)
    feed(HELLO, taker=taker)
    assert (taker.lost, taker.budget.left) == (lost, total)


@pytest.mark.parametrize("piece", [5, 6, 100])
def test_a_hello_in_the_form_of_ssl_2(piece: int) -> None:
    data = b"\x80\x05\x01\x03\x01ab" + ALERT
    _, taker = feed(*(data[at : at + piece] for at in range(0, len(data), piece)), up=True)
    assert taker.taken == [("ssl2", b"\x01\x03\x01ab"), ("alert", 2, 40)]


def test_the_end_is_handed_over() -> None:
    direction, taker = feed(up=True)
    direction.end_stream(5, 5)
    assert taker.taken == [("closed", True, 5)]


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (b"\x14\x03\x00\x00\x01", 6),
        (b"\x18\x03\x04\x00\x00", 5),
        (b"\x16\x03\x03\x48\x00", 18437),
        (b"\x16\x03\x03\x48\x01", None),
        (b"\x13\x03\x03\x00\x01", None),
        (b"\x19\x03\x03\x00\x01", None),
        (b"\x16\x02\x03\x00\x01", None),
        (b"\x16\x04\x03\x00\x01", None),
        (b"\x16\x03\x05\x00\x01", None),
    ],
)
def test_how_long_a_record_is(head: bytes, size: int | None) -> None:
    assert record_size(head) == size
    assert record_size(bytearray(head)) == size


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"\x17\x03\x03\x48\x00", True),
        (b"\x17\x03\x03\x48\x01", False),
        (b"\x17\x03\x03\x00", False),
        (b"\x18\x03\x03\x00\x01", False),
    ],
)
def test_what_begins_as_a_record(data: bytes, begins: bool) -> None:
    assert is_record(data) is begins
