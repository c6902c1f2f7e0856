"""An offer beside the phone that got it: its own version, an older one, one that it cannot take yet; and both URLs."""

from typing import Any

import pytest

from tests.diagnosis.story import OUTER, URL, Story, codes, verdict
from ucdiag.model.observations import UpdateFile
from ucdiag.model.phone import Phone

OLD, NEW, NEWEST = "1.0.522.101", "3.5.6907.35", "4.0.7577.4387"
DOWNLOADED = ("whole", None, None)
SAME = ("whole", None, "same-version-offered")
UNTRIED = ("unknown", "download", "download-not-tried")


def module(version: str, name: str = "CPE.nbt") -> str:
    return f"<Module><FileName>{name}</FileName><Version>{version}</Version></Module>"


def body(*modules: str) -> str:
    return f'<?xml version="1.0"?><Request><Modules>{"".join(modules)}</Modules></Request>'


def offer_of(version: str | None, **more: Any) -> dict[str, Any]:
    return {"version": version, "files": (UpdateFile(name="CPE.nbt", signature="CPE.cat", version=version),), **more}


def watched(text: str | None, **offer: Any) -> Story:
    """A phone in a capture that asks with this body and is offered this."""
    story = Story(from_capture=True).leased().found().connects(client_port=40000)
    story.posts(client_port=40000, request_text=text, answer_frame=story.frame + 2)
    return story.offers(client_port=40000, **offer)


def asked(firmware: str | None = OLD, **offer: Any) -> Story:
    """The same of an active command."""
    story = Story(phone=Phone(firmware=firmware)).found().connects()
    story.posts(request_text=body(module(firmware or OLD)), verified=False)
    return story.offers(**offer)


@pytest.mark.parametrize(
    ("has", "offered"),
    [
        (body(module(OLD)), offer_of(OLD)),
        # Spelt otherwise.
        (body(module("01.00.0522.101")), offer_of(OLD)),
        (body(module("3.5.6907")), offer_of("3.5.6907.0")),
        ('<r><m fileName="cpe.NBT" version="1.0.522.101"/></r>', offer_of(OLD)),
        # The version is in the URL alone.
        (body(module(NEW)), {"files": (UpdateFile(name="CPE.nbt"),)}),
        # No file is named.
        (f"<Request><FirmwareVersion>{OLD}</FirmwareVersion></Request>", {"version": OLD, "files": ()}),
        # Both of two modules.
        (
            body(module(OLD), module("1.23.4.5", "Boot.nbt")),
            {"files": (UpdateFile(name="CPE.nbt", version=OLD), UpdateFile(name="Boot.nbt", version="1.23.4.5"))},
        ),
    ],
)
def test_the_phone_s_own_version_is_nothing_to_fetch(has: str, offered: dict[str, Any]) -> None:
    report = watched(has, **offered).wait(20).report()
    assert (verdict(report), codes(report)) == (SAME, {"same-version-offered"})
    assert report.steps[6].summary == "The phone has the version that is offered: nothing to fetch."


@pytest.mark.parametrize(
    ("has", "offered"),
    [
        # Newer.
        (body(module(OLD)), offer_of(NEW)),
        # Not comparable: the request names no version, another file, or was not captured.
        (body(), offer_of(OLD)),
        (None, offer_of(OLD)),
        (body(module(OLD, "Boot.nbt")), offer_of(OLD)),
        # The answer names none.
        (body(module(OLD)), offer_of(None, internal="http://pool01.contoso.com/files", external=OUTER[:32])),
        # One of two modules is newer, or new to the phone.
        (
            body(module(OLD), module("1.23.4.5", "Boot.nbt")),
            {"files": (UpdateFile(name="CPE.nbt", version=OLD), UpdateFile(name="Boot.nbt", version="1.24.0.0"))},
        ),
        (
            body(module(OLD)),
            {"files": (UpdateFile(name="CPE.nbt", version=OLD), UpdateFile(name="Boot.nbt", version="1.24.0.0"))},
        ),
    ],
)
def test_what_is_or_may_be_newer_has_to_be_fetched(has: str | None, offered: dict[str, Any]) -> None:
    report = watched(has, **offered).wait(20).report()
    assert (verdict(report), codes(report)) == (UNTRIED, {"download-not-tried"})


def test_the_answer_to_another_request_says_nothing_of_this_one() -> None:
    """The answer with the phone's own version belongs to a request that was lost; the next one got another answer."""
    story = Story(from_capture=True).leased().found().connects(client_port=40000)
    story.offers(client_port=40000, **offer_of(OLD))
    story.posts(None, client_port=40000, request_text=body(module(OLD))).wait(20)
    report = story.report()
    assert verdict(report)[0] != "whole"
    assert "same-version-offered" not in codes(report)


