"""What each connection, handshake and request of a capture was for: each condition of the rules, one by one."""

from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, NAME, POOL, Story, verdict
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.traffic import Traffic, external_side, sort_traffic
from ucdiag.model.observations import Http, Lookup, UpdateFile

FILES = "http://files.contoso.com:8080/fw/"
HOST = "files.contoso.com"
STORE, OTHER, REGISTRAR = "10.0.0.30", "10.0.0.99", "10.0.0.40"
WORDS = {
    **dict.fromkeys(("connects", "handshakes", "requests", "hang_ups"), "update"),
    **dict.fromkeys(("file_connects", "file_handshakes", "file_requests", "file_hang_ups", "transfers"), "file"),
    **dict.fromkeys(("sign_in_connects", "sign_in_handshakes"), "sign-in"),
    **dict.fromkeys(("other_connects", "other_handshakes", "other_hang_ups"), "other"),
    "beside": "beside",
    "answers": "answer",
    "file_lookups": "host",
}


def sorted_out(story: Story, servers: KnownServers | None = None) -> Traffic:
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    return sort_traffic(history, DiagnosisOptions(from_capture=True, servers=servers or KnownServers()))


def words(story: Story, servers: KnownServers | None = None) -> str:
    """A word for each fact, in order: what it was for; ``-``: for nothing that counts."""
    traffic = sorted_out(story, servers)
    found = {fact.frame: word for field, word in WORDS.items() for fact in getattr(traffic, field)}
    return " ".join(
        found.get(fact.frame, "-") for fact in story.fed if not isinstance(fact, Lookup) or fact.frame in found
    )


def watched() -> Story:
    return Story(from_capture=True).found()


def offered(url: str | None = FILES, **more: Any) -> Story:
    """An offer, whose host is asked for. The words of it are ``update answer host``."""
    return watched().posts(client_port=9).offers(url, None, **more).asks(HOST, "NOERROR", STORE)


def hangs_up(story: Story, server: str = POOL, port: int = 443, **more: Any) -> Story:
    """The server opens the connection and ends it."""
    return story.requests(None, server, port, **{"failure": "closed", "closed_by": "server", **more})


def hung_up(story: Story, server: str = POOL, port: int = 443, **more: Any) -> Story:
    """The same where a handshake was to be expected."""
    return story.shakes("closed", server, port, **{"closed_by": "server", **more})


