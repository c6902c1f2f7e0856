"""The ladder as a sequence diagram of Mermaid, which trackers and wikis draw. One diagram shows one phone.

Mermaid cuts a text at ``#`` and ends a statement at ``;``, both in silence, and a MAC address or ``end`` cannot be a
name: the names are made here, and all but letters, digits and few other characters is written by its number.
"""

import re

from ucdiag.model.patterns import pattern
from ucdiag.model.report import PhoneReport, Report
from ucdiag.model.visible_text import visible
from ucdiag.views.at_end import AtEnd
from ucdiag.views.ladder import MOST_HOSTS, Row, clock_text, elapsed_text, hosts_by_role, ladder_rows
from ucdiag.views.ladder_messages import Direction, Message, Role
from ucdiag.views.sanitize import shortened
from ucdiag.views.words import identity_text, verdict_lead, verdict_text

LONGEST = 200
_ODD = pattern(r"[^A-Za-z0-9 .,?/_()=-]|\be(?=nd\b)", re.IGNORECASE)
_ARROWS = {Direction.OUT: "->>", Direction.BACK: "-->>", Direction.LOST: "-x"}
_PHONE = "p"
_Host = tuple[Role, str | None]


def escaped_mermaid(text: str) -> str:
    """The text without characters that have a meaning in Mermaid."""
    return _ODD.sub(lambda odd: f"#{ord(odd[0])};", shortened(visible(text), LONGEST).strip()) or "-"


class MermaidView(AtEnd):
    """``-f mermaid``."""

    def end(self, report: Report) -> None:
        verdict = report.verdict
        phone = next((shown for shown in report.phones if _is_like(shown, report)), None)
        if phone is None:
            phone = next(iter(report.phones), None)
        self.write_text("sequenceDiagram\n")
        if len(report.phones) > 1:
            self.write_text(f"    %% One of {len(report.phones)} phones.\n")
        rows = [] if phone is None or self._screen.quiet else ladder_rows(phone, bool(self._screen.verbose))
        me = identity_text(phone.phone) if phone is not None else ""
        hosts = _participant_names(rows)
        self.write_text(f"    participant {_PHONE} as {escaped_mermaid(f'phone {me}')}\n")
        for (role, host), name in hosts.items():
            self.write_text(
                f"    participant {name} as {escaped_mermaid(' '.join(filter(None, (role.value[1], host))))}\n"
            )
        shown = phone.verdict if phone is not None else verdict
        code = f" [{shown.code}]" if shown.code else ""
        self._write_note(hosts, f"{verdict_lead(shown.status, shown.step)}: {verdict_text(shown)}{code}")
        start = min((row.time for row in rows if row.time is not None), default=0)
        for row in rows:
            self._write_row(row, hosts, start)

    def _write_row(self, row: Row, hosts: dict[_Host, str], start: int) -> None:
        message = row.arrow
        if message is None:
            self._write_note(hosts, row.text)
            return
        name = _participant_name(message, hosts)
        time = ""
        if row.time is not None:
            time = f"{clock_text(row.time)} " if self._screen.verbose else f"{elapsed_text(row.time - start)} s "
        frame = f"(frame {message.frame}) " if message.frame is not None else ""
        host = (
            f"{message.server}: " if message.server is not None and (message.role, message.server) not in hosts else ""
        )
        one, other = (name, _PHONE) if message.direction is Direction.BACK else (_PHONE, name)
        self.write_text(
            f"    {one}{_ARROWS[message.direction]}{other}: {escaped_mermaid(f'{time}{frame}{host}{row.text}')}\n"
        )

    def _write_note(self, hosts: dict[_Host, str], text: str) -> None:
        across = f"{_PHONE},{[*hosts.values()][-1]}" if hosts else _PHONE
        self.write_text(f"    Note over {across}: {escaped_mermaid(text)}\n")


def _is_like(phone: PhoneReport, report: Report) -> bool:
    """Whether the phone has the verdict of the whole report."""
    return (phone.verdict.status, phone.verdict.code) == (report.verdict.status, report.verdict.code)


def _participant_names(rows: list[Row]) -> dict[_Host, str]:
    """The participants beside the phone, with their names in the diagram; one for a role of many."""
    found = hosts_by_role(rows)
    names: dict[_Host, str] = {}
    for role in Role:
        if role in found:
            for host in found[role] if 0 < len(found[role]) <= MOST_HOSTS else [None]:
                names[role, host] = f"h{len(names) + 1}"
    return names


def _participant_name(message: Message, hosts: dict[_Host, str]) -> str:
    """The message's participant; the last of its role for what goes to all."""
    own = [name for (role, _), name in hosts.items() if role is message.role]
    return hosts.get((message.role, message.server), own[-1])
