"""The closed sets of words: every legal value of a field that holds one, in one place.

The dataclasses of the model use these aliases, so a misspelt word is an error of mypy; the JSON Schemas are made from
them. They are ``Literal``, not enumerations, because the readers of captures compare these words for each packet.
"""

from typing import Literal, TypeAlias, get_args

# Points in time are integer microseconds since 1970-01-01T00:00:00Z; durations and limits are seconds.
Microseconds: TypeAlias = int
Seconds: TypeAlias = float


def microseconds(seconds: Seconds) -> Microseconds:
    """A duration on the scale of times."""
    return int(seconds * 1_000_000)


def is_success_status(status: int | None) -> bool:
    """Whether a status of HTTP says that the request succeeded: 2xx (RFC 9110, section 15.3)."""
    return status is not None and status // 100 == 2


# --- Observations ---

# What an active source was after: the update server itself, the firmware file, a name that cannot exist, the same
# names in the SIP domain, or another name that such a phone needs; beside the path, the same request with another Host,
# the request as another phone, and the URL for the other side. A capture has ``log`` for a POST to the update server
# with a log, and ``update-or-log`` if the body does not decide.
Purpose = Literal["update", "file", "wildcard", "sip", "other", "host", "compare", "other-side", "log", "update-or-log"]
# How much a lease proves: options of a lease, the resolver's configuration, set by hand, Active Directory.
LeaseAuthority = Literal["dhcp", "resolver", "static", "directory"]
# RFC 2132, 9.6.
DhcpType = Literal["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"]
DhcpOutcome = Literal["no_answer"]
Transport = Literal["udp", "tcp"]
# not_sent: this machine could not send, so nothing follows for the server. lost: the capture lacks bytes in which the
# answer may have been. elsewhere: an answer came from another address or port than was asked, and counts for none.
LookupFailure = Literal["no_answer", "unreachable", "not_sent", "malformed", "lost", "elsewhere"]
# The reason of a lookup that is malformed because of that.
CUT_OVER_TCP = "its answer over TCP is cut short (truncated), with nothing in it"
ConnectOutcome = Literal["open", "refused", "no_answer", "unreachable", "not_sent", "unfinished"]
# The first message of a TCP connection that the capture lacks.
ConnectLacking = Literal["syn", "syn_ack", "ack"]
TlsOutcome = Literal[
    "complete",
    "no_answer",
    "untrusted",
    "name_mismatch",
    "expired",
    "not_yet_valid",
    "version",
    "alert",
    "closed",
    "not_tls",
    "not_sent",
    "failed",
    "unfinished",
]
TlsStage = Literal["client_hello", "server_hello", "certificate", "finished"]
# One of the two ends of a connection, and how one of them ended it.
Peer = Literal["client", "server"]
Ending = Literal["closed", "reset"]
HttpFailure = Literal[
    "no_answer", "closed", "reset", "not_http", "incomplete", "stalled", "too_large", "tls", "not_sent"
]
Scheme = Literal["http", "https"]
SideCheckSubject = Literal["ntp", "certsrv", "certificate-service"]
# How a sign-in (NTLM) went: the answer to it is no 401; 401 again; 401 again, and not with a channel binding; the
# server's part of it did not come.
SignInResult = Literal["done", "refused", "binding-wanted", "not-continued", "closed"]
AnswerForm = Literal["none_offered", "offered", "unknown", "not_xml", "malformed", "empty"]
TransferOutcome = Literal[
    "whole",
    "truncated",
    "partial",
    "stalled",
    "empty",
    "html",
    "text",
    "status",
    "limited",
    "host_missing",
    "connect_failed",
    "not_sent",
    "not_tried",
    "unfinished",
]

# --- Reports ---

# What became of one update check of a phone: the file arrived whole; an update was offered, and no file asked for;
# nothing newer, or the phone's own version, was offered; a step failed; what became of it was not seen.
CheckResult = Literal["downloaded", "offered", "nothing-newer", "same-version", "failed", "unknown"]
# The two URLs of an answer.
UrlSide = Literal["internal", "external"]

CommandName = Literal[
    "ucdiag",
    "check",
    "check-dhcp",
    "check-dns",
    "probe",
    "capture",
    "logs",
    "report",
    "lab",
    "explain",
    "doctor",
    "completion",
]
SourceKind = Literal["active", "file", "live", "lab", "logs", "reports"]
# What captures live: the best of the system, scapy, or Linux' packet ring.
Sniffer = Literal["auto", "scapy", "ring"]
# The outcome of a phone's sign-in, as far as its connection shows. ``unfinished``: the capture does not show it.
SignInOutcome = Literal["open", "failed", "unfinished"]
# The purpose of a command: it changes nothing, it fixes the fault, or it shows that the fault is fixed.
CommandPurpose = Literal["check", "change", "verify"]
Shell = Literal["powershell", "cmd", "sh"]

