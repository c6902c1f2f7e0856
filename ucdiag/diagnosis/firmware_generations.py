"""What each firmware generation of these phones does, as a table, and what follows from it for the verdict.

Each row names its sources and how sure each is (the words are those of ``catalogue.references``). The sources differ in
extent: some versions are described by one administrator alone, and for one version no source was found.
"""

from functools import lru_cache

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import FindingCode
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, UPDATE_LABELS

_OCS_2007 = "OCS 2007"
_OCS_R2 = "OCS 2007 R2"
_LYNC_2010 = "Lync Server 2010"
_LYNC_2013 = "Lync Server 2013"
_LATER = ("Skype for Business Server 2015", "Skype for Business Server 2019")


@record(frozen=True, slots=True, kw_only=True)
class Generation:
    """One row: what the firmware versions do that begin with ``pattern`` (``1.0.522`` holds for ``1.0.522.101``).

    ``labels`` are the labels that it asks DNS for in its DHCP domain while nobody has signed in; empty if it asks for
    none. ``labels_certainty`` is one of ``references.CERTAINTIES``, or None where nothing was found and
    ``labels`` are only what it may ask. ``port`` is that of the internal update request, None where either is to be
    expected. ``servers`` are the server generations that it can get updates from or sign in to. ``next_step`` is the
    version to go to next, None for the newest generation.
    ``before`` bounds the pattern: versions from there on do not belong to the row.
    """

    pattern: str
    before: str | None = None
    labels: tuple[str, ...]
    labels_certainty: str | None
    port: int | None
    port_certainty: str
    servers: tuple[str, ...]
    servers_certainty: str
    next_step: str | None
    next_step_certainty: str | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...]

    @property
    def asks_dns(self) -> bool | None:
        """Whether it asks DNS for the update service; None where nobody has said."""
        return None if self.labels_certainty is None else bool(self.labels)


_PORT_80 = ref.inferred(
    "port 80: Polycom's description reads like a trace, Microsoft's names 443",
    ref.GUIDE_23,
    ref.GUIDE_26,
    ref.PROCESS_R2,
)
_STAGES = ref.inferred(
    "the path 1.0.522.x, then 3.5.6907.x, then 4.0.7577.x is the reading that fits all sources",
    ref.SCHERTZ_2013,
    ref.GUIDE_23,
)
_TWO_STEPS = ref.field_report(
    "an old CX700 or LG-Nortel IP8540 must go through an intermediate version before 4.0", ref.SCHERTZ_2013
)
_NO_LYNC_2013 = ref.field_report(
    "1.0.522.x cannot register with Lync Server 2013: always SIP 401, whatever the client version policy",
    ref.SCHERTZ_2013,
)

_R2_FIRMWARE = Generation(
    pattern="3.5.6907.35",
    labels=(R2_LABEL,),
    labels_certainty="documented",
    port=80,
    port_certainty="inferred",
    servers=(_OCS_R2, _LYNC_2010, _LYNC_2013),
    servers_certainty="field report",
    next_step="4.0.7577.x",
    next_step_certainty="inferred",
    notes=("3.5.6907.187 is the oldest version reported to register with Lync Server 2013.",),
    sources=(
        ref.documented("3.5.6907.35 asks for ucupdates-r2 in the DHCP domain", ref.GUIDE_23),
        ref.field_report("3.5.6907.0 was the newest version for R2 in March 2009", ref.UCSPOTTING),
        ref.field_report("3.5.6907.187 is the oldest tested version that registers with Lync 2013", ref.SCHERTZ_2013),
        _STAGES,
        _PORT_80,
    ),
)

