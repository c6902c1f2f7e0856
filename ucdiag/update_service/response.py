"""The update answer: what the body of a Device Update Service's response says.

No example of such a response is published. Documented are the elements ``BaseURL`` and ``ExternalBaseURL``, the words
``downloads=0``, that the current firmware version is in it (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and
26), and that each module has a file name, a signature file name, a version and a timestamp (Microsoft, "Update Audit
Log Schema", OCS 2007 R2 and Lync 2010). Later generations are said to count with ``NumOfFiles`` and to give file
URLs in ``InternalUrl`` and ``ExternalUrl`` below ``File0``, ``File1`` (background knowledge, no source). So this
reader goes by local names without regard to case or namespace, and takes a value as attribute, element or bare text.

Rules of this file: any bytes give an answer, never an exception; size, depth and number of elements are bounded; a
document type definition is refused, entities with it; "not XML", "XML that breaks off", "nothing in it" and "XML of
something else" stay four different results.
"""

import re
from dataclasses import replace
from typing import Literal
from urllib.parse import quote

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import UpdateAnswer, UpdateFile
from ucdiag.model.patterns import pattern
from ucdiag.model.urls import url_flaw
from ucdiag.model.vocabulary import AnswerForm, Microseconds
from ucdiag.update_service.response_xml import Node, decode_body, inner_documents, parse_nodes, plain_key
from ucdiag.wire.http.body import excerpt, is_page, readable

LIMIT = 1 << 20  # bytes of a body that are looked at
_FILES = 100
_EXCERPT = 1024
_PAIRS_LONGEST = 8192  # characters
_FILE_NAME_LONGEST = 255  # characters
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_NOTHING = "nothing in it is of a Device Update Service"

# All names are compared without case and without "-", "_" and ".".
_COUNTS = frozenset(
    {"downloads", "downloadcount", "numdownloads", "numofdownloads", "numberofdownloads"}
    | {"numoffiles", "numfiles", "numberoffiles", "filecount", "filescount"}
    | {"updatecount", "numupdates", "numofupdates", "numberofupdates"}
)
_DOWNLOADS = "downloads"  # the name that stands for all of them
_CONTAINERS = frozenset({"downloads", "files", "modules", "updates", "updatefiles"})
_AMOUNTS = frozenset({"count", "number", "num", "total", "length"})  # of what is in a container
_NAMES = frozenset({"filename", "updatefile", "updatefilename", "modulefilename", "downloadfile", "downloadfilename"})
_SIGNATURES = frozenset(
    {"signaturefilename", "signaturefile", "signature", "signaturename", "sigfile", "sigfilename"}
    | {"catalogfile", "catalogfilename", "catfile", "catfilename"}
)
_VERSIONS = frozenset(
    {"fileversion", "moduleversion", "currentversion", "firmwareversion", "currentfirmwareversion", "updateversion"}
    | {"upgradeversion", "softwareversion", "approvedversion", "currentfirmwareupgradeversion", "newversion"}
)
# Also with a sign or decimal places, as long as it is a whole number.
_NUMBER = pattern(r"(?:\+?|-(?=[0.]+\Z))([0-9]{1,9})(?:\.0{1,9})?", re.ASCII)
_FILE = pattern(r"(?:update|request|response)?(?:file|module|download)\d*")
_FILE_NAME = pattern(r"[^\s<>|\"*?]+\.[A-Za-z0-9]{1,5}")
# In WMI and Get-CsService the request handler's own URL has "download" in its name; the store's is where the files are.
_HANDLERS = pattern(r"updates?download|requesthandler|logupload|upload|report|signature|certificate")
_EXTERNAL = pattern(r"\w*external\w*ur[il]|ext(?:base|store|file)?ur[il]|ur[il]external|external(?:base|store)")
_INTERNAL = pattern(
    r"base(?:internal)?ur[il]|\w*internal\w*ur[il]|int(?:base|store|file)?ur[il]|internal(?:base|store)"
)
# Possessive throughout, so that hostile text cannot make it try again and again.
_PAIR = r"[A-Za-z][\w.-]{0,60}+\s*+=\s*+(?:\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>;&,]{0,2000}+)"
_FIRST_PAIR = pattern(rf"\s*+({_PAIR})")
# One by one: before Python 3.11.5 a possessive group may match where it should not (python/cpython#106052).
_NEXT_PAIR = pattern(rf"[\s;,&]++({_PAIR})")
_BEHIND_PAIRS = pattern(r"[\s;,&]*+")
_PAIRS_MOST = 51
_FIRMWARE = pattern(r"\d{1,9}(?:\.\d{1,9}){2,3}")


