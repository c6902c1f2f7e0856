"""Step 7: the file."""

from ucdiag.lab.scenario import (
    NO_ANSWER,
    POOL_NAME,
    REFUSED,
    Answer,
    Check,
    Host,
    Reply,
    Scenario,
    Site,
    Store,
    Web,
)
from ucdiag.lab.scenarios.base import HTML, OLD_PHONE, PAGE, broken, site
from ucdiag.model.vocabulary import FindingCode

_SHORT = Check(firmware="1.0.522.101", timeout=1.0)
_FILES = "192.0.2.30"


def _file_scenario(
    code: FindingCode, title: str, summary: str, reply: Reply, name: str | None = None, check: Check = OLD_PHONE
) -> Scenario:
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site(store=Store(reply=reply)),
        check=check,
        expect=broken("download", code),
    )


def _files_elsewhere(ports: dict[int, Web | str]) -> Site:
    """The files are on a host of their own."""
    return site({POOL_NAME: Answer(addresses=(_FILES,))}, hosts=(Host(), Host(address=_FILES, ports=ports)))


def _page_reply(number: int) -> Reply:
    return Reply(status=number, headers=(HTML,), body=f"<html><body>{number}</body></html>".encode())


SCENARIOS = (
    Scenario(
        name="download-host-missing",
        title="The host of the file does not resolve",
        summary="The answer names pool01, which the phone's nameserver does not know.",
        site=site({POOL_NAME: None}),
        check=OLD_PHONE,
        expect=broken("download", "download-host-missing"),
    ),
    Scenario(
        name="download-connect-failed",
        title="The host of the file refuses",
        summary="The files are on another host, and nothing listens there.",
        site=_files_elsewhere({80: REFUSED}),
        check=OLD_PHONE,
        expect=broken("download", "download-connect-failed"),
    ),
    Scenario(
        name="download-connect-no-answer",
        title="The host of the file is behind a firewall",
        summary="The files are on another host, and SYNs to it are dropped.",
        site=_files_elsewhere({80: NO_ANSWER}),
        check=_SHORT,
        expect=broken("download", "download-connect-failed"),
    ),
    Scenario(
        name="download-not-found",
        title="The file is missing",
        summary="The store has no such file, or the web server knows no type for it.",
        site=site(ports={80: Web(store=None)}),
        check=OLD_PHONE,
        expect=broken("download", "download-not-found"),
    ),
    _file_scenario("download-refused", "The file is forbidden", "The store answers 403.", _page_reply(403)),
    _file_scenario(
        "download-refused",
        "The file wants a sign-in",
        "The store answers 401.",
        Reply(status=401, headers=(HTML, ("WWW-Authenticate", "NTLM")), body=PAGE),
        "download-auth-required",
    ),
    _file_scenario("download-server-error", "The store fails", "The store answers 500.", _page_reply(500)),
    _file_scenario(
        "download-status",
        "The store redirects",
        "The store answers 302, which such a phone does not follow.",
        Reply(status=302, headers=(("Location", "https://elsewhere.example/"),), body=b""),
    ),
    _file_scenario("download-truncated", "The file is cut", "The connection is closed half-way.", Reply(how="cut")),
    _file_scenario(
        "download-truncated",
        "The transfer is reset",
        "The connection is reset before a byte came.",
        Reply(how="reset"),
        "download-reset",
    ),
    _file_scenario(
        "download-stalled",
        "The file stops coming",
        "Half comes; the connection stays open.",
        Reply(how="stall"),
        check=_SHORT,
    ),
    Scenario(
        name="download-empty",
        title="The file is empty",
        summary="The store answers 200 with no byte.",
        site=site(store=Store(size=0)),
        check=OLD_PHONE,
        expect=broken("download", "download-empty"),
    ),
    _file_scenario(
        "download-not-firmware",
        "A page comes in place of the file",
        "The store answers 200 with an HTML page.",
        Reply(headers=(HTML,), body=PAGE),
    ),
)
