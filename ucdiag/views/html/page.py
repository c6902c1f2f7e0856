"""The page around every report: head with its policy, header, main, footer. Written piece by piece."""

import base64
import hashlib
from typing import TextIO

from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.html.style import SCRIPT, STYLE

_TITLE = 200


def content_policy() -> str:
    """Nothing is loaded from anywhere; style sheet and script are in the page, known by their hashes."""
    return (
        f"default-src 'none'; style-src '{_hash_source(STYLE)}'; script-src '{_hash_source(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


class Page:
    """One page on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, *parts: str) -> None:
        """Write pieces of the page, each on a line of its own."""
        self._stream.write(f"{joined_markup(parts)}\n")

    def begin_page(self, title: str, header: str) -> None:
        """Write the page up to its main part. ``title`` is what mail programs and tabs show."""
        self.write(
            Markup('<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n'),
            tag("meta", charset="utf-8"),
            tag("meta", **{"http-equiv": "Content-Security-Policy", "content": content_policy()}),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("meta", name="generator", content="ucdiag"),
            tag("title", title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}\u2026"),
            Markup(f"\n<style>{STYLE}</style>\n</head>\n<body>\n"),
            tag("header", header),
            Markup("\n<main>"),
        )

    def end_page(self, footer: str) -> None:
        """Write the rest of the page: the footer and the script."""
        self.write(
            Markup("</main>\n"),
            tag("footer", footer),
            tag("p", id="status", role="status", class_="sr"),
            Markup(f"\n<script>{SCRIPT}</script>\n</body>\n</html>"),
        )
        self._stream.flush()
