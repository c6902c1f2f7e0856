"""The site that all scenarios start from, and how they change it."""

from collections.abc import Mapping

from ucdiag.lab.scenario import (
    DOMAIN,
    OUTSIDE_NAME,
    POOL,
    POOL_NAME,
    R2_NAME,
    Answer,
    Check,
    Expect,
    Host,
    Nameserver,
    Reply,
    Site,
    Store,
    Update,
    Web,
)
from ucdiag.model.vocabulary import FindingCode

WHOLE = Expect(status="whole")
# A phone that is current, and one that is offered the update.
CURRENT_PHONE = Check(firmware="3.5.6907.35")
OLD_PHONE = Check(firmware="1.0.522.101")

PAGE = (
    b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Please sign in to the network.</p></body></html>"
)
HTML = ("Content-Type", "text/html")
XML = ("Content-Type", "text/xml; charset=utf-8")

_TIME = "192.0.2.20"
_OUTSIDE = "192.0.2.30"

NAMES: Mapping[str, Answer] = {
    R2_NAME: Answer(addresses=(POOL,)),
    POOL_NAME: Answer(addresses=(POOL,)),
    OUTSIDE_NAME: Answer(addresses=(_OUTSIDE,)),
    f"_ntp._udp.{DOMAIN}": Answer(records=(f"SRV 0 0 123 time.{DOMAIN}.",)),
    f"time.{DOMAIN}": Answer(addresses=(_TIME,)),
    "time.windows.com": Answer(addresses=(_TIME,)),
    f"_sipinternaltls._tcp.{DOMAIN}": Answer(records=(f"SRV 0 0 5061 {POOL_NAME}.",)),
    f"sipinternal.{DOMAIN}": Answer(alias=POOL_NAME),
    f"sip.{DOMAIN}": Answer(addresses=(POOL,)),
}


def changed_names(changes: Mapping[str, Answer | None]) -> Mapping[str, Answer]:
    """The whole site's names with these changed; ``None`` takes a name away."""
    return {name: answer for name, answer in {**NAMES, **changes}.items() if answer is not None}


def site(
    changes: Mapping[str, Answer | None] | None = None,
    *,
    nameservers: tuple[Nameserver, ...] = (),
    hosts: tuple[Host, ...] = (),
    ports: Mapping[int, Web | str] | None = None,
    update: Update | None = None,
    store: Store | None = None,
) -> Site:
    """The whole site with something changed: DNS names, or one web server's ports, or its service or store."""
    if ports is None:
        ports = {80: Web(update=update or Update(), store=store or Store())}
    return Site(
        nameservers=nameservers or (Nameserver(names=changed_names(changes or {})),),
        hosts=hosts or (Host(ports=ports),),
    )


def broken(step: str, code: FindingCode) -> Expect:
    return Expect(status="broken", step=step, code=code)


def unknown(step: str, code: FindingCode) -> Expect:
    return Expect(status="unknown", step=step, code=code)


def site_answering(reply: Reply) -> Site:
    """A site whose update service answers this."""
    return site(update=Update(reply=reply))


def site_with_status(code: int, *headers: tuple[str, str]) -> Site:
    """A site whose update service answers with this status and a page."""
    return site_answering(
        Reply(status=code, headers=(HTML, *headers), body=f"<html><body>{code}</body></html>".encode())
    )
