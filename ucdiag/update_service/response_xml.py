"""The body of an answer as a flat list of XML elements, whatever bytes it is.

Size, depth and number of elements are bounded; a document type definition with declarations is refused, entities with
it.
"""

from typing import NoReturn

from ucdiag.model.fast_dataclass import record
from ucdiag.model.visible_text import quoted
from ucdiag.wire.http.body import charset_of, declared_encoding, known_encoding, marked_encoding

DEPTH_MOST = 64
NODES_MOST = 20_000
VALUE_MOST = 4096  # characters of one value
INNER_MOST = 4  # documents within a document that are looked at

_BEFORE_XML = "\ufeff \t\r\n\f\v"


@record(slots=True)
class Node:
    """One element. ``text`` is its own, not its children's, without blanks around it; ``leaf``: it has no children."""

    name: str
    parent: "Node | None"
    attributes: list[tuple[str, str]]
    text: str = ""
    leaf: bool = True

    @property
    def key(self) -> str:
        return plain_key(self.name)


def plain_key(name: str) -> str:
    """A name as it is compared: its local part in lower case, without ``-``, ``_`` and ``.``."""
    return name.rpartition("}")[2].rpartition(":")[2].replace("-", "").replace("_", "").replace(".", "").lower()


def _in_braces(name: str) -> str:
    """The name with its namespace in braces, of expat's ``namespace}name``."""
    return f"{{{name}" if "}" in name else name


def decode_body(body: bytes, content_type: str | None) -> tuple[str | None, str | None]:
    """The body as text, or why it is none.

    Its encoding is that of its byte order mark, else the Content-Type's charset, else its declaration, else UTF-8.
    That is the order of RFC 7303, section 3. Where the body is not in the encoding that comes first, the next one
    that is given speaks: web servers add a charset to everything that they send.
    """
    encoding, skip = marked_encoding(body)
    given = [encoding] if encoding is not None else [charset_of(content_type), declared_encoding(body)]
    complaint = None
    for name in list(filter(None, given)) or ["utf-8"]:
        known = known_encoding(name)
        if known is None:
            flaw = f"its declared encoding {quoted(name)} is not known"
        elif encoding is None and known.startswith(("utf-16", "utf-32")):
            flaw = f"it says that it is {name} and is not"
        else:
            try:
                return body[skip:].decode(known), None
            except UnicodeDecodeError as error:
                flaw = f"it is not valid {known.upper()} at byte {skip + error.start}"
        complaint = complaint or flaw
    return None, complaint


class _TooMuchError(Exception):
    pass


class _DeclarationError(Exception):
    pass


class _UnknownEntityError(Exception):
    pass


class _Collector:
    """Takes expat's events and keeps a flat list of nodes in document order, never a deep tree."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._open: list[Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MOST:
            raise _TooMuchError(f"its elements are nested deeper than {DEPTH_MOST}")
        if len(self.nodes) + len(attributes) >= NODES_MOST:
            raise _TooMuchError(f"it has more than {NODES_MOST} elements")
        parent = self._open[-1] if self._open else None
        if parent is not None:
            parent.leaf = False
        node = Node(
            _in_braces(name)[:VALUE_MOST],
            parent,
            [(_in_braces(key)[:VALUE_MOST], value[:VALUE_MOST].strip()) for key, value in attributes.items()],
        )
        self.nodes.append(node)
        self._open.append(node)

    def end(self, name: str) -> None:
        node = self._open.pop()
        node.text = node.text.strip()

    def data(self, data: str) -> None:
        if self._open and len(self._open[-1].text) < VALUE_MOST:
            self._open[-1].text = (self._open[-1].text + data)[:VALUE_MOST]


class _InnerDocuments(_Collector):
    """Keeps beside the nodes the whole text of the first few leaves that hold a document of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[str] = []
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._pieces = []
        super().start(name, attributes)

    def data(self, data: str) -> None:
        self._pieces.append(data)
        super().data(data)

    def end(self, name: str) -> None:
        if self._open[-1].leaf and len(self.documents) < INNER_MOST:
            text = "".join(self._pieces).strip(_BEFORE_XML)
            if text.startswith("<"):
                self.documents.append(text)
        self._pieces = []
        super().end(name)


def parse_nodes(text: str) -> tuple[list[Node] | None, str | None]:
    """The elements of a document in its order, or why it has none."""
    return _parse_xml(text, _Collector())


def inner_documents(text: str) -> list[str]:
    """The documents that are themselves the text of an element, as services send them that return a string."""
    if "&lt;" not in text and "<![CDATA[" not in text:
        return []
    collector = _InnerDocuments()
    _parse_xml(text, collector)
    return collector.documents


def _parse_xml(text: str, collector: _Collector) -> tuple[list[Node] | None, str | None]:
    # Here and not above: a command that reads no answer need not load an XML parser.
    from xml.parsers.expat import ExpatError, ParserCreate

    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.data
    # A type definition alone proves nothing, and nobody fetches what it names. What it declares can do harm.
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = parser.ExternalEntityRefHandler = _refuse

    def refuse_unknown_entity(text: str) -> None:
        # Where a type definition is elsewhere, expat leaves out an entity that it does not know.
        if text.startswith("&"):
            where = f"line {parser.ErrorLineNumber}, column {parser.ErrorColumnNumber}"
            raise _UnknownEntityError(f"undefined entity {text}: {where}")

    parser.DefaultHandlerExpand = refuse_unknown_entity
    try:
        parser.Parse(text.lstrip(_BEFORE_XML).rstrip("\x00"), True)
    except _DeclarationError:
        return (
            None,
            "it carries a document type definition with declarations, which is refused because they can do harm",
        )
    except (ExpatError, _UnknownEntityError) as error:
        return None, f"it is not well-formed XML: {error}"
    except _TooMuchError as error:
        return None, str(error)
    except (ValueError, LookupError) as error:
        return None, f"it cannot be parsed: {str(error)[:200]}"
    finally:
        parser.DefaultHandlerExpand = None  # which knows the parser
    return (collector.nodes, None) if collector.nodes else (None, "it holds no element")


def _refuse(*declared: object) -> NoReturn:
    raise _DeclarationError


def _refuse_declarations(name: str, system: str | None, public: str | None, declares: bool) -> None:
    if declares:
        raise _DeclarationError
