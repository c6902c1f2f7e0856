"""What is a server's message and what may be a firmware file."""

import pytest

from ucdiag.update_service.error_page import MOST, is_message

NBT = "/Files/CPE/CPE.nbt"


@pytest.mark.parametrize(
    "begin",
    [
        "File not found.",
        "<?xml version='1.0'?>\n<Error/>",
        "Access is DENIED\r\n\t!",
        "An exception occurred",
        "Log in",
    ],
)
def test_messages(begin: str) -> None:
    assert is_message(begin, NBT, True)
    assert not is_message(begin, NBT, False)
    assert not is_message(begin.ljust(MOST + 1), NBT, True)


@pytest.mark.parametrize("begin", [None, "", " \n", "not found\x00", "0\ufffd\x05error", "error\x81", "error\x7f"])
def test_binary_files(begin: str | None) -> None:
    assert not is_message(begin, NBT, True)


@pytest.mark.parametrize(
    "begin", ["firmware", "x" * 900, "B000FF\n", "this is the image of CX700\n" * 20, "terrorform"]
)
def test_who_tries_a_server_out_puts_any_words_into_a_file(begin: str) -> None:
    assert not is_message(begin, NBT, True)


@pytest.mark.parametrize("path", ["/a/phone.cfg", "/a/readme.TXT", "/a/x.xml?v=1", "http://h/x.sha256#y"])
def test_a_text_file_may_be_text(path: str) -> None:
    assert not is_message("File not found.", path, True)


@pytest.mark.parametrize("path", ["/a/xmlfiles/CPE.nbt", "/a/CPE.cat", "/a/cfg", "/readme.txt/CPE"])
def test_all_others_may_not(path: str) -> None:
    assert is_message("File not found.", path, True)