@record(frozen=True, slots=True, kw_only=True)
class Answer:
    """The fields of ``UpdateAnswer`` that come from the body alone; see there."""

    form: AnswerForm
    downloads: int | None = None
    internal_url: str | None = None
    external_url: str | None = None
    version: str | None = None
    files: tuple[UpdateFile, ...] = ()
    root: str | None = None
    reason: str | None = None
    excerpt: str | None = None


def to_observation(
    answer: Answer,
    *,
    time: Microseconds,
    server: str,
    port: int,
    frame: int | None = None,
    client: str | None = None,
    client_port: int | None = None,
    client_mac: str | None = None,
) -> UpdateAnswer:
    """The answer as the observation of a response that began at ``time`` (microseconds) from ``server``."""
    return UpdateAnswer(
        time=time,
        frame=frame,
        client=client,
        client_port=client_port,
        client_mac=client_mac,
        server=server,
        port=port,
        form=answer.form,
        downloads=answer.downloads,
        internal_url=answer.internal_url,
        external_url=answer.external_url,
        version=answer.version,
        files=answer.files,
        root=answer.root,
        reason=answer.reason,
        excerpt=answer.excerpt,
    )


def read_answer(body: bytes, content_type: str | None = None, problem: str | None = None) -> Answer:
    """What a complete, decompressed body says. ``problem`` is why it could not be decompressed, if so.

    Only the first MiB is looked at; a longer body is malformed. Never raises.
    """
    shown = excerpt(body, content_type, _EXCERPT) or None
    if problem is not None:
        return Answer(form="malformed", reason=problem, excerpt=shown)
    if len(body) > LIMIT:
        return Answer(form="malformed", reason=f"the body is longer than {LIMIT} bytes", excerpt=shown)
    rough = readable(body, content_type).lstrip("\ufeff \t\r\n\f\v\x00")
    if not rough:
        return Answer(form="empty", reason="the body is empty" if not body else "the body holds nothing but blanks")
    if is_page(rough):
        return Answer(form="not_xml", reason="the body is an HTML page", excerpt=shown)
    if rough[0] != "<":
        bare = _understand_pairs(rough.rstrip("\x00"), shown)
        return bare or Answer(form="not_xml", reason="the body does not begin as XML does", excerpt=shown)
    if len(rough) > 1 and not (rough[1].isalpha() or rough[1] in "_:!?" or ord(rough[1]) > 0x7F):
        return Answer(form="not_xml", reason="the body does not begin as XML does", excerpt=shown)
    text, flaw = decode_body(body, content_type)
    nodes = None
    if text is not None:
        nodes, flaw = parse_nodes(text)
    if text is None or nodes is None:
        html = content_type is not None and content_type.split(";")[0].strip().lower() in _PAGE_TYPES
        return Answer(form="not_xml" if html else "malformed", reason=flaw, excerpt=shown)
    answer = _answer_of_nodes(nodes, shown)
    inner = _understand_inner(text) if answer.reason == _NOTHING else None
    return replace(inner, root=answer.root, excerpt=shown) if inner is not None else answer


def _understand_pairs(text: str, shown: str | None) -> Answer | None:
    """What pairs without any XML say; None where they say nothing."""
    general = _Values()
    for key, value in _read_pairs(text):
        general.put_value(key, value)
    answer = _answer_of_values(general, [], None, shown)
    return answer if answer.form != "unknown" else None


def _understand_inner(text: str) -> Answer | None:
    """What a document says that is itself the text of an element; None where none says anything."""
    for inner in inner_documents(text):
        nodes, _ = parse_nodes(inner)
        answer = _answer_of_nodes(nodes, None) if nodes is not None else None
        if answer is not None and answer.reason != _NOTHING:
            return answer
    return None


