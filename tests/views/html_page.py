"""A page read back: its elements, texts and rows."""

from html.parser import HTMLParser

_VOID = {"meta", "br", "col"}


class Page(HTMLParser):
    """Elements with their attributes, and texts with where they stand. Fails where elements are not closed in order."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self._open), data))
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data

    def text(self, *within: str) -> str:
        """The text within all of these elements, without style and script."""
        found = (
            text for place, text in self.texts if set(within) <= set(place) and not {"style", "script"} & set(place)
        )
        return "".join(found)

    def each(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each element of that name."""
        return [attributes for element, attributes in self.elements if element == name]
