"""What ``probe`` asks beside the path: another Host, another phone, the URL for the outside."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.diagnosis.story import NAME, POOL, Story, codes, verdict
from tests.probe.raw_server import HOST, Peer, RawServer
from ucdiag.cli.main import cli
from ucdiag.model.observations import Http, UpdateAnswer

NOTHING = b'<?xml version="1.0"?><Response downloads="0"/>'


def offer(version: str) -> bytes:
    url = f"http://localhost/files/{version}"
    return f"<r><BaseURL>{url}</BaseURL><ExternalBaseURL/><Version>{version}</Version></r>".encode()


class Service:
    """An update service that answers by what is in the request."""

    def __init__(self, answers: dict[bytes, bytes | int], usual: bytes | int = NOTHING) -> None:
        self.requests: list[bytes] = []
        self._answers = answers
        self._usual = usual

    def __call__(self, peer: Peer) -> None:
        request = peer.request()
        self.requests.append(request)
        said = next((answer for mark, answer in self._answers.items() if mark in request), self._usual)
        if isinstance(said, int):
            peer.send(f"HTTP/1.1 {said} No\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            peer.answer(said)


def probe(service: Callable[[Peer], Any], *words: str, json_: bool = True) -> Result:
    with RawServer(service) as server:
        route = f"192.0.2.7:80:{HOST}:{server.port}"
        more = ["--json"] if json_ else []
        given = ["--address", "192.0.2.7", "--port", "80", "--domain", "contoso.test", "-n", "192.0.2.1:9", "-t", "3"]
        return CliRunner().invoke(cli, ["probe", *given, "--connect-to", route, "--no-download", *more, *words])


def found(result: Result) -> set[str]:
    said: dict[str, Any] = json.loads(result.stdout)
    return {finding["code"] for finding in said["phones"][0]["findings"]}


BY_NAME, BY_ADDRESS = b"Host: ucupdates-r2.contoso.test\r\n", b"Host: 192.0.2.7\r\n"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {"no-update-offered"}),
        ({BY_ADDRESS: 404}, {"no-update-offered", "host-header-differs"}),
        ({BY_NAME: 404}, {"http-not-found", "host-header-differs"}),
        ({BY_NAME: 404, BY_ADDRESS: 404}, {"http-not-found"}),
        ({BY_ADDRESS: b"<html><p>Welcome</p></html>"}, {"no-update-offered", "host-header-differs"}),
        ({BY_ADDRESS: offer("4.0.1.1")}, {"no-update-offered", "host-header-differs"}),
    ],
)
def test_name_and_address_in_host(answers: dict[bytes, bytes | int], expected: set[str]) -> None:
    service = Service(answers)
    assert found(probe(service)) == expected
    # Another status is asked for again, before it counts.
    again = (
        len({answers.get(host) if isinstance(answers.get(host), int) else 200 for host in (BY_NAME, BY_ADDRESS)}) > 1
    )
    assert [BY_NAME in request for request in service.requests] == [True, False, False][: 3 if again else 2]
    assert all(BY_ADDRESS in request for request in service.requests[1:])


@pytest.mark.parametrize("failing", [{2}, {3}, set()])
@pytest.mark.parametrize(
    "failure", [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<"]
)
def test_a_server_that_fails_now_and_then_does_so_with_any_host(failing: set[int], failure: bytes) -> None:
    asked = []

    def script(peer: Peer) -> None:
        asked.append(peer.request())
        if len(asked) in failing:
            peer.send(failure)
        else:
            peer.answer(NOTHING)

    assert found(probe(script)) == {"no-update-offered"}
    assert len(asked) == (3 if 2 in failing else 2)


def test_a_host_that_was_given_is_the_only_one() -> None:
    service = Service({BY_ADDRESS: 404})
    assert found(probe(service, "--host", "other.test")) == {"no-update-offered"}
    assert len(service.requests) == 1


def test_two_phones_are_compared() -> None:
    service = Service({b"00-04-F2-00-00-02": offer("4.0.1.1")})
    text = " ".join(probe(service, "--compare-mac", "0004f2000002,S-2", json_=False).stdout.split())
    assert "00:04:f2:00:00:01 by 192.0.2.7 port 80: nothing newer" in text
    assert "00:04:f2:00:00:02 by 192.0.2.7 port 80: version 4.0.1.1 at http://localhost/files/4.0.1.1" in text
    assert "They differ" in text
    assert b"S-2" in service.requests[-1]
    report = json.loads(probe(service, "--compare-mac", "0004f2000002").stdout)
    answers = [observation for observation in report["phones"][0]["observations"] if observation["kind"] == "answer"]
    assert [(answer["purpose"], answer["asked_as"], answer["form"]) for answer in answers] == [
        (None, None, "none_offered"),
        ("host", "00:04:f2:00:00:01", "none_offered"),
        ("compare", "00:04:f2:00:00:02", "offered"),
    ]
    assert report["verdict"]["code"] == "no-update-offered"


def test_two_phones_that_are_served_alike() -> None:
    text = probe(Service({}), "--compare-mac", "00:04:f2:00:00:02", json_=False).stdout
    assert "both are served alike" in text


@pytest.mark.parametrize("text", ["00:04:f2", "00:04:f2:00:00:02,", "00:04:f2:00:00:02,a b"])
def test_no_other_phone(text: str) -> None:
    assert CliRunner().invoke(cli, ["probe", "--compare-mac", text]).exit_code == 2


def test_the_device_type_is_in_the_request() -> None:
    service = Service({})
    probe(service, "--device-type", "3PIP")
    assert all(b"3PIP" in request and b"UCPhone" not in request for request in service.requests)


def _asked(story: Story, status: int | None, form: str | None, host: str = POOL, port: int = 80) -> Story:
    """The same request with the address in Host."""
    client_port = 40000
    story.add(
        Http(
            time=0, server=POOL, port=port, method="POST", host=host, status=status, complete=status is not None,
            purpose="host", client_port=client_port,
        )
    )  # fmt: skip
    if form is not None:
        story.add(UpdateAnswer(time=0, server=POOL, port=port, form=form, purpose="host", client_port=client_port))  # type: ignore[arg-type]
    return story


def test_the_other_host_decides_nothing() -> None:
    report = _asked(Story().found().updated(), 500, None).report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"no-update-offered", "host-header-differs"}
    assert codes(_asked(Story().found().updated(), 200, "none_offered").report()) == {"no-update-offered"}


def other_side(rcode: str | None, *addresses: str, **setting: Any) -> set[str]:
    story = Story(**setting).found().connects().posts().offers().fetches()
    return codes(story.asks("ocsrp.fabrikam.com", rcode, *addresses, purpose="other-side").report())


def test_the_host_of_the_external_url() -> None:
    assert other_side("NXDOMAIN") == {"external-host-missing"}
    assert other_side("NOERROR") == {"external-host-missing"}
    assert other_side("NOERROR", "203.0.113.5") == set()
    # That this resolver does not answer says nothing of the name.
    for rcode in ("REFUSED", "SERVFAIL", None):
        assert other_side(rcode) == set()
    assert "external-host-missing" not in other_side("NXDOMAIN", external=True)
    assert NAME != "ocsrp.fabrikam.com"
