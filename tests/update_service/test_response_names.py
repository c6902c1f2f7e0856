"""The names that an update answer may use, each by itself, and the rules of what belongs to which file."""

import pytest

from ucdiag.model.observations import UpdateFile
from ucdiag.update_service.response import Answer, read_answer

COUNTS = [
    *("downloads", "DownloadCount", "NumDownloads", "NumOfDownloads", "NumberOfDownloads"),
    *("NumOfFiles", "NumFiles", "NumberOfFiles", "FileCount", "FilesCount"),
    *("UpdateCount", "NumUpdates", "NumOfUpdates", "NumberOfUpdates"),
]
CONTAINERS = ["Downloads", "Files", "Modules", "Updates", "UpdateFiles"]
AMOUNTS = ["count", "number", "num", "total", "length"]
FILE_NAMES = ["FileName", "UpdateFile", "UpdateFileName", "ModuleFileName", "DownloadFile", "DownloadFileName"]
SIGNATURES = [
    *("SignatureFileName", "SignatureFile", "Signature", "SignatureName", "SigFile", "SigFileName"),
    *("CatalogFile", "CatalogFileName", "CatFile", "CatFileName"),
]
VERSIONS = [
    *("FileVersion", "ModuleVersion", "CurrentVersion", "FirmwareVersion", "CurrentFirmwareVersion", "UpdateVersion"),
    *("UpgradeVersion", "SoftwareVersion", "ApprovedVersion", "CurrentFirmwareUpgradeVersion", "NewVersion", "Version"),
]
INTERNAL = [
    *("BaseURL", "BaseUri", "BaseInternalURL", "InternalURL", "FileInternalURI", "IntURL", "IntBaseURL", "IntStoreURL"),
    *("IntFileURL", "InternalBase", "InternalStore"),
]
EXTERNAL = [
    *("ExternalBaseURL", "ExternalURI", "FileExternalURL", "ExtBaseURL", "ExtStoreURL", "ExtFileURL", "ExtURL"),
    *("URLExternal", "URIExternal", "ExternalBase", "ExternalStore"),
]
HANDLERS = [
    *("UpdatesDownloadInternalURL", "UpdateDownloadInternalURL", "RequestHandlerInternalURL", "LogUploadInternalURL"),
    *("UploadInternalURL", "ReportInternalURL", "SignatureInternalURL", "CertificateInternalURL"),
]
PLACES = ["url", "uri", "FileUrl", "DownloadUrl", "FileUri"]
URL = "http://10.0.0.80/CPE"


def read(*elements: str, root: str = "Response") -> Answer:
    return read_answer(f"<{root}>{''.join(elements)}</{root}>".encode())


def element(name: str, text: str = "") -> str:
    return f"<{name}>{text}</{name}>"


@pytest.mark.parametrize(("text", "downloads", "form"), [("0", 0, "none_offered"), ("2", 2, "offered")])
@pytest.mark.parametrize("name", COUNTS)
def test_a_count_of_downloads(name: str, text: str, downloads: int, form: str) -> None:
    answer = read(element(name, text))
    assert (answer.downloads, answer.form) == (downloads, form)


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_says_how_many_it_has(container: str, amount: str) -> None:
    assert read(f'<{container} {amount}="0"/>').downloads == 0
    assert read(element(container, element(amount, "0"))).downloads == 0


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_of_something_else_is_no_count(amount: str) -> None:
    assert read(f'<Phones {amount}="0"/>').downloads is None
    assert read(element("Phones", element(amount, "0"))).downloads is None


@pytest.mark.parametrize(
    ("text", "downloads"),
    [
        *(("0", 0), ("3", 3), ("+3", 3), ("3.0", 3), ("-0", 0), ("-0.0", 0), ("007", 7), ("999999999", 999_999_999)),
        *(("-1", None), ("3.5", None), ("1e3", None), ("three", None), ("", None), ("1234567890", None)),
    ],
)
def test_a_count_is_a_whole_number(text: str, downloads: int | None) -> None:
    answer = read(element("downloads", text))
    assert answer.downloads == downloads
    if downloads is None:
        assert (answer.form, answer.reason) == (
            "unknown",
            "it names its downloads and gives neither a number nor a URL",
        )


