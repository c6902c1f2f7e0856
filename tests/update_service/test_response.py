"""The update answer in every form that is documented, likely or hostile."""

import codecs
import gzip
import time
import tracemalloc
import zlib
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ucdiag.model.observations import UpdateAnswer, UpdateFile
from ucdiag.update_service.response import LIMIT, Answer, file_urls, read_answer, to_observation, usable_url
from ucdiag.wire.http.body import Inflater, excerpt, is_page, known_encoding, readable

FORMS = {"none_offered", "offered", "unknown", "not_xml", "malformed", "empty"}
INTERNAL = "http://pool01.contoso.com/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
EXTERNAL = "https://ocsrp.fabrikam.com/DeviceUpdateFiles_Ext/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
MODULE = (
    "<Module><FileName>CPE.nbt</FileName><SignatureFileName>CPE.cat</SignatureFileName>"
    "<Version>3.5.6907.35</Version></Module>"
)


@pytest.mark.parametrize(
    "body",
    [
        '<update downloads="0"/>',
        "<update downloads='0'></update>",
        "<Update DOWNLOADS=' 0 '/>",
        "<r><downloads>0</downloads></r>",
        "<r><Downloads>\n 0 \n</Downloads></r>",
        "<downloads>0</downloads>",
        '<u:r xmlns:u="urn:x"><u:Downloads>0</u:Downloads></u:r>',
        '<r xmlns="urn:x" xmlns:d="urn:d" d:downloads="0"/>',
        "<r>downloads=0</r>",
        '<r> downloads = "0" </r>',
        "<r><![CDATA[downloads=0]]></r>",
        "downloads=0",
        "downloads=0\r\n",
        '  downloads="0"',
        "status=ok&downloads=0",
        "downloads=0; version=1.0.522.101",
        "\ufeffdownloads=0",
        "<r><NumOfFiles>0</NumOfFiles></r>",
        '<r NumOfFiles="0"/>',
        "<r><num_of_files>0</num_of_files></r>",
        '<r><Files count="0"/></r>',
        "<r><Downloads><Count>0</Count></Downloads></r>",
        '<?xml version="1.0"?><!-- nothing --><r downloads="0"/>',
        '\r\n <?xml version="1.0"?><r downloads="0"/>',
        f"<r><Downloads>0</Downloads><BaseURL>{INTERNAL}</BaseURL></r>",
        '<r><value name="downloads">0</value></r>',
        '<r><Downloads value="0"/></r>',
        '<r><NumOfFiles Value="0"/></r>',
    ],
)
def test_nothing_newer(body: str) -> None:
    answer = read_answer(body.encode())
    assert (answer.form, answer.downloads) == ("none_offered", 0)
    assert answer.files == ()


@pytest.mark.parametrize(
    "body",
    [
        f"<r><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL>{MODULE}</r>",
        f'<r BaseURL="{INTERNAL}" ExternalBaseURL="{EXTERNAL}">{MODULE}</r>',
        f'<r><BaseURL value="{INTERNAL}"/><ExternalBaseURL value="{EXTERNAL}"/>{MODULE}</r>',
        f"<r><baseurl>\n{INTERNAL}\n</baseurl><EXTERNALBASEURL> {EXTERNAL}</EXTERNALBASEURL>{MODULE}</r>",
        f'<x:r xmlns:x="urn:x"><x:BaseURL>{INTERNAL}</x:BaseURL>'
        f"<x:ExternalBaseURL>{EXTERNAL}</x:ExternalBaseURL>{MODULE}</x:r>",
        f"<r><Module><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL>{MODULE[8:]}</r>",
        f"<r><InternalBaseURL>{INTERNAL}</InternalBaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL>{MODULE}</r>",
        f"<r><InternalUpdatesStoreURL>{INTERNAL}</InternalUpdatesStoreURL>"
        f"<ExternalUpdatesStoreURL>{EXTERNAL}</ExternalUpdatesStoreURL>{MODULE}</r>",
        f"<r>BaseURL={INTERNAL}<x>ExternalBaseURL={EXTERNAL}</x>{MODULE}</r>",
        f'<r><add key="BaseURL" value="{INTERNAL}"/><add key="ExternalBaseURL" value="{EXTERNAL}"/>{MODULE}</r>',
        f"<r><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL>"
        '<Modules><Module Name="CPE.nbt" Signature="CPE.cat" Version="3.5.6907.35"/></Modules></r>',
        f"<r><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL><FileName>CPE.nbt</FileName>"
        "<SignatureFileName>CPE.cat</SignatureFileName><Version>3.5.6907.35</Version></r>",
        f"<r><BaseURL/><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL>{MODULE}</r>",
    ],
)
def test_an_update_is_offered(body: str) -> None:
    answer = read_answer(body.encode())
    assert (answer.form, answer.internal_url, answer.external_url) == ("offered", INTERNAL, EXTERNAL)
    assert answer.version == "3.5.6907.35"
    assert [(file.name, file.signature, file.version) for file in answer.files] == [
        ("CPE.nbt", "CPE.cat", "3.5.6907.35")
    ]
    assert file_urls(answer, external=False) == (f"{INTERNAL}/CPE.nbt",)
    assert file_urls(answer, external=True) == (f"{EXTERNAL}/CPE.nbt",)


