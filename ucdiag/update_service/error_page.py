"""Whether what came is a server's message to a reader, where a firmware file was asked for. Pure text."""

import re

from ucdiag.model.patterns import pattern

# A message is short; a longer text that speaks of errors may be anything.
MOST = 2048  # characters

# No text has these, and hardly a binary file of that length lacks them: control characters, and what a decoder puts
# in the place of bytes that are no character.
_BINARY = pattern(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
_TEXT_FILES = pattern(r"\.(?:txt|xml|ini|inf|cfg|conf|csv|log|json|md5|sha\d*)(?=[?#]|\Z)", re.IGNORECASE)
_REFUSALS = pattern(
    r"\b(?:error|fault|exception|failed|failure|not\s+found|no\s+such|denied|forbidden|unauthori[sz]ed|not\s+allowed|"
    r"not\s+permitted|blocked|unavailable|not\s+available|timed\s+out|sign\s+in|log\s*(?:in|on))\b",
    re.IGNORECASE,
)


def is_message(begin: str | None, path: str, whole: bool) -> bool:
    """Whether the text of the file at ``path`` is a server's message that it has none, and so no firmware.

    Images of Windows CE and their catalogue files are binary (background knowledge), but a short text alone proves
    nothing: who tries a server out puts any words into a file. The text must be all of the file (``whole``), be short
    and speak of a refusal. A path that itself names a text file may lead to any text.
    """
    if not whole or begin is None or len(begin) > MOST or _TEXT_FILES.search(path) or _BINARY.search(begin):
        return False
    return _REFUSALS.search(begin) is not None