# Who can find a code: the active commands, a capture, both.
FoundBy = Literal["A", "C", "AC"]
# The codes of the catalogue (``ucdiag/diagnosis/catalogue``), in the order of the path.
FindingCode = Literal[
    "dhcp-no-answer",
    "dhcp-nak",
    "dhcp-no-domain",
    "dhcp-domain-unusable",
    "dhcp-no-resolver",
    "dhcp-domains-differ",
    "dhcp-domain-unexpected",
    "dhcp-voice-vlan-silent",
    "dhcp-domain-by-class",
    "lease-rewritten",
    "restart-loop",
    "capture-too-short",
    "capture-gap",
    "capture-one-direction",
    "capture-clocks-differ",
    "capture-encapsulated",
    "no-phone-seen",
    "dns-r2-missing",
    "dns-legacy-only",
    "dns-sip-domain-only",
    "dns-no-address",
    "dns-server-failure",
    "dns-refused",
    "dns-no-answer",
    "dns-bad-address",
    "dns-wrong-domain",
    "dns-servers-disagree",
    "dns-wildcard",
    "dns-not-asked",
    "dns-answer-from-elsewhere",
    "firmware-needs-sign-in",
    "sign-in-failed",
    "other-server-failed",
    "connect-refused",
    "connect-no-answer",
    "connect-unreachable",
    "connect-not-tried",
    "tls-no-answer",
    "tls-version",
    "tls-untrusted",
    "tls-name-mismatch",
    "tls-expired",
    "tls-not-yet-valid",
    "tls-sha2-chain",
    "tls-handshake",
    "request-not-sent",
    "http-no-answer",
    "http-closed",
    "http-not-http",
    "http-redirected",
    "http-auth-required",
    "http-proxy-auth",
    "http-forbidden",
    "http-not-found",
    "http-method-refused",
    "http-server-error",
    "http-unavailable",
    "http-status",
    "external-sign-in-needed",
    "external-sign-in-refused",
    "external-sign-in-binding",
    "check-overdue",
    "response-not-xml",
    "response-malformed",
    "response-unknown",
    "response-urls-blank",
    "response-internal-url-blank",
    "response-external-url-blank",
    "response-url-unusable",
    "no-update-offered",
    "host-header-differs",
    "same-version-offered",
    "downgrade-offered",
    "stage-skipped",
    "internal-url-https",
    "external-url-http",
    "external-host-missing",
    "download-host-missing",
    "download-connect-failed",
    "download-not-found",
    "download-refused",
    "download-server-error",
    "download-status",
    "download-truncated",
    "download-stalled",
    "download-empty",
    "download-not-firmware",
    "download-not-tried",
    "update-applied",
    "update-not-applied",
]
# Why something could not be tested, or what limits a report.
ProblemCode = Literal[
    "answer-not-logged",
    "asked-through-vpn",
    "behind-router",
    "body-cut",
    "bug",
    "ca-unusable",
    "capture-cut",
    "capture-ended",
    "capture-link-type",
    "capture-unreadable",
    "capture-unwritable",
    "clock-set-back",
    "connect-to-unused",
    "dhcp-malformed",
    "dhcp-too-many-answers",
    "files-missing",
    "files-order",
    "forgotten",
    "frames-not-packets",
    "frames-of-copy",
    "interface-down",
    "interrupted",
    "keylog-incomplete",
    "keylog-unreadable",
    "lease-declined",
    "lease-malformed",
    "lease-no-trace",
    "lease-unreadable",
    "log-lines",
    "log-times",
    "log-unreadable",
    "logs-differ",
    "loss-not-counted",
    "loopback-blocked",
    "loopback-down",
    "max-time",
    "nameserver-stopped",
    "no-dhcp-server",
    "no-domain",
    "no-interface",
    "no-lease",
    "no-log-row",
    "no-nameserver",
    "no-packet-socket",
    "no-privilege",
    "no-request",
    "no-resources",
    "no-scapy",
    "no-sockets",
    "no-user",
    "not-a-capture",
    "not-a-log",
    "not-as-expected",
    "not-put-in",
    "not-sent",
    "output",
    "packets-cut",
    "packets-lost",
    "part-unknown",
    "port-not-watched",
    "proxy-unusable",
    "relay-no-answer",
    "relay-other-subnet",
    "report-unreadable",
    "reports-differ",
    "server-spared",
    "several-files",
    "several-phones",
    "several-sites",
    "targets-skipped",
    "times-missing",
    "times-unordered",
    "tls-newer-only",
    "tls-not-decrypted",
    "tls-old-untested",
    "too-many-addresses",
    "too-many-ports",
    "usage",
]
VerdictCode: TypeAlias = FindingCode | ProblemCode


def words(literal: object) -> tuple[str, ...]:
    """The legal values of one of these aliases, in their order."""
    return get_args(literal)


# How far the clocks of a mirror's two directions may differ: an answer may be captured this long before its question.
CAPTURE_SKEW: Microseconds = 50_000