def test_a_file_that_failed_is_void_once_the_phone_has_its_version() -> None:
    story = watched(body(module(OLD)), **offer_of(NEW)).gets(404).wait(86400)
    story.found().connects(client_port=40001)
    story.posts(client_port=40001, request_text=body(module(NEW)), answer_frame=story.frame + 2)
    report = story.offers(client_port=40001, **offer_of(NEW)).wait(20).report()
    assert (verdict(report), codes(report)) == (SAME, {"same-version-offered", "download-not-found"})


def test_blank_urls_are_a_fault_even_with_the_phone_s_own_version() -> None:
    report = watched(body(module(OLD)), **offer_of(OLD, internal="", external="")).wait(20).report()
    assert verdict(report) == ("broken", "response", "response-urls-blank")


@pytest.mark.parametrize(
    ("has", "offered", "found"),
    [
        (OLD, NEW, set()),
        (NEW, OLD, {"downgrade-offered"}),
        ("3.5.6907.187", "3.5.6907.35", {"downgrade-offered"}),
        ("3.5.6907.9", "3.5.6907.35", set()),
        (NEWEST, "4.0.7577.4366", {"downgrade-offered"}),
        (OLD, NEWEST, {"stage-skipped"}),
        ("1.0.522.34", "4.0.7576.0", {"stage-skipped"}),
        (NEW, NEWEST, set()),
        # Versions of no known generation.
        (OLD, "6.0.0.4711", set()),
        ("2.1.0.0", NEWEST, set()),
    ],
)
def test_the_versions_that_are_both_in_hand_are_compared(has: str, offered: str, found: set[str]) -> None:
    report = watched(body(module(has)), **offer_of(offered)).gets().wait(20).report()
    assert (verdict(report), codes(report)) == (DOWNLOADED, found)
    active = asked(has, **offer_of(offered)).fetches().report()
    assert (verdict(active), codes(active)) == (DOWNLOADED, found)


@pytest.mark.parametrize(("offered", "found"), [(NEW, {"stage-skipped"}), ("1.0.522.101", set())])
def test_the_versions_are_compared_for_a_phone_that_never_asks_dns(offered: str, found: set[str]) -> None:
    has = "1.0.199.123"
    report = watched(body(module(has)), **offer_of(offered)).gets().wait(20).report()
    assert (verdict(report), codes(report)) == (DOWNLOADED, found)
    active = asked(has, **offer_of(offered)).fetches().report()
    assert verdict(active) == ("unknown", "dns", "firmware-needs-sign-in")
    assert codes(active) == {"firmware-needs-sign-in", *found}


def test_an_active_command_has_nothing_to_fetch_either() -> None:
    report = asked(NEW, **offer_of(NEW)).report()
    assert (verdict(report), codes(report)) == (SAME, {"same-version-offered"})


@pytest.mark.parametrize("offered", [OLD, NEWEST, "1.0.199.123"])
def test_the_version_of_the_built_in_request_says_nothing_of_a_phone(offered: str) -> None:
    """Nobody said which firmware the phone has."""
    report = asked(None, **offer_of(offered)).fetches().report()
    assert (verdict(report), codes(report)) == (DOWNLOADED, set())


def test_a_saved_request_says_which_version_the_phone_has() -> None:
    story = Story(phone=Phone()).found().connects().posts(request_text=body(module(NEW)))
    report = story.offers(**offer_of(OLD)).fetches().report()
    assert (verdict(report), codes(report)) == (DOWNLOADED, {"downgrade-offered"})


@pytest.mark.parametrize(
    ("internal", "external", "found"),
    [
        (URL, OUTER, set()),
        (URL.replace("http:", "https:"), OUTER, {"internal-url-https"}),
        (URL.replace("http:", "HTTPS:"), OUTER, {"internal-url-https"}),
        (URL, OUTER.replace("https:", "http:"), {"external-url-http"}),
        (URL.replace("http:", "https:"), OUTER.replace("https:", "http:"), {"internal-url-https", "external-url-http"}),
        (URL, "", {"response-external-url-blank"}),
        (URL, "/files", set()),
    ],
)
def test_both_urls_of_an_answer_are_judged(internal: str, external: str, found: set[str]) -> None:
    report = asked(OLD, internal=internal, external=external, files=()).fetches().report()
    assert (verdict(report), codes(report)) == (DOWNLOADED, found)
