"""What is told of an answer's status, and the command that repeats the request."""

import pytest

from tests.diagnosis.story import NAME, PATH, POOL, Story, codes, command_texts, verdict
from ucdiag.model.report import Finding
from ucdiag.model.steps import Step, Who


def _finding(status: int | None, **more: object) -> Finding:
    report = Story().lease().found().connects().posts(status, **{"host": NAME, **more}).report()
    return report.findings[0]


@pytest.mark.parametrize("status", [503, 429])
def test_when_the_server_wants_to_be_asked_again_is_evidence(status: int) -> None:
    evidence = _finding(status, retry_after="120").evidence
    assert any("Retry-After: 120" in line.text for line in evidence)
    assert not any("Retry-After" in line.text for line in _finding(status).evidence)


@pytest.mark.parametrize(("status", "named"), [(200, True), (None, False)])
def test_the_advice_on_two_lengths_is_to_send_one(status: int | None, named: bool) -> None:
    finding = _finding(status, failure="not_http", complete=False)
    assert finding.code == "http-not-http"
    assert ("adds another Content-Length to the answers of 10.0.0.20 port 80" in finding.fix.text) == named


@pytest.mark.parametrize("closed_by", ["client", "server", None])
def test_who_ends_the_connection_behind_a_whole_answer_is_no_doubt_of_it(closed_by: str | None) -> None:
    """Only a server's log does not show whether the answer arrived: a capture and an own request do."""
    for story in (Story(from_capture=True).leased(), Story().lease()):
        report = story.found().connects().posts(closed_by=closed_by).offers().wait(60).report()
        (request,) = [step for step in report.steps if step.step is Step.REQUEST]
        assert request.summary == f"{POOL} port 80 answered the POST to {PATH} with 200."


def test_not_modified_is_no_answer_to_a_post() -> None:
    story = Story().lease().found().connects().posts(304)
    report = story.report()
    assert verdict(report) == ("broken", "request", "http-redirected")
    assert "not modified" in report.verdict.summary
    assert "POST" in report.verdict.summary
    assert "redirects" not in report.verdict.summary


def test_more_headers_than_can_be_read_are_http_all_the_same() -> None:
    finding = _finding(None, failure="too_large", reason="its answer has more than 100 header lines")
    assert "does not speak HTTP" not in finding.summary
    assert "its answer has more than 100 header lines" in finding.summary


@pytest.mark.parametrize("status", [500, 429])
def test_what_a_real_phone_sent_need_not_be_sent_again(status: int) -> None:
    def advice(verified: bool) -> str:
        finding = _finding(status, verified=verified)
        return "\n".join([finding.fix.text, *command_texts(finding)])

    assert "--save-request" not in advice(True)
    assert "real phone's request before" not in advice(True)
    assert "record a real phone's request" not in advice(True)
    assert "--save-request" in advice(False)


def test_the_request_can_be_repeated_to_the_address_that_was_asked() -> None:
    (curl,) = [text for text in command_texts(_finding(405)) if text.startswith("curl ")]
    assert '--data ""' in curl  # without it curl sends no Content-Length, and IIS answers 411
    assert f"--resolve {NAME}:80:{POOL}" in curl
    assert f'"http://{NAME}:80{PATH}"' in curl


def test_a_port_in_the_host_header_is_not_taken_for_the_name() -> None:
    report = Story().lease().found().connects(port=8080).posts(405, host=f"{NAME}:8080", port=8080).report()
    (curl,) = [text for text in command_texts(report.findings[0]) if text.startswith("curl ")]
    assert f"--resolve {NAME}:8080:{POOL}" in curl
    assert f'"http://{NAME}:8080{PATH}"' in curl


def _tested(status: int, **more: object) -> Story:
    """What a capture shows of a request that no phone sent."""
    story = Story(from_capture=True).leased().found().connects()
    return story.posts(status, verified=False, answer_frame=20, **more)


@pytest.mark.parametrize(("status", "code"), [(400, "http-status"), (411, "http-status"), (500, "http-server-error")])
@pytest.mark.parametrize(("size", "why"), [(0, "it has no body"), (300, "a test body that is only a guess")])
def test_a_captured_test_that_is_refused_for_what_it_carries_proves_nothing(
    status: int, code: str, size: int, why: str
) -> None:
    report = _tested(status, request_bytes=size).wait(60).report()
    assert verdict(report) == ("unknown", "request", code)
    assert why in report.verdict.summary
    assert "--save-request" in "".join(command_texts(report.findings[0]))