def gets(story: Story, server: str = STORE, target: str = "/fw/CPE.nbt", **more: Any) -> Story:
    return story.requests(server=server, **{"method": "GET", "target": target, "host": HOST, "port": 8080, **more})


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # By what it carried.
        (watched().connects(client_port=1).posts(client_port=1), "update update"),
        (watched().posts().connects(client_port=1).requests(method="GET", target="/abs", client_port=1), "update - -"),
        (watched().connects(client_port=1).gets(client_port=1), "file file"),
        (watched().connects(client_port=1).gets(client_port=1).posts(client_port=1), "update file update"),
        (watched().connects(client_port=1).gets(client_port=2), "update file"),
        (watched().connects(client_port=1, port=443).gets(client_port=1), "update file"),
        (watched().connects(client_port=1, server=OTHER).gets(client_port=1), "other file"),
        (watched().connects(client_port=1, server=OTHER).posts(server=OTHER, client_port=1), "update update"),
        (watched().shakes(client_port=1).posts(port=443, client_port=1), "update update"),
        # What came before a connection was not carried by it.
        (watched().gets(client_port=1).connects(client_port=1), "file update"),
        (watched().posts().requests(method="GET", client_port=1).wait(-0.1).connects(client_port=1), "update - -"),
        (watched().requests(method="GET", client_port=1).connects(client_port=1), "- update"),
        # An exchange of which nothing is known says nothing of its connection.
        (watched().posts().connects(client_port=1).requests(client_port=1), "update update -"),
        # A log beside update checks is none, and alone it stands for them.
        (watched().posts().connects(client_port=1).posts(purpose="log", client_port=1), "update - -"),
        (watched().connects(client_port=1).posts(purpose="log", client_port=1), "update -"),
        # So does what is asked of the server for something else, where there is nothing at all of an update.
        (watched().connects(client_port=1).requests(method="GET", target="/abs", client_port=1), "update -"),
        (
            watched().connects("refused", port=443).connects(client_port=1).requests(method="GET", client_port=1),
            "update - -",
        ),
        (watched().connects(client_port=1).requests(method="GET", client_port=1).shakes(), "- - update"),
        (hangs_up(watched().connects(client_port=1).requests(method="GET", client_port=1)), "- - update"),
        (watched().connects(client_port=1, server=OTHER).requests(method="GET", server=OTHER, client_port=1), "- -"),
        (watched().wait(-0.2).connects(client_port=1).requests(method="GET", client_port=1), "- -"),
        # By where it went.
        (watched().connects(), "update"),
        (watched().connects(server=OTHER), "other"),
        (watched().shakes(server=OTHER), "other"),
        (hangs_up(watched(), OTHER), "other"),
        (hangs_up(watched()), "update"),
        (watched().connects(port=53), "-"),
        (watched().connects(port=5061), "sign-in"),
        (watched().shakes(port=5061), "sign-in"),
        (hangs_up(watched(), port=5061), "-"),
        (watched().asks("sip.contoso.com", "NOERROR", REGISTRAR).connects(server=REGISTRAR, port=443), "sign-in"),
        (watched().asks("sip.contoso.com", "NOERROR", REGISTRAR).shakes(server=REGISTRAR, port=443), "sign-in"),
        (watched().asks("sip.contoso.com", "NOERROR", REGISTRAR).connects(server=REGISTRAR, port=80), "other"),
        (hangs_up(watched().asks("sip.contoso.com", "NOERROR", REGISTRAR), REGISTRAR), "other"),
        # To where files are offered, from the offer on.
        (offered().connects(server=STORE, port=8080), "update answer host file"),
        (offered().shakes(server=STORE, port=8080), "update answer host file"),
        (hangs_up(offered(), STORE, 8080), "update answer host file"),
        (offered().connects(server=STORE, port=80), "update answer host other"),
        (offered().connects(server=OTHER, port=8080), "update answer host other"),
        (offered().connects(server=HOST, port=8080), "update answer host file"),
        (offered().wait(-0.2).connects(server=STORE, port=8080), "update answer host other"),
        (offered().wait(-0.3).connects(server=STORE, port=8080), "update answer host other"),
        (offered().wait(-0.19).connects(server=STORE, port=8080), "update answer host file"),
        # ARP in vain does not say the port.
        (
            offered().connects("unreachable", server=STORE, port=80, client_port=None),
            "update answer host file",
        ),
        (offered().connects("unreachable", server=STORE, port=80), "update answer host other"),
        (offered().connects("unreachable", server=OTHER, port=80, client_port=None), "update answer host other"),
        # Of two offers each has its host.
        (
            offered().offers("https://b.contoso.com/fw", None).connects(server="b.contoso.com", port=443),
            "update answer host answer file",
        ),
        (offered("http:///fw").connects(server=STORE, port=80), "update answer other"),
        (offered("").connects(server=STORE, port=80), "update answer other"),
        (
            offered(None, files=(UpdateFile(internal_url=FILES),)).connects(server=STORE, port=8080),
            "update answer host file",
        ),
        (
            offered(None, files=(UpdateFile(external_url=FILES),)).connects(server=STORE, port=8080),
            "update answer host file",
        ),
        (watched().posts().offers(None, FILES).connects(server=HOST, port=8080), "update answer file"),
        (watched().posts().answers(internal_url=FILES).connects(server=HOST, port=8080), "update answer other"),
    ],
)
def test_what_a_connection_is_for(story: Story, expected: str) -> None:
    assert words(story) == expected


