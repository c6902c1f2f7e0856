"""Days and weeks of phones, played in seconds: what happens is real, and the file's clock runs ahead in between.

``later(site, hours)`` sends a mark; ``spread`` takes the marks out of the file and adds their hours to all later times.
"""

import signal
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from tests.site.captures import (
    ASK,
    FETCH,
    NO_UPDATE,
    NOTHING,
    OFFERED,
    POST,
    Action,
    Expected,
    Story,
    names,
    phone,
    wait_until,
)
from tests.site.ground import PHONE_MAC, SERVER, Port, Site
from tests.site.matrix import FILE, FIRMWARE, WHOLE, handler, more, offer

_MARK = b"ucdiag test: hours later "
OLD, NEW = "1.0.522.34", "1.0.522.101"  # the second is what OFFERED offers
SECOND_MAC = "00:04:f2:77:00:02"


def later(site: Site, hours: float) -> None:
    """Nothing happens for some hours."""

    def send() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(_MARK + struct.pack("<d", hours), (SERVER, 9))

    site.call("laptop", send)


def spread(file: Path) -> None:
    """The capture (pcap, little-endian, microseconds) with the hours between that its marks say."""
    data = file.read_bytes()
    assert data[:4] == b"\xd4\xc3\xb2\xa1"
    whole, at, ahead = bytearray(data[:24]), 24, 0
    while at < len(data):
        seconds, micros, size, length = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16 : at + 16 + size]
        at += 16 + size
        mark = packet.find(_MARK)
        if mark < 0:
            whole += struct.pack("<IIII", seconds + ahead, micros, size, length) + packet
        elif packet[23] == 17:  # not the server's ICMP, which quotes it
            ahead += int(struct.unpack_from("<d", packet, mark + len(_MARK))[0] * 3600)
    file.write_bytes(whole)


class Week:
    """One phone's life on a site: each method is a thing that it does."""

    def __init__(self, site: Site, host: str = "phone") -> None:
        self.site, self.host = site, host
        self._client = site.udhcpc(host)
        site.netem(host, delay=0.02)

    def checks(self, *actions: Action, firmware: str = OLD) -> None:
        phone(self.site, ASK, {**POST, "firmware": firmware}, *actions, host=self.host)

    def renews(self) -> None:
        before = self._client.output.count("site: renew")
        self._client.send(signal.SIGUSR1)
        wait_until(lambda: self._client.output.count("site: renew") > before)

    def restarts(self) -> None:
        self._client.stop(signal.SIGKILL)
        self._client = self.site.udhcpc(self.host)


def day(site: Site, *weeks: Week) -> None:
    """24 hours, with a renewal in the middle."""
    later(site, 12)
    for week in weeks:
        week.renews()
    later(site, 12)


def played(play: Callable[[Site, Week], None], web: str = NOTHING, files: bool = False) -> Callable[[Site], None]:
    def whole_play(site: Site) -> None:
        names(site)
        site.nginx("server", web, files={FILE: FIRMWARE} if files else None)
        play(site, Week(site))

    return whole_play


def week_with_a_missed_day(site: Site, one: Week) -> None:
    one.checks()
    for number in range(7):
        day(site, one)
        if number != 3:
            one.checks()


def overdue(site: Site, one: Week) -> None:
    one.checks()
    day(site, one)
    later(site, 6)
    one.renews()


def applied(site: Site, one: Week) -> None:
    one.checks(FETCH)
    later(site, 0.2)
    one.restarts()
    one.checks(firmware=NEW)
    day(site, one)
    one.checks(firmware=NEW)


def not_applied(site: Site, one: Week) -> None:
    one.checks(FETCH)
    day(site, one)
    one.checks(FETCH)


def restart_loop(site: Site, one: Week) -> None:
    one.checks()
    for _ in range(4):
        later(site, 0.03)
        one.restarts()
        one.checks()


def gone(site: Site, one: Week) -> None:
    """The phone is seen no more; another host goes on."""
    one.checks()
    day(site, one)
    later(site, 30)


def log_instead(site: Site, one: Week) -> None:
    """A log upload is no check, and does not make the firmware forgotten."""
    one.checks()
    later(site, 30)
    phone(site, ASK, {"do": "upload"}, host="phone")
    one.checks()


def two_phones(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    site.add("phone2", Port(mac=SECOND_MAC))
    first, second = Week(site), Week(site, "phone2")
    for number in range(3):
        first.checks()
        if number == 0:
            second.checks()
        day(site, first, second)
    first.checks()


def changing(site: Site) -> None:
    """An update on the second day, which is applied, and one on the fourth, which is not."""
    names(site)
    web = site.nginx("server", NOTHING, files={FILE: FIRMWARE})
    one = Week(site)
    one.checks()
    day(site, one)
    web.stop()
    web = site.nginx("server", handler(offer()), files={FILE: FIRMWARE})
    one.checks(FETCH)
    later(site, 0.2)
    one.restarts()
    one.checks(firmware=NEW)
    day(site, one)
    web.stop()
    site.nginx("server", handler(offer().replace(f"{NEW}</V", "3.5.6907.35</V")), files={FILE: FIRMWARE})
    one.checks(FETCH, firmware=NEW)
    day(site, one)
    one.checks(firmware=NEW)


def history(name: str, play: Callable[[Site], None], *codes: str, offered: bool = False, **values: object) -> Story:
    expected = Expected(WHOLE, None, None if offered else NO_UPDATE, more(*codes))
    return Story(name, expected, play, edit=spread, **values)  # type: ignore[arg-type]


_UPDATE = str(OFFERED["web"])

# Beside each story: the number of its phone's checks and power-ons.
HISTORIES: dict[str, tuple[Story, int, int]] = {
    story.name: (story, checks, starts)
    for story, checks, starts in (
        (history("week-missed-day", played(week_with_a_missed_day)), 7, 1),
        (history("week-overdue", played(overdue), "check-overdue"), 1, 1),
        (
            history(
                "week-applied", played(applied, _UPDATE, True), "update-applied", "same-version-offered", offered=True
            ),
            3,
            2,
        ),
        (history("week-not-applied", played(not_applied, _UPDATE, True), "update-not-applied", offered=True), 2, 1),
        (history("week-restart-loop", played(restart_loop), "restart-loop"), 5, 5),
        (history("week-gone", played(gone)), 1, 1),
        (history("week-log", played(log_instead)), 2, 1),
        (history("week-changing", changing, "update-applied", "update-not-applied", offered=True), 5, 2),
    )
}
TWO = Story(
    "week-two-phones",
    Expected(WHOLE, None, NO_UPDATE),
    two_phones,
    edit=spread,
    phones={
        PHONE_MAC: Expected(WHOLE, None, NO_UPDATE),
        SECOND_MAC: Expected(WHOLE, None, NO_UPDATE, more("check-overdue")),
    },
)
