"""What check and probe show beside the path: both URLs, the side checks, and what another phone is served."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.views.reports import START
from ucdiag.model.observations import Connect, Lookup, Observation, SideCheck, UpdateAnswer, UpdateFile
from ucdiag.model.phone import DEFAULT_MAC
from ucdiag.views.beside_path import show_comparison, show_side_checks, show_urls
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.output_target import screen_of

POOL, OTHER = "10.0.0.20", "10.0.0.21"
IN, OUT = "http://in.contoso.com/a", "https://out.contoso.com/b"


def lines(view: Callable[..., None], *facts: Observation, width: int = 200, more: tuple[Any, ...] = ()) -> list[str]:
    stream = io.StringIO()
    view(line_writer_for(screen_of(stream, {"TERM": "dumb", "COLUMNS": str(width)})), facts, *more)
    return stream.getvalue().splitlines()


def answer(form: Any = "offered", **more: Any) -> UpdateAnswer:
    more = {"server": POOL, "port": 80, **more}
    return UpdateAnswer(time=START, form=form, **more)


def lookup(name: str, *addresses: str, **more: Any) -> Lookup:
    more = {"type": "A", "purpose": "file", **more}
    return Lookup(time=START, name=name, addresses=addresses, **more)


def connect(outcome: Any, **more: Any) -> Connect:
    more = {"server": OTHER, "port": 443, "purpose": "other-side", "name": "out.contoso.com", **more}
    return Connect(time=START, outcome=outcome, **more)


OFFER = answer(internal_url=IN, external_url=OUT, files=(UpdateFile(name="CPE.nbt"),))


def urls(*facts: Observation) -> list[str]:
    shown = lines(show_urls, *facts)
    assert shown[:2] == ["", "The URLs of the answer"]
    return shown[2:]


INSIDE, OUTSIDE = f"  inside: {IN}/CPE.nbt", f"  outside: {OUT}/CPE.nbt"


@pytest.mark.parametrize(
    ("facts", "inside", "outside"),
    [
        ([], "", ""),
        ([lookup("in.contoso.com", POOL, OTHER)], f", at {POOL}, {OTHER}", ""),
        ([lookup("in.contoso.com", rcode="NXDOMAIN")], ", not found (NXDOMAIN)", ""),
        ([lookup("in.contoso.com", failure="no_answer")], ", not found (no_answer)", ""),
        ([lookup("out.contoso.com", OTHER, purpose="other-side")], "", f", at {OTHER}"),
        ([lookup("in.contoso.com", POOL, purpose="update")], "", ""),
        ([lookup("in.contoso.com", POOL, type="AAAA")], "", ""),
        # The last word counts.
        ([lookup("in.contoso.com", rcode="NXDOMAIN"), lookup("in.contoso.com", POOL)], f", at {POOL}", ""),
        ([connect("open")], "", "; port 443 is open from here"),
        ([connect("refused")], "", "; port 443 refuses from here"),
        ([connect("no_answer")], "", "; port 443 does not answer here"),
        ([connect("unreachable")], "", "; port 443 cannot be reached from here"),
        ([connect("open", purpose="file")], "", ""),
        ([connect("open", name="x")], "", ""),
        ([connect("open", name=None, server="out.contoso.com")], "", "; port 443 is open from here"),
        # One attempt is enough.
        ([connect("open"), connect("refused")], "", "; port 443 is open from here"),
        ([lookup("out.contoso.com", OTHER), connect("open")], "", f", at {OTHER}; port 443 is open from here"),
    ],
)
def test_what_was_seen_of_each_url(facts: list[Observation], inside: str, outside: str) -> None:
    assert urls(OFFER, *facts) == [INSIDE + inside, OUTSIDE + outside]


def test_a_side_without_a_url_is_blank() -> None:
    assert urls(answer(internal_url=IN, external_url="")) == [f"  inside: {IN}", "  outside: blank"]


def test_the_dot_at_the_end_of_a_host_is_none_of_its_name() -> None:
    assert urls(answer(internal_url="http://in.contoso.com./a"), lookup("in.contoso.com", POOL))[0].endswith(
        f"at {POOL}"
    )


def test_without_an_offer_of_its_own_there_are_no_urls() -> None:
    assert lines(show_urls, answer("none_offered")) == []
    assert lines(show_urls, answer(internal_url=IN, purpose="compare")) == []
    assert lines(show_urls, OFFER, answer(internal_url="http://last/"))[2] == "  inside: http://last/"


def test_long_urls_go_on_below() -> None:
    shown = lines(show_urls, answer(internal_url=IN), lookup("in.contoso.com", POOL, OTHER), width=40)
    assert shown[2:4] == [f"  inside: {IN}, at", f"    {POOL}, {OTHER}"]


def side(what: Any, target: str, server: str | None = None, text: str = "it answers") -> SideCheck:
    return SideCheck(time=START, what=what, target=target, server=server, text=text, good=True)


def test_the_side_checks() -> None:
    assert lines(show_side_checks) == []
    checks = (
        side("ntp", "time.contoso.com", POOL),
        side("certsrv", "pool"),
        side("certificate-service", f"x {POOL}", POOL),
    )
    assert lines(show_side_checks, OFFER, *checks) == [
        "",
        "Beside the path (for information; a phone needs it for its certificates)",
        f"  time, time.contoso.com ({POOL}): it answers",
        "  the CA's chain, where its web enrolment is on this server, pool: it answers",
        f"  the certificate service that DHCP names, x {POOL}: it answers",
    ]
    assert lines(show_side_checks, checks[0], width=40)[-1] == "    it answers"


def compared(*facts: Observation, mac: str | None = "mac") -> list[str]:
    return lines(show_comparison, *facts, more=(mac,))


OWN = answer(version="1.0", internal_url=IN)


DIFFER, ALIKE = "  They differ: one of them may be a test device", "  both are served alike"
FIRST = f"mac by {POOL} port 80:"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], []),
        ([OWN], []),
        (
            [OWN, answer(version="2.0", purpose="compare", asked_as="other")],
            [f"{FIRST} version 1.0 at {IN}", f"other by {POOL} port 80: version 2.0", DIFFER],
        ),
        (
            [OWN, answer(version="1.0", internal_url=IN, purpose="compare")],
            [f"{FIRST} version 1.0 at {IN}", f"the other by {POOL} port 80: version 1.0 at {IN}", ALIKE],
        ),
        (
            [answer(port=443), answer(server=OTHER), answer("none_offered", purpose="compare", asked_as="other")],
            [f"{FIRST} no answer of a Device Update Service", f"other by {POOL} port 80: nothing newer"],
        ),
        (
            [answer("not_xml"), answer(purpose="compare", asked_as="other", external_url=OUT)],
            [f"{FIRST} no usable answer (not xml)", f"other by {POOL} port 80: an update at {OUT}", DIFFER],
        ),
    ],
)  # fmt: skip
def test_what_each_phone_is_served(facts: list[Observation], expected: list[str]) -> None:
    head = ["", "What each phone is served"] if expected else []
    assert compared(*facts) == [*head, *(f"  {line}" for line in expected)]


def test_a_phone_that_nobody_named_is_the_usual_one() -> None:
    assert compared(OWN, answer(purpose="compare"), mac=None)[2].startswith(f"  {DEFAULT_MAC} by")