@pytest.mark.parametrize(
    "body",
    [
        '<r NumOfFiles="2"><File0 InternalUrl="http://p/a.cab" ExternalUrl="https://e/a.cab"/>'
        '<File1 InternalUrl="http://p/b.cab" ExternalUrl="https://e/b.cab"/></r>',
        "<r><NumOfFiles>2</NumOfFiles>"
        "<File0><InternalUrl>http://p/a.cab</InternalUrl><ExternalUrl>https://e/a.cab</ExternalUrl></File0>"
        "<File1><InternalUrl>http://p/b.cab</InternalUrl><ExternalUrl>https://e/b.cab</ExternalUrl></File1></r>",
        "<r><NumOfFiles>2</NumOfFiles><Files>"
        "<File0><FileName>a.cab</FileName><InternalUrl>http://p/a.cab</InternalUrl><ExternalUrl>https://e/a.cab</ExternalUrl></File0>"
        "<File1><FileName>b.cab</FileName><InternalUrl>http://p/b.cab</InternalUrl><ExternalUrl>https://e/b.cab</ExternalUrl></File1>"
        "</Files></r>",
    ],
)
def test_later_generations_name_each_file(body: str) -> None:
    answer = read_answer(body.encode())
    assert (answer.form, answer.downloads) == ("offered", 2)
    assert file_urls(answer, external=False) == ("http://p/a.cab", "http://p/b.cab")
    assert file_urls(answer, external=True) == ("https://e/a.cab", "https://e/b.cab")
    assert answer.internal_url == "http://p/a.cab"


@pytest.mark.parametrize(
    ("body", "internal", "external"),
    [
        ("<r><BaseURL/><ExternalBaseURL/></r>", "", ""),
        ("<r><BaseURL></BaseURL><ExternalBaseURL>  \n </ExternalBaseURL></r>", "", ""),
        ('<r BaseURL="" ExternalBaseURL=" "/>', "", ""),
        ("<r><BaseURL/></r>", "", None),
        ("<r><ExternalBaseURL/></r>", None, ""),
        (f"<r><BaseURL/><ExternalBaseURL>{EXTERNAL}</ExternalBaseURL></r>", "", EXTERNAL),
        (f"<r><BaseURL>{INTERNAL}</BaseURL><ExternalBaseURL/></r>", INTERNAL, ""),
        (f"<r><BaseURL>{INTERNAL}</BaseURL></r>", INTERNAL, None),
        ('<r NumOfFiles="1"><File0 InternalUrl="" ExternalUrl=""/></r>', "", ""),
        ('<r downloads="1"/>', None, None),
    ],
)
def test_blank_is_not_absent(body: str, internal: str | None, external: str | None) -> None:
    answer = read_answer(body.encode())
    assert (answer.form, answer.internal_url, answer.external_url) == ("offered", internal, external)
    assert file_urls(answer, external=False) == ((internal,) if internal else ())


