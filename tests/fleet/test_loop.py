"""The loop for many gives the report of the command for one, whatever the site's fault, and asks nobody more often."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.fleet.many import MACS, check_alike, looking_up, phones, probing
from tests.fleet.update_server import NONE_OFFERED, Answer, UpdateServer
from ucdiag.fleet import loop
from ucdiag.fleet.asking import Asked, Question, walk_heard
from ucdiag.fleet.readiness import Selectors
from ucdiag.fleet.targets import Target
from ucdiag.lab.bounds import Bounds
from ucdiag.lab.scenario import DOMAIN, POOL
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import start_site
from ucdiag.lab.trial import context_of
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Context


def at(server: UpdateServer) -> Callable[[Target], Question]:
    return partial(probing, Context(), ServerOptions(url=server.url))


def test_phones_that_hear_the_same_are_asked_once_and_judged_by_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []

    def counted(question: Question, *rest: Any) -> Asked | None:
        judged.append(question.target.line)
        return walk_heard(question, *rest)

    monkeypatch.setattr(loop, "walk_heard", counted)
    with UpdateServer() as server:
        made = check_alike(phones(), at(server))
        assert len(server.requests) == 2 * len(made)
    assert 2 <= len(judged) < len(made)  # more than two where an answer took so long that a report may say it


def test_systems_without_epoll_ask_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "Readiness", Selectors)
    with UpdateServer() as server:
        made = check_alike(phones(), at(server))
        assert len(server.requests) == 2 * len(made)
    with start_site(SCENARIOS["whole"]) as site:
        check_alike([Target(line=1, domain=DOMAIN)], partial(looking_up, context_of(site), None))


@pytest.mark.parametrize(
    "answer",
    [
        lambda request, number: (
            200,
            NONE_OFFERED,
            f"Date: Sat, 28 Nov 2026 19:00:{number:02} GMT\r\nX-Id: {number}\r\n",
        ),
        lambda request, number: (200, NONE_OFFERED, "Server: a\r\n" + "X-Id: 1\r\n" * (number % 2) + " folded\r\n"),
        lambda request, number: (200, b'<?xml version="1.0"?><r downloads="0" n="100%(mac)s%"/>', ""),
        lambda request, number: (404 if b"S100<" in request else 200, NONE_OFFERED, ""),
        lambda request, number: (200, request[request.find(b"<MAC") : request.find(b"</MAC")], ""),
        lambda request, number: (200, NONE_OFFERED, "Content-Length: 39\r\n"),
        lambda request, number: (204, b"", ""),
        lambda request, number: (200, b"<r" + b" " * 200_000 + b"/>", ""),
        lambda request, number: (401, b"", "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n"),
    ],
    ids=["date", "folded", "percent", "one-not-found", "echo", "two-lengths", "no-body", "large", "sign-in"],
)
def test_what_an_answer_may_hold_is_in_the_report_of_the_one_who_heard_it(
    answer: Callable[[bytes, int], Answer],
) -> None:
    def steady(request: bytes, number: int) -> Answer:
        # A phone hears the same, whether it is one of many or asked by itself.
        return answer(request, next(n for n in range(9) if f"S{10**n}<".encode() in request) + 1)

    with UpdateServer(steady) as server:
        check_alike(phones(), at(server))
        assert len(server.requests) <= 2 * len(MACS) + 2  # of what is too large for the loop the first is asked again


# What has its fault where a phone that knows the address does not come by.
ELSEWHERE = ("dns-", "dhcp-", "lease-", "tls-", "external-", "whole-slow")
# Those of which a server never answers, or never ends.
ENDLESS = (
    "connect-no-answer",
    "http-trickle",
    "http-no-answer",
    "http-unfinished",
    "download-connect-no-answer",
    "download-stalled",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if not name.startswith(ELSEWHERE)])
def test_a_scenario_s_server_is_judged_as_by_the_command_for_one(name: str) -> None:
    with start_site(SCENARIOS[name]) as site:
        context = context_of(site, Bounds(0.7 if name in ENDLESS else None))
        server = ServerOptions(url=f"http://{POOL}/RequestHandler/ucdevice.upx")
        check_alike(phones()[: 2 if name in ENDLESS else 4], partial(probing, context, server))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["whole-current", "host-header-differs", "http-forbidden", "response-not-xml"])
def test_a_server_with_a_name_is_asked_by_its_address_too(name: str) -> None:
    with start_site(SCENARIOS[name]) as site:
        server = ServerOptions(url="http://pool.contoso.example/RequestHandler/ucdevice.upx", address=POOL)
        check_alike(phones()[:2], partial(probing, context_of(site), server))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name.startswith(("dns-", "whole"))])
def test_a_scenario_s_names_are_judged_as_by_the_command_for_one(name: str) -> None:
    if name == "whole-two-addresses":
        pytest.skip("its nameserver gives its addresses in another order each time")
    with start_site(SCENARIOS[name]) as site:
        targets = [Target(line=1, domain=DOMAIN), Target(line=2, domain=DOMAIN, site="Köln")]
        check_alike(targets, partial(looking_up, context_of(site), SCENARIOS[name].check.sip_domain))
