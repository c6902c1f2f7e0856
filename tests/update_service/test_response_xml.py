"""The XML of an answer: its encoding, its bounds, and why a body is none."""

import codecs

import pytest

from ucdiag.update_service.response_xml import (
    DEPTH_MOST,
    INNER_MOST,
    NODES_MOST,
    VALUE_MOST,
    decode_body,
    inner_documents,
    parse_nodes,
    plain_key,
)

TEXT = "<a>ü</a>"
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>'
ENCODED: dict[str, tuple[bytes, str | None, str | None, str | None]] = {
    "UTF-8": (TEXT.encode(), None, TEXT, None),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + TEXT.encode(), None, TEXT, None),
    "UTF-16 with a mark": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None, TEXT, None),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), None, TEXT, None),
    "UTF-32 with a mark": (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), None, TEXT, None),
    "a mark before the charset": (codecs.BOM_UTF8 + TEXT.encode(), "text/xml; charset=latin-1", TEXT, None),
    "the charset": (TEXT.encode("latin-1"), "text/xml; charset=latin-1", TEXT, None),
    "the declaration": (LATIN.encode("latin-1"), None, LATIN, None),
    "a charset that is wrong": (LATIN.encode("latin-1"), "text/xml; charset=utf-8", LATIN, None),
    "a charset that nobody knows": (LATIN.encode("latin-1"), "text/xml; charset=x-none", LATIN, None),
    "not UTF-8": (b"<a>\xfc</a>", None, None, "it is not valid UTF-8 at byte 3"),
    "not UTF-8 behind a mark": (codecs.BOM_UTF8 + b"<a>\xfc</a>", None, None, "it is not valid UTF-8 at byte 6"),
    "half a character": (
        codecs.BOM_UTF16_LE + b"<\0a",
        None,
        None,
        "it is not valid UTF-16-LE at byte 4",
    ),
    "an encoding that nobody knows": (
        b"<a/>",
        "text/xml; charset=x-none",
        None,
        "its declared encoding 'x-none' is not known",
    ),
    "the first complaint": (
        b'<?xml version="1.0" encoding="x-own"?><a/>',
        "text/xml; charset=x-none",
        None,
        "its declared encoding 'x-none' is not known",
    ),
    "UTF-16 by name alone": (
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        None,
        None,
        "it says that it is utf-16 and is not",
    ),
    "UTF-32 by name alone": (b"<a/>", "text/xml; charset=utf-32", None, "it says that it is utf-32 and is not"),
}


@pytest.mark.parametrize(("body", "content_type", "text", "flaw"), ENCODED.values(), ids=ENCODED)
def test_encodings(body: bytes, content_type: str | None, text: str | None, flaw: str | None) -> None:
    assert decode_body(body, content_type) == (text, flaw)


DECLARES = "it carries a document type definition with declarations, which is refused because they can do harm"
FLAWS: dict[str, tuple[str, str]] = {
    "nothing": ("", "it is not well-formed XML: no element found: line 1, column 0"),
    "an end too few": ("<a>", "it is not well-formed XML: no element found: line 1, column 3"),
    "another end": ("<a>\n</b>", "it is not well-formed XML: mismatched tag: line 2, column 2"),
    "an entity": ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', DECLARES),
    "an element declared": ("<!DOCTYPE a [<!ELEMENT a ANY>]><a/>", DECLARES),
    "half a character": ("<a>\ud800</a>", "it cannot be parsed: 'utf-8' codec can't encode character '\\ud800'"),
    "too deep": ("<a>" * (DEPTH_MOST + 1), "its elements are nested deeper than 64"),
    "too many": ("<a>" + "<b/>" * NODES_MOST, "it has more than 20000 elements"),
    "too many attributes": (
        "<a>" + "<b/>" * (NODES_MOST - 3) + '<c d="" e=""/></a>',
        "it has more than 20000 elements",
    ),
}