def offered_there(host: str = POOL) -> Story:
    """An offer of files at the update server itself: ``update answer``."""
    return watched().posts(client_port=9).offers(f"http://{host}/fw/", None)


GOT: dict[str, Any] = {"host": POOL, "target": "/fw/a.nbt"}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (offered_there().wait(299).connects("refused"), "file"),
        (offered_there().wait(301).connects("refused"), "update"),
        (offered_there().wait(301).shakes("no_answer", port=80), "update"),
        (hangs_up(offered_there().wait(301), port=80), "update"),
        (offered_there().wait(301).connects("refused").wait(200).connects("refused"), "update update"),
        # It is still after the file.
        (offered_there().wait(200).connects("refused").wait(200).connects("refused"), "file file"),
        (offered_there().wait(200).gets(**GOT).wait(200).connects("refused"), "file file"),
        (offered_there().gets(**GOT).wait(301).connects("refused"), "file update"),
        (offered_there().wait(200).gets(**GOT).wait(301).connects("refused"), "file update"),
        # Somewhere else there are files alone.
        (offered(f"http://{STORE}/fw/").wait(86400).connects("refused", STORE), "file"),
        (offered().wait(86400).connects("refused", STORE, 8080), "host file"),
    ],
)
def test_at_the_place_of_the_files_the_next_check_begins_when_the_phone_was_after_none_for_minutes(
    story: Story, expected: str
) -> None:
    assert words(story) == f"update answer {expected}"


