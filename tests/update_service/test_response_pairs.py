"""Answers that are nothing but pairs of a name and a value, and what is none."""

import pytest

from ucdiag.model.observations import UpdateFile
from ucdiag.update_service.response import read_answer

URL = "http://pool/CPE"


def form(text: str) -> tuple[str, str | None]:
    answer = read_answer(text.encode())
    return answer.form, answer.internal_url


@pytest.mark.parametrize(
    "text",
    [
        f"BaseURL={URL}",
        f" BaseURL = {URL} ;",
        f"BaseURL={URL};FileName=CPE.nbt",
        f"BaseURL={URL},a=1&b='2' \n c=\"3\";;",
        f"a=;BaseURL={URL}",
        f"x='x';BaseURL=\"{URL}\"",
    ],
)
def test_pairs_say_where_the_files_are(text: str) -> None:
    assert form(text) == ("offered", URL)


def test_pairs_name_one_file_with_all_that_is_said_of_it() -> None:
    answer = read_answer(
        b"downloads=1;FileName=CPE.nbt;SignatureFileName=CPE.cat;Version=1.0.522.101;BaseURL=http://pool/CPE"
    )
    assert answer.files == (UpdateFile(name="CPE.nbt", signature="CPE.cat", version="1.0.522.101"),)
    assert (answer.downloads, answer.version, answer.external_url) == (1, "1.0.522.101", None)
    assert read_answer(b"downloads=1;SignatureFileName=CPE.cat").files == ()
    assert read_answer(b"BaseURL='http://pool/x'").internal_url == "http://pool/x"


# Python before 3.11.5 takes the first three for pairs, if one expression with a possessive group reads all of them.
@pytest.mark.parametrize(
    "text",
    [
        f"BaseURL={URL};File",
        f"BaseURL={URL};FileName",
        f"BaseURL={URL};FileName=CPE.nbt;Vers522.101",
        f"BaseURL={URL};=",
        f'BaseURL={URL}"',
        f"x BaseURL={URL}",
        f";BaseURL={URL}",
        f"BaseURL='{URL}",
    ],
)
def test_what_has_more_than_pairs_is_no_answer(text: str) -> None:
    assert form(text) == ("not_xml", None)


@pytest.mark.parametrize(("count", "read"), [(50, True), (51, False)])
def test_so_many_pairs_are_read(count: int, read: bool) -> None:
    assert form(f"BaseURL={URL}" + ";a=1" * count) == (("offered", URL) if read else ("not_xml", None))
