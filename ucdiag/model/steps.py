"""The one path that every command fills in, and the words for how each part of it stands.

The names are the public contract (README, "The path"); they appear in JSON and on the command line.
"""

from enum import StrEnum


class Step(StrEnum):
    """One of the seven numbered steps from a lease to the firmware file, in the phone's order."""

    DHCP = "dhcp"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    REQUEST = "request"
    RESPONSE = "response"
    DOWNLOAD = "download"

    #: 1 for dhcp to 7 for download.
    number: int


STEPS: tuple[Step, ...] = tuple(Step)
for _number, _step in enumerate(STEPS, 1):
    _step.number = _number


class StepStatus(StrEnum):
    """How one step stands. Failed, not seen and not tested are three different things.

    Not needed: this path has no such step (TLS on plain http, a file where none was offered).
    """

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_NEEDED = "not-needed"
    NOT_SEEN = "not-seen"
    NOT_TESTED = "not-tested"
    NOT_REACHED = "not-reached"


class VerdictStatus(StrEnum):
    """How the path as a whole stands."""

    WHOLE = "whole"
    BROKEN = "broken"
    UNKNOWN = "unknown"


#: The verdicts of several phones in the order in which they count.
WORST_FIRST = (VerdictStatus.BROKEN, VerdictStatus.UNKNOWN, VerdictStatus.WHOLE)


class Level(StrEnum):
    """How much a finding matters: an error breaks the path."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Who(StrEnum):
    """The administrator who can fix it."""

    NETWORK = "network"
    DNS = "dns"
    SERVER = "server"
    PHONE = "phone"