@pytest.mark.parametrize(("outcome", "code"), [("refused", "connect-refused"), ("no_answer", "connect-no-answer")])
@pytest.mark.parametrize("status", [200, 404])
def test_a_server_that_is_gone_a_day_after_it_gave_a_file(outcome: str, code: str, status: int) -> None:
    """It is the update server that cannot be reached, whatever became of the file."""
    story = offered_there().gets(status, **GOT).wait(86400).found().connects(outcome)
    report = story.wait(60).report()
    assert verdict(report) == ("broken", "connect", code)
    assert "download-connect-failed" not in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # A server ends a connection that nobody needs any more: soon after it gave what was asked for, or after long.
        (hangs_up(watched().posts().answers().wait(4.9)), "update answer -"),
        (hangs_up(watched().posts().answers().wait(4.900001)), "update answer update"),
        (hangs_up(watched().posts().answers().wait(60), seconds=5.0), "update answer -"),
        (hangs_up(watched().posts().answers().wait(60), seconds=4.999999), "update answer update"),
        (hung_up(watched().posts().answers().wait(4.9)), "update answer -"),
        (hung_up(watched().posts().answers().wait(60), seconds=5.0), "update answer -"),
        (hung_up(watched().posts().answers().wait(60)), "update answer update"),
        # At any of its ports, but at no other server, and not before it gave that.
        (hangs_up(watched().posts().answers(), port=80), "update answer -"),
        (hangs_up(watched().posts(server=OTHER).answers(server=OTHER)), "update answer update"),
        (hangs_up(watched(), seconds=60.0).posts().answers(), "update update answer"),
        (hangs_up(watched().posts().answers("unknown")), "update answer update"),
        (hangs_up(watched().posts().offers()), "update answer -"),
        # A handshake that was completed is enough.
        (hangs_up(watched().shakes()), "update -"),
        (hung_up(watched().shakes()), "update -"),
        (hangs_up(watched().shakes(server=OTHER)), "other update"),
        (hangs_up(watched().shakes("alert")), "update update"),
        (hangs_up(watched().shakes().wait(5)), "update update"),
        (hangs_up(watched().shakes().wait(60), seconds=5.0), "update -"),
        # The last thing that was good counts.
        (hangs_up(watched().shakes().wait(60).posts().answers()), "update update answer -"),
        (hangs_up(watched().posts().answers().wait(60).shakes()), "update answer update -"),
        # Of the host of a file what it gave counts.
        (hangs_up(gets(offered()), STORE, 8080), "update answer host file -"),
        (hangs_up(gets(offered(), status=404), STORE, 8080), "update answer host file file"),
        (hangs_up(gets(offered(), status=300), STORE, 8080), "update answer host file file"),
        (hangs_up(gets(offered(), status=299), STORE, 8080), "update answer host file -"),
        (hangs_up(gets(offered(), status=199), STORE, 8080), "update answer host file file"),
        (hangs_up(gets(offered(), complete=False), STORE, 8080), "update answer host file file"),
        (hangs_up(gets(offered(), status=None, complete=True), STORE, 8080), "update answer host file file"),
        # What ended otherwise is no such end.
        (watched().posts().answers().shakes("closed", closed_by="client", port=80), "update answer update"),
        (watched().posts().answers().shakes("closed", closed_by="server", stage="certificate", port=80),
         "update answer update"),
    ],
)  # fmt: skip
def test_a_connection_that_the_server_ended(story: Story, expected: str) -> None:
    assert words(story) == expected


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # The other port of a server of which one port is good is one more than needed.
        (watched().posts().answers().connects("refused", port=443), "update answer -"),
        (watched().posts().answers().connects("open", port=443), "update answer -"),
        (watched().posts().answers().shakes("alert"), "update answer -"),
        (watched().posts().answers().wait(-0.1).connects("refused", port=443), "update answer -"),
        (watched().connects("refused", port=443).posts().answers(), "update update answer"),
        # A handshake that was completed is none, nor what carried a request, nor the good port itself.
        (watched().posts().answers().shakes(), "update answer update"),
        (
            watched().posts().answers().connects(port=443, client_port=1).posts(port=443, client_port=1),
            "update answer update update",
        ),
        (watched().posts().answers().connects("refused", port=80), "update answer update"),
        # Another server's port, or another purpose's.
        (watched().posts(server=OTHER).answers(server=OTHER).connects("refused", port=443), "update answer update"),
        (gets(offered()).connects("refused", server=STORE, port=8080), "update answer host file file"),
        # An answer that says nothing of updates makes no port good.
        (watched().posts().answers("html").connects("refused", port=443), "update answer update"),
        (watched().posts().offers("http://x.contoso.com/", None).connects("refused", port=443), "update answer -"),
        # The good port failed since.
        (
            watched().posts().answers().connects("refused").connects("refused", port=443),
            "update answer update update",
        ),
        (
            watched().connects("refused").posts().answers().connects("refused", port=443),
            "update update answer -",
        ),
        (
            watched().posts().wait(-0.1).connects("refused").wait(-0.1).answers().connects("refused", port=443),
            "update update answer -",
        ),
        (
            watched().posts().answers().connects("refused").posts().answers().connects("refused", port=443),
            "update answer update update answer -",
        ),
        (watched().posts().answers().connects("open").connects("refused", port=443), "update answer update -"),
    ],
)
def test_the_other_port_of_a_server(story: Story, expected: str) -> None:
    assert words(story) == expected


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Exchanges of which only the answer was captured count where the success is missing.
        (watched().posts(503).requests(), "update update"),
        (watched().posts(None).requests(), "update update"),
        (watched().requests(), "update"),
        (watched().posts(299).requests(), "update -"),
        (watched().posts(complete=False).requests(), "update update"),
        (watched().posts(503).requests(server=OTHER), "update -"),
        (watched().posts(503).requests(method="GET"), "update -"),
        # On a connection of which all was captured nothing is missing.
        (watched().posts(503).connects(client_port=1).requests(client_port=1), "update update -"),
        (watched().posts(503).connects(client_port=2).requests(client_port=1), "update update update"),
        (watched().posts(503).connects(client_port=1).requests(client_port=1, lost_bytes=1), "update update update"),
        # So for a file, from the offer on.
        (offered().requests(server=STORE), "update answer host file"),
        (offered().requests(server=STORE, port=80), "update answer host file"),
        (offered().requests(server=OTHER), "update answer host -"),
        (gets(offered()).requests(server=STORE), "update answer host file -"),
        (offered().wait(-0.25).requests(server=STORE), "update answer host -"),
        (offered().wait(-0.2).requests(server=STORE), "update answer host file"),
        (watched().posts().requests(server=STORE), "update -"),
    ],
)
def test_an_exchange_of_which_only_the_answer_was_captured(story: Story, expected: str) -> None:
    assert words(story) == expected


