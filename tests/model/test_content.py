"""What is text and what is a firmware file."""

import pytest

from ucdiag.model.content import LEAST, is_text

NBT = "/Files/CPE/CPE.nbt"


@pytest.mark.parametrize(
    "begin", ["File not found.", "<?xml version='1.0'?>\n<Error/>", "Nicht verf\u00fcgbar\r\n\t!", "x"]
)
def test_text(begin: str) -> None:
    assert is_text(begin, NBT, True)
    assert not is_text(begin, NBT, False)
    assert is_text(begin.ljust(LEAST), NBT, False)


@pytest.mark.parametrize(
    "begin", [None, "", " \n", "B000FF\n\x00\x01", "0\ufffd\x05", "text\x00", "caf\x81", "B000FF\x7f"]
)
def test_firmware(begin: str | None) -> None:
    assert not is_text(begin, NBT, True)


@pytest.mark.parametrize("path", ["/a/phone.cfg", "/a/readme.TXT", "/a/x.xml?v=1", "http://h/x.sha256#y"])
def test_a_text_file_may_be_text(path: str) -> None:
    assert not is_text("File not found.", path, True)


@pytest.mark.parametrize("path", ["/a/xmlfiles/CPE.nbt", "/a/CPE.cat", "/a/cfg", "/readme.txt/CPE"])
def test_all_others_may_not(path: str) -> None:
    assert is_text("File not found.", path, True)