@pytest.mark.parametrize(
    "body",
    [
        "<r/>",
        "<r>text</r>",
        '<soap:Envelope xmlns:soap="urn:s"><soap:Body><soap:Fault/></soap:Body></soap:Envelope>',
        '<rss version="2.0"><channel><title>t</title><image><url>http://x/y.png</url></image><item><link>http://x</link></item>'
        "</channel></rss>",
        '<configuration><module name="x" version="1.2.3.4"/><file name="a.dll"/></configuration>',
        "<r><downloads/></r>",
        "<r><downloads>many</downloads></r>",
        "<r><InternalUpdatesDownloadURL>http://p/RequestHandler/ucdevice.upx</InternalUpdatesDownloadURL></r>",
        "<r>the number of downloads is downloads=0 today</r>",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_other_xml_is_unknown(body: str) -> None:
    answer = read_answer(body.encode(), "text/xml")
    assert answer.form == "unknown"
    assert answer.reason
    assert answer.root
    assert (answer.downloads, answer.internal_url, answer.files) == (None, None, ())


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>downloads=0</body></html>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/xhtml1.dtd">\n<html/>',
        b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>IIS7</title></head><body/></html>',
        b"  \n<!-- portal --><HTML><body downloads='0'>",
        b"<h1>503 Service Unavailable</h1>",
        b"<head><title>Document Moved</title></head>",
        b"<script>location='/'</script>",
        codecs.BOM_UTF8 + b"<html/>",
        "<html/>".encode("utf-16"),
        b"plain words",
        b'{"downloads": 0}',
        b"downloads",
        b"Total downloads = 0 so far",
        b"downloads=0 <b>",
        b"<%@ Page %>",
        b"< r/>",
        b"<3",
        b"\x00\x01\x02\xff",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04",
        b"\xff\xfe",
        b"-->",
    ],
)
def test_not_xml(body: bytes) -> None:
    if body == b"\xff\xfe":
        assert read_answer(body).form == "empty"
        return
    answer = read_answer(body)
    assert answer.form == "not_xml"
    assert answer.reason
    assert answer.downloads is None


def test_broken_markup_that_calls_itself_html_is_a_page() -> None:
    assert read_answer(b"<a href=x>Sign in<br>", "text/html; charset=utf-8").form == "not_xml"
    assert read_answer(b"<a href=x>Sign in<br>", "text/xml").form == "malformed"
    # What it says counts for more than what it is called.
    assert read_answer(b'<r downloads="0"/>', "text/html").form == "none_offered"


@pytest.mark.parametrize(
    "body",
    [
        b"<r",
        b"<",
        b"<r>",
        b"<r></x>",
        b'<r downloads="0">',
        b'<r downloads="0"/><r/>',
        b'<r downloads="0"/>trailing',
        b"<r a=1/>",
        b"<r>&undefined;</r>",
        b"<r>\x01</r>",
        b"<r>\xff</r>",
        b"<p:r/>",
        b"<?xml version='1.0'?>",
        b"<!-- only a comment -->",
        b"<?xml version='1.0' encoding='utf-16'?><r downloads='0'/>",
        b"<?xml version='1.0' encoding='no-such'?><r downloads='0'/>",
        b"<?xml version='1.0' encoding='zlib'?><r downloads='0'/>",
        b"<?xml version='1.0' encoding='idna'?><r downloads='0'/>",
        b"<?xml version='1.0' encoding='us-ascii'?><r a='\xe9' downloads='0'/>",
    ],
)
def test_malformed(body: bytes) -> None:
    answer = read_answer(body)
    assert answer.form == "malformed"
    assert answer.reason
    assert answer.downloads is None


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t ", codecs.BOM_UTF8, "\ufeff \n".encode("utf-16-le"), b"\x00\x00"])
def test_empty(body: bytes) -> None:
    reason = "the body holds nothing but blanks" if body else "the body is empty"
    assert read_answer(body) == Answer(form="empty", reason=reason)


@pytest.mark.parametrize(("length", "form"), [(LIMIT, "none_offered"), (LIMIT + 1, "malformed")])
def test_how_long_a_body_may_be(length: int, form: str) -> None:
    body = b'<r downloads="0">'
    answer = read_answer(body + b" " * (length - len(body) - 4) + b"</r>")
    assert answer.form == form
    assert answer.excerpt is not None
    assert answer.excerpt.startswith('<r downloads="0">')
    assert answer.reason == ("the body is longer than 1048576 bytes" if form == "malformed" else None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body/></html>", "the body is an HTML page"),
        (b"plain words", "the body does not begin as XML does"),
        (b"<3", "the body does not begin as XML does"),
        (b"<r/>\0<", "it is not well-formed XML"),
    ],
)
def test_why_a_body_is_no_answer(body: bytes, reason: str) -> None:
    answer = read_answer(body)
    assert (answer.reason or "").split(":")[0] == reason
    assert answer.excerpt