WANTED, ENCRYPTED = (
    "it wants a client certificate, and none was sent",
    "it expects TLS on this port, and was asked without",
)


@pytest.mark.parametrize(
    ("page", "clause", "advice"),
    [
        ("<title>400 No required SSL certificate was sent</title>", WANTED, "Do not ask for a client certificate"),
        ("<title>400 The plain HTTP request was sent to HTTPS port</title>", ENCRYPTED, "Give 10.0.0.20 a listener"),
        ("Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", ENCRYPTED, "Give 10.0.0.20 a list"),
        ("Client sent an HTTP request to an HTTPS server.\n", ENCRYPTED, "Give 10.0.0.20 a listener"),
    ],
)
@pytest.mark.parametrize("verified", [True, False])
def test_what_is_refused_for_its_connection_proves_a_fault_whatever_it_carries(
    page: str, clause: str, advice: str, verified: bool
) -> None:
    more = {"verified": verified, "answer_text": page, "server_header": "nginx/1.22.1"}
    story = Story().lease().found().connects().posts(400, **more)
    report = story.report()
    assert verdict(report) == ("broken", "request", "http-status")
    assert codes(report) == {"http-status"}
    assert report.verdict.summary.removesuffix(".").endswith(clause)
    assert report.findings[0].fix.text.startswith(advice)


def test_such_words_count_in_answers_of_400_alone() -> None:
    (found,) = Story().lease().found().connects().posts(500, verified=False, answer_text=WANTED).report().findings
    assert "which proves nothing" in found.summary


@pytest.mark.parametrize(("status", "code"), [(403, "http-forbidden"), (404, "http-not-found"), (511, "http-status")])
def test_a_captured_test_that_is_refused_whatever_it_carries_counts(status: int, code: str) -> None:
    assert verdict(_tested(status).wait(60).report()) == ("broken", "request", code)


@pytest.mark.parametrize(
    ("size", "form", "expected"),
    [
        (0, "empty", ("unknown", "response", "response-malformed")),
        (0, "malformed", ("unknown", "response", "response-malformed")),
        (0, "unknown", ("unknown", "response", "response-unknown")),
        (0, "not_xml", ("broken", "response", "response-not-xml")),
        (0, "none_offered", ("whole", None, "no-update-offered")),
        (300, "empty", ("broken", "response", "response-malformed")),
    ],
)
def test_what_is_answered_to_a_request_without_a_body(size: int, form: str, expected: tuple[str, ...]) -> None:
    story = _tested(200, request_bytes=size)
    story.frame = 19
    report = story.answers(form).wait(60).report()
    assert verdict(report) == expected
    assert ("had no body either" in report.verdict.summary) == (expected[0] == "unknown")


def test_a_phones_own_check_counts_beside_one_without_a_body() -> None:
    report = _tested(500).wait(300).found().connects().posts(500, request_bytes=300).wait(60).report()
    assert verdict(report) == ("broken", "request", "http-server-error")


@pytest.mark.parametrize("size", [0, 300])
@pytest.mark.parametrize("status", [404, 500])
def test_a_captured_test_that_proves_nothing_hides_no_failure_of_the_phone(status: int, size: int) -> None:
    story = Story(from_capture=True).leased().found().connects().posts(status, request_bytes=300).wait(5)
    report = story.posts(500, verified=False, request_bytes=size).wait(60).report()
    code = "http-not-found" if status == 404 else "http-server-error"
    assert (verdict(report), codes(report)) == (("broken", "request", code), {code})


@pytest.mark.parametrize(
    ("status", "location", "who"),
    [
        (511, None, Who.NETWORK),
        (302, "http://portal.example/login", Who.NETWORK),
        (302, "https://10.9.9.9/login", Who.NETWORK),
        (302, "https://portal.contoso.com/login", Who.SERVER),
        (302, "HTTPS://CONTOSO.COM./", Who.SERVER),
        (302, f"http://{POOL}/owa", Who.SERVER),
        (302, "/owa", Who.SERVER),
        (302, "http://[", Who.SERVER),
        (302, None, Who.SERVER),
        (429, None, Who.SERVER),
    ],
)
def test_a_portal_is_the_networks(status: int, location: str | None, who: Who) -> None:
    finding = _finding(status, location=location)
    assert finding.fix.who is who
    assert ("appcmd" in "".join(command_texts(finding)) or status == 429) == (who is Who.SERVER)
    assert ("portal or web filter that answers" in finding.fix.text) == (who is Who.NETWORK)


