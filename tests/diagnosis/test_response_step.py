"""What step 6 says of one answer of the update service, and of an answer that was not read."""

from typing import Any

import pytest

from tests.diagnosis.story import OUTER, PATH, PHONE, POOL, START, URL
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import response
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.observations import Http, UpdateAnswer, UpdateFile
from ucdiag.model.report import Finding
from ucdiag.model.steps import Level

WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions()
OUTSIDE, LOGGED = DiagnosisOptions(external=True), DiagnosisOptions(from_capture=True, from_logs=True)
OUTER_PATH = "/RequestHandlerExt/ucdevice.upx"
OFFERS = f"{POOL} offers"
LACKS = "the capture lacks some 7 bytes of it; capture again, nearer to the phone or with a larger buffer"


def answer(form: Any = "offered", **more: Any) -> UpdateAnswer:
    urls = {"internal_url": URL, "external_url": OUTER} if form == "offered" else {}
    more = {"time": START, "frame": 5, "client": PHONE, "server": POOL, "port": 80, **urls, **more}
    return UpdateAnswer(form=form, **more)


def http(**more: Any) -> Http:
    more = {"method": "POST", "target": PATH, "status": 200, "complete": True, "answer_frame": 5, **more}
    return Http(**{"time": START, "frame": 3, "client": PHONE, "server": POOL, "port": 80, **more})


def judged(*facts: UpdateAnswer | Http, setting: DiagnosisOptions = WATCHED) -> list[Event]:
    requests = [fact for fact in facts if isinstance(fact, Http)]
    answers = [fact for fact in facts if isinstance(fact, UpdateAnswer)]
    return response.events(Traffic(requests=requests, answers=answers), setting, START)


def test_the_advice_names_the_record_by_which_the_phone_came() -> None:
    for names, told in (({}, None), ({"10.0.0.99": "pool"}, None), ({POOL: "pool.contoso.com"}, "pool.contoso.com")):
        (event,) = response.events(Traffic(answers=[answer("not_xml")], host_names=names), WATCHED, START)
        assert event.values["name"] == told


@pytest.mark.parametrize(
    ("form", "more", "ok", "code", "summary"),
    [
        ("none_offered", {}, True, None, f"{POOL} answers as a Device Update Service: nothing newer for this phone"),
        ("not_xml", {}, False, "response-not-xml", f"the answer of {POOL} is not XML"),
        ("not_xml", {"reason": "why"}, False, "response-not-xml", f"the answer of {POOL} is not XML: why"),
        ("malformed", {}, False, "response-malformed", f"the answer of {POOL} cannot be read"),
        ("empty", {"reason": "the body is empty"}, False, "response-malformed", f"the answer of {POOL} is empty"),
        (
            "unknown",
            {"reason": "nothing in it is of a Device Update Service"},
            False,
            "response-unknown",
            f"the answer of {POOL} is XML with nothing of a Device Update Service in it",
        ),
        (
            "unknown",
            {},
            False,
            "response-unknown",
            f"the answer of {POOL} is XML with nothing of a Device Update Service in it",
        ),
        (
            "unknown",
            {"reason": "why"},
            None,
            "response-unknown",
            f"the answer of {POOL} is XML that does not say whether there is an update: why",
        ),
    ],
)
def test_an_answer_without_an_offer(
    form: str, more: dict[str, Any], ok: bool | None, code: str | None, summary: str
) -> None:
    (event,) = judged(answer(form, **more))
    assert (event.ok, event.code, event.summary) == (ok, code, summary)
    assert event.level == (Level.WARNING if ok is None else None)
    assert (event.time, event.channel) == (START, (POOL, 80))