@pytest.mark.parametrize("order", [("0", "2"), ("2", "0")])
def test_of_several_counts_the_largest_holds(order: tuple[str, str]) -> None:
    assert read(*(element("downloads", text) for text in order)).downloads == 2
    assert read(*(element("x", element("downloads", text)) for text in order)).downloads == 2


@pytest.mark.parametrize("name", INTERNAL)
def test_the_internal_place(name: str) -> None:
    answer = read(element(name, URL))
    assert (answer.internal_url, answer.external_url, answer.form, answer.reason) == (URL, None, "offered", None)


@pytest.mark.parametrize("name", EXTERNAL)
def test_the_external_place(name: str) -> None:
    answer = read(element(name, URL))
    assert (answer.internal_url, answer.external_url, answer.form, answer.reason) == (None, URL, "offered", None)


@pytest.mark.parametrize("name", HANDLERS)
def test_a_place_of_something_else_is_no_place_of_files(name: str) -> None:
    answer = read(element(name, URL))
    assert (answer.internal_url, answer.external_url, answer.form) == (None, None, "unknown")


@pytest.mark.parametrize("name", FILE_NAMES)
def test_the_name_of_a_file(name: str) -> None:
    answer = read(element("downloads", "1"), element(name, "CPE.nbt"))
    assert answer.files == (UpdateFile(name="CPE.nbt"),)
    assert (answer.form, answer.reason) == ("offered", "it offers an update and has no element for a URL")


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signature_of_a_file(name: str) -> None:
    assert read(element("FileName", "CPE.nbt"), element(name, "CPE.cat")).files == (
        UpdateFile(name="CPE.nbt", signature="CPE.cat"),
    )


@pytest.mark.parametrize("name", VERSIONS)
def test_the_version_of_a_file(name: str) -> None:
    answer = read(element("downloads", "1"), element(name, "3.5.6907.35"))
    assert (answer.version, answer.files) == ("3.5.6907.35", ())


@pytest.mark.parametrize("text", ["1", "1.0", "x"])
def test_a_version_that_is_no_firmware_s_is_the_document_s(text: str) -> None:
    assert read(element("downloads", "1"), element("Version", text)).version is None
    assert read(element("downloads", "1"), element("FileVersion", text)).version == text


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    "marked", ["File", "File0", "Module", "Download12", "UpdateFile", "RequestFile", "ResponseFile"]
)
def test_the_url_in_the_element_of_a_file_is_its_place(name: str, marked: str) -> None:
    answer = read(element("downloads", "1"), element(marked, element("FileName", "CPE.nbt") + element(name, URL)))
    assert answer.files == (UpdateFile(name="CPE.nbt", internal_url=URL),)
    assert answer.internal_url == URL


@pytest.mark.parametrize("name", PLACES)
def test_the_url_of_another_element_is_no_place_of_files(name: str) -> None:
    answer = read(element("downloads", "1"), element("Phone", element("FileName", "CPE.nbt") + element(name, URL)))
    assert (answer.files, answer.internal_url) == ((UpdateFile(name="CPE.nbt"),), None)


def test_a_base_beside_a_file_is_not_the_file_s_own() -> None:
    answer = read(element("Phone", element("FileName", "CPE.nbt") + element("BaseURL", URL)))
    assert (answer.files, answer.internal_url) == ((UpdateFile(name="CPE.nbt"),), URL)


def test_the_places_within_a_file_are_its_own_and_the_first_holds_for_the_answer() -> None:
    def file(number: int) -> str:
        urls = element("InternalUrl", f"{URL}/{number}") + element("ExternalUrl", f"https://x/{number}")
        return element(f"File{number}", urls)

    answer = read(file(0), file(1))
    assert answer.files == tuple(
        UpdateFile(name=None, internal_url=f"{URL}/{number}", external_url=f"https://x/{number}") for number in (0, 1)
    )
    assert (answer.internal_url, answer.external_url) == (f"{URL}/0", "https://x/0")


def test_a_blank_base_holds_only_where_there_is_no_other() -> None:
    blank, given = element("a", element("BaseURL")), element("b", element("BaseURL", URL))
    assert read(blank, given).internal_url == URL
    assert read(given, blank).internal_url == URL
    assert read(blank, blank).internal_url == ""


