"""Both URLs of an answer are shown, and which of the two the phone took."""

from typing import Any

import pytest

from tests.diagnosis.history import Life
from tests.diagnosis.story import OUTER, POOL, URL, codes, verdict
from ucdiag.model.observations import UpdateFile
from ucdiag.update_service.names import EXTERNAL_PATH

OUTSIDE_HOST = "ocsrp.fabrikam.com"
OUT = "10.0.0.40"
INTO = "; the phone asked inside and took the external URL."


def offered(internal: str = URL, external: str = OUTER, **post: Any) -> Life:
    phone = Life().starts().found()
    phone.connects(client_port=40000)
    phone.posts(client_port=40000, answer_frame=phone.frame + 2, **post)
    phone.offers(internal, external, client_port=40000)
    return phone


def path(url: str) -> str:
    return f"/{url.split('/', 3)[3]}/CPE.nbt"


def said(phone: Life, step: int = 7) -> str:
    return phone.wait(20).report().steps[step - 1].summary


def taken(phone: Life) -> str | None:
    checks = phone.report().checks
    assert checks is not None
    return checks.history[0].url


def test_both_urls_are_shown() -> None:
    text = said(offered(), 6)
    assert text.endswith(f"offers an update at {URL} (outside: {OUTER}).")
    outside = offered(target=EXTERNAL_PATH)
    assert said(outside, 6).endswith(f"offers an update at {OUTER} (inside: {URL}).")


@pytest.mark.parametrize("external", ["", URL])
def test_one_url_is_shown_once(external: str) -> None:
    assert said(offered(external=external), 6).endswith(f"offers an update at {URL}.")


def test_the_internal_url_inside() -> None:
    phone = offered().gets()
    assert said(phone).endswith("CPE.nbt arrived whole (5,000 bytes), from the internal URL.")
    assert taken(phone) == "internal"


def test_the_external_url_inside() -> None:
    outer = OUTER.replace("https:", "http:")
    phone = offered(external=outer).asks(OUTSIDE_HOST, "NOERROR", OUT, purpose=None)
    phone.requests(method="GET", target=path(OUTER), host=OUTSIDE_HOST, server=OUT, answer_bytes=5000)
    assert said(phone).endswith(f"arrived whole (5,000 bytes){INTO}")
    assert (taken(phone), codes(phone.report())) == ("external", {"external-url-http"})


def test_the_external_url_inside_is_not_there() -> None:
    outer = OUTER.replace("https:", "http:")
    phone = offered(external=outer).asks(OUTSIDE_HOST, "NOERROR", OUT, purpose=None)
    phone.requests(404, method="GET", target=path(OUTER), host=OUTSIDE_HOST, server=OUT)
    report = phone.wait(20).report()
    assert verdict(report) == ("broken", "download", "download-not-found")
    assert report.verdict.summary.endswith(f"is not there (404){INTO}")


@pytest.mark.parametrize("answer", ["NXDOMAIN", None])
@pytest.mark.parametrize(("name", "code"), [("CPE.nbt", None), ("CPE.cat", "download-host-missing")])
def test_the_external_host_after_the_file_had_come(name: str, code: str | None, answer: str | None) -> None:
    """A phone asks for the external web farm for other reasons, too, and inside its name is often missing."""
    phone = offered().gets(target=path(URL).replace("CPE.nbt", name)).asks(OUTSIDE_HOST, answer, purpose=None)
    report = phone.wait(20).report()
    assert report.verdict.code == code
    assert codes(report) == ({code} if code else set())


@pytest.mark.parametrize(("other", "code"), [(URL, None), ("", "download-host-missing")])
def test_the_external_host_of_a_file_that_is_only_there(other: str, code: str | None) -> None:
    """The phone needs the other side's host where one of its files has no URL on its own side."""
    phone = Life().starts().found().connects(client_port=40000).posts(client_port=40000)
    files = [
        UpdateFile(name=f"{name}.nbt", internal_url=at, external_url=OUTER) for name, at in [("CPE", URL), ("B", other)]
    ]
    phone.offers(None, None, client_port=40000, files=tuple(files))
    report = phone.gets().asks(OUTSIDE_HOST, "NXDOMAIN", purpose=None).wait(20).report()
    assert report.verdict.code == code


def test_the_external_host_before_the_file_came_is_a_warning() -> None:
    phone = offered().asks(OUTSIDE_HOST, "NXDOMAIN", purpose=None).gets()
    report = phone.wait(20).report()
    assert (report.verdict.status, codes(report)) == ("whole", {"download-host-missing"})


def test_the_internal_host_after_the_file_had_come_from_there() -> None:
    """A failure on the phone's own side counts, as before."""
    phone = offered().gets().asks("pool01.contoso.com", "NXDOMAIN", purpose=None)
    assert verdict(phone.wait(20).report()) == ("broken", "download", "download-host-missing")


def test_the_external_host_inside_does_not_resolve_or_answer() -> None:
    phone = offered().asks(OUTSIDE_HOST, "NXDOMAIN", purpose=None)
    assert said(phone).endswith(f"{OUTSIDE_HOST}, does not resolve: NXDOMAIN{INTO}")
    phone = offered().asks(OUTSIDE_HOST, "NOERROR", OUT, purpose=None).connects("refused", OUT, 443)
    assert said(phone).endswith(INTO)


def test_the_external_url_inside_over_tls_cannot_be_reported() -> None:
    phone = offered().asks(OUTSIDE_HOST, "NOERROR", OUT, purpose=None)
    phone.connects(server=OUT, port=443).shakes(server=OUT, server_name=OUTSIDE_HOST)
    report = phone.wait(20).report()
    assert verdict(report) == ("unknown", "download", "tls-not-decrypted")
    assert INTO[:-1] in report.steps[6].summary
    assert codes(report) == set()


def test_the_internal_url_outside() -> None:
    phone = offered(target=EXTERNAL_PATH).gets()
    assert said(phone).endswith("; the phone asked outside and took the internal URL.")


@pytest.mark.parametrize(
    ("internal", "external", "side"),
    [
        # By path, port or name alone.
        ("http://h/Int", "http://h/Ext", "internal"),
        ("http://h/Ext", "http://h/Int", "external"),
        ("http://h:8080/Int", "http://h/Int", "external"),
        # Both, or none, fit.
        ("http://h/Int", "http://h/Int", None),
        ("http://h/Int", "http://h", None),
        ("http://i/Int", "http://j/Int", None),
    ],
)
def test_where_both_fit_nothing_is_said(internal: str, external: str, side: str | None) -> None:
    phone = offered(internal, external).asks("h", "NOERROR", POOL, purpose=None)
    phone.requests(method="GET", target="/Int/CPE.nbt", host="h", answer_bytes=5000)
    assert taken(phone) == side


def test_an_address_is_as_good_as_its_name() -> None:
    phone = offered().asks("pool01.contoso.com", "NOERROR", "10.0.0.30", purpose=None)
    phone.requests(method="GET", target=path(URL), host="10.0.0.30:80", server="10.0.0.30", answer_bytes=5000)
    assert taken(phone) == "internal"
