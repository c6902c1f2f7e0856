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
from urllib.parse import quote

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import UpdateAnswer, UpdateFile
from ucdiag.model.urls import url_flaw
from ucdiag.model.vocabulary import AnswerForm, Microseconds
from ucdiag.wire.http.body import (
    charset_of,
    declared_encoding,
    excerpt,
    is_page,
    known_encoding,
    marked_encoding,
    readable,
)

LIMIT = 1 << 20  # bytes of a body that are looked at
_DEPTH = 64
_NODES = 20_000
_FILES = 100
_VALUE = 4096  # characters of one value
_EXCERPT = 1024
_INNER = 4  # documents within a document that are looked at
_NOTHING = "nothing in it is of a Device Update Service"

# All names are compared without case and without "-", "_" and ".".
_COUNTS = frozenset(
    {"downloads", "downloadcount", "numdownloads", "numofdownloads", "numberofdownloads"}
    | {"numoffiles", "numfiles", "numberoffiles", "filecount", "filescount"}
    | {"updatecount", "numupdates", "numofupdates", "numberofupdates"}
)
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
_NUMBER = re.compile(r"(?:\+?|-(?=[0.]+\Z))([0-9]{1,9})(?:\.0{1,9})?", re.ASCII)
_FILE = re.compile(r"(?:update|request|response)?(?:file|module|download)\d*")
# In WMI and Get-CsService the request handler's own URL has "download" in its name; the store's is where the files are.
_HANDLERS = re.compile(r"updates?download|requesthandler|logupload|upload|report|signature|certificate")
_EXTERNAL = re.compile(r"\w*external\w*ur[il]|ext(?:base|store|file)?ur[il]|ur[il]external|external(?:base|store)")
_INTERNAL = re.compile(
    r"base(?:internal)?ur[il]|\w*internal\w*ur[il]|int(?:base|store|file)?ur[il]|internal(?:base|store)"
)
# Possessive throughout, so that hostile text cannot make it try again and again.
_PAIR = r"[A-Za-z][\w.-]{0,60}+\s*+=\s*+(?:\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>;&,]{0,2000}+)"
_PAIRS = re.compile(rf"\s*+{_PAIR}(?:[\s;,&]++{_PAIR}){{0,50}}+[\s;,&]*+")
_ONE_PAIR = re.compile(_PAIR)
_FIRMWARE = re.compile(r"\d{1,9}(?:\.\d{1,9}){2,3}")


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
    shown = excerpt(body[:LIMIT], content_type, _EXCERPT) or None
    if problem is not None:
        return Answer(form="malformed", reason=f"the body cannot be read: {problem}", excerpt=shown)
    if len(body) > LIMIT:
        return Answer(form="malformed", reason=f"the body is longer than {LIMIT} bytes", excerpt=shown)
    rough = readable(body, content_type).lstrip("\ufeff \t\r\n\f\v\x00")
    if not rough:
        return Answer(form="empty", reason="the body is empty" if not body else "the body holds nothing but blanks")
    if is_page(rough):
        return Answer(form="not_xml", reason="the body is an HTML page", excerpt=shown)
    if rough[0] != "<":
        pairs = _pairs(rough.rstrip("\x00"))
        bare = _concluded(pairs, [], None, shown) if pairs else None
        if bare is not None and bare.form != "unknown":
            return bare
        return Answer(form="not_xml", reason="the body does not begin as XML does", excerpt=shown)
    if len(rough) > 1 and not (rough[1].isalpha() or rough[1] in "_:!?" or ord(rough[1]) > 0x7F):
        return Answer(form="not_xml", reason="the body does not begin as XML does", excerpt=shown)
    text, complaint = _decoded(body, content_type)
    root = None
    if text is not None:
        root, complaint = _parsed(text.lstrip("\ufeff \t\r\n\f\v").rstrip("\x00"))
    if root is None:
        html = (content_type or "").split(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
        return Answer(form="not_xml" if html else "malformed", reason=complaint, excerpt=shown)
    answer = _understood(root, shown)
    inside = _inside(str(text)) if answer.reason == _NOTHING else None
    return replace(inside, root=answer.root, excerpt=shown) if inside is not None else answer


def _inside(text: str) -> Answer | None:
    """What a document says that is itself the text of an element, as services send it that return a string."""
    if "&lt;" not in text and "<![CDATA[" not in text:
        return None
    collector = _Texts()
    _parsed(text.lstrip("\ufeff \t\r\n\f\v").rstrip("\x00"), collector)
    for inner in collector.found:
        root, _ = _parsed(inner)
        answer = _understood(root, None) if root is not None else None
        if answer is not None and answer.reason != _NOTHING:
            return answer
    return None


def _decoded(body: bytes, content_type: str | None) -> tuple[str | None, str | None]:
    """The body as text by its byte order mark, else the Content-Type's charset, else its declaration, else UTF-8.

    That is the order of RFC 7303, section 3. Where the body is not in the encoding that comes first, the next one
    that is given speaks: web servers add a charset to everything that they send.
    """
    encoding, skip = marked_encoding(body)
    given = [encoding] if encoding is not None else [charset_of(content_type), declared_encoding(body)]
    complaint = None
    for name in [each for each in given if each is not None] or ["utf-8"]:
        known = known_encoding(name)
        if known is None:
            said = f"its declared encoding {name!r} is not known"
        elif encoding is None and known.startswith(("utf-16", "utf-32")):
            said = f"it says that it is {name} and is not"
        else:
            try:
                return body[skip:].decode(known), None
            except UnicodeDecodeError as error:
                said = f"it is not valid {known.upper()} at byte {skip + error.start}"
        complaint = complaint or said
    return None, complaint


class _TooMuchError(Exception):
    pass


@record(slots=True)
class _Node:
    name: str
    parent: "_Node | None"
    attributes: list[tuple[str, str]]
    text: str = ""
    leaf: bool = True

    @property
    def key(self) -> str:
        return _key(self.name)


def _key(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].replace("-", "").replace("_", "").replace(".", "").lower()


class _Collector:
    """Takes expat's events and keeps a flat list of nodes in document order, never a deep tree."""

    def __init__(self) -> None:
        self.nodes: list[_Node] = []
        self._open: list[_Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEPTH:
            raise _TooMuchError(f"its elements are nested deeper than {_DEPTH}")
        if len(self.nodes) + len(attributes) >= _NODES:
            raise _TooMuchError(f"it has more than {_NODES} elements")
        parent = self._open[-1] if self._open else None
        if parent is not None:
            parent.leaf = False
        node = _Node(
            name[:_VALUE], parent, [(each[:_VALUE], value[:_VALUE].strip()) for each, value in attributes.items()]
        )
        self.nodes.append(node)
        self._open.append(node)

    def end(self, name: str) -> None:
        node = self._open.pop()
        node.text = node.text.strip()

    def data(self, data: str) -> None:
        if self._open and len(self._open[-1].text) < _VALUE:
            self._open[-1].text = (self._open[-1].text + data)[:_VALUE]

    def close(self) -> list[_Node]:
        return self.nodes


class _Texts(_Collector):
    """Keeps beside the nodes the whole text of the first few leaves that hold a document of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._pieces = []
        super().start(name, attributes)

    def data(self, data: str) -> None:
        self._pieces.append(data)
        super().data(data)

    def end(self, name: str) -> None:
        if self._open[-1].leaf and len(self.found) < _INNER:
            text = "".join(self._pieces).strip("\ufeff \t\r\n\f\v")
            if text.startswith("<"):
                self.found.append(text)
        self._pieces = []
        super().end(name)


def _parsed(text: str, collector: _Collector | None = None) -> tuple[list[_Node] | None, str | None]:
    # Here and not above: a command that reads no answer need not load an XML parser.
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException, DTDForbidden
    from defusedxml.ElementTree import DefusedXMLParser

    def doctype(name: str, system: str | None, public: str | None, declares: bool) -> None:
        # That it has one proves nothing, and nobody fetches what it names. Declarations within it are what can do harm.
        if declares:
            raise DTDForbidden(name, system, public)

    try:
        target = collector or _Collector()
        parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
        parser.parser.StartDoctypeDeclHandler = doctype
        parser.feed(text)
        nodes = parser.close()
    except DefusedXmlException:
        return (
            None,
            "it carries a document type definition with declarations, which is refused because they can do harm",
        )
    except ParseError as error:
        return None, f"it is not well-formed XML: {str(error)[:200]}"
    except _TooMuchError as error:
        return None, str(error)
    except (ValueError, LookupError) as error:
        return None, f"it cannot be parsed: {str(error)[:200]}"
    return (nodes, None) if isinstance(nodes, list) and nodes else (None, "it holds no element")


@record(slots=True)
class _Found:
    """What was found below one node."""

    owner: "_Node | None"
    name: str | None = None
    signature: str | None = None
    version: str | None = None
    internal: str | None = None
    external: str | None = None
    count: int | None = None
    count_seen: bool = False
    place: str | None = None  # a URL that does not say for whom
    marked: bool = False  # the node's own name is that of a file

    def put(self, key: str, value: str, in_file: bool) -> None:
        if key in _COUNTS:
            self.count_seen = True
            number = _NUMBER.fullmatch(value)
            if number:
                self.count = max(int(number[1]), self.count or 0)
            return
        side = _side(key)
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


def _side(key: str) -> str | None:
    """Whether a name is that of the internal or of the external place of the files."""
    if _HANDLERS.search(key):
        return None
    if _EXTERNAL.fullmatch(key):
        return "external"
    return "internal" if _INTERNAL.fullmatch(key) else None


def _pairs(text: str) -> list[tuple[str, str]]:
    """``downloads=0`` and its like, when a text is nothing but such pairs."""
    if len(text) > 8192 or not _PAIRS.fullmatch(text):
        return []
    found = []
    for pair in _ONE_PAIR.findall(text):
        name, _, value = pair.partition("=")
        found.append((_key(name.strip()), value.strip().strip("\"'").rstrip(",").strip()))
    return found


def _understood(nodes: list[_Node], shown: str | None) -> Answer:
    top: list[tuple[str, str]] = []
    by_owner: dict[int, _Found] = {}
    owners: list[_Found] = []

    def of(node: _Node) -> _Found:
        if id(node) not in by_owner:
            by_owner[id(node)] = _Found(owner=node, marked=bool(_FILE.fullmatch(node.key)))
            owners.append(by_owner[id(node)])
        return by_owner[id(node)]

    for node in nodes:
        mine = of(node)
        named = value_of = None
        for name, value in node.attributes:
            key = _key(name)
            mine.put(key, value, mine.marked)
            if node.key in _CONTAINERS and key in _AMOUNTS:
                top.append(("downloads", value))
            if key in ("name", "key", "id"):
                named = _key(value)
            elif key == "value":
                value_of = value
        if named is not None:  # <setting name="BaseURL" value="..."/>, <value name="BaseURL">...</value>
            given = value_of if value_of is not None else node.text if node.leaf else None
            if given is not None and (named in _COUNTS or _side(named)):
                of(node.parent or node).put(named, given, False)
        for key, value in _pairs(node.text):
            of(node).put(key, value, False)
        if node.leaf:
            parent = of(node.parent) if node.parent is not None else mine
            # <downloads value="0"/> says the same as <downloads>0</downloads>.
            text = node.text or (value_of if named is None else None) or ""
            if node.parent is not None and node.parent.key in _CONTAINERS and node.key in _AMOUNTS:
                top.append(("downloads", text))
            if node.key not in _CONTAINERS or _NUMBER.fullmatch(text):
                parent.put(node.key, text, parent.marked)
            elif not node.attributes and not _pairs(node.text):
                parent.count_seen = True
            if mine.marked and mine.name is None and node.text and len(node.text) <= 255 and not _pairs(node.text):
                mine.name = node.text if re.fullmatch(r"[^\s<>|\"*?]+\.[A-Za-z0-9]{1,5}", node.text) else None
    return _concluded(top, owners, nodes[0].name.rpartition("}")[2], shown)


def _concluded(pairs: list[tuple[str, str]], owners: list[_Found], root: str | None, shown: str | None) -> Answer:
    general = _Found(owner=None)
    for key, value in pairs:
        general.put(key, value, False)
    files: list[UpdateFile] = []
    for found in owners:
        general.count_seen = general.count_seen or found.count_seen
        if found.count is not None:
            general.count = found.count if general.count is None else max(found.count, general.count)
        general.version = general.version or found.version
        # The first that is not blank speaks for the whole; a blank one only where there is no other.
        general.internal = general.internal or (found.internal if found.internal is not None else general.internal)
        general.external = general.external or (found.external if found.external is not None else general.external)
    urls = general.internal is not None or general.external is not None
    # A name or a URL alone is in many kinds of XML; these are not.
    ours = general.count_seen or urls or any(found.name and found.signature for found in owners)
    for found in owners if ours else ():
        given = found.internal or found.external or found.place or found.signature
        if (found.name is not None or (found.marked and given)) and len(files) < _FILES:
            internal = found.internal if found.internal is not None else found.place
            files.append(
                UpdateFile(
                    name=found.name,
                    signature=found.signature,
                    version=found.version,
                    internal_url=internal if found.marked else None,
                    external_url=found.external if found.marked else None,
                )
            )
            if found.place is not None and not general.internal:
                general.internal = found.place
    if not owners and general.name:
        files.append(UpdateFile(name=general.name, signature=general.signature, version=general.version))
    urls = general.internal is not None or general.external is not None
    form: AnswerForm
    reason = None
    if general.count == 0:
        form = "none_offered"
        if files:
            reason = "it counts no download and names a file all the same"
    elif general.count or urls or files:
        form = "offered"
        if not urls:
            reason = "it offers an update and has no element for a URL"
    elif general.count_seen:
        form, reason = "unknown", "it names its downloads and gives neither a number nor a URL"
    else:
        form, reason = "unknown", _NOTHING
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


_EXTENSION = re.compile(r".\.[A-Za-z][A-Za-z0-9]{1,4}")


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
    found = []
    for file in answer.files:
        own = file.external_url if external else file.internal_url
        if own or (own is None and base):
            found.append(_joined(own or base, file.name))
    if not answer.files and base:
        found.append(base)
    return tuple(dict.fromkeys(found))


def _joined(base: str, name: str | None) -> str:
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