@record(slots=True)
class _Values:
    """The values that belong to one element, or to the answer as a whole."""

    #: The element's own name is that of a file.
    marked: bool = False
    name: str | None = None
    signature: str | None = None
    version: str | None = None
    internal: str | None = None
    external: str | None = None
    #: A URL that does not say for whom.
    place: str | None = None
    count: int | None = None
    #: Downloads were named, with a number or without.
    count_seen: bool = False

    def put_value(self, key: str, value: str, *, in_file: bool = False) -> None:
        """Takes the value of a name (``plain_key``); ``in_file``: it stands in the element of a file."""
        if key in _COUNTS:
            self.count_seen = True
            number = _NUMBER.fullmatch(value)
            if number:
                self.count = max(int(number[1]), self.count or 0)
            return
        side = _url_side(key)
        if side == "internal":
            self.internal = self.internal or value
        elif side == "external":
            self.external = self.external or value
        elif in_file and key in ("url", "uri", "fileurl", "downloadurl", "fileuri"):
            self.place = self.place or value
        elif key in _NAMES or (in_file and key in ("name", "file")):
            self.name = self.name or value or None
        elif key in _SIGNATURES:
            self.signature = self.signature or value or None
        elif key in _VERSIONS or (key == "version" and (in_file or _FIRMWARE.fullmatch(value))):
            self.version = self.version or value or None

    def merge_element(self, part: "_Values") -> None:
        """Takes what the answer as a whole says from one of its elements.

        The first URL that is not blank speaks for the whole; a blank one only where there is no other.
        """
        self.count_seen = self.count_seen or part.count_seen
        if part.count is not None:
            self.count = max(part.count, self.count or 0)
        self.version = self.version or part.version
        if not self.internal and part.internal is not None:
            self.internal = part.internal
        if not self.external and part.external is not None:
            self.external = part.external

    def has_more_than_name(self) -> bool:
        return bool(self.internal or self.external or self.place or self.signature)

    def has_base(self) -> bool:
        return self.internal is not None or self.external is not None


def _url_side(key: str) -> Literal["internal", "external"] | None:
    """Whether a name is that of the internal or of the external place of the files."""
    if _HANDLERS.search(key):
        return None
    if _EXTERNAL.fullmatch(key):
        return "external"
    return "internal" if _INTERNAL.fullmatch(key) else None


def _read_pairs(text: str) -> list[tuple[str, str]]:
    """``downloads=0`` and its like, when a text is nothing but such pairs."""
    pairs: list[tuple[str, str]] = []
    found = _FIRST_PAIR.match(text) if len(text) <= _PAIRS_LONGEST else None
    end = 0
    while found is not None:
        name, _, value = found[1].partition("=")
        pairs.append((plain_key(name.strip()), value.strip().strip("\"'").rstrip(",").strip()))
        end = found.end()
        found = _NEXT_PAIR.match(text, end) if len(pairs) < _PAIRS_MOST else None
    return pairs if _BEHIND_PAIRS.fullmatch(text, end) else []


class _ElementReader:
    """Sorts the values of a document by the element that they belong to: ``general`` and ``elements``."""

    def __init__(self) -> None:
        self.general = _Values()
        self.elements: list[_Values] = []
        self._by_node: dict[int, _Values] = {}

    def read_element(self, node: Node) -> None:
        own = self._values_of(node)
        setting, value = self._take_attributes(node, own)
        if setting is not None:
            self._take_setting(node, setting, value)
        pairs = _read_pairs(node.text)
        for key, text in pairs:
            own.put_value(key, text)
        if node.leaf:
            # <downloads value="0"/> says the same as <downloads>0</downloads>.
            text = node.text or (value if setting is None else None) or ""
            self._take_leaf(node, text, bare=not node.attributes and not pairs)
            if own.marked and own.name is None and not pairs:
                name = _bare_file_name(node.text)
                # <Module><File>CPE.nbt</File></Module> is one file, and the outer element has its name already.
                if own.has_more_than_name() or name != self._values_of(node.parent or node).name:
                    own.name = name

    def _values_of(self, node: Node) -> _Values:
        values = self._by_node.get(id(node))
        if values is None:
            values = self._by_node[id(node)] = _Values(marked=bool(_FILE.fullmatch(node.key)))
            self.elements.append(values)
        return values

    def _take_attributes(self, node: Node, own: _Values) -> tuple[str | None, str | None]:
        """Takes what the attributes say for themselves; gives the name of a setting, and the value, if they are one."""
        setting = value = None
        for name, text in node.attributes:
            key = plain_key(name)
            own.put_value(key, text, in_file=own.marked)
            if node.key in _CONTAINERS and key in _AMOUNTS:
                self.general.put_value(_DOWNLOADS, text)
            if key in ("name", "key", "id"):
                setting = plain_key(text)
            elif key == "value":
                value = text
        return setting, value

    def _take_setting(self, node: Node, setting: str, value: str | None) -> None:
        """``<setting name="BaseURL" value="..."/>`` and ``<value name="BaseURL">...</value>``."""
        if value is None and node.leaf:
            value = node.text
        if value is not None and (setting in _COUNTS or _url_side(setting)):
            self._values_of(node.parent or node).put_value(setting, value)

    def _take_leaf(self, node: Node, text: str, *, bare: bool) -> None:
        """An element without children is a value of its parent; ``bare``: it has neither attributes nor pairs."""
        owner = self._values_of(node.parent or node)
        if node.parent is not None and node.parent.key in _CONTAINERS and node.key in _AMOUNTS:
            self.general.put_value(_DOWNLOADS, text)
        if node.key not in _CONTAINERS or _NUMBER.fullmatch(text):
            owner.put_value(node.key, text, in_file=owner.marked)
        elif bare:
            owner.count_seen = True