@pytest.mark.parametrize(("host", "who"), [("contoso.com", Who.SERVER), ("fabrikam.example", Who.NETWORK)])
def test_the_port_of_the_host_that_was_asked_is_no_part_of_its_domain(host: str, who: Who) -> None:
    story = Story().lease().found().connects(port=8080)
    report = story.posts(302, host=f"{NAME}:8080", port=8080, location=f"http://portal.{host}/").report()
    assert report.findings[0].fix.who is who


@pytest.mark.parametrize(
    ("host", "there", "outside"),
    [
        ("pool01.contoso.com", "lyncweb.contoso.net", False),
        ("pool01.contoso.local", "pool02.contoso.co.uk", False),
        ("pool01.contoso.co.uk", "portal.fabrikam.co.uk", True),
        ("pool01.fabrikam.com", "pool01.contoso.com", False),  # the same host by its other domain
        ("pool01.fabrikam.de", "co.de", True),
        ("pool01.contoso.com:8080", "portal.example", True),
        ("pool01.contoso.com", "pool01", False),
        ("pool01.contoso.com", "pool02", False),
        ("pool01.contoso.com", "10.9.9.9", True),
        # Of what domain these are is not known.
        ("pool01", "pool01.contoso.com", False),
        ("pool01", "portal.example", False),
        ("pool01", "10.9.9.9", False),
        (POOL, "portal.example", False),
        (POOL, "10.9.9.9", False),
        ("[2001:db8::2]", "portal.example", False),
        ("[2001:db8::2]:80", "[2001:db8::2]", False),
    ],
)
def test_whose_a_redirect_is_follows_from_the_domains(host: str, there: str, outside: bool) -> None:
    report = Story().lease().found().connects().posts(302, host=host, location=f"https://{there}/login").report()
    assert report.findings[0].fix.who is (Who.NETWORK if outside else Who.SERVER)
    assert codes(report) == {"http-redirected"}


@pytest.mark.parametrize("host", [POOL, f"{POOL}:8080", "[2001:db8::2]", "[2001:db8::2]:8080"])
def test_an_address_that_was_asked_is_no_name_whose_record_could_be_wrong(host: str) -> None:
    finding = _finding(511, host=host)
    assert finding.fix.text.endswith("or correct the record of ucupdates-r2.<DHCP domain>.")
    assert "Resolve-DnsName -Name ucupdates-r2.<DHCP domain> -Type A" in command_texts(finding)
    assert _finding(511).fix.text.endswith(f"or correct the record of {NAME}.")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_what_a_proxy_answers_itself_is_the_proxys(status: int) -> None:
    finding = _finding(status, proxy="squid/5.7")
    assert "a proxy on the way (squid/5.7) " in finding.summary
    assert finding.fix.who is Who.NETWORK
    assert finding.fix.text.startswith(f"Exempt the phones' subnet, or the pool's address {POOL}, from the proxy")
    assert not any("appcmd" in text or "inetpub" in text for text in command_texts(finding))
    usual = _finding(status)
    assert (usual.fix.who, "proxy on the way" in usual.summary) == (Who.SERVER, False)


@pytest.mark.parametrize(("status", "proxy"), [(502, None), (504, None), (502, "squid/5.7"), (503, "squid/5.7")])
def test_who_passes_requests_on_and_gets_no_answer_is_not_the_server_at_fault(status: int, proxy: str | None) -> None:
    finding = _finding(status, proxy=proxy)
    assert finding.fix.text.startswith(f"Find the server that gives no answer to the proxy or load balancer at {POOL}")
    assert ("(squid/5.7)" in finding.summary) == (proxy is not None)


def test_a_balancer_without_a_server_is_known_by_its_page() -> None:
    """As haproxy 2.6.12 answers."""
    page = (
        "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"
    )
    assert _finding(503, answer_text=page).fix.text.startswith("Find the server that gives no answer")
    assert _finding(500, answer_text=page).code == "http-server-error"


def test_an_application_pool_comes_first_where_the_server_itself_is_unavailable() -> None:
    assert _finding(503, server_header="Microsoft-HTTPAPI/2.0").fix.text.startswith("Start the application pool")


def test_a_proxy_that_redirects_is_a_portal() -> None:
    assert _finding(302, location="/blocked", proxy="squid/5.7").fix.who is Who.NETWORK
    there = "https://proxy.contoso.com/blocked"
    assert _finding(302, location=there, host=NAME, proxy="squid/5.7").fix.who is Who.NETWORK