# The most specific pattern first: the first row that fits holds.
GENERATIONS: tuple[Generation, ...] = (
    Generation(
        pattern="1.0.199.123",
        labels=(),
        labels_certainty="documented",
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007,),
        servers_certainty="inferred",
        next_step="1.0.522.101",
        next_step_certainty="inferred",
        notes=("The check for ucupdates in the DHCP domain was disabled in this version; only a sign-in helps.",),
        sources=(
            ref.documented("no discovery by DNS; only a sign-in helps", ref.GUIDE_23),
            ref.inferred("that 1.0.522.101 comes next: it has its own section in the manual", ref.GUIDE_23),
            _PORT_80,
        ),
    ),
    Generation(
        pattern="1.0.522.34",
        labels=UPDATE_LABELS,
        labels_certainty=None,
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007,),
        servers_certainty="inferred",
        next_step="3.5.6907.x",
        next_step_certainty="inferred",
        notes=("Nothing was found on which names this version asks for.",),
        sources=(_TWO_STEPS, _STAGES, _NO_LYNC_2013, _PORT_80),
    ),
    Generation(
        pattern="1.0.522.73",
        labels=UPDATE_LABELS,
        labels_certainty=None,
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007,),
        servers_certainty="field report",
        next_step="3.5.6907.x",
        next_step_certainty="inferred",
        notes=(
            "Built for OCS 2007; on R2 it signs in, then crashes and restarts over and over.",
            "Which names it asks for could not be read.",
        ),
        sources=(
            ref.field_report(
                "signs in to R2, then restarts in a loop; Polycom's support said that it needs an update server of "
                "OCS 2007",
                ref.LOKNA,
            ),
            _TWO_STEPS,
            _STAGES,
            _NO_LYNC_2013,
            _PORT_80,
        ),
    ),
    Generation(
        pattern="1.0.522.101",
        labels=(R2_LABEL,),
        labels_certainty="documented",
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007, _OCS_R2),
        servers_certainty="inferred",
        next_step="3.5.6907.x",
        next_step_certainty="inferred",
        notes=(
            "The version that leads over to R2.",
            "New phones were still delivered with it in the time of Lync Server 2013, where it cannot sign in.",
        ),
        sources=(
            ref.documented("asks for ucupdates-r2 in the DHCP domain", ref.GUIDE_23),
            ref.inferred("its role between the generations", ref.GUIDE_23),
            ref.field_report("new phones delivered with it in 2013", ref.REPOST_2013),
            _NO_LYNC_2013,
            _TWO_STEPS,
            _STAGES,
            _PORT_80,
        ),
    ),
    Generation(
        pattern="1.0.522",
        labels=(R2_LABEL,),
        labels_certainty="inferred",
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007,),
        servers_certainty="inferred",
        next_step="3.5.6907.x",
        next_step_certainty="inferred",
        sources=(
            ref.inferred("asks as 1.0.522.101 does", ref.GUIDE_23),
            _NO_LYNC_2013,
            _TWO_STEPS,
            _STAGES,
            _PORT_80,
        ),
    ),
    Generation(
        pattern="1.0",
        before="1.0.522",
        labels=(LEGACY_LABEL,),
        labels_certainty="inferred",
        port=80,
        port_certainty="inferred",
        servers=(_OCS_2007,),
        servers_certainty="inferred",
        next_step="1.0.522.101",
        next_step_certainty="inferred",
        sources=(
            ref.inferred(
                "the first generation asked for ucupdates, as the name of the check disabled in 1.0.199.123 shows",
                ref.GUIDE_23,
                ref.DNS_LYNC_2013,
            ),
            _TWO_STEPS,
            _STAGES,
            _PORT_80,
        ),
    ),
    _R2_FIRMWARE,
    replace(
        _R2_FIRMWARE,
        pattern="3.5",
        labels_certainty="inferred",
        sources=(ref.inferred("asks as 3.5.6907.35 does", ref.GUIDE_23, ref.PROCESS_R2), *_R2_FIRMWARE.sources),
    ),
    Generation(
        pattern="4",
        labels=(R2_LABEL,),
        labels_certainty="documented",
        port=None,
        port_certainty="inferred",
        servers=(_LYNC_2010, _LYNC_2013, *_LATER),
        servers_certainty="field report",
        next_step=None,
        notes=("Official support of Lync Server 2013 begins with 4.0.7577.4363 (cumulative update 7).",),
        sources=(
            ref.documented("asks for ucupdates-r2", ref.PROCESS_LYNC),
            ref.field_report("4.0.7576.0 is the first version of Lync Server 2010", ref.UCPLAYA),
            ref.field_report("4.0.7577.4363 is the first with official support of Lync 2013", ref.SCHERTZ_2013),
            ref.inferred(
                "either port before the first sign-in, 443 after it", ref.PROCESS_LYNC, ref.GUIDE_23, ref.GET_SERVICE
            ),
            ref.inferred("the later servers, whose update service works the same way", ref.UPDATE_CONFIGURATION),
        ),
    ),
)

_VERSION = pattern(r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}")


@lru_cache(maxsize=64)
def generation_of(firmware: str | None) -> Generation | None:
    """The row for a firmware version such as ``3.5.6907.35``; None where it is not known, or is no version."""
    if firmware is None or not _VERSION.fullmatch(firmware.strip()):
        return None
    parts = _version_numbers(firmware.strip())
    for row in GENERATIONS:
        pattern = _version_numbers(row.pattern)
        if parts[: len(pattern)] == pattern and (row.before is None or parts < _version_numbers(row.before)):
            return row
    return None