def test_they_are_among_the_others_by_time() -> None:
    story = watched().posts(503).wait(-5).requests()
    assert [http.status for http in sorted_out(story).requests] == [200, 503]


@pytest.mark.parametrize(
    ("asked", "is_file"),
    [
        ({}, True),
        ({"method": "HEAD"}, True),
        ({"method": "POST"}, False),
        ({"target": "/fw/"}, True),
        ({"target": "/other"}, False),
        # The host that was offered, by its address or by its name.
        ({"host": "other.contoso.com"}, True),
        ({"server": OTHER}, True),
        ({"server": OTHER, "host": None}, False),
        ({"server": OTHER, "host": "other.contoso.com"}, False),
        ({"server": HOST, "host": None}, True),
        # Below a folder of firmware everything is one.
        ({"server": OTHER, "host": None, "target": "/DeviceUpdateFiles_Int/x"}, True),
    ],
)
def test_what_is_asked_for_as_a_file(asked: dict[str, Any], is_file: bool) -> None:
    story = gets(offered().connects(client_port=1), client_port=2, **asked)
    assert (words(story) == "update answer host update file") is is_file


@pytest.mark.parametrize(
    ("when", "is_file"), [(-0.21, False), (-0.2, True), (0, True)], ids=["before", "with it", "after"]
)
def test_a_file_is_one_from_the_offer_on(when: float, is_file: bool) -> None:
    assert (len(sorted_out(gets(offered().wait(when))).file_requests) == 1) is is_file


def test_a_file_in_a_folder_of_firmware_needs_no_offer() -> None:
    assert words(watched().gets()) == "file"
    assert words(gets(watched())) == "-"


@pytest.mark.parametrize(
    ("names", "target", "is_file"),
    [
        (("CPE.nbt",), "/CPE.nbt", True),
        (("CPE.nbt",), "/other.nbt", False),
        ((), "/other.nbt", True),
        ((), "/ews/x", False),
        (("CPE.nbt", None), "/other.nbt", False),
    ],
)
def test_at_the_root_what_is_named_counts(names: tuple[str | None, ...], target: str, is_file: bool) -> None:
    files = tuple(UpdateFile(name=name) for name in names)
    story = gets(offered("http://files.contoso.com:8080/", files=files), target=target)
    assert (words(story) == "update answer host file") is is_file


def test_what_two_offers_name_at_the_root_are_files_both() -> None:
    root = "http://files.contoso.com:8080"
    story = offered(root, files=(UpdateFile(name="a.nbt", signature="a.cat"),))
    story.offers(root, None, files=(UpdateFile(name="b.nbt"),))
    for name in ("a.nbt", "a.cat", "b.nbt", "c.nbt"):
        gets(story, target=f"/{name}")
    assert words(story) == "update answer host answer file file file -"


@pytest.mark.parametrize("more", [{"type": "AAAA"}, {"name": "other.contoso.com"}])
def test_other_questions_are_not_for_the_files_host(more: dict[str, Any]) -> None:
    asked = {"name": HOST, "rcode": "NOERROR", **more}
    story = watched().posts().offers(FILES, None).asks(**asked)
    assert sorted_out(story).file_lookups == []
    assert len(sorted_out(watched().posts().offers(FILES, None).asks("Files.contoso.com.")).file_lookups) == 1