@pytest.mark.parametrize("begin", ["<r", "<_r", "<:r", "<é"])
def test_how_elements_begin(begin: str) -> None:
    assert read_answer(begin.encode()).form == "malformed"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (codecs.BOM_UTF8 + b'<r downloads="0" n="\xc3\xa9"/>', None),
        ('<r downloads="0" n="é"/>'.encode("utf-16"), None),
        ('<?xml version="1.0" encoding="utf-16"?><r downloads="0" n="é"/>'.encode("utf-16"), None),
        ('<?xml version="1.0" encoding="utf-8"?><r downloads="0" n="é"/>'.encode("utf-16"), None),
        (codecs.BOM_UTF16_BE + '<r downloads="0" n="é"/>'.encode("utf-16-be"), None),
        ('<r downloads="0" n="é"/>'.encode("utf-16-le"), None),
        ('<r downloads="0" n="é"/>'.encode("utf-16-be"), "text/xml"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><r downloads="0" n="\xe9"/>', None),
        (b'<?xml version="1.0" encoding="windows-1252"?><r downloads="0" n="\xe9"/>', "text/xml; charset=utf-8"),
        (b'<r downloads="0" n="\xe9"/>', "text/xml; charset=iso-8859-1"),
        (b'<r downloads="0" n="\xe9"/>', 'text/xml; x=y; CharSet="latin-1"'),
        (b'<r downloads="0"/>\x00\x00', None),
    ],
)
def test_encodings(body: bytes, content_type: str | None) -> None:
    assert read_answer(body, content_type).form == "none_offered"


def test_a_count_of_nothing_beside_a_file_counts() -> None:
    answer = read_answer(f'<r downloads="0">{MODULE}</r>'.encode())
    assert (answer.form, len(answer.files)) == ("none_offered", 1)
    assert answer.reason


def test_the_protocols_version_is_not_the_firmwares() -> None:
    assert read_answer(b'<r version="1.0" downloads="0"/>').version is None
    assert read_answer(b'<r version="3.5.6907.35" downloads="0"/>').version == "3.5.6907.35"
    assert (
        read_answer(b"<r downloads='0'><CurrentVersion>4.0.7577.4387</CurrentVersion></r>").version == "4.0.7577.4387"
    )


def test_a_body_that_could_not_be_unpacked() -> None:
    answer = read_answer(b"<r downloads='0'/>", problem="its compressed data breaks off")
    assert answer == Answer(
        form="malformed",
        reason="its compressed data breaks off",
        excerpt="<r downloads='0'/>",
    )


def test_as_an_observation() -> None:
    answer = read_answer(f"<r><BaseURL>{INTERNAL}</BaseURL>{MODULE}</r>".encode())
    seen = to_observation(answer, time=5, server="192.0.2.1", port=80, frame=7, client="192.0.2.9", client_port=1234)
    assert isinstance(seen, UpdateAnswer)
    assert (seen.time, seen.server, seen.port, seen.frame, seen.client, seen.client_port) == (
        5,
        "192.0.2.1",
        80,
        7,
        "192.0.2.9",
        1234,
    )
    for name in Answer.__slots__:
        assert getattr(seen, name) == getattr(answer, name)
    assert file_urls(seen, external=False) == (f"{INTERNAL}/CPE.nbt",)


# Hostile bodies.

LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + "<r downloads='0'>&i;</r>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r downloads='0'>&x;</r>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'http://192.0.2.1/x'>]><r downloads='0'>&x;</r>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><r downloads='0'/>",
        "<!DOCTYPE r [<!ATTLIST r downloads CDATA '0'>]><r/>",
        "<!DOCTYPE r []><r downloads='0'/>",
        "<!DOCTYPE r SYSTEM 'r.dtd' [<!ENTITY x 'y'>]><r downloads='0'/>",
    ],
)
def test_a_document_type_with_declarations_is_refused(body: str) -> None:
    answer = read_answer(body.encode())
    assert answer.form == "malformed"
    assert "document type" in (answer.reason or "")
    escaped = f"<string>{escape(body)}</string>".encode()
    assert read_answer(escaped).form == "unknown"
    assert read_answer(b"<s><![CDATA[" + body.encode() + b"]]></s>").form == "unknown"


