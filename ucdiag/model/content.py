"""Whether what came is something to read, where a firmware file was asked for. Pure text."""

import re

# A file cut or limited after fewer characters than this may be a binary one whose beginning happens to be readable.
LEAST = 512

# No text file has these, and hardly a binary one of that length lacks them: control characters, and what a decoder puts
# in the place of bytes that are no character.
_BINARY = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
_TEXT_FILES = re.compile(r"\.(?:txt|xml|ini|inf|cfg|conf|csv|log|json|md5|sha\d*)(?=[?#]|\Z)", re.IGNORECASE)


def is_text(begin: str | None, path: str, whole: bool) -> bool:
    """Whether the decoded beginning of the file at ``path`` is text, and so no firmware image or signature.

    Images of Windows CE and their catalogue files are binary (background knowledge). ``whole`` says that no more of
    the file came than ``begin`` was taken from. A path that itself names a text file may lead to one.
    """
    if begin is None or not begin.strip() or _TEXT_FILES.search(path) or _BINARY.search(begin):
        return False
    return whole or len(begin) >= LEAST
