"""The lines that the text report shows beside the steps, as markup."""

from ucdiag.model.report import PhoneReport
from ucdiag.views.beside_steps import write_beside_steps
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.line_writer import LineWriter, Part
from ucdiag.views.output_target import Screen

_STYLES = {"yellow": "is-ask", "red": "is-bad", "green": "is-good", "dim": "quiet"}


class HtmlLines(LineWriter):
    """Keeps the lines, in blocks, in place of writing them."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.blocks: list[list[Markup]] = []

    def write_blank(self) -> None:
        """Begin a block."""
        self.blocks.append([])

    def write_line(self, *parts: Part) -> None:
        """A line whose columns matter."""
        self._add_line(parts, "ln")

    def write_wrapped(self, *parts: Part, hang: int = 0, first: str = "") -> None:
        """Prose, as far to the right as ``first`` is wide."""
        indent = f"i{min(len(first) // 2 * 2, 8)}" if first.isspace() else None
        self._add_line(parts if indent or not first else (first, *parts), indent)

    def _add_line(self, parts: tuple[Part, ...], class_: str | None) -> None:
        if not self.blocks:
            self.write_blank()
        head = not self.blocks[-1] and not isinstance(parts[0], str) and "bold" in parts[0][1]
        content = joined_markup(map(_styled_part, parts))
        self.blocks[-1].append(tag("h3", content) if head and len(parts) < 3 else tag("p", content, class_=class_))


def _styled_part(part: Part) -> Markup:
    if isinstance(part, str):
        return joined_markup([part])
    words, style = part
    if "bold" in style:
        return tag("strong", words)
    return tag("span", words, class_=_STYLES.get(style))


def beside_steps(screen: Screen, command: str, phone: PhoneReport) -> Markup:
    """Leases, names, URLs, certificates and checks, as far as the command shows them."""
    lines = HtmlLines(screen)
    write_beside_steps(lines, command, phone)
    return joined_markup(tag("div", *block, class_="lines") for block in lines.blocks if block)