@pytest.mark.parametrize(("count", "kept"), [(100, 100), (101, 100)])
def test_100_files_are_kept(count: int, kept: int) -> None:
    files = (element("File", element("FileName", f"{number}.nbt")) for number in range(count))
    assert len(read(element("downloads", "1"), *files).files) == kept


@pytest.mark.parametrize(
    ("text", "name"),
    [("CPE.nbt", "CPE.nbt"), ("a" * 251 + ".nbt", "a" * 251 + ".nbt"), ("a" * 252 + ".nbt", None), ("CPE", None)],
)
def test_the_text_of_a_file_s_element_may_be_its_name(text: str, name: str | None) -> None:
    files = read(element("downloads", "1"), element("Module", text)).files
    assert [file.name for file in files] == ([name] if name else [])


def test_a_file_whose_element_and_name_are_both_called_file_is_one() -> None:
    inner = element("File", "CPE.nbt") + element("SignatureFile", "CPE.cat")
    answer = read(element("downloads", "1"), element("Module", inner))
    assert answer.files == (UpdateFile(name="CPE.nbt", signature="CPE.cat"),)


def test_several_files_by_name_alone_are_one_each() -> None:
    answer = read(element("downloads", "2"), *(element("UpdateFile", name) for name in ("a.nbt", "b.nbt")))
    assert [file.name for file in answer.files] == ["a.nbt", "b.nbt"]


@pytest.mark.parametrize("mark", ["name", "key", "id"])
def test_a_setting_names_its_value(mark: str) -> None:
    assert read(f'<setting {mark}="BaseURL" value="{URL}"/>').internal_url == URL
    assert read(f'<value {mark}="BaseURL">{URL}</value>').internal_url == URL
    assert read(f'<setting {mark}="downloads" value="0"/>').downloads == 0
    assert read(f'<setting {mark}="Phones" value="0"/>').downloads is None


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("what", "counted"),
    [("", True), ("many", True), (' phone="x"', False), ("x=y", False), ("<a/>", False)],
)
def test_a_container_says_something_of_downloads_when_it_is_bare(container: str, what: str, counted: bool) -> None:
    body = f"<{container}{what}/>" if what.startswith(" ") else element(container, what)
    reason = "it names its downloads and gives neither a number nor a URL"
    answer = read(body)
    assert answer.form == "unknown"
    assert (answer.reason == reason) is counted


@pytest.mark.parametrize(("length", "read_"), [(8192, True), (8193, False)])
def test_how_long_a_text_of_pairs_may_be(length: int, read_: bool) -> None:
    pairs = "".join(f"k={'v' * 1500} " for _ in range(5)) + "downloads=0 k="
    answer = read_answer((pairs + "v" * (length - len(pairs))).encode())
    assert (answer.downloads == 0) is read_


def test_a_name_alone_is_no_offer() -> None:
    answer = read(element("FileName", "CPE.nbt"))
    assert (answer.form, answer.files) == ("unknown", ())
    assert answer.reason == "nothing in it is of a Device Update Service"


def test_a_count_of_none_beside_a_file_is_strange() -> None:
    answer = read(element("downloads", "0"), element("FileName", "CPE.nbt"))
    assert (answer.form, answer.reason) == ("none_offered", "it counts no download and names a file all the same")
    assert read(element("downloads", "0")).reason is None


@pytest.mark.parametrize("content_type", ["text/html", "Text/HTML; charset=x", "application/xhtml+xml"])
def test_broken_xml_that_is_sent_as_a_page_is_no_xml(content_type: str) -> None:
    assert read_answer(b"<a><b></a>", content_type).form == "not_xml"


@pytest.mark.parametrize("content_type", [None, "text/xml", "application/xml"])
def test_broken_xml_is_malformed(content_type: str | None) -> None:
    assert read_answer(b"<a><b></a>", content_type).form == "malformed"


def test_pairs_without_xml() -> None:
    answer = read_answer(b"downloads=1; BaseURL='http://10.0.0.80/CPE', FileName=CPE.nbt version=3.5.6907.35")
    assert answer.files == (UpdateFile(name="CPE.nbt", version="3.5.6907.35"),)
    assert (answer.downloads, answer.internal_url, answer.form, answer.root) == (1, URL, "offered", None)


def test_pairs_of_something_else_are_no_xml() -> None:
    answer = read_answer(b"phones=1")
    assert (answer.form, answer.reason) == ("not_xml", "the body does not begin as XML does")