@pytest.mark.parametrize(
    "doctype",
    ["<!DOCTYPE r>", "<!DOCTYPE r SYSTEM 'http://192.0.2.1/x.dtd'>", "<!DOCTYPE r PUBLIC '-//X//Y' 'r.dtd'>"],
)
def test_a_document_type_without_declarations_does_no_harm(doctype: str) -> None:
    answer = read_answer(f"<?xml version='1.0'?>{doctype}<r><downloads>0</downloads></r>".encode())
    assert (answer.form, answer.downloads) == ("none_offered", 0)
    undefined = read_answer(f"{doctype}<r><downloads>0</downloads><a>&x;</a></r>".encode())
    assert undefined.form == "malformed"


@pytest.mark.parametrize("count", ["+0", "0.0", "-0", "00", " +0.00 "])
def test_nothing_however_it_is_written(count: str) -> None:
    for body in (f"<r><downloads>{count}</downloads></r>", f'<r downloads="{count}"/>', f"<r>downloads={count}</r>"):
        answer = read_answer(body.encode())
        assert (answer.form, answer.downloads) == ("none_offered", 0)


@pytest.mark.parametrize(("count", "number"), [("+2", 2), ("2.0", 2), ("1.000", 1)])
def test_a_count_however_it_is_written(count: str, number: int) -> None:
    answer = read_answer(f"<r><downloads>{count}</downloads><BaseURL>{INTERNAL}</BaseURL></r>".encode())
    assert (answer.form, answer.downloads) == ("offered", number)


@pytest.mark.parametrize("count", ["", "false", "-1", "0x0", "1.5", "0.", "none", "\uff10", "1e3", "1" * 5000])
def test_a_count_that_says_no_number_is_distinguished_from_a_foreign_answer(count: str) -> None:
    answer = read_answer(f"<r><downloads>{count}</downloads></r>".encode())
    assert (answer.form, answer.downloads) == ("unknown", None)
    assert "neither a number nor a URL" in (answer.reason or "")


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="utf-16"?>', "<!DOCTYPE x>"])
def test_an_answer_within_a_string(declaration: str) -> None:
    none = f"{declaration}<x xmlns='urn:x'><downloads>0</downloads></x>"
    offer = f"{declaration}<x><BaseURL>{INTERNAL}?a=1&amp;b=2</BaseURL>{MODULE * 30}</x>"
    for inner, form, url in ((none, "none_offered", None), (offer, "offered", f"{INTERNAL}?a=1&b=2")):
        for text in (escape(inner), f"\n  <![CDATA[{inner}]]>\n"):
            body = f'<?xml version="1.0" encoding="utf-8"?><string xmlns="http://tempuri.org/">{text}</string>'
            answer = read_answer(body.encode())
            assert (answer.form, answer.internal_url, answer.root) == (form, url, "string")
            assert (answer.excerpt or "").startswith("<?xml")


def test_a_string_with_something_else_in_it_stays_foreign() -> None:
    for inner in (
        "<html><body>downloads</body></html>",
        "<x/>",
        "<broken",
        "a < b",
        "<string>&lt;downloads&gt;</string>",
    ):
        answer = read_answer(f"<string>{escape(inner)}</string>".encode())
        assert answer.form == "unknown"
        assert "nothing in it" in (answer.reason or "")


@pytest.mark.parametrize("first", ["<broken", "<x/>"])
def test_an_answer_within_the_second_string(first: str) -> None:
    second = "<x><downloads>0</downloads></x>"
    answer = read_answer(f"<r><s>{escape(first)}</s><s>{escape(second)}</s></r>".encode())
    assert (answer.form, answer.root) == ("none_offered", "r")


def test_many_strings_are_bounded() -> None:
    body = b"<r>" + b"<s>&lt;a&gt;</s>" * 19_000 + b"</r>"
    started = time.monotonic()
    assert read_answer(body).form == "unknown"
    assert read_answer(b"<r>" + b"&lt;" * 250_000 + b"</r>").form == "unknown"
    assert time.monotonic() - started < 20


def test_the_charset_of_the_transport_comes_first() -> None:
    body = "<?xml version='1.0' encoding='utf-16'?><r downloads='0' n='\u00e9'/>".encode()
    assert read_answer(body, "text/xml; charset=utf-8").form == "none_offered"
    assert read_answer(body, "text/xml").form == "malformed"
    latin = b"<?xml version='1.0' encoding='iso-8859-1'?><r><BaseURL>http://h/\xe9</BaseURL></r>"
    assert read_answer(latin, "text/xml; charset=utf-8").internal_url == "http://h/\u00e9"
    greek = "<?xml version='1.0' encoding='iso-8859-1'?><r><BaseURL>http://h/\u03b1</BaseURL></r>".encode("iso8859-7")
    assert read_answer(greek, "text/xml; charset=iso-8859-7").internal_url == "http://h/\u03b1"