@pytest.mark.parametrize(("host", "there"), [(NAME, NAME), (NAME, POOL), (POOL, POOL), (None, POOL)])
def test_a_load_balancer_that_redirects_to_https_is_none(host: str | None, there: str) -> None:
    location = f"https://{there}/RequestHandler/ucdevice.upx"
    usual = _finding(302, location=location, host=host)
    assert _finding(302, location=location, host=host, proxy="BigIP").fix == usual.fix
    assert usual.fix.text.startswith("Exempt /RequestHandler")
    assert _finding(302, location="/blocked").fix.who is Who.SERVER


@pytest.mark.parametrize("status", [400, 500])
def test_a_proxys_answer_to_a_guess_proves_nothing_and_is_the_proxys_all_the_same(status: int) -> None:
    report = Story().lease().found().connects().posts(status, verified=False, proxy="squid/5.7").report()
    assert report.verdict.status.value == "unknown"
    assert f"a proxy on the way (squid/5.7) answered {status} in place of {POOL} port 80" in report.verdict.summary
    (finding,) = report.findings
    assert (finding.fix.who, "--save-request" in "".join(command_texts(finding))) == (Who.NETWORK, False)


@pytest.mark.parametrize(
    ("status", "location", "words"),
    [
        # A page to log in, as ISA and TMG make it.
        (302, f"http://{NAME}/CookieAuth.dll?GetLogon", "sends /RequestHandler/ucdevice.upx to another page"),
        (307, "/new/ucdevice.upx", "sends /RequestHandler/ucdevice.upx to another page"),
        (302, "https://portal.contoso.com/login", "sends /RequestHandler/ucdevice.upx to another page"),
        (301, f"https://{NAME}{PATH}", "from the redirect to https"),
        (301, f"https://pool01.contoso.com{PATH}", "from the redirect to https"),
        (302, None, "from the redirect to https"),
        (304, None, "No web server answers 304 to a POST"),
    ],
)
def test_the_advice_on_a_redirect_is_about_where_it_leads(status: int, location: str | None, words: str) -> None:
    fixes = (
        "sends /RequestHandler/ucdevice.upx to another page",
        "from the redirect to https",
        "No web server answers 304 to a POST",
    )
    text = _finding(status, location=location).fix.text
    assert [fix for fix in fixes if fix in text] == [words]


@pytest.mark.parametrize("status", [401, 403, 404, 405, 417, 501])
@pytest.mark.parametrize(
    ("header", "software"),
    [
        ("SimpleHTTP/0.6 Python/3.11.7", "SimpleHTTP/0.6"),
        ("lighttpd/1.4.69", "lighttpd/1.4.69"),
        ("Microsoft-IIS/8.5", None),
        ("Microsoft-HTTPAPI/2.0", None),
        ("-", None),  # a name that somebody took out
        ("", None),
        (None, None),
    ],
)
def test_the_advice_names_a_web_server_that_is_not_iis(status: int, header: str | None, software: str | None) -> None:
    text = _finding(status, server_header=header).fix.text
    assert (f"its answer names {software} as the server, not IIS" in text) == (software is not None)
    assert ("as the server, not IIS" in text) == (software is not None)


@pytest.mark.parametrize(("verified", "named"), [(True, True), (False, False)])
def test_another_server_that_refuses_a_guessed_body_is_not_doubted(verified: bool, named: bool) -> None:
    finding = _finding(413, server_header="nginx", verified=verified)
    assert ("as the server, not IIS" in finding.fix.text) == named


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_another_server_answers_for_one_behind_it_is_not_doubted(status: int) -> None:
    assert "as the server, not IIS" not in _finding(status, server_header="nginx/1.22.1").fix.text


@pytest.mark.parametrize("header", ["lighttpd/1.4.69", "Microsoft-IIS/8.5"])
def test_a_real_request_that_failed_need_not_be_sent_again_whatever_server_answered(header: str) -> None:
    """The advice is not to record a real phone's request: that was one."""
    finding = _finding(500, server_header=header, verified=True)
    assert "record a real phone's request" not in finding.fix.text
    assert not any("--save-request" in text for text in command_texts(finding))


def test_the_name_of_another_server_is_bounded() -> None:
    assert f"names {'x' * 40} as" in _finding(404, server_header="x" * 200).fix.text
