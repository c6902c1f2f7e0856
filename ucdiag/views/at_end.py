"""The base of formats that show nothing before the end and escape their text themselves."""

from ucdiag.model.report import PhoneReport
from ucdiag.views.output_target import Screen


class AtEnd:
    """A view that shows nothing before its ``end``."""

    live = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def close(self) -> None:
        """Nothing to restore."""

    def write_text(self, text: str) -> None:
        """Write the text; what the stream cannot carry, as an escape."""
        encoding = getattr(self._screen.stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.encode(encoding, "backslashreplace").decode(encoding)
        self._screen.stream.write(text)