def test_a_base_url_with_a_fragment_is_no_place() -> None:
    answer = read_answer(f"<r><BaseURL>{INTERNAL}#x</BaseURL>{MODULE}</r>".encode())
    assert not any(usable_url(url) for url in file_urls(answer, external=False))
    hashed = read_answer(f"<r><BaseURL>{INTERNAL}</BaseURL>{MODULE.replace('CPE.nbt', 'C#1.nbt')}</r>".encode())
    assert file_urls(hashed, external=False) == (f"{INTERNAL}/C%231.nbt",)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a>" * 300_000, id="deep"),
        pytest.param(b"<r>" + b"<a/>" * 200_000 + b"</r>", id="many elements"),
        pytest.param(b"<r " + b" ".join(b"a%d=''" % n for n in range(60_000)) + b"/>", id="many attributes"),
        pytest.param(b"<r a='" + b"x" * 900_000 + b"'/>", id="long attribute"),
        pytest.param(b"<r>" + b"x" * 900_000 + b"</r>", id="long text"),
        pytest.param(b"<r>" + b"&amp;" * 200_000 + b"</r>", id="text in pieces"),
        pytest.param(b"<r><BaseURL>" + b" " * 900_000 + b"</BaseURL></r>", id="long blank"),
        pytest.param(b"<r><BaseURL>http://h/" + b"x" * 900_000 + b"</BaseURL></r>", id="long URL"),
        pytest.param(b"<r><BaseURL>" + b"&#120;" * 150_000 + b"</BaseURL></r>", id="long URL in pieces"),
        pytest.param(b"<" + b"r" * 900_000 + b"/>", id="long name"),
        pytest.param(b"<!--" * 250_000, id="comments"),
        pytest.param(b"<? " * 300_000, id="instructions"),
        pytest.param(b" " * 1_000_000 + b"<", id="leading blanks"),
        pytest.param(b"a=" * 500_000, id="pairs"),
        pytest.param(b"a=b," * 2000, id="pairs with commas"),
        pytest.param(b"a= " * 2700 + b"!", id="pairs that end badly"),
        pytest.param(b"<r>" + b"<x>a= a= a= a= a= a= a= !</x>" * 15_000 + b"</r>", id="pairs in elements"),
        pytest.param(b"\xff" * 1_000_000, id="not text"),
        pytest.param(b"<\x00" * 500_000, id="utf-16"),
        pytest.param(b"<r>" + MODULE.encode() * 4000 + b"</r>", id="many files"),
        pytest.param(b"<r downloads='" + b"9" * 900_000 + b"'/>", id="long number"),
        pytest.param(b"x" * (LIMIT + 1), id="too long"),
    ],
)
def test_hostile_bodies_take_little_time_and_memory(body: bytes) -> None:
    read_answer(b"<r/>")  # imports what it needs
    started = time.process_time()
    tracemalloc.start()
    try:
        answer = read_answer(body)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.form in FORMS - {"none_offered"}
    assert most < 48 << 20
    assert time.process_time() - started < 20  # a bound against hanging
    assert len(answer.files) <= 100
    for text in (answer.reason, answer.excerpt, answer.root, answer.internal_url, answer.version):
        assert text is None or len(text) <= 4096


def test_depth_is_bounded() -> None:
    assert read_answer(b"<a>" * 60 + b"downloads=0" + b"</a>" * 60).form == "none_offered"
    answer = read_answer(b"<a>" * 100 + b"downloads=0" + b"</a>" * 100)
    assert answer.form == "malformed"
    assert "nested" in (answer.reason or "")


PIECES = st.sampled_from(
    [
        "<r>",
        "</r>",
        "<BaseURL>",
        "</BaseURL>",
        "http://h/x",
        " downloads=",
        "'0'",
        "0",
        "<File0 ",
        "InternalUrl='x'",
        "/>",
        ">",
        "&",
        "<!DOCTYPE r [",
        "]>",
        "<!ENTITY a 'b'>",
        "<?xml version='1.0' encoding='",
        "utf-16",
        "'?>",
        "<![CDATA[",
        "]]>",
        "\x00",
        "é",
        "<Module>",
        "</Module>",
        "<FileName>",
        "</FileName>",
        "CPE.nbt",
        "\ufeff",
        " ",
        "\n",
        "xmlns='urn:x' ",
        "<x:",
        ";",
        ",",
    ]
)