def test_a_question_before_the_offer_is_not_for_the_file_but_names_its_host() -> None:
    story = watched().asks(HOST, "NOERROR", STORE).posts().offers(FILES, None).connects(server=STORE, port=8080)
    assert words(story) == "update answer file"


def test_the_answer_to_a_log_is_none_to_an_update_check() -> None:
    story = watched().posts().posts(purpose="log", answer_frame=5).answers("html").answers("unknown")
    assert [answer.form for answer in sorted_out(story).answers] == ["html"]
    other = watched().posts().posts(purpose="log", answer_frame=4, server=OTHER).answers("html")
    assert [answer.form for answer in sorted_out(other).answers] == ["html"]


def known(**more: frozenset[str]) -> KnownServers:
    return KnownServers(**more)


@pytest.mark.parametrize(
    ("story", "servers", "expected", "named"),
    [
        (watched().connects(), known(), "update", (POOL,)),
        (watched(), known(), "", ()),
        (watched().connects(server=OTHER), known(given=frozenset({OTHER})), "update", (OTHER,)),
        (watched().connects(server=OTHER), known(posted=frozenset({OTHER})), "update", (OTHER,)),
        (watched().connects(server=OTHER).connects(), known(given=frozenset({OTHER})), "update update", (POOL, OTHER)),
        # Where files are offered is a server for a phone that shows no other.
        (watched().connects(server=OTHER), known(offering=frozenset({OTHER})), "other", ()),
        (
            Story(from_capture=True).connects(server=OTHER),
            known(offering=frozenset({OTHER})),
            "update",
            (OTHER,),
        ),
        (Story(from_capture=True).connects(server=OTHER), known(), "other", ()),
        (Story(from_capture=True).posts(), known(), "update", (POOL,)),
        (Story(from_capture=True).connects(port=443).shakes(server_name=NAME), known(), "update update", (POOL,)),
        # A host that was named, and to which the phone went at no address.
        (
            Story(from_capture=True).asks("se.contoso.com", "NOERROR", OTHER).connects(),
            known(given=frozenset({"se.contoso.com"})),
            "other",
            ("se.contoso.com",),
        ),
        (
            Story(from_capture=True).asks("SE.contoso.com.", "NOERROR", OTHER, POOL).connects(),
            known(given=frozenset({"se.contoso.com"})),
            "update",
            (POOL,),
        ),
        (
            Story(from_capture=True)
            .asks("se.contoso.com", "NOERROR", POOL)
            .connects()
            .asks("se.contoso.com", "NXDOMAIN"),
            known(given=frozenset({"se.contoso.com"})),
            "update",
            (POOL,),
        ),
        (
            Story(from_capture=True).asks("se.contoso.com", "NXDOMAIN"),
            known(posted=frozenset({"se.contoso.com"})),
            "",
            ("se.contoso.com",),
        ),
        (
            watched().asks("se.contoso.com", "NXDOMAIN"),
            known(posted=frozenset({"se.contoso.com"})),
            "",
            (),
        ),
        (
            watched().asks("se.contoso.com", "NXDOMAIN"),
            known(given=frozenset({"se.contoso.com"})),
            "",
            ("se.contoso.com",),
        ),
        (
            Story(from_capture=True).posts(server=OTHER).asks("se.contoso.com", "NXDOMAIN"),
            known(posted=frozenset({"se.contoso.com"})),
            "update",
            (OTHER,),
        ),
        (
            Story(from_capture=True).asks("b.contoso.com", "NXDOMAIN").asks("a.contoso.com", "NXDOMAIN"),
            known(given=frozenset({"a.contoso.com", "b.contoso.com"})),
            "",
            ("a.contoso.com", "b.contoso.com"),
        ),
        (watched().asks(LEGACY, "NOERROR", OTHER), known(given=frozenset({LEGACY})), "", ()),
    ],
)
def test_which_servers_are_the_phones(
    story: Story, servers: KnownServers, expected: str, named: tuple[str, ...]
) -> None:
    assert words(story, servers) == expected
    assert sorted_out(story, servers).servers == named


