"""What has to be imported before root's rights are given up."""

# Imported late elsewhere. Without root's rights, a Python in root's home cannot be read any more.
# tests/cli/test_lazy_modules.py compares the list with the imports in functions.
LAZY_MODULES = (
    "defusedxml.ElementTree",
    "defusedxml.common",
    "difflib",
    "encodings.idna",
    "http",
    "pathlib",
    "tempfile",
    "traceback",
    "ucdiag.cli.output",
    "ucdiag.diagnosis.catalogue",
    "ucdiag.diagnosis.phone_tracker",
    "ucdiag.model.codec",
    "ucdiag.capture.frame_order",
    "ucdiag.views.json_view",
    "ucdiag.views.ladder",
    "ucdiag.views.ladder_messages",
    "ucdiag.views.sanitize",
    "ucdiag.views.short_view",
    "ucdiag.views.rich_writer",
    "ucdiag.views.text_view",
    "ucdiag.update_service.response",
    "unicodedata",
    "xml.etree.ElementTree",
)


def preload_lazy_modules() -> None:
    """Import all of ``LAZY_MODULES``, the codecs of bodies and rich's tables of widths."""
    from importlib import import_module

    for name in LAZY_MODULES:
        import_module(name)
    from rich.cells import cell_len

    from ucdiag.wire.http.body import load_encodings

    # A body, or a name in a certificate, may be in any of them.
    load_encodings()
    # How wide characters are, rich looks up in tables that it imports when it first needs them.
    cell_len("\u2192")