@pytest.mark.parametrize(
    ("more", "ok", "code", "summary"),
    [
        ({}, True, None, f"{OFFERS} an update at {URL} (outside: {OUTER})"),
        ({"version": "3.5"}, True, None, f"{OFFERS} version 3.5 at {URL} (outside: {OUTER})"),
        ({"external_url": URL}, True, None, f"{OFFERS} an update at {URL}"),
        ({"external_url": None}, True, None, f"{OFFERS} an update at {URL}"),
        ({"external_url": ""}, True, None, f"{OFFERS} an update at {URL}"),
        (
            {"internal_url": "", "external_url": ""},
            False,
            "response-urls-blank",
            f"{OFFERS} an update, and both URLs are blank",
        ),
        (
            {"internal_url": None, "external_url": None},
            False,
            "response-urls-blank",
            f"{OFFERS} an update, and both URLs are blank",
        ),
        (
            {"internal_url": ""},
            False,
            "response-internal-url-blank",
            f"{OFFERS} an update, and the internal URL is blank",
        ),
        (
            {"internal_url": "ftp://pool/x"},
            False,
            "response-url-unusable",
            "the URL 'ftp://pool/x' cannot be used: ",
        ),
        (
            {"internal_url": "http://0.0.0.0/x"},
            False,
            "response-url-unusable",
            "the URL 'http://0.0.0.0/x' cannot be used: ",
        ),
    ],
)
def test_an_offer(more: dict[str, Any], ok: bool, code: str | None, summary: str) -> None:
    (event,) = judged(answer(**more))
    assert (event.ok, event.code) == (ok, code)
    assert event.summary == summary or (summary.endswith(": ") and event.summary.startswith(summary))
    assert event.level == (Level.ERROR if code == "response-internal-url-blank" else None)
    assert event.values.get("url") == (more["internal_url"] if code == "response-url-unusable" else None)


@pytest.mark.parametrize(
    ("facts", "setting"),
    [([], OUTSIDE), ([http(target=OUTER_PATH)], WATCHED), ([http(), http(target=OUTER_PATH)], WATCHED)],
)
def test_an_offer_to_a_phone_outside(facts: list[Http], setting: DiagnosisOptions) -> None:
    (event,) = judged(*facts, answer(), setting=setting)
    assert event.summary == f"{OFFERS} an update at {OUTER} (inside: {URL})"
    (event,) = judged(*facts, answer(external_url=""), setting=setting)
    assert (event.ok, event.code) == (False, "response-external-url-blank")
    assert event.summary == f"{OFFERS} an update, and the external URL is blank"
    assert event.level is Level.ERROR


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ({}, f"{POOL} offered an update (the audit log does not name its URLs)"),
        ({"version": "3.5"}, f"{POOL} offered version 3.5 (the audit log does not name its URLs)"),
        ({"internal_url": ""}, f"{OFFERS} an update, and both URLs are blank"),
        ({"external_url": ""}, f"{OFFERS} an update, and both URLs are blank"),
        ({"internal_url": URL}, f"{OFFERS} an update at {URL}"),
    ],
)
def test_an_offer_in_the_log_of_a_server(more: dict[str, Any], summary: str) -> None:
    (event,) = judged(answer(**{"internal_url": None, "external_url": None, **more}), setting=LOGGED)
    assert (event.ok, event.summary) == ("both URLs" not in summary, summary)
    (event,) = judged(answer(internal_url=None, external_url=None))
    assert event.code == "response-urls-blank"


FILE, NAMED = UpdateFile(), UpdateFile(name="CPE.nbt", version="3.5")


@pytest.mark.parametrize(
    ("fact", "lines"),
    [
        (answer("none_offered"), [f"answer of {POOL}: nothing newer (downloads=0)"]),
        (answer(), [f"answer of {POOL}: internal URL {URL!r}, external URL {OUTER!r}"]),
        (answer(files=(NAMED,)), [f"answer of {POOL}: internal URL {URL!r}, external URL {OUTER!r}"]),
        (answer(port=0), [f"answer of {POOL}: internal URL {URL!r}, external URL {OUTER!r}"]),
        (answer(port=0, files=(NAMED, FILE)), [f"answer of {POOL}: CPE.nbt 3.5, a file, without a URL"]),
        (answer("not_xml"), [f"answer of {POOL}: not xml"]),
        (
            answer("malformed", excerpt="x" * 200),
            [f"answer of {POOL}: malformed", f"it begins: {'x' * 160}"],
        ),
    ],
)
def test_the_evidence_of_an_answer(fact: UpdateAnswer, lines: list[str]) -> None:
    (event,) = judged(fact)
    assert [(line.text, line.frame) for line in event.evidence] == [(line, 5) for line in lines]


def test_the_values_of_an_answer() -> None:
    asked = [http(port=443, scheme="https"), http(scheme="http")]
    events = judged(*asked, answer("not_xml", port=443), answer("not_xml"), answer("not_xml", server="10.0.0.21"))
    assert [event.values for event in events] == [
        {"address": POOL, "port": "443", "scheme": "https", "name": None},
        {"address": POOL, "port": "80", "scheme": "http", "name": None},
        {"address": "10.0.0.21", "port": "80", "scheme": None, "name": None},
    ]
    assert [event.channel for event in events] == [(POOL, 443), (POOL, 80), ("10.0.0.21", 80)]