def test_the_servers_that_it_reached_in_any_way() -> None:
    for story in (watched().shakes(), watched().requests(method="GET"), watched().connects("refused")):
        assert sorted_out(story).servers == (POOL,)


def test_the_names_by_which_it_looked_for_addresses() -> None:
    story = watched().asks("a.contoso.com", "NOERROR", STORE).asks("b.contoso.com", "NOERROR", STORE)
    assert sorted_out(story).host_names == {POOL: NAME, STORE: "b.contoso.com"}


@pytest.mark.parametrize(
    ("story", "only"),
    [
        (watched().posts(purpose="log"), True),
        (watched().posts(), False),
        (watched().posts().posts(purpose="log"), False),
        (watched(), False),
    ],
)
def test_whether_it_sent_logs_alone(story: Story, only: bool) -> None:
    assert sorted_out(story).only_logs is only


def test_whether_it_asked_for_something_else_alone() -> None:
    def asks(story: Story) -> Story:
        return story.connects(client_port=1).requests(method="GET", target="/abs", client_port=1)

    assert sorted_out(asks(watched())).only_others
    assert not sorted_out(watched()).only_others
    assert not sorted_out(watched().connects()).only_others
    assert not sorted_out(asks(watched().posts())).only_others


@pytest.mark.parametrize(
    ("seconds", "beside"),
    [(0.1, True), (-0.1, True), (59.9, True), (60.0, False)],
)
def test_a_failure_on_the_other_port_after_the_last_hang_up_there(seconds: float, beside: bool) -> None:
    story = hangs_up(watched().wait(-60)).wait(60)
    story = hangs_up(story, OTHER, 80)
    story = hangs_up(story, port=443).wait(seconds)
    assert (words(story.connects("refused")) == "update other update beside") is beside


@pytest.mark.parametrize("purpose", [None, "update", "update-or-log", "file", "host", "compare", "other-side"])
def test_an_active_command_says_what_is_not_for_the_update(purpose: Any) -> None:
    story = Story().connects(purpose=purpose).shakes(purpose=purpose).posts(purpose=purpose).offers(purpose=purpose)
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    traffic = sort_traffic(history, DiagnosisOptions())
    count = purpose in (None, "update", "update-or-log")
    kept = [traffic.connects, traffic.handshakes, traffic.requests, traffic.answers, traffic.offers]
    assert [len(facts) for facts in kept] == [count] * 5


@pytest.mark.parametrize(("name", "type", "counts"), [("file", "A", 1), ("file", "AAAA", 0), ("update", "A", 0)])
def test_which_of_its_questions_are_for_the_files_host(name: Any, type: str, counts: int) -> None:
    history = ObservationLog()
    history.add(Story().asks(HOST, purpose=name, type=type).fed[0])
    assert len(sort_traffic(history, DiagnosisOptions()).file_lookups) == counts


INSIDE, OUTSIDE = "/RequestHandler/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx"


@pytest.mark.parametrize(
    ("targets", "external", "expected"),
    [
        ([], False, False),
        ([], True, True),
        ([INSIDE], False, False),
        ([INSIDE], True, True),
        ([OUTSIDE], False, True),
        # The last request counts.
        ([INSIDE, INSIDE, OUTSIDE], False, True),
        ([OUTSIDE, OUTSIDE, INSIDE], False, False),
        ([INSIDE, OUTSIDE, INSIDE], False, False),
    ],
)
def test_whether_it_asks_as_from_outside(targets: list[str], external: bool, expected: bool) -> None:
    requests = [Http(time=0, server=POOL, port=80, target=target) for target in targets]
    assert external_side(requests, DiagnosisOptions(external=external)) is expected
