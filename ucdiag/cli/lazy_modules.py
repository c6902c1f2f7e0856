"""What has to be imported before root's rights are given up."""

# Imported late elsewhere. Without root's rights, a Python in root's home cannot be read any more.
# tests/cli/test_lazy_modules.py compares the list with the imports in functions.
LAZY_MODULES = (
    "difflib",
    "encodings.idna",
    "http",
    "pathlib",
    "pickle",
    "shlex",
    "statistics",
    "tempfile",
    "traceback",
    "ucdiag.cli.no_phone",
    "ucdiag.cli.output",
    "ucdiag.cli.output_files",
    "ucdiag.cli.report_spool",
    "ucdiag.cli.until_done",
    "ucdiag.diagnosis.alike_stories",
    "ucdiag.diagnosis.catalogue",
    "ucdiag.diagnosis.catalogue.connect",
    "ucdiag.diagnosis.catalogue.dhcp",
    "ucdiag.diagnosis.catalogue.dns",
    "ucdiag.diagnosis.catalogue.download",
    "ucdiag.diagnosis.catalogue.request",
    "ucdiag.diagnosis.catalogue.response",
    "ucdiag.diagnosis.catalogue.tls",
    "ucdiag.diagnosis.engine",
    "ucdiag.diagnosis.phone_tracker",
    "ucdiag.diagnosis.step_event",
    "ucdiag.model.codec",
    "ucdiag.capture.frame_order",
    "ucdiag.runtime.forked_worker",
    "ucdiag.runtime.phone_archive",
    "ucdiag.views.check_lines",
    "ucdiag.views.csv_view",
    "ucdiag.views.html.many",
    "ucdiag.views.html_view",
    "ucdiag.views.inventory_view",
    "ucdiag.views.json_view",
    "ucdiag.views.junit_view",
    "ucdiag.views.markdown_view",
    "ucdiag.views.mermaid_view",
    "ucdiag.views.nagios_view",
    "ucdiag.views.ndjson_view",
    "ucdiag.views.ladder",
    "ucdiag.views.ladder_messages",
    "ucdiag.views.line_writer",
    "ucdiag.views.short_view",
    "ucdiag.views.many_phones",
    "ucdiag.views.phones",
    "ucdiag.views.prometheus_view",
    "ucdiag.views.rich_writer",
    "ucdiag.views.status_line",
    "ucdiag.views.text_view",
    "ucdiag.update_service.response",
    "ucdiag.wire.dns.over_tcp",
    "ucdiag.wire.http.exchange",
    "ucdiag.wire.http.proxy_answer",
    "ucdiag.wire.http.tracker",
    "ucdiag.wire.tls.tracker",
    "unicodedata",
    "xml.parsers.expat",
)


# What decrypts TLS imports late.
DECRYPTING_MODULES = (
    "cryptography.exceptions",
    "cryptography.hazmat.primitives.ciphers",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.ciphers.algorithms",
    "cryptography.hazmat.primitives.ciphers.modes",
    "ucdiag.capture.key_log",
    "ucdiag.wire.tls.decryption",
    "ucdiag.wire.tls.secrets",
)
# What writes a bundle imports late, or is itself imported late.
BUNDLING_MODULES = (
    "importlib.metadata",
    "platform",
    "ucdiag.capture.aligned_reader",
    "ucdiag.capture.capture_secrets",
    "ucdiag.capture.census",
    "ucdiag.capture.clock_pairs",
    "ucdiag.capture.file_reader",
    "ucdiag.capture.filtered_copy",
    "ucdiag.capture.open_capture",
    "ucdiag.capture.other_formats",
    "ucdiag.capture.pcap",
    "ucdiag.capture.pcapng",
    "ucdiag.capture.read_ahead",
    "ucdiag.capture.read_ahead_start",
    "ucdiag.cli.bundle",
    "ucdiag.cli.capture_bundle",
    "ucdiag.cli.changed_phones",
    "zipfile",
    "zlib",
)
# What masks imports late, or is itself imported late.
MASKING_MODULES = ("ipaddress", "ucdiag.capture.writer", "ucdiag.cli.masked_run", "zlib")
_OLD_CIPHERS = "cryptography.hazmat.decrepit.ciphers.algorithms"


def preload_decryption() -> None:
    """Import what decrypts TLS, for a capture with keys."""
    from contextlib import suppress
    from importlib import import_module

    for name in DECRYPTING_MODULES:
        import_module(name)
    with suppress(ImportError):  # of cryptography 43 and later
        import_module(_OLD_CIPHERS)


def preload_bundling() -> None:
    """Import what writes a bundle and what masks, for a live capture with either."""
    from importlib import import_module

    for name in BUNDLING_MODULES + MASKING_MODULES:
        import_module(name)
    from ucdiag.cli.bundle import installed_versions

    # Reads the metadata of packages, for which the standard library imports more.
    installed_versions()


def preload_lazy_modules() -> None:
    """Import all of ``LAZY_MODULES``, what is deferred, the codecs of bodies and rich's tables of widths."""
    from importlib import import_module

    from ucdiag.runtime.late_modules import load_deferred

    load_deferred()
    for name in LAZY_MODULES:
        import_module(name)
    from rich.cells import cell_len

    from ucdiag.wire.http.body import load_encodings

    # A body, or a name in a certificate, may be in any of them.
    load_encodings()
    # How wide characters are, rich looks up in tables that it imports when it first needs them.
    cell_len("\u2192")