GAP = f"what the answer of {POOL} says is not known: {LACKS} (tcpdump -B 65536)"
LARGE = f"the answer of {POOL} is larger than any update service's"


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ({"lost_bytes": 7}, GAP),
        ({"lost_bytes": 7, "status": 299}, GAP),
        ({"lost_bytes": 7, "status": 300}, None),
        ({"lost_bytes": 7, "status": 199}, None),
        ({"lost_bytes": 7, "status": None}, None),
        ({"lost_bytes": 7, "method": None}, None),
        ({"lost_bytes": 7, "complete": False}, None),
        ({"lost_bytes": 7, "answer_frame": 5}, None),
        ({}, None),
        ({"complete": False, "failure": "too_large", "answer_bytes": 1}, LARGE),
        ({"complete": False, "failure": "too_large", "status": 404}, None),
        ({"complete": False, "failure": "stalled"}, None),
    ],
)
def test_an_answer_that_was_not_read(more: dict[str, Any], summary: str | None) -> None:
    def unread(setting: DiagnosisOptions) -> list[Event]:
        asked = http(**{"answer_frame": 9, **more})
        # Of the same server: it says nothing of the other one.
        return [event for event in judged(asked, answer(), setting=setting) if event.evidence[0].frame == 3]

    found = unread(WATCHED)
    assert [event.summary for event in found] == ([] if summary is None else [summary])
    for event in found:
        assert (event.ok, event.code) == ((None, "capture-gap") if summary == GAP else (False, "response-unknown"))
        assert (event.time, event.channel) == (START, (POOL, 80))
        line = f"answer of {POOL}: {more.get('status', 200)}" if summary == GAP else "1 byte read, and more came"
        assert [evidence.text for evidence in event.evidence] == [line]
    assert [event.summary for event in unread(ASKED)] == ([LARGE] if summary == LARGE else [])


def test_answers_come_by_time() -> None:
    late = http(time=START + 9, answer_frame=9, failure="too_large")
    early = http(time=START - 9, answer_frame=9, failure="too_large")
    assert [event.time for event in judged(late, early, answer())] == [START - 9, START, START + 9]


def beside(fact: UpdateAnswer | None, setting: DiagnosisOptions = ASKED, *requests: Http) -> list[Finding]:
    return response.additional_findings(Traffic(requests=list(requests)), fact, setting)


@pytest.mark.parametrize(
    ("fact", "setting", "expected"),
    [
        (None, ASKED, []),
        (answer(), ASKED, []),
        (answer("not_xml"), ASKED, []),
        (
            answer("none_offered"),
            ASKED,
            [("no-update-offered", "information", f"{POOL} offers nothing newer to this phone")],
        ),
        (
            answer(external_url=""),
            ASKED,
            [("response-external-url-blank", "warning", "the answer's URL for the outside is blank")],
        ),
        (
            answer(external_url=None),
            ASKED,
            [("response-external-url-blank", "warning", "the answer has no URL for the outside")],
        ),
        (
            answer(internal_url=""),
            OUTSIDE,
            [("response-internal-url-blank", "warning", "the answer's URL for the inside is blank")],
        ),
        (
            answer(internal_url=None),
            OUTSIDE,
            [("response-internal-url-blank", "warning", "the answer has no URL for the inside")],
        ),
        (answer(internal_url=""), ASKED, []),
        (answer(external_url=""), OUTSIDE, []),
        (answer("not_xml", internal_url=URL), ASKED, []),
        (
            answer(internal_url=URL.replace("http:", "https:")),
            ASKED,
            [("internal-url-https", "information", f"the internal URL is https: {URL.replace('http:', 'https:')}")],
        ),
    ],
)
def test_what_an_answer_says_beside(
    fact: UpdateAnswer | None, setting: DiagnosisOptions, expected: list[tuple[str, str, str]]
) -> None:
    found = beside(fact, setting)
    assert [(finding.code, finding.level, finding.summary) for finding in found] == expected
    for finding in found:
        assert [line.frame for line in finding.evidence] == [5]
        if finding.code.startswith("response-"):
            assert any(POOL in command.text for command in finding.fix.commands)