def _bare_file_name(text: str) -> str | None:
    return text if len(text) <= _FILE_NAME_LONGEST and _FILE_NAME.fullmatch(text) else None


def _answer_of_nodes(nodes: list[Node], shown: str | None) -> Answer:
    reader = _ElementReader()
    for node in nodes:
        reader.read_element(node)
    return _answer_of_values(reader.general, reader.elements, nodes[0].name.rpartition("}")[2], shown)


def _answer_of_values(general: _Values, elements: list[_Values], root: str | None, shown: str | None) -> Answer:
    """What the values say together. Completes ``general`` from those of the elements."""
    for element in elements:
        general.merge_element(element)
    files = _offered_files(general, elements)
    form, reason = _form_of(general, files)
    return Answer(
        form=form,
        downloads=general.count,
        internal_url=general.internal,
        external_url=general.external,
        version=general.version,
        files=tuple(files),
        root=root,
        reason=reason,
        excerpt=shown,
    )


def _offered_files(general: _Values, elements: list[_Values]) -> list[UpdateFile]:
    """The files that are named. A URL of one that does not say for whom becomes the internal one where there is no
    other."""
    if not elements:
        if not general.name:
            return []
        return [UpdateFile(name=general.name, signature=general.signature, version=general.version)]
    # A name or a URL alone is in many kinds of XML; these are not.
    named_and_signed = any(element.name and element.signature for element in elements)
    if not (general.count_seen or general.has_base() or named_and_signed):
        return []
    files = [element for element in elements if _is_file(element)][:_FILES]
    for file in files:
        if file.place is not None and not general.internal:
            general.internal = file.place
    return [_update_file(file) for file in files]


def _is_file(element: _Values) -> bool:
    return element.name is not None or (element.marked and element.has_more_than_name())


def _update_file(element: _Values) -> UpdateFile:
    internal = element.internal if element.internal is not None else element.place
    return UpdateFile(
        name=element.name,
        signature=element.signature,
        version=element.version,
        internal_url=internal if element.marked else None,
        external_url=element.external if element.marked else None,
    )


def _form_of(general: _Values, files: list[UpdateFile]) -> tuple[AnswerForm, str | None]:
    """The form of an answer, and what is strange about it."""
    if general.count == 0:
        return "none_offered", "it counts no download and names a file all the same" if files else None
    if general.count or general.has_base() or files:
        return "offered", None if general.has_base() else "it offers an update and has no element for a URL"
    if general.count_seen:
        return "unknown", "it names its downloads and gives neither a number nor a URL"
    return "unknown", _NOTHING


_EXTENSION = pattern(r".\.[A-Za-z][A-Za-z0-9]{1,4}")


def usable_url(url: str) -> bool:
    """An absolute http or https URL with a valid host and port; ``model.urls.url_flaw`` says what is wrong with one."""
    return url_flaw(url) is None


def file_urls(answer: Answer | UpdateAnswer, external: bool) -> tuple[str, ...]:
    """The URLs to fetch, internal or external, each once and in the answer's order.

    The documented ``BaseURL`` ends in the folder ``CPE`` and the file name comes from the module, so the file is at
    BaseURL, a slash and the name (inferred from Polycom CX700 Deployment Guide R2, page 26, steps 25 and 26). A URL
    that itself names a file, or that comes without a file name, is taken as it is. Blank URLs give nothing; whether
    a URL is usable is for ``usable_url`` to say.
    """
    base = (answer.external_url if external else answer.internal_url) or ""
    urls = []
    for file in answer.files:
        own = file.external_url if external else file.internal_url
        if own or (own is None and base):
            urls.append(_join_url(own or base, file.name))
    if not answer.files and base:
        urls.append(base)
    return tuple(dict.fromkeys(urls))


def _join_url(base: str, name: str | None) -> str:
    if not name:
        return base
    if name.lower().startswith(("http://", "https://")):
        return name
    name = name.replace("\\", "/").lstrip("/")
    path, mark, _ = base.partition("?")
    last = path.rstrip("/").rpartition("/")[2]
    named = path.count("/") > 2 and not path.endswith("/") and bool(_EXTENSION.search(last))
    if mark or named or last.lower() == name.rpartition("/")[2].lower():
        return base
    return f"{path.rstrip('/')}/{quote(name, safe='/%:@!$&()*+,;=~-._' + chr(39))}"