@given(st.binary(max_size=200), st.none() | st.text(max_size=60))
def test_any_bytes_give_an_answer(body: bytes, content_type: str | None) -> None:
    answer = read_answer(body, content_type)
    assert answer.form in FORMS
    file_urls(answer, external=False)


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32"]))
@example("\0\0", "utf-16")
@example("\0 \0", "utf-8")
def test_anything_like_an_answer_gives_an_answer(body: str, encoding: str) -> None:
    answer = read_answer(body.encode(encoding))
    assert answer.form in FORMS
    assert answer.form != "none_offered" or answer.downloads == 0
    assert (answer.form == "empty") == (not body.strip("\ufeff \t\r\n\f\v\x00")) or encoding == "utf-32"
    for external in (False, True):
        for url in file_urls(answer, external):
            assert url
            usable_url(url)


@given(st.text(max_size=300))
def test_any_text_gives_a_verdict_on_urls(text: str) -> None:
    assert usable_url(text) in (True, False)


# Where the files are.


@pytest.mark.parametrize(
    ("base", "name", "url"),
    [
        ("http://p/CPE", "CPE.nbt", "http://p/CPE/CPE.nbt"),
        ("http://p/CPE/", "CPE.nbt", "http://p/CPE/CPE.nbt"),
        ("http://p", "CPE.nbt", "http://p/CPE.nbt"),
        ("http://p.example.com", "CPE.nbt", "http://p.example.com/CPE.nbt"),
        ("http://p/1.0.522.101", "CPE.nbt", "http://p/1.0.522.101/CPE.nbt"),
        ("http://p/CPE/CPE.nbt", "CPE.nbt", "http://p/CPE/CPE.nbt"),
        ("http://p/CPE/cpe.NBT", "CPE.nbt", "http://p/CPE/cpe.NBT"),
        ("http://p/CPE/update.cab", "CPE.nbt", "http://p/CPE/update.cab"),
        ("http://p/get?file=x", "CPE.nbt", "http://p/get?file=x"),
        ("http://p/CPE", None, "http://p/CPE"),
        ("http://p/CPE", "a b#c.nbt", "http://p/CPE/a%20b%23c.nbt"),
        ("http://p/CPE", "\\ENU\\CPE.nbt", "http://p/CPE/ENU/CPE.nbt"),
        ("http://p/CPE", "http://q/CPE.nbt", "http://q/CPE.nbt"),
        ("nonsense", "CPE.nbt", "nonsense/CPE.nbt"),
    ],
)
def test_the_url_of_a_file(base: str, name: str | None, url: str) -> None:
    answer = Answer(form="offered", internal_url=base, files=(UpdateFile(name=name),))
    assert file_urls(answer, external=False) == (url,)
    assert file_urls(answer, external=True) == ()


def test_each_url_once_and_a_blank_one_not_at_all() -> None:
    files = (
        UpdateFile(name="a.nbt"),
        UpdateFile(name="a.nbt"),
        UpdateFile(name="b.nbt", internal_url=""),
        UpdateFile(name="c.nbt"),
    )
    answer = Answer(form="offered", internal_url="http://p/CPE", files=files)
    assert file_urls(answer, external=False) == ("http://p/CPE/a.nbt", "http://p/CPE/c.nbt")


@pytest.mark.parametrize(
    "url",
    [
        INTERNAL,
        EXTERNAL,
        "http://p",
        "HTTP://P/",
        "http://192.0.2.1:8080/x",
        "http://[2001:db8::1]:80/x",
        "http://a_b.test/x?y=z",
        "http://p:/x",
        "http://pool./x",
    ],
)
def test_usable_urls(url: str) -> None:
    assert usable_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "p/CPE",
        "/CPE",
        "//p/CPE",
        "\\\\server\\share",
        "file:///x",
        "ftp://p/x",
        "http:/p/x",
        "http:///x",
        "http://:80/x",
        "http://p:0/x",
        "http://p:99999/x",
        "http://p:x/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://p q/x",
        "http://p/a b",
        " http://p/x",
        "http://p/\n",
        "http://p/\x1b[31m",
        "http://p/\x85",
        "http://user:pass@p/x",
        "http://user@p/x",
        "http://p\\x/",
        "http://-p/",
        "http://" + "a" * 64 + ".test/",
        "http://p..q/",
        "http://1.2.3/",
        "http://1.2.3.999/",
        "http://münchen.test/",
        "http://p/" + "x" * 3000,
        "javascript:alert(1)",
    ],
)
def test_unusable_urls(url: str) -> None:
    assert not usable_url(url)


