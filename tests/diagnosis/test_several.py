"""Several addresses, ports and nameservers: which one decides, and that what each of them said is told."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import (
    LEGACY,
    NAME,
    PHONE,
    POOL,
    RESOLVER,
    URL,
    Story,
    codes,
    command_texts,
    statuses,
    verdict,
)
from ucdiag.model.observations import Http
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import Level

OTHER = "10.0.0.21"


def line(report: PhoneReport, step: str) -> str:
    return next(result.summary for result in report.steps if result.step.value == step)


def test_a_port_that_opens_holds_the_step_so_the_later_break_decides() -> None:
    story = Story().found().connects("refused", port=80).connects(port=443).shakes("expired")
    report = story.report()
    assert verdict(report) == ("broken", "tls", "tls-expired")
    assert codes(report) == {"tls-expired", "connect-refused"}
    assert "port 80 refuses" in line(report, "connect")


def test_of_two_ports_that_break_at_one_step_the_first_decides() -> None:
    story = Story().found().connects("refused", port=80).connects("no_answer", port=443)
    assert verdict(story.report()) == ("broken", "connect", "connect-refused")
    story = Story().found().connects(port=80).posts(404).connects(port=443).shakes().posts(503, port=443)
    assert verdict(story.report()) == ("broken", "request", "http-not-found")


def test_what_the_other_port_said_is_reported_without_a_finding() -> None:
    report = Story().found().updated().connects(port=443).shakes("expired").report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"no-update-offered"}
    assert f"{POOL} port 443 has a certificate that has expired" in line(report, "tls")
    report = Story().found().updated().connects(port=443).shakes().posts(404, port=443).report()
    assert codes(report) == {"no-update-offered"}
    assert f"{POOL} port 443 answered 404" in line(report, "request")


def test_the_address_that_is_in_order_is_named_beside_the_one_that_is_not() -> None:
    report = Story().found(POOL, OTHER).updated().connects(server=OTHER).posts(503, server=OTHER).report()
    assert verdict(report) == ("broken", "request", "http-unavailable")
    assert f"{POOL} port 80 is in order" in line(report, "request")
    assert f"{POOL} is in order, but a phone may take any of the addresses." in report.verdict.summary


def test_no_address_is_called_in_order_when_none_is() -> None:
    story = Story().found(POOL, OTHER)
    for server in (POOL, OTHER):
        story.connects(server=server).posts(503, server=server)
    report = story.report()
    assert "in order" not in report.verdict.summary + line(report, "request")
    assert f"{OTHER} port 80 answered 503" in line(report, "request")


def test_answers_that_differ_are_reported() -> None:
    story = Story().found(POOL, OTHER).connects().posts().offers().updated(server=OTHER)
    assert f"{OTHER} port 80 offers nothing newer" in line(story.fetches().report(), "response")


@pytest.mark.parametrize(
    ("rcode", "code"), [(None, "dns-no-answer"), ("REFUSED", "dns-refused"), ("SERVFAIL", "dns-server-failure")]
)
def test_a_nameserver_that_fails_is_a_warning_wherever_it_stands(rcode: str | None, code: str) -> None:
    first = Story().asks(NAME, rcode, server="10.0.0.3").found().updated().report()
    last = Story().found().asks(NAME, rcode, server="10.0.0.3").updated().report()
    for report in (first, last):
        assert verdict(report) == ("whole", None, "no-update-offered")
        assert codes(report) == {"no-update-offered", code}
        assert statuses(report)[1] == "warning"


def test_nameservers_that_agree_are_named_and_leave_no_finding() -> None:
    report = Story().found().asks(NAME, "NOERROR", POOL, server="10.0.0.3").updated().report()
    assert codes(report) == {"no-update-offered"}
    assert statuses(report)[1] == "ok"
    assert f"(asked {RESOLVER})" in line(report, "dns")
    assert "10.0.0.3 says the same" in line(report, "dns")


def test_a_step_with_a_warning_is_marked_as_one() -> None:
    report = Story().found().asks(NAME, "NXDOMAIN", server="10.0.0.3").updated().report()
    assert codes(report) == {"no-update-offered", "dns-servers-disagree"}
    assert statuses(report)[1] == "warning"
    assert statuses(report)[2] == "ok"


# The sentences of failures: what the source knows is told once.


def test_an_answer_that_is_cut_is_reported_once() -> None:
    cut = {"complete": False, "failure": "closed", "answer_bytes": 46, "announced_bytes": 5000}
    reason = "the server closed the connection after 46 of 5000 bytes"
    said = Story().found().connects().posts(200, reason=reason, **cut).report().verdict.summary
    assert said.count("46") == 1
    assert "(200, cut after 46 bytes of 5,000)" in said


def test_what_answers_instead_of_http_is_shown() -> None:
    reason = "what answered does not speak HTTP: it begins with 'SSH-2.0'"
    said = Story().found().connects().posts(None, failure="not_http", reason=reason).report().verdict.summary
    assert said.count("does not speak HTTP") == 1
    assert "'SSH-2.0'" in said


def test_headers_that_trickle_are_not_called_no_answer() -> None:
    said = Story().found().connects().posts(None, failure="incomplete", reason="x").report().verdict.summary
    assert "began to answer" in said
    assert "sent no answer" not in said


def test_a_file_that_is_cut_is_reported_once() -> None:
    reason = "the server closed the connection after 100000 of 200000 bytes"
    story = Story().found().connects().posts().offers()
    story.fetches("truncated", received_bytes=100_000, announced_bytes=200_000, reason=reason)
    said = story.report().verdict.summary
    assert said.count("200") == 1
    assert f"{URL}/CPE.nbt broke off after 100,000 bytes of 200,000." in said


@pytest.mark.parametrize(("closed_by", "said"), [("client", True), ("server", False), (None, False)])
def test_who_ended_a_download_is_said_where_it_was_the_phone(closed_by: str | None, said: bool) -> None:
    story = Story(from_capture=True).leased().found().connects().posts().offers()
    story.gets(complete=False, failure="closed", closed_by=closed_by, announced_bytes=9000)
    verdict = story.report().verdict
    assert verdict.code == "download-truncated"
    assert ("the phone closed the connection" in verdict.summary) is said


def test_commands_ask_with_the_scheme_of_the_request() -> None:
    story = Story().found().connects(port=443).shakes().posts(404, port=443, scheme="https")
    commands = command_texts(story.report().findings[0])
    assert any(f"https://{POOL}:443/" in command for command in commands)
    assert not any(f"http://{POOL}:443/" in command for command in commands)


def test_a_port_whose_test_came_to_no_end_does_not_hide_the_break_on_the_other() -> None:
    report = Story().found().connects(port=80).posts(407).connects(port=443).report()
    assert verdict(report) == ("broken", "request", "http-proxy-auth")


def test_a_proxy_that_refuses_the_tunnel_is_no_plain_http() -> None:
    report = Story().found().connects(port=443).posts(407, port=443, scheme="https").report()
    assert verdict(report) == ("broken", "request", "http-proxy-auth")
    assert "Plain http" not in line(report, "tls")


def test_a_failure_that_came_again_is_counted() -> None:
    story = Story().found()
    for _ in range(3):
        story.connects().posts(503)
    report = story.updated().report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert "(3 times)" in next(finding.summary for finding in report.findings if finding.code == "http-unavailable")


def test_the_evidence_of_what_decides_is_never_what_is_left_out() -> None:
    story = Story(from_capture=True).leased().found()
    for _ in range(12):
        story.connects().posts(503, server_header="Microsoft-IIS/7.0").wait(20)
    (found,) = story.report().findings
    frames = [entry.frame for entry in found.evidence]
    posts = [exchange.frame for exchange in story.fed if isinstance(exchange, Http)]
    assert frames == [posts[0]] * 2 + [None] + [frame for frame in posts[-3:] for _ in range(2)]
    assert found.evidence[2].text == "and 16 more of the same"


def requests(*statuses: int) -> PhoneReport:
    story = Story(from_capture=True).leased().found()
    for status in statuses:
        story.connects().posts(status)
        if status == 200:
            story.answers()
        story.wait(20)
    return story.report()


def test_some_of_several_requests_that_succeeded_are_counted() -> None:
    report = requests(503, 200, 503, 200, 503)
    assert verdict(report) == ("broken", "request", "http-unavailable")
    for text in (report.verdict.summary, report.findings[0].summary, report.steps[4].summary):
        assert f"2 of 5 requests to {POOL} succeeded, which is typical of one bad member of a pool" in text
    report = requests(200, 503, 200)
    assert verdict(report) == ("whole", None, "no-update-offered")
    warning = next(finding.summary for finding in report.findings if finding.code == "http-unavailable")
    assert "2 of 3 requests" in warning
    assert "requests" not in report.verdict.summary
    # Once repaired, once broken, or one outage, and no more.
    for series, counted in (((503, 503, 200), "1 of 3"), ((200, 200, 503), "2 of 3"), ((200, 503, 200), "2 of 3")):
        found = next(finding for finding in requests(*series).findings if finding.code == "http-unavailable")
        assert f"{counted} requests to {POOL} succeeded" in found.summary
        assert "pool" not in found.summary
    for series in ((503, 503), (401, 200), (503,)):
        assert not any("requests to" in finding.summary for finding in requests(*series).findings)


@pytest.mark.parametrize("outcome", ["refused", "no_answer", "unreachable"])
def test_in_a_capture_too_one_good_port_is_enough(outcome: str) -> None:
    story = Story(from_capture=True).leased().found().updated().connects(outcome, port=443).wait(20)
    assert verdict(story.report()) == ("whole", None, "no-update-offered")
    assert codes(story.report()) == {"no-update-offered"}
    story = Story(from_capture=True).leased().found().updated(port=443).connects(outcome, port=80).wait(20)
    assert verdict(story.report())[0] == "whole"
    for port, then in ((443, 80), (80, 443)):
        story = Story(from_capture=True).leased().found().updated()
        report = story.connects(outcome, port=port).connects(outcome, port=then).wait(20).report()
        assert verdict(report)[:2] == ("broken", "connect")
    story = Story(from_capture=True).leased().found(POOL, OTHER).updated().connects(outcome, server=OTHER, port=443)
    assert verdict(story.wait(20).report())[:2] == ("broken", "connect")


def test_tls_to_the_same_host_for_something_else_does_not_break_a_path_that_was_whole() -> None:
    hangs_up = {"closed_by": "server", "stage": "client_hello", "reason": "reset"}
    story = Story(from_capture=True).leased().found().updated().wait(20).connects(port=443).shakes("closed", **hangs_up)
    assert verdict(story.wait(20).report()) == ("whole", None, "no-update-offered")
    assert codes(story.report()) == {"no-update-offered"}
    story = Story(from_capture=True).leased().found().connects().posts().offers().gets()
    story.connects(port=443).shakes("closed", **hangs_up)
    assert verdict(story.wait(20).report()) == ("whole", None, None)
    assert not codes(story.report())
    # What the phone came by that way is no spare port.
    story = Story(from_capture=True).leased().found().connects(port=443).shakes("closed", **hangs_up)
    assert verdict(story.wait(20).report()) == ("broken", "tls", "tls-handshake")


def test_a_capture_that_lacks_what_was_said_is_not_held_against_anybody() -> None:
    story = Story(from_capture=True).leased().found().connects(client_port=5).posts(401, client_port=5)
    unseen = Http(time=0, client=PHONE, server=POOL, port=80, client_port=5, lost_bytes=400)
    assert verdict(story.add(unseen).wait(20).report()) == ("unknown", "request", "capture-gap")
    story = Story(from_capture=True).leased().found().updated().add(unseen).wait(20)
    assert verdict(story.report())[0] == "whole"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, ("unknown", "request", "capture-gap")),
        (200, ("unknown", "request", "capture-gap")),
        (404, ("broken", "request", "http-unavailable")),
    ],
)
def test_what_a_capture_lacks_behind_the_last_failure_may_be_a_success(
    status: int | None, expected: tuple[str, ...]
) -> None:
    """Though one before was whole. An answer that is no success is none, whatever was asked."""

    def unseen(story: Story) -> Story:
        return story.add(Http(time=0, client=PHONE, server=POOL, port=80, client_port=5, lost_bytes=400, status=status))

    good = Story(from_capture=True).leased().found().updated().wait(60)
    assert verdict(unseen(good.connects().posts(503)).wait(20).report()) == expected
    # What comes after it decides.
    good = Story(from_capture=True).leased().found().updated().wait(60)
    failed = unseen(good).connects().posts(503).wait(20).report()
    assert verdict(failed) == ("broken", "request", "http-unavailable")


def _whole_yesterday() -> Story:
    return Story(from_capture=True).leased().found().updated().wait(86_400)


@pytest.mark.parametrize(
    ("story", "expected", "found"),
    [
        (_whole_yesterday().found().connects(port=443).shakes("alert"), "tls", {"tls-handshake"}),
        (_whole_yesterday().found().connects("refused", port=443), "connect", {"connect-refused"}),
        # The good port too, whatever became of it there.
        (_whole_yesterday().found().connects(port=443).shakes("alert").updated(), None, {"no-update-offered"}),
        (
            _whole_yesterday().found().connects(client_port=9).connects(port=443).shakes("alert").wait(299),
            None,
            {"no-update-offered"},
        ),
        # It may have gone there for something else.
        (_whole_yesterday().connects(port=443).shakes("alert"), None, {"no-update-offered"}),
        (_whole_yesterday().found().wait(301).connects(port=443).shakes("alert"), None, {"no-update-offered"}),
        (_whole_yesterday().wait(-86_200).found().connects(port=443).shakes("alert"), None, {"no-update-offered"}),
    ],
)
def test_a_later_check_on_the_other_port_alone_decides(story: Story, expected: str | None, found: set[str]) -> None:
    """The phone asked for its update server once more, and went nowhere else."""
    report = story.wait(20).report()
    assert verdict(report)[:2] == ("broken" if expected else "whole", expected)
    assert codes(report) == found


@pytest.mark.parametrize(
    ("failed", "code"),
    [
        (lambda story: story.posts(500), "http-server-error"),
        (lambda story: story.posts(404), "http-not-found"),
        (lambda story: story.posts(None).wait(30), "http-no-answer"),
        (lambda story: story.posts(answer_frame=8).answers("empty"), "response-malformed"),
    ],
)
@pytest.mark.parametrize(
    ("then", "said"),
    [
        (lambda story: story.connects("refused", port=443), "refused the connection to port 443"),
        (lambda story: story.connects("no_answer", port=443), "did not answer on port 443"),
        (lambda story: story.connects(port=443).shakes("alert"), "the handshake with 10.0.0.20 port 443 failed"),
    ],
)
def test_of_both_ports_in_one_check_the_one_that_came_further_decides(
    failed: Callable[[Story], Story], code: str, then: Callable[[Story], Story], said: str
) -> None:
    report = then(failed(Story(from_capture=True).leased().found().connects())).wait(20).report()
    assert verdict(report)[::2] == ("broken", code)
    assert codes(report) == {code}
    found = report.findings[0]
    assert any(said in line.text for line in found.evidence) == (code != "response-malformed")


@pytest.mark.parametrize(
    "told",
    [
        lambda story, fails, unseen: unseen(fails(story).wait(1)),
        lambda story, fails, unseen: fails(unseen(story).wait(1)),
    ],
    ids=["before", "behind"],
)
@pytest.mark.parametrize(
    ("outcome", "port"), [("refused", 443), ("no_answer", 443), ("refused", 80), ("no_answer", 80)], ids=str
)
def test_an_answer_to_a_request_that_the_capture_lacks_shows_that_a_connection_was_open(
    told: Callable[..., Story], outcome: str, port: int
) -> None:
    """The SYN, its answer and the request were lost: that request may have been the check, and have succeeded."""
    report = (
        told(
            Story(from_capture=True).leased().found(),
            lambda story: story.connects(outcome, port=port),
            lambda story: story.requests(200, client_port=5000, method=None),
        )
        .wait(20)
        .report()
    )
    assert verdict(report) == ("unknown", "request", "capture-gap")
    assert codes(report) == {"capture-gap"}


@pytest.mark.parametrize("later", [400, 86_400])
def test_it_shows_nothing_of_another_check(later: int) -> None:
    story = Story(from_capture=True).leased().found().requests(200, client_port=5000, method=None).wait(later)
    report = story.found().connects("refused", port=80).wait(20).report()
    assert verdict(report) == ("broken", "connect", "connect-refused")


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        (lambda story: story.posts(500, complete=False, lost_bytes=900), "http-server-error"),
        (lambda story: story.posts(401, complete=False, lost_bytes=900), "http-auth-required"),
        (lambda story: story.posts(200, complete=False, lost_bytes=900), "capture-gap"),
        (lambda story: story.posts(None, failure=None, lost_bytes=900), "capture-gap"),
    ],
)
@pytest.mark.parametrize(
    "then",
    [
        lambda story: story.connects("refused", port=443),
        lambda story: story.connects("no_answer", port=443),
        lambda story: story.connects(port=443, client_port=50_000).shakes("alert", client_port=50_000),
    ],
)
def test_an_answer_that_the_capture_lacks_is_no_reason_to_blame_the_other_port(
    lost: Callable[[Story], Story], code: str, then: Callable[[Story], Story]
) -> None:
    """It may have been all that the phone needed: one good port is enough."""
    report = then(lost(Story(from_capture=True).leased().found().connects()).wait(1)).wait(20).report()
    assert verdict(report)[::2] == ("unknown" if code == "capture-gap" else "broken", code)
    assert codes(report) == {code}


@pytest.mark.parametrize(
    "between",
    [
        lambda story: story.wait(301),
        lambda story: story.found(),
        lambda story: story.posts(302, location=f"https://{NAME}/RequestHandler/ucdevice.upx"),
    ],
)
def test_another_check_on_the_other_port_decides_by_itself(between: Callable[[Story], Story]) -> None:
    """Or the same one, where a redirect led there."""
    story = between(Story(from_capture=True).leased().found().connects().posts(500).wait(2))
    assert verdict(story.connects("refused", port=443).wait(20).report()) == ("broken", "connect", "connect-refused")


_REFUSES: dict[str, Any] = {"outcome": "alert", "alert": 48, "alert_from": "client"}


@pytest.mark.parametrize("before", [0.5, 86_400])
def test_a_certificate_that_the_phone_refuses_on_the_other_port_is_a_warning(before: float) -> None:
    """Its check succeeded, and what it wants there now (a later check, its sign-in) fails."""
    story = Story(from_capture=True).leased().found().updated().wait(before).connects(port=443).shakes(**_REFUSES)
    report = story.wait(20).report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"no-update-offered", "tls-untrusted"}
    [warning] = [found for found in report.findings if found.code == "tls-untrusted"]
    assert warning.level is Level.WARNING
    assert "its update request succeeded before, on another port" in warning.summary
    assert statuses(report)[3] == "warning"
    assert report.checks is not None
    assert report.checks.count == 1
    # Once it takes the certificate nothing is left.
    assert codes(story.connects(port=443).shakes().wait(20).report()) == {"no-update-offered"}


def test_a_refused_certificate_on_the_other_port_hides_no_offer() -> None:
    story = Story(from_capture=True).leased().found().connects().posts().offers().connects(port=443).shakes(**_REFUSES)
    report = story.wait(20).report()
    assert verdict(report) == ("unknown", "download", "download-not-tried")
    assert codes(report) == {"download-not-tried", "tls-untrusted"}


def test_a_refused_certificate_on_the_other_port_is_no_second_fault_of_a_path_that_broke_before() -> None:
    story = _whole_yesterday().connects(port=443).shakes(**_REFUSES).wait(600).asks(rcode="NXDOMAIN")
    assert codes(story.wait(20).report()) == {"dns-r2-missing"}


def test_an_offer_is_not_forgotten_for_a_connection_on_the_other_port() -> None:
    story = Story(from_capture=True).leased().found().connects().posts().offers().wait(86_400).found()
    report = story.connects(port=443).shakes("alert").wait(20).report()
    assert verdict(report) == ("broken", "tls", "tls-handshake")


@pytest.mark.parametrize(
    ("later", "port", "expected"),
    [
        (86_400, 80, ("broken", "request", "http-not-found")),
        # The other port of the same check.
        (200, 80, ("broken", "tls", "tls-handshake")),
        (86_400, 443, ("broken", "request", "http-not-found")),
    ],
)
def test_tls_that_failed_is_a_warning_behind_a_later_check_without_it(
    later: float, port: int, expected: tuple[str, ...]
) -> None:
    story = Story(from_capture=True).leased().found().connects(port=443).shakes("alert").wait(later)
    report = story.found().connects(port=port).posts(404, port=port).wait(20).report()
    assert verdict(report) == expected
    assert ("http-not-found" in codes(report)) is (expected[1] == "request")
    assert "tls-handshake" in codes(report)
    # Tried again, it decides.
    again = story.wait(86_400).found().connects(port=443).shakes("alert").wait(20)
    assert verdict(again.report()) == ("broken", "tls", "tls-handshake")


def test_a_connection_without_a_request_leaves_the_tls_that_failed_before() -> None:
    story = Story(from_capture=True).leased().found().connects(port=443).shakes("alert").wait(86_400).found().connects()
    assert verdict(story.wait(20).report()) == ("broken", "tls", "tls-handshake")


def _failed_yesterday(seconds: float = 86_400) -> Story:
    return Story(from_capture=True).leased().found().connects().posts(404).wait(seconds)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (_failed_yesterday().found().connects(port=443).shakes(), ("unknown", None, "tls-not-decrypted")),
        (_failed_yesterday(200).found().connects(port=443).shakes(), ("broken", "request", "http-not-found")),
        # It may have gone there for something else.
        (_failed_yesterday().connects(port=443).shakes(), ("broken", "request", "http-not-found")),
        (_failed_yesterday().found().wait(301).connects(port=443).shakes(), ("broken", "request", "http-not-found")),
        (
            _failed_yesterday().found().connects().posts(503).connects(port=443).shakes(),
            ("broken", "request", "http-unavailable"),
        ),
        # What failed before TLS does not count either.
        (_failed_yesterday().found().connects(port=443).shakes("alert"), ("broken", "tls", "tls-handshake")),
        (
            _failed_yesterday(0).updated().wait(86_400).found().connects(port=443).shakes(),
            ("whole", None, "no-update-offered"),
        ),
    ],
)
def test_what_failed_is_a_warning_behind_a_later_check_that_is_encrypted(
    story: Story, expected: tuple[str | None, ...]
) -> None:
    report = story.wait(20).report()
    assert verdict(report) == expected
    if expected == ("unknown", None, "tls-not-decrypted"):
        assert codes(report) == {"http-not-found"}
        assert statuses(report)[4:] == ["not-seen"] * 3


def test_a_later_check_whose_handshake_has_not_ended_leaves_what_was_read_before() -> None:
    report = _failed_yesterday().found().connects(port=443).shakes("unfinished", stage="client_hello").report()
    assert verdict(report) == ("unknown", "tls", "capture-too-short")
    assert statuses(report)[4:] == ["warning", "not-seen", "not-seen"]
    assert report.steps[4].summary.endswith("it does not know this path (earlier).")


def test_a_file_that_failed_is_a_warning_behind_a_later_check_that_is_encrypted() -> None:
    story = Story(from_capture=True).leased().found().connects().posts().offers().connects().gets(404).wait(86_400)
    report = story.found().connects(port=443).shakes().wait(20).report()
    assert verdict(report) == ("unknown", None, "tls-not-decrypted")
    assert codes(report) == {"download-not-found"}
    # A file is read where it is not encrypted.
    assert verdict(story.connects().gets(403).wait(20).report()) == ("broken", "download", "download-refused")


@pytest.mark.parametrize(
    ("lease", "code"),
    [
        ({"domain": None}, "dhcp-no-domain"),
        ({"resolvers": ()}, "dhcp-no-resolver"),
        ({"domain": "a b"}, "dhcp-domain-unusable"),
    ],
)
def test_a_renewal_that_nobody_answers_does_not_hide_what_the_lease_lacks(lease: dict[str, Any], code: str) -> None:
    """It is worth a warning while the lease runs, and no more."""
    story = Story(from_capture=True).leased(transaction=1, **lease).wait(40_000)
    for _ in range(3):
        story.dhcp("request", transaction=2, client_address=PHONE).wait(10)
    report = story.report()
    assert verdict(report) == ("broken", "dhcp", code)
    assert codes(report) == {code, "dhcp-no-answer"}


@pytest.mark.parametrize(
    ("before", "seconds", "after", "expected"),
    [
        ("NOERROR", 86_400, "NXDOMAIN", "dns-r2-missing"),
        ("NXDOMAIN", 86_400, "NOERROR", "dns-legacy-only"),
        # The same check, and one in which the older name was not asked for.
        ("NOERROR", 200, "NXDOMAIN", "dns-legacy-only"),
        ("NOERROR", 299.9, "NXDOMAIN", "dns-legacy-only"),  # five minutes between that question and the last one
        ("NOERROR", 299.900_001, "NXDOMAIN", "dns-r2-missing"),
        ("NOERROR", 86_400, None, "dns-legacy-only"),
    ],
)
def test_the_older_name_is_what_it_was_in_that_check(
    before: str, seconds: float, after: str | None, expected: str
) -> None:
    def asked(story: Story, rcode: str | None) -> Story:
        story.asks(NAME, "NXDOMAIN")
        return story if rcode is None else story.asks(LEGACY, rcode, *([POOL] if rcode == "NOERROR" else []))

    story = asked(asked(Story(from_capture=True).leased(), before).wait(seconds), after)
    report = story.wait(20).report()
    assert verdict(report) == ("broken", "dns", expected)
