"""What a scenario is: data that describes a site, the check to run on it, and the verdict that it must give.

Nothing here imports a server, so that listing the scenarios costs nothing. Addresses are of 192.0.2.0/24, which
no real host has (RFC 5737); the running site leads connections to them to loopback. Names end in ``.example``
(RFC 2606).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ucdiag.model.observations import Lease, Observation
from ucdiag.model.vocabulary import FindingCode, Seconds
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL

DOMAIN = "contoso.example"
SIP_DOMAIN = "fabrikam.example"
POOL = "192.0.2.10"
POOL_NAME = f"pool01.{DOMAIN}"
OUTSIDE_NAME = f"ocsrp.{DOMAIN}"
R2_NAME = f"{R2_LABEL}.{DOMAIN}"
LEGACY_NAME = f"{LEGACY_LABEL}.{DOMAIN}"
CURRENT = "3.5.6907.35"  # what the site approves: an R2 firmware (Polycom CX700 Deployment Guide R2, page 23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a nameserver says to one name. ``records`` are of other types, as ``SRV 0 0 123 time.contoso.example``.

    ``truncated`` makes the answer over UDP empty with the truncation bit, so that TCP is needed. ``delay`` is in
    seconds. A name that is asked for a type which it does not have gets NOERROR without an answer.
    """

    addresses: tuple[str, ...] = ()
    alias: str | None = None
    records: tuple[str, ...] = ()
    rcode: str = "NOERROR"
    silent: bool = False
    truncated: bool = False
    delay: Seconds = 0.0
    ttl: int = 300


NOTHING = Answer(rcode="NXDOMAIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameserver:
    """One nameserver. A name that begins with ``*.`` stands for all below it; ``otherwise`` answers all other names.

    ``closed`` means that nobody listens on its port, ``elsewhere`` that answers over UDP come from another one.
    """

    names: Mapping[str, Answer] = field(default_factory=dict)
    otherwise: Answer = NOTHING
    closed: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a web server answers. ``body`` ``None`` leaves the service's own answer in place.

    ``how``: whole; silent (never a byte), close or reset (instead of an answer), cut (the length is announced, half of
    it is sent, then closed), stall (half is sent, then silence), trickle (a byte every 0.2 s), garbage (bytes of no
    protocol), endless (without end). ``times`` limits it to the first so many requests.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    how: str = "whole"
    chunked: bool = False
    gzip: bool = False
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One update rule: the fields are those of the WMI class MSFT_SIPDeviceUpdaterRules (Microsoft, MSDN).

    ``approved`` goes to every matching device, ``pending`` to test devices only (Microsoft, "New-CsTestDevice").
    Whether a real server compares with regard to case is not known; this one does not.
    """

    device_type: str = "UCPhone"
    vendor: str = "Polycom"
    model: str = "CX700"
    revision: str = "A"
    locale: str = "ENU"
    approved: str | None = CURRENT
    pending: str | None = None
    update_type: str = "CPE"


Offers = Literal["newer", "different", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The Device Update Service of a web server.

    ``shape`` is how "nothing newer" is written: attribute, element, text, counted (``NumOfFiles``). Which of them a
    real server uses is not published. ``namespace`` puts all elements into one. ``internal_store`` and
    ``external_store`` are the beginnings of the files' URLs: ``""`` gives the blank element of a site whose WMI
    settings were never filled in (Polycom CX700 Deployment Guide R2, page 26, step 25), ``None`` leaves the element
    out. ``test_devices`` are MAC addresses or serial numbers in any spelling. ``offers`` says which versions of a rule
    are offered: ``newer`` ones than the phone's, ``different`` ones (by a copy of Microsoft's "Approve updates" a phone
    receives older ones too), or ``any``. ``reply`` changes the answer; ``by_address`` is what comes where Host is an
    address.
    """

    rules: tuple[Rule, ...] = (Rule(),)
    test_devices: tuple[str, ...] = ()
    offers: Offers = "newer"
    shape: str = "attribute"
    namespace: str | None = None
    internal_store: str | None = f"http://{POOL_NAME}/DeviceUpdateFiles_Int"
    external_store: str | None = f"https://{OUTSIDE_NAME}/DeviceUpdateFiles_Ext"
    reply: Reply | None = None
    by_address: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The firmware file store of a web server: every file of a rule is there, ``size`` bytes long.

    ``reply`` changes what comes.
    """

    size: int = 200_000
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSetting:
    """TLS on a port. ``certificate``: trusted, untrusted, wrong_name, expired, not_yet_valid, sha2.

    All but ``sha2`` are self-signed with SHA-1 and, untrusted apart, among the trusted roots; ``sha2`` is issued by a
    trusted authority with SHA-256. ``fault``: silent (the ClientHello is never answered), close, garbage, or the
    number of a fatal alert (70: no version in common, 40: handshake failure; RFC 5246, 7.2).
    """

    certificate: str = "trusted"
    fault: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A web server on one port: ``everything`` answers all requests in place of the service and the store."""

    update: Update | None = Update()
    store: Store | None = Store()
    tls: TlsSetting | None = None
    everything: Reply | None = None


# What a port does that is not a web server's: see Host.
REFUSED, NO_ANSWER, UNREACHABLE = "refused", "no_answer", "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One address and its TCP ports; a port that is not named is refused, an address that is not named unreachable."""

    address: str = POOL
    ports: Mapping[int, Web | str] = field(default_factory=lambda: {80: Web()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All servers of a site."""

    nameservers: tuple[Nameserver, ...]
    hosts: tuple[Host, ...] = (Host(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How the check is run: as the options of ``ucdiag check`` of the same names. ``https`` asks port 443 alone.

    ``verified`` sends a request in the form that the lab's own phone uses (as one saved from a real phone would be),
    else the built-in guess. ``timeout`` is in seconds, for each exchange; short where the site never answers.
    """

    domain: str | None = None
    sip_domain: str | None = None
    https: bool = False
    external: bool = False
    firmware: str | None = None
    serial: str | None = None
    verified: bool = True
    timeout: Seconds = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """The verdict that a scenario must give: ``whole``, ``broken`` or ``unknown``; the step and code of its cause."""

    status: str
    step: str | None = None
    code: FindingCode | None = None


LEASE = Lease(
    time=0,
    interface="eth0",
    source="lab",
    provenance="option 15 of the lab's lease of eth0 from 192.0.2.1",
    authority="dhcp",
    chosen=True,
    address="192.0.2.77",
    server="192.0.2.1",
    domain=DOMAIN,
    resolvers=("192.0.2.53",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One site, whole or with one fault.

    ``observed`` is what is known of the lease, in place of this machine's own (its times are set when it runs).
    ``also`` are the codes of all findings beside the verdict's own: exactly these and no others must be there.
    """

    name: str
    title: str
    summary: str
    site: Site
    check: Check = Check()
    observed: tuple[Observation, ...] = (LEASE,)
    expect: Expect
    also: tuple[FindingCode, ...] = ()
