"""What a capture's connections and requests were for."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, URL, Story
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.traffic import Traffic, port_of, sort_traffic, url_in_use
from ucdiag.model.observations import UpdateAnswer, UpdateFile
from ucdiag.model.urls import split_url

FILES = "http://files.contoso.com:8080/fw/"
STORE = "10.0.0.30"


def sorted_out(story: Story) -> Traffic:
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    return sort_traffic(history, DiagnosisOptions(from_capture=True))


def offered(url: str | None = FILES, **more: Any) -> Story:
    story = Story(from_capture=True).found().connects().posts()
    return story.offers(url, None, **more)


def looked_up(**more: Any) -> Story:
    return offered(**more).asks("FILES.contoso.com.", "NOERROR", STORE)


@pytest.mark.parametrize(
    ("target", "more", "is_file"),
    [
        ("/fw/CPE.nbt", {}, True),
        ("/FW/cpe.NBT", {}, True),
        ("/%66w/CPE.nbt", {}, True),
        ("/fw", {}, True),
        ("/fwx/CPE.nbt", {}, False),
        ("/other/CPE.nbt", {}, False),
        ("/fw/CPE.nbt", {"host": "elsewhere.contoso.com", "server": "10.0.0.40"}, False),
        ("/fw/CPE.nbt", {"host": "elsewhere.contoso.com"}, True),
        ("/fw/CPE.nbt", {"host": "FILES.contoso.com:8080", "server": "10.0.0.40"}, True),
        ("/fw/CPE.nbt", {"host": None, "server": "files.contoso.com"}, True),
        ("/fw/CPE.nbt", {"method": "HEAD"}, True),
        ("/fw/CPE.nbt", {"method": "PUT"}, False),
        ("/RequestHandler/Files/x", {"server": "10.0.0.40"}, True),
        ("/requesthandlerext/files/x", {"server": "10.0.0.40"}, True),
        ("/DeviceUpdateFiles_Ext/x", {"server": "10.0.0.40"}, True),
        ("/abs/x", {}, False),
    ],
)
def test_which_requests_are_for_a_file(target: str, more: dict[str, Any], is_file: bool) -> None:
    story = looked_up()
    request = {"method": "GET", "target": target, "server": STORE, "host": "files.contoso.com", **more}
    story.requests(**request)
    assert bool(sorted_out(story).file_requests) is is_file


@pytest.mark.parametrize(
    ("target", "names", "is_file"),
    [
        ("/CPE.nbt", ("CPE.nbt",), True),
        ("/cpe.nbt", ("CPE.nbt",), True),
        ("/CPE.cat", ("CPE.nbt",), True),
        ("/other.nbt", ("CPE.nbt",), False),
        ("/any.nbt", (), True),
        ("/abs/any", (), False),
        ("/certprov/any", (), False),
        ("/autodiscover", (), False),
        ("/absolute", (), True),
    ],
)
def test_at_the_root_of_a_host_the_names_in_the_offer_count(target: str, names: tuple[str, ...], is_file: bool) -> None:
    files = tuple(UpdateFile(name=name, signature="CPE.cat") for name in names)
    story = offered("http://files.contoso.com:8080/", files=files).asks("files.contoso.com", "NOERROR", STORE)
    story.requests(method="GET", target=target, server=STORE, host="files.contoso.com")
    assert bool(sorted_out(story).file_requests) is is_file


def test_what_was_asked_for_before_the_offer_is_no_file() -> None:
    story = Story(from_capture=True).found().connects()
    story.requests(method="GET", target="/fw/CPE.nbt", server=STORE, host="files.contoso.com").posts()
    traffic = sorted_out(story.offers(FILES, None))
    assert traffic.file_requests == []


@pytest.mark.parametrize(
    ("port", "name", "purpose"),
    [
        (8080, "files.contoso.com", "file"),
        (80, "files.contoso.com", None),
        (443, "files.contoso.com", None),
        (8080, "other.contoso.com", None),
    ],
)
def test_a_connection_that_carried_nothing_is_for_where_it_went(port: int, name: str, purpose: str | None) -> None:
    story = offered().asks(name, "NOERROR", STORE).connects(server=STORE, port=port)
    traffic = sorted_out(story)
    assert len(traffic.connects) == 1
    assert len(traffic.file_connects) == (purpose == "file")


def test_a_connection_is_for_what_it_carried() -> None:
    story = looked_up().connects(server=STORE, port=8080, client_port=7)
    story.requests(method="GET", target="/other", server=STORE, port=8080, client_port=7)
    assert sorted_out(story).file_connects == []
    story = looked_up().connects(server=STORE, port=8080, client_port=7)
    story.posts(server=STORE, port=8080, client_port=7)
    assert [connect.server for connect in sorted_out(story).connects] == [POOL, STORE]


def test_the_lookups_of_the_files_host_count_from_the_offer_on() -> None:
    story = Story(from_capture=True).asks("files.contoso.com", "NXDOMAIN").found().connects().posts()
    story.offers(FILES, None).asks("files.contoso.com", "NOERROR", STORE).asks("files.contoso.com", type="AAAA")
    assert [lookup.rcode for lookup in sorted_out(story).file_lookups] == ["NOERROR"]


@pytest.mark.parametrize("port", [80, 443])
def test_the_other_port_counts_until_one_is_good(port: int) -> None:
    other = 443 if port == 80 else 80
    story = Story(from_capture=True).found().connects("refused", port=other).updated(port=port)
    assert [connect.port for connect in sorted_out(story).connects] == [other, port]
    assert [connect.port for connect in sorted_out(story.connects("refused", port=other)).connects] == [other, port]
    # It was good and did not stay so.
    story.connects("refused", port=port)
    assert [connect.port for connect in sorted_out(story).connects] == [other, port, other, port]


def test_an_answer_to_a_log_is_none_to_an_update_check() -> None:
    story = Story(from_capture=True).found().posts().answers()
    log = story.posts(purpose="log", answer_frame=5).answers(form="not_xml")
    traffic = sorted_out(log)
    assert [answer.form for answer in traffic.answers] == ["none_offered"]
    assert not traffic.only_logs
    assert sorted_out(Story(from_capture=True).found().posts(purpose="log")).only_logs


@pytest.mark.parametrize("lost", [0, 12])
def test_an_exchange_of_which_the_request_is_missing_may_be_the_success(lost: int) -> None:
    story = Story(from_capture=True).found().posts(503)
    story.requests(method=None, status=200, server=POOL, lost_bytes=lost)
    assert [http.status for http in sorted_out(story).requests] == [503, 200]
    story = Story(from_capture=True).found().posts(200)
    story.requests(method=None, status=200, server=POOL, lost_bytes=lost)
    assert [http.method for http in sorted_out(story).requests] == ["POST"]
    elsewhere = Story(from_capture=True).found().posts(503)
    elsewhere.requests(method=None, status=200, server=STORE, lost_bytes=lost)
    assert [http.status for http in sorted_out(elsewhere).requests] == [503]


@pytest.mark.parametrize(("status", "counts"), [(200, True), (299, True), (300, False), (404, False)])
def test_after_a_failure_such_an_exchange_counts_if_it_is_a_success(status: int, counts: bool) -> None:
    story = Story(from_capture=True).found().posts(200).posts(503)
    story.requests(method=None, status=status, server=POOL)
    assert [http.status for http in sorted_out(story).requests] == [200, 503, *([status] if counts else [])]


def test_so_may_one_be_the_file() -> None:
    story = looked_up().requests(method=None, status=200, server=STORE)
    assert [http.status for http in sorted_out(story).file_requests] == [200]
    assert sorted_out(looked_up().requests(method=None, status=200, server="10.0.0.40")).file_requests == []


@pytest.mark.parametrize(
    ("internal", "external", "files", "expected"),
    [
        (URL, "x", (), (URL, "x")),
        ("", None, (), ("", None)),
        (None, "", (), (None, "")),
        (None, None, (), (None, None)),
        (None, None, (UpdateFile(internal_url="a", external_url=""),), ("a", "")),
        ("", "", (UpdateFile(internal_url="a"),), ("a", "")),
        (None, None, (UpdateFile(), UpdateFile(internal_url="b")), ("b", None)),
    ],
)
def test_the_url_of_each_side(
    internal: str | None, external: str | None, files: tuple[UpdateFile, ...], expected: tuple[str | None, str | None]
) -> None:
    answer = UpdateAnswer(
        time=0, server=POOL, port=80, form="offered", internal_url=internal, external_url=external, files=files
    )
    assert (url_in_use(answer, False), url_in_use(answer, True)) == expected


@pytest.mark.parametrize(
    ("url", "port"), [("http://h/", 80), ("https://h/", 443), ("http://h:8080/", 8080), ("https://h:80/", 80)]
)
def test_the_port_of_a_url(url: str, port: int) -> None:
    parts = split_url(url)
    assert parts is not None
    assert port_of(parts) == port


def test_the_purposes_of_an_active_command_are_what_it_says() -> None:
    story = Story().found().updated()
    story.connects(purpose="file", server=STORE).shakes(purpose="file", server=STORE).shakes()
    story.asks("files.contoso.com", purpose="file").asks("files.contoso.com", purpose="file", type="AAAA")
    story.requests(method="GET", server=STORE, purpose="file").fetches()
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    traffic = sort_traffic(history, DiagnosisOptions())
    assert [connect.server for connect in traffic.connects] == [POOL]
    assert [tls.server for tls in traffic.handshakes] == [POOL]
    assert [http.server for http in traffic.requests] == [POOL]
    assert [(lookup.name, lookup.type) for lookup in traffic.file_lookups] == [("files.contoso.com", "A")]
    assert len(traffic.transfers) == 1
    assert NAME not in {lookup.name for lookup in traffic.file_lookups}


@pytest.mark.parametrize(("status", "counts"), [(200, False), (206, False), (404, True), (None, True)])
def test_the_files_other_port_counts_until_the_file_came(status: int | None, counts: bool) -> None:
    story = offered(files=(UpdateFile(name="CPE.nbt", internal_url="https://files.contoso.com/fw/CPE.nbt"),))
    story.asks("files.contoso.com", "NOERROR", STORE).connects("refused", server=STORE, port=443)
    more: dict[str, Any] = {"method": "GET", "target": "/fw/CPE.nbt", "host": "files.contoso.com:8080"}
    story.requests(status, server=STORE, port=8080, **more).connects("refused", server=STORE, port=443)
    assert [connect.port for connect in sorted_out(story).file_connects] == [443, 443][: 1 + counts]
    # It was good and did not stay so.
    story.connects("refused", server=STORE, port=8080)
    assert [connect.port for connect in sorted_out(story).file_connects] == [443, 443, 8080]


def test_a_cut_file_did_not_come() -> None:
    story = looked_up().asks("files.contoso.com", "NOERROR", STORE)
    story.requests(200, server=STORE, port=8080, method="GET", target="/fw/CPE.nbt", complete=False)
    story.connects("refused", server=STORE, port=8080)
    assert [connect.port for connect in sorted_out(story).file_connects] == [8080]