@pytest.mark.parametrize(("text", "flaw"), FLAWS.values(), ids=FLAWS)
def test_what_has_no_elements(text: str, flaw: str) -> None:
    nodes, said = parse_nodes(text)
    assert nodes is None
    assert said is not None
    assert said.startswith(flaw)
    assert len(said) < 300


@pytest.mark.parametrize("text", ["<!DOCTYPE a><a/>", '<!DOCTYPE a SYSTEM "http://x/y.dtd"><a/>', "\ufeff \t<a/>\0\0"])
def test_what_is_let_pass(text: str) -> None:
    nodes, said = parse_nodes(text)
    assert said is None
    assert nodes is not None
    assert [node.name for node in nodes] == ["a"]


def test_the_deepest_and_the_most() -> None:
    nodes, _ = parse_nodes("<a>" * DEPTH_MOST + "</a>" * DEPTH_MOST)
    assert nodes is not None
    assert len(nodes) == DEPTH_MOST
    nodes, _ = parse_nodes("<a>" + "<b/>" * (NODES_MOST - 1) + "</a>")
    assert nodes is not None
    assert len(nodes) == NODES_MOST
    # An attribute counts as an element does.
    nodes, _ = parse_nodes("<a>" + "<b/>" * (NODES_MOST - 3) + '<c d=""/></a>')
    assert nodes is not None
    assert nodes[-1].attributes == [("d", "")]


def test_values_are_cut_and_without_blanks_around_them() -> None:
    long = "x" * (VALUE_MOST + 10)
    nodes, _ = parse_nodes(f'<{long} {long}=" {long}"> {long[:-20]}<b/>{long} </{long}>')
    assert nodes is not None
    first, second = nodes
    assert (len(first.name), len(first.text)) == (VALUE_MOST, VALUE_MOST - 1)
    [(key, value)] = first.attributes
    assert (len(key), len(value)) == (VALUE_MOST, VALUE_MOST - 1)
    assert (first.leaf, second.leaf, second.parent) == (False, True, first)


def test_text_is_the_elements_own() -> None:
    nodes, _ = parse_nodes("<a> b <c> d </c> e </a>")
    assert nodes is not None
    assert [node.text for node in nodes] == ["b  e", "d"]


@pytest.mark.parametrize(
    ("name", "key"),
    [("{urn:x}Down-Loads", "downloads"), ("u:Base_URL", "baseurl"), ("a.B-c_D", "abcd"), ("{u}v:w", "w")],
)
def test_keys_are_compared_without_regard_to_spelling(name: str, key: str) -> None:
    assert plain_key(name) == key


INNER = {
    "none": ("<a>b</a>", []),
    "escaped": ("<a>&lt;b/&gt;</a>", ["<b/>"]),
    "in CDATA": ("<a><![CDATA[ \ufeff<b/>]]></a>", ["<b/>"]),
    "no document": ("<a>1 &lt; 2</a>", []),
    "beside an element": ("<a>&lt;b/&gt;<c/></a>", []),
    "behind an element": ("<a><c/>&lt;b/&gt;</a>", []),
    "in two elements": ("<a><b>&lt;c/&gt;</b><d>&lt;e/&gt;</d></a>", ["<c/>", "<e/>"]),
    "in five": ("<a>" + "".join(f"<b>&lt;c{n}/&gt;</b>" for n in range(5)) + "</a>", [f"<c{n}/>" for n in range(4)]),
    "broken": ("<a>&lt;b/&gt;</a", []),
    "whole though broken later": ("<a><b>&lt;c/&gt;</b>", ["<c/>"]),
}


@pytest.mark.parametrize(("text", "documents"), INNER.values(), ids=INNER)
def test_documents_within_a_document(text: str, documents: list[str]) -> None:
    assert inner_documents(text) == documents
    assert len(documents) <= INNER_MOST


def test_a_long_document_within_a_document_is_whole() -> None:
    long = "<b>" + "c" * (VALUE_MOST + 1) + "</b>"
    assert inner_documents(f"<a><![CDATA[{long}]]></a>") == [long]
