"""Where an element of an answer names something twice, the first value that is not blank counts."""

import pytest

from ucdiag.update_service.response import read_answer

URL = "http://pool/CPE"


def module(*parts: str) -> str:
    return f"<r><BaseURL>{URL}</BaseURL><Module>{''.join(parts)}</Module></r>"


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("FileName", "name", ("a.nbt", "b.nbt")),
        ("SignatureFileName", "signature", ("a.cat", "b.cat")),
        ("Version", "version", ("1.0.0.1", "2.0.0.2")),
    ],
)
@pytest.mark.parametrize("blank", [True, False])
def test_of_a_file_the_first_value_counts(name: str, field: str, values: tuple[str, str], blank: bool) -> None:
    first, second = ("", values[0]) if blank else values
    more = "" if name == "FileName" else "<FileName>x.nbt</FileName>"
    answer = read_answer(module(more, f"<{name}>{first}</{name}><{name}>{second}</{name}>").encode())
    (file,) = answer.files
    assert getattr(file, field) == values[0]


@pytest.mark.parametrize(("name", "field"), [("BaseURL", "internal_url"), ("ExternalBaseURL", "external_url")])
@pytest.mark.parametrize("blank", [True, False])
def test_of_an_answer_the_first_place_counts(name: str, field: str, blank: bool) -> None:
    first = "" if blank else "http://first/x"
    text = f"<r><{name}>{first}</{name}><{name}>http://second/x</{name}><FileName>a.nbt</FileName></r>"
    assert getattr(read_answer(text.encode()), field) == (first or "http://second/x")


def test_the_largest_number_of_downloads_counts() -> None:
    for one, other in (("0", "2"), ("2", "0")):
        text = f"<r><downloads>{one}</downloads><downloads>{other}</downloads></r>"
        assert read_answer(text.encode()).downloads == 2
