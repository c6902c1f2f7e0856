"""A phone's life over hours and days, as a script: checks, power-ons, renewals, downloads."""

from typing import Any

from tests.diagnosis.story import PHONE, Story
from ucdiag.model.observations import UpdateFile

HOUR = 3600.0
OLD, NEW = "1.0.522.101", "3.5.6907.35"


def module(version: str, name: str = "CPE.nbt") -> str:
    return f"<Module><FileName>{name}</FileName><Version>{version}</Version></Module>"


def request(*modules: str) -> str:
    return f'<?xml version="1.0"?><Request><Modules>{"".join(modules)}</Modules></Request>'


class Life(Story):
    """Time goes on by ``wait`` and ``hours``; a transaction and a port are used once."""

    def __init__(self, **setting: Any) -> None:
        super().__init__(from_capture=True, **setting)
        self._number = 100
        self.firmware = OLD

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def hours(self, hours: float) -> "Life":
        self.wait(hours * HOUR)
        return self

    def starts(self, **more: Any) -> "Life":
        """The phone is switched on and gets its lease."""
        number = self.next_number()
        self.dhcp("discover", transaction=number, **more).dhcp("offer", transaction=number, **more)
        self.dhcp("request", transaction=number, server="10.0.0.1", **more).dhcp("ack", transaction=number, **more)
        return self

    def renews(self) -> "Life":
        number = self.next_number()
        self.dhcp("request", transaction=number, client_address=PHONE)
        self.dhcp("ack", transaction=number, client_address=PHONE)
        return self

    def checks(self, *, offered: str | None = None, has: str | None = None, **offer: Any) -> "Life":
        """The question, the connection, the request with its answer: nothing newer, or an update to ``offered``."""
        port = 40000 + self.next_number()
        self.found().connects(client_port=port)
        text = request(module(self.firmware)) if has is None else has
        self.posts(client_port=port, request_text=text, answer_frame=self.frame + 2)
        if offered is None:
            self.answers(client_port=port)
        else:
            files = offer.pop("files", (UpdateFile(name="CPE.nbt", signature="CPE.cat", version=offered),))
            self.offers(client_port=port, files=files, **{"version": offered, **offer})
        return self

    def fails(self, status: int = 404) -> "Life":
        """A check whose request is answered with a status of failure."""
        port = 40000 + self.next_number()
        self.found().connects(client_port=port)
        self.posts(status, client_port=port, request_text=request(module(self.firmware)), answer_frame=self.frame + 2)
        return self

    def uploads(self) -> "Life":
        """A log."""
        port = 40000 + self.next_number()
        self.connects(client_port=port)
        return self.posts(client_port=port, purpose="log", request_text="version=9.9.9.9", answer_frame=self.frame + 2)  # type: ignore[return-value]

    def has(self, firmware: str) -> "Life":
        """What its requests name from now on."""
        self.firmware = firmware
        return self
