"""Phones of other makers that use the same update service: known by what they do, and judged by what they need."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import NAME, PHONE, POOL, START, URL, Story, codes, verdict
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.other_phones import learns_in_band
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Observation
from ucdiag.model.report import Identity, PhoneReport

NO_UPDATE = {"no-update-offered"}
# What such phones are said to put into a request is published nowhere; device type and maker are field reports.
MAKERS = [
    ("AudioCodes", "420HD", "2.0.13.9"),
    ("Polycom", "VVX410", "4.1.6.4835"),
    ("Polycom", "VVX 600", "5.9.0.9373"),
]


def request(vendor: str, model: str, version: str) -> str:
    return (
        "<Request><DeviceType>3PIP</DeviceType><MACAddress>00-90-8F-12-34-56</MACAddress>"
        f"<Vendor>{vendor}</Vendor><Model>{model}</Model><Version>{version}</Version></Request>"
    )


def judged(facts: Iterable[Observation]) -> PhoneReport:
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for fact in facts:
        tracker.feed(fact)
    (report,) = tracker.finish(START + 600_000_000)
    return report


@pytest.mark.parametrize(("vendor", "model", "version"), MAKERS)
@pytest.mark.parametrize("leased", [False, True])
def test_one_that_posts_is_a_phone_and_needs_no_name(vendor: str, model: str, version: str, leased: bool) -> None:
    story = Story(from_capture=True)
    if leased:
        story.leased(vendor_class="AUDC-IPPhone")
    story.asks("_sipinternaltls._tcp.contoso.com", "NOERROR", type="SRV", records=("0 0 5061 pool01.contoso.com",))
    story.asks("pool01.contoso.com", "NOERROR", POOL).connects(port=5061).shakes(port=5061)
    report = judged(story.connects().posts(request_text=request(vendor, model, version)).answers().fed)
    assert (verdict(report), codes(report)) == (("whole", None, "no-update-offered"), NO_UPDATE)
    assert (report.phone.vendor, report.phone.model, report.phone.firmware) == (vendor, model, version)
    assert report.sign_in is not None
    # The versions of such phones are no generations of the Phone Edition.
    assert "3.5.6907" not in report.verdict.summary
    assert "1.0.522" not in report.verdict.summary


def test_the_step_says_that_such_a_phone_learns_its_server_at_its_sign_in() -> None:
    report = judged(Story(from_capture=True).connects().posts(request_text=request(*MAKERS[0])).answers().fed)
    assert "such a phone learns at its sign-in" in report.steps[1].summary
    ours = request("Polycom", "CX600", "4.0.7577.4387")
    report = judged(Story(from_capture=True).connects().posts(request_text=ours).answers().fed)
    assert "such a phone" not in report.steps[1].summary


@pytest.mark.parametrize(
    ("vendor", "model", "in_band"),
    [
        ("AudioCodes", "440HD", True),
        ("audiocodes Ltd.", None, True),
        (None, "450HD", True),
        ("Polycom", "VVX-500", True),
        ("Polycom", "CX700", False),
        ("LG-Nortel", "IP8540", False),
        ("HP", "4110", False),
        ("Aastra", "6725ip", False),
        (None, None, False),
    ],
)
def test_which_phones_learn_in_band(vendor: str | None, model: str | None, in_band: bool) -> None:
    assert learns_in_band(Identity(vendor=vendor, model=model)) is in_band


@pytest.mark.parametrize(("vendor", "model", "version"), [*MAKERS, ("Polycom", "CX600", "4.0.7577.4387")])
def test_a_sign_in_that_fails_breaks_it(vendor: str, model: str, version: str) -> None:
    story = Story(from_capture=True).connects().posts(404, request_text=request(vendor, model, version))
    report = judged(story.connects("refused", server="10.0.0.40", port=5061).wait(60).fed)
    if vendor == "AudioCodes" or "VVX" in model:
        assert (verdict(report), codes(report)) == (("broken", "dns", "sign-in-failed"), {"sign-in-failed"})
        assert "it learns its update server there alone" in report.verdict.summary
    else:
        assert verdict(report) == ("broken", "request", "http-not-found")
        assert codes(report) == {"http-not-found", "sign-in-failed"}


def test_one_that_asks_for_the_name_is_judged_by_it() -> None:
    story = Story(from_capture=True).asks(NAME, "NXDOMAIN").wait(20)
    assert verdict(judged(story.fed)) == ("broken", "dns", "dns-r2-missing")


def fetched(**more: Any) -> list[Observation]:
    return Story(from_capture=True).connects().gets(**more).fed


def test_one_whose_request_is_encrypted_is_known_by_the_file_that_it_fetches() -> None:
    report = judged(fetched())
    assert (verdict(report)[0], codes(report)) == ("whole", set())
    assert f"{URL.split('/')[-2]}" in report.verdict.summary
    report = judged(fetched(status=404))
    assert verdict(report) == ("broken", "download", "download-not-found")
    # Any other GET makes no phone.
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for fact in fetched(target="/abs/handler/D-0.lsabs"):
        tracker.feed(fact)
    assert list(tracker.finish(START)) == []


def test_each_is_one_phone() -> None:
    both = fetched()
    both += [replace(observation, client="10.0.0.8") for observation in fetched()]  # type: ignore[call-arg]
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for fact in both:
        tracker.feed(fact)
    assert sorted(str(report.phone.ip) for report in tracker.finish(START)) == [PHONE, "10.0.0.8"]
