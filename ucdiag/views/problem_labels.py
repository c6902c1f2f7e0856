"""The word before a problem: whether something was not tested, read or written, or the report is to be read with it."""

from ucdiag.model.vocabulary import ProblemCode

NOTE = "Note"

# What says how to read the report.
_NOTES: tuple[ProblemCode, ...] = (
    "answer-not-logged",
    "asked-through-vpn",
    "behind-router",
    "body-cut",
    "capture-cut",
    "capture-ended",
    "clock-set-back",
    "connect-to-unused",
    "dhcp-malformed",
    "dhcp-too-many-answers",
    "files-missing",
    "files-order",
    "forgotten",
    "frames-not-packets",
    "frames-of-copy",
    "interrupted",
    "keylog-incomplete",
    "lease-declined",
    "log-times",
    "logs-differ",
    "loss-not-counted",
    "no-log-row",
    "no-request",
    "not-as-expected",
    "not-put-in",
    "packets-cut",
    "packets-lost",
    "part-unknown",
    "port-not-watched",
    "reports-differ",
    "server-spared",
    "several-files",
    "several-phones",
    "several-sites",
    "times-missing",
    "times-unordered",
    "tls-newer-only",
    "tls-not-decrypted",
    "tls-old-untested",
)
# A file, or a part of one, that was passed over.
_UNREAD: tuple[ProblemCode, ...] = (
    "ca-unusable",
    "capture-link-type",
    "capture-unreadable",
    "keylog-unreadable",
    "lease-malformed",
    "lease-unreadable",
    "log-lines",
    "log-unreadable",
    "not-a-capture",
    "not-a-log",
    "report-unreadable",
)
_LABELS: dict[ProblemCode, str] = {
    **dict.fromkeys(_NOTES, NOTE),
    **dict.fromkeys(_UNREAD, "Not read"),
    "bug": "Bug",
    "capture-unwritable": "Not written",
    "output": "Not written",
}


def problem_label(code: ProblemCode) -> str:
    """The word that views show before the problem's text."""
    return _LABELS.get(code, "Not tested")
