"""When an exchange in a capture is read as an update answer."""

from pathlib import Path

import pytest

from tests.wire.ladder import Ladder, only
from tests.wire.wired import judged
from ucdiag.model.observations import Http, UpdateAnswer
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.http.exchange import UpdateExchange

POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n\r\n<request/>"
LOG = POST.replace(b"text/xml", b"multipart/form-data; boundary=b")
NOTHING = b'<response downloads="0"/>'


def response(body: bytes = NOTHING, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(ladder: Ladder, **options: object) -> list[UpdateAnswer]:
    return only(ladder.facts(read_update=read_captured_answer, **options), UpdateAnswer)


def test_an_answer_is_read_with_its_ends_and_frame() -> None:
    (answer,) = answers(Ladder().opens().says(POST).answers(response()).closes())
    assert (answer.form, answer.downloads, answer.frame) == ("none_offered", 0, 5)
    assert (answer.client, answer.client_port, answer.client_mac) == ("10.0.0.7", 49152, "00:04:f2:aa:bb:cc")
    assert (answer.server, answer.port) == ("10.0.0.80", 80)


def test_the_same_answer_twice_is_reported_twice() -> None:
    ladder = Ladder().opens().says(POST).answers(response()).says(POST).answers(response()).closes()
    assert [answer.frame for answer in answers(ladder)] == [5, 7]


@pytest.mark.parametrize("status", ["200 OK", "299 x"])
def test_of_a_success_the_answer_is_read(status: str) -> None:
    assert len(answers(Ladder().opens().says(POST).answers(response(status=status)))) == 1


@pytest.mark.parametrize("status", ["300 x", "401 x", "500 x"])
def test_of_no_success_no_answer_is_read(status: str) -> None:
    assert not answers(Ladder().opens().says(POST).answers(response(status=status)))


def test_of_an_answer_that_breaks_off_nothing_is_read() -> None:
    assert not answers(Ladder().opens().says(POST).answers(response()[:-4]).closes())


def test_of_an_answer_of_which_the_capture_lacks_a_part_nothing_is_read() -> None:
    whole = response()
    ladder = Ladder().opens().says(POST).answers(whole[:-10]).loses(4).answers(whole[-6:]).acknowledges()
    assert not answers(ladder.acknowledges().closes())


def test_an_answer_longer_than_what_is_kept_is_malformed() -> None:
    body = b"<response>" + b" " * 300_000 + b"</response>"
    head = response(body)[: -len(body)]
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    (answer,) = answers(Ladder().opens().says(POST).answers(head, *pieces).closes())
    assert answer.form == "malformed"
    assert answer.reason == "it is longer than what is kept of it"


def test_an_answer_that_cannot_be_decompressed_is_malformed() -> None:
    (answer,) = answers(Ladder().opens().says(POST).answers(response(more="Content-Encoding: gzip\r\n")).closes())
    assert answer.form == "malformed"


@pytest.mark.parametrize(
    ("body", "forms"),
    [
        pytest.param(NOTHING, ["none_offered"], id="about updates"),
        pytest.param(b"<thanks/>", [], id="about something else"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_what_a_log_is_answered_with_counts_only_where_it_is_about_updates(body: bytes, forms: list[str]) -> None:
    assert [answer.form for answer in answers(Ladder().opens().says(LOG).answers(response(body)))] == forms


@pytest.mark.parametrize(
    ("body", "forms"),
    [
        pytest.param(NOTHING, ["none_offered"], id="about updates"),
        pytest.param(b"<thanks/>", [], id="about something else"),
        pytest.param(b"", [], id="empty"),
        pytest.param(b"<html><body>Sign in</body></html>", ["not_xml"], id="a page"),
        pytest.param(b"<response", ["malformed"], id="malformed"),
    ],
)
@pytest.mark.parametrize("request_", [b"<r>a</r>", b"12:00 up "])
def test_what_may_be_a_logs_answer_proves_nothing(request_: bytes, body: bytes, forms: list[str]) -> None:
    post = POST.replace(b"<request/>", request_).replace(b": 10", b": %d" % len(request_))
    assert [answer.form for answer in answers(Ladder().opens().says(post).answers(response(body)))] == forms


def test_as_facts_no_answer_is_read() -> None:
    assert not answers(Ladder().opens().says(POST).answers(response()), bodies=False)


def test_a_capture_file_has_the_answer(tmp_path: Path) -> None:
    ladder = Ladder().opens().says(POST).answers(response()).closes()
    phone = judged(tmp_path / "capture.pcap", ladder.segments)
    (answer,) = [observation for observation in phone["observations"] if observation["kind"] == "answer"]
    assert (answer["form"], answer["server"]) == ("none_offered", "10.0.0.80")


def exchange(complete: bool = True, status: int | None = 200, **changes: object) -> UpdateExchange:
    http = Http(time=1, server="10.0.0.80", port=80, status=status, complete=complete, content_type="text/xml")
    given: dict[str, object] = {
        "request_head": POST,
        "request_body": b"",
        "request_whole": True,
        "answer_body": NOTHING,
        "answer_whole": True,
        "answer_holed": False,
        "problem": None,
    }
    return UpdateExchange(http, **{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "form", "reason"),
    [
        (exchange(), "none_offered", None),
        (exchange(complete=False), None, None),
        (exchange(status=404), None, None),
        (exchange(status=None), None, None),
        (exchange(answer_holed=True), None, None),
        (exchange(answer_whole=False), "malformed", "it is longer than what is kept of it"),
        (exchange(problem="it is damaged"), "malformed", "it is damaged"),
        # Why it is not whole is said by what could not be decompressed.
        (exchange(answer_whole=False, problem="it is damaged"), "malformed", "it is damaged"),
    ],
)
def test_a_complete_success_without_a_hole_is_read(given: UpdateExchange, form: str | None, reason: str | None) -> None:
    answer = read_captured_answer(given)
    assert (answer and answer.form, answer and answer.reason) == (form, reason)