# The body itself.


@given(
    st.binary(max_size=300),
    st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", None, "\x00"]),
    st.integers(0, 100),
)
def test_inflating_anything_stays_below_the_limit(data: bytes, encoding: str | None, limit: int) -> None:
    inflater = Inflater(encoding, limit)
    out = b"".join(inflater.feed(data[at : at + 7]) for at in range(0, len(data), 7))
    inflater.end()
    assert len(out) <= limit
    if encoding is None:
        assert out == data[:limit]
        assert inflater.overflow == (len(data) > limit)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(bytes(5000), mtime=0)),
        ("X-GZIP", gzip.compress(bytes(5000), mtime=0) + b"surplus"),
        ("deflate", zlib.compress(bytes(5000))),
        (" deflate ", zlib.compress(bytes(5000))[2:-4]),
    ],
)
def test_inflating_to_the_byte(encoding: str, packed: bytes, size: int) -> None:
    for limit in (0, 1, 4999, 5000, 5001, 10000):
        inflater = Inflater(encoding, limit)
        out = b"".join(inflater.feed(packed[at : at + size]) for at in range(0, len(packed), size))
        inflater.end()
        assert out == bytes(min(limit, 5000))
        assert inflater.overflow == (limit < 5000)
        assert inflater.problem is None


BELIEVED = [
    "utf-8",
    "utf-16",
    "utf-32",
    "us-ascii",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
]
BELIEVED += ["euc-kr", "ibm437", "ibm850", "ibm852", "cp932", "cp949"]
BELIEVED += [f"iso-8859-{part}" for part in range(1, 17) if part != 12] + [f"windows-125{page}" for page in range(9)]


@pytest.mark.parametrize("name", BELIEVED)
def test_encodings_that_are_believed(name: str) -> None:
    found = known_encoding(name)
    assert found is not None
    assert "x".encode(name).decode(found).lstrip("\ufeff") == "x"


@pytest.mark.parametrize(
    "name", ["utf-7", "idna", "punycode", "unicode_escape", "cp037", "rot13", "hex", "zip", "", "x"]
)
def test_encodings_that_are_not_believed(name: str) -> None:
    assert known_encoding(name) is None


@pytest.mark.parametrize(("limit", "overflow"), [(5, True), (6, False), (7, False)])
@pytest.mark.parametrize("size", [1, 3, 6])
def test_a_body_that_is_not_compressed_is_bounded_too(limit: int, overflow: bool, size: int) -> None:
    inflater = Inflater(None, limit)
    out = b"".join(inflater.feed(b"answer"[at : at + size]) for at in range(0, 6, size))
    assert (out, inflater.overflow, inflater.problem) == (b"answer"[:limit], overflow, None)


@pytest.mark.parametrize(
    ("between", "out"), [(b"", b"onetwo"), (b"\x1f", b"one"), (b"x", b"one"), (b"\x1f\x8c", b"one"), (b"\x8b", b"one")]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_behind_what_is_no_member_of_gzip_none_follows(between: bytes, out: bytes, size: int) -> None:
    one, two = (gzip.compress(word, mtime=0) for word in (b"one", b"two"))
    inflater = Inflater("gzip", 100)
    pieces = [part[at : at + size] for part in (one, between, two) for at in range(0, len(part), size)]
    assert b"".join(map(inflater.feed, pieces)) == out
    inflater.end()
    assert inflater.problem is None


@given(st.binary(max_size=100), st.none() | st.text(max_size=40))
def test_any_bytes_are_readable(data: bytes, content_type: str | None) -> None:
    assert isinstance(readable(data, content_type), str)
    assert len(excerpt(data, content_type, 10)) <= 10


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("<!doctype HTML>", True),
        ("<html>", True),
        ("<html", False),
        ("<x:html xmlns:x='y'>", True),
        ("<htmlx>", False),
        ("<!-- --><?x?> <body class=x>", True),
        ("text <html>", False),
        ("", False),
        ("<Response/>", False),
    ],
)
def test_what_begins_like_a_page(text: str, page: bool) -> None:
    assert is_page(text) is page
