"""Which versions a request and an answer name, however they spell it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.model.observations import Http, UpdateAnswer, UpdateFile
from ucdiag.update_service.modules import (
    Module,
    compare_versions,
    firmware_of,
    offered_modules,
    phone_modules,
    requested_modules,
    version_number,
    version_of,
)

CPE = Module("CPE.nbt", "1.0.522.101")
BOOT = Module("Boot.nbt", "1.23.0.4")


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("<Module><FileName>CPE.nbt</FileName><Version>1.0.522.101</Version></Module>", (CPE,)),
        ('<m fileName="CPE.nbt" version="1.0.522.101" timestamp="2009-01-01T00:00:00Z"/>', (CPE,)),
        ('<m version="1.0.522.101" fileName="CPE.nbt"/>', (CPE,)),
        ("<File_Name>CPE.nbt</File_Name><FileVersion>1.0.522.101</FileVersion>", (CPE,)),
        (
            '<m fileName="CPE.nbt" version="1.0.522.101"/><m fileName="Boot.nbt" version="1.23.0.4"/>',
            (CPE, BOOT),
        ),
        ('<m version="1.0.522.101" fileName="CPE.nbt"/><m version="1.23.0.4" fileName="Boot.nbt"/>', (CPE, BOOT)),
        ("<Version>1.0.522.101</Version>", (Module(None, "1.0.522.101"),)),
        (
            '<Phone firmwareVersion="1.0.522.101"><m fileName="Boot.nbt" version="1.23.0.4"/></Phone>',
            (Module(None, "1.0.522.101"), BOOT),
        ),
        # Cut off in the middle.
        ('<m fileName="CPE.nbt" version="1.0.522.101"/><m fileName="Boo', (CPE, Module("Boo", None))),
        # A signature is no module, nor is the version of something else.
        ("<SignatureFileName>CPE.cat</SignatureFileName><Version>1.0.522.101</Version>", (Module(None, CPE.version),)),
        (
            '<?xml version="1.0"?><BootLoaderVersion>1.23.0.0</BootLoaderVersion><Boot_Version>1.2.3.4</Boot_Version>',
            (),
        ),
        # Letters that become two in lower case do not shift what stands behind them.
        ("İİ<FILENAME>CPE.nbt</FILENAME><VERSION>1.0.522.101</VERSION>", (CPE,)),
        ("", ()),
        (None, ()),
    ],
)
def test_what_a_request_names(text: str | None, modules: tuple[Module, ...]) -> None:
    assert requested_modules(text) == modules


@pytest.mark.parametrize(
    ("text", "verified", "firmware", "modules"),
    [
        ("<Version>1.0.522.101</Version>", True, None, (Module(None, "1.0.522.101"),)),
        ("<Version>1.0.522.101</Version>", True, "9.9.9.9", (Module(None, "1.0.522.101"),)),
        ("<Version>1.0.522.101</Version>", False, "1.0.522.101", (Module(None, "1.0.522.101"),)),
        # The built-in request names a firmware that nobody knows to be the phone's.
        ("<Version>1.0.522.101</Version>", False, None, ()),
        ("", True, None, ()),
        (None, True, "1.2.3.4", (Module(None, "1.2.3.4"),)),
        (None, False, "1.2.3.4", (Module(None, "1.2.3.4"),)),
    ],
)
def test_the_modules_that_a_phone_has(
    text: str | None, verified: bool, firmware: str | None, modules: tuple[Module, ...]
) -> None:
    http = Http(time=0, server="10.0.0.80", port=80, method="POST", request_text=text, verified=verified)
    assert phone_modules(http, firmware) == modules


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert all(module.name or module.version for module in requested_modules(text))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0.522.101", (1, 0, 522, 101)),
        ("01.00.0522.101", (1, 0, 522, 101)),
        ("3.5.6907.0", (3, 5, 6907)),
        ("3.5.6907", (3, 5, 6907)),
        (" 4.0 ", (4,)),
        ("4", None),
        ("1.0.522.101.7", None),
        ("1.0.x", None),
        ("", None),
        (None, None),
    ],
)
def test_versions_are_compared_as_numbers(text: str | None, number: tuple[int, ...] | None) -> None:
    assert version_number(text) == number


def answer(**more: object) -> UpdateAnswer:
    return UpdateAnswer(time=0, server="10.0.0.20", port=80, form="offered", **more)  # type: ignore[arg-type]


URL = "http://pool01/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"


@pytest.mark.parametrize(
    ("made", "modules"),
    [
        (answer(files=(UpdateFile(name="CPE.nbt", version="1.0.522.101"),)), (CPE,)),
        (answer(version="1.0.522.101", files=(UpdateFile(name="CPE.nbt"),)), (CPE,)),
        (answer(version="1.0.522.101"), (Module(None, "1.0.522.101"),)),
        (answer(internal_url=URL, files=(UpdateFile(name="CPE.nbt"),)), (Module("CPE.nbt", "3.5.6907.35"),)),
        (
            answer(files=(UpdateFile(name="CPE.nbt", internal_url=f"{URL}/CPE.nbt"),)),
            (Module("CPE.nbt", "3.5.6907.35"),),
        ),
        (answer(internal_url=URL), (Module(None, "3.5.6907.35"),)),
        # The answer's version is that of one of the two, and nobody knows of which.
        (
            answer(version="1.0.522.101", files=(UpdateFile(name="a.nbt"), UpdateFile(name="b.nbt"))),
            (Module("a.nbt", None), Module("b.nbt", None)),
        ),
        (answer(files=(UpdateFile(name="CPE.cat", version="9.9.9.9"),)), ()),
        (answer(), ()),
    ],
)
def test_what_an_answer_offers(made: UpdateAnswer, modules: tuple[Module, ...]) -> None:
    assert offered_modules(made) == modules


def test_a_file_is_compared_with_the_module_of_its_name_only() -> None:
    assert version_of("cpe.NBT", (BOOT, CPE)) == "1.0.522.101"
    assert version_of("CPE.nbt", (BOOT,)) is None
    assert version_of("CPE.nbt", (Module(None, "1.0.522.101"),)) == "1.0.522.101"
    assert version_of(None, (CPE,)) == "1.0.522.101"
    assert version_of(None, (CPE, BOOT)) is None


def test_the_firmware_is_that_of_cpe() -> None:
    assert firmware_of((BOOT, CPE)) == "1.0.522.101"
    assert firmware_of((BOOT, Module(None, "3.5.6907.35"))) == "3.5.6907.35"
    assert firmware_of((BOOT,)) == "1.23.0.4"
    assert firmware_of(()) is None


def test_an_offer_is_held_only_when_all_of_it_is() -> None:
    files = (UpdateFile(name="CPE.nbt", version="1.0.522.101"), UpdateFile(name="Boot.nbt", version="1.23.0.4"))
    assert compare_versions(answer(files=files), (CPE, BOOT)).is_held
    assert not compare_versions(answer(files=files), (CPE,)).is_held
    assert not compare_versions(answer(files=files), (CPE, Module("Boot.nbt", "1.22.0.0"))).is_held
    assert not compare_versions(answer(), (CPE,)).is_held


@pytest.mark.parametrize("name", ["CPE.cat", "CPE.SIG", "index.xml"])
def test_what_stands_beside_the_firmware_is_no_module(name: str) -> None:
    answer = UpdateAnswer(
        time=0,
        server="a",
        port=80,
        form="offered",
        version="1.2.3",
        files=(UpdateFile(name=name), UpdateFile(name="a.nbt")),
    )
    assert offered_modules(answer) == (Module("a.nbt", "1.2.3"),)


@pytest.mark.parametrize(
    "word", ["BootLoader", "Boot", "Hardware", "Schema", "Protocol", "XML", "HTTP", "boot_", "Boot-"]
)
def test_versions_of_something_else(word: str) -> None:
    assert requested_modules(f"<{word}Version>1.23.0.4</{word}Version>") == ()
    assert requested_modules("<Firmware_Version>1.23.0.4</Firmware_Version>") == (Module(None, "1.23.0.4"),)


@pytest.mark.parametrize("word", ["Signature", "Sig", "cat_", "SIG-"])
def test_file_names_of_something_else(word: str) -> None:
    assert requested_modules(f"<{word}FileName>CPE.x</{word}FileName>") == ()


def test_of_many_modules_a_hundred_are_kept() -> None:
    text = "".join(f'<m fileName="f{number}" version="1.0.{number}"/>' for number in range(120))
    modules = requested_modules(text)
    assert len(modules) == 100
    assert modules[-1] == Module("f99", "1.0.99")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.0.0", ()),
        ("1.0.0", (1,)),
        ("1.0.2.0", (1, 0, 2)),
        (" 1.2 ", (1, 2)),
        ("1", None),
        ("a.b", None),
        (None, None),
    ],
)
def test_versions_as_numbers_without_zeros_at_the_end(text: str | None, numbers: tuple[int, ...] | None) -> None:
    assert version_number(text) == numbers