def skipped_stage(firmware: str, offered: str) -> str | None:
    """The version that must come before ``offered`` on a phone with ``firmware``; None where none is known to."""
    now, then = generation_of(firmware), generation_of(offered)
    if now is None or then is None or len(_upgrade_path(now)) - len(_upgrade_path(then)) < 2:
        return None
    return now.next_step


def _upgrade_path(row: Generation) -> list[str]:
    """The versions on the way from this generation to the newest one."""
    path: list[str] = []
    after: Generation | None = row
    while after is not None and after.next_step:
        path.append(after.next_step)
        after = generation_of(path[-1].replace("x", "0"))
    return path


def firmware_advice(firmware: str | None, code: FindingCode | None, *, helped: bool = False) -> str | None:
    """What this firmware adds to a verdict with this code (None: whole, without a code); None if it adds nothing.

    Whole sentences, to stand behind the verdict or the fix. ``helped``: the phone tried to sign in, or an update
    server answered it, so that it needs no advice on either.
    """
    row = generation_of(firmware)
    if row is None:
        return None
    advice: list[str] = []
    if row.asks_dns is False and not helped and code != "firmware-needs-sign-in":
        advice.append(
            f"DNS will never help a phone with firmware {row.pattern}: it does not ask DNS for the update service "
            "(Polycom CX700 Deployment Guide R2, July 2010, page 23). Sign in on the phone once; the server then gives "
            "it the URLs of the updates."
        )
    elif row.asks_dns is not False and code is not None and code.startswith("dns-"):
        advice += _dns_advice(row, code)
    if row.pattern == "1.0.522.73" and code != "no-update-offered":
        advice.append(
            "Firmware 1.0.522.73 is reported to sign in to R2 and then to restart over and over, so bring it up by the "
            "update path without a sign-in (field report: lokna.no); it may need an update server of OCS 2007."
        )
    if _version_numbers(row.pattern)[:3] == (1, 0, 522) and code in _SIGN_IN_WOULD_HELP and not helped:
        advice.append(
            "A sign-in is no way around on Lync Server 2013: firmware 1.0.522.x is reported never to register there "
            "(SIP 401; field report: blog.schertz.name, May 2013), so the update path by DNS is what is left."
        )
    if code == "no-update-offered" and row.next_step is not None:
        advice.append(_stage_advice(row))
    if code in _SHA_2 and _version_numbers(row.pattern) < (4,):
        advice.append(
            "This firmware is of the time of the CX700 manual, which says that SHA-2 is not supported (Polycom CX700 "
            "Deployment Guide R2, July 2010, page 26)."
        )
    if code in _PORT_CLOSED and row.port is not None:
        advice.append(
            f"This firmware's internal request is expected on port {row.port} (inferred: Polycom's manual says 80, "
            "Microsoft's pages say 443)."
        )
    return " ".join(advice) or None


_SIGN_IN_WOULD_HELP: tuple[FindingCode, ...] = (
    "external-sign-in-needed",
    "dns-not-asked",
    "dns-r2-missing",
    "dns-legacy-only",
)
_SHA_2: tuple[FindingCode, ...] = ("tls-sha2-chain", "tls-handshake", "tls-untrusted")
_PORT_CLOSED: tuple[FindingCode, ...] = ("connect-refused", "connect-no-answer")


def _version_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _dns_advice(row: Generation, code: FindingCode) -> list[str]:
    if row.asks_dns is None:
        return [
            f"Which names firmware {row.pattern} asks for is not known, so keep both ucupdates-r2 and ucupdates in the "
            "DHCP domain."
        ]
    if row.labels == (LEGACY_LABEL,):
        return [
            "Firmware before 1.0.522 belongs to the generation of the older name, ucupdates (inferred), so keep both "
            "records while such phones are in use."
        ]
    if code == "dns-legacy-only":
        return [f"This firmware asks for ucupdates-r2 ({row.labels_certainty}); the older record does not help it."]
    return []


def _stage_advice(row: Generation) -> str:
    text = f"The next version for this firmware is {row.next_step} ({row.next_step_certainty})"
    path = _upgrade_path(row)
    if len(path) == 1:
        return f"{text}: check that it is imported and approved."
    return (
        f"{text}, on the path {', then '.join(path)}: an old phone is reported to need an intermediate version, so a "
        "server with only 4.0 approved can be set up correctly and still have nothing that this phone can use. "
        f"Approve {row.next_step} first."
    )
