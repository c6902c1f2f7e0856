"""The times at which a phone was switched on, as far as its DHCP messages show.

A phone that starts asks for a lease with DISCOVER, or, where it remembers one, with a REQUEST for that address
(INIT-REBOOT; RFC 2131, section 3.2). Other requests for a lease are no start: a renewal, a repeated message, the
second vendor class, the move to the voice VLAN, and a request after a lost lease (NAK, DECLINE, renewals without an
answer, an expired lease).
"""

from bisect import bisect_left, bisect_right

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.phrases import is_post_to_handler
from ucdiag.diagnosis.steps.lease_history import messages_in_order
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Tls
from ucdiag.model.phone_classes import SECOND_CLASS
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import update_label

_SECOND = 1_000_000
# No phone restarts sooner than this after it got a lease; where it did nothing with the lease, it takes this long.
_SOONEST = 20 * _SECOND
_SOONEST_IDLE = 60 * _SECOND
# A phone that asks anew this close to the end of its lease had it run out; who renews it may not be in the capture.
_RAN_OUT = 5 * _SECOND
# By then a phone has moved to its voice VLAN.
_MOVED = 120 * _SECOND


def power_ons(history: ObservationLog) -> list[Dhcp]:
    """The first DHCP message of each start of the phone that led to a lease, by time."""
    return _Starts(history).find_starts()


class _Starts:
    """Reads the messages of one phone in their order."""

    def __init__(self, history: ObservationLog) -> None:
        self._messages = messages_in_order(history)
        #: When the phone did anything over IP, and when it looked for updates.
        self._traffic = sorted(seen.time for kind in (Lookup, Connect, Tls, Http) for seen in history.of_kind(kind))
        asked = [lookup.time for lookup in history.of_kind(Lookup) if update_label(lookup.name) is not None]
        self._checks = sorted([*asked, *(http.time for http in history.of_kind(Http) if is_post_to_handler(http))])
        self._found: list[Dhcp] = []
        self._begun: Dhcp | None = None
        self._bound: Dhcp | None = None
        self._lost = False  # The lease is gone, or the phone fears so.
        self._released: Dhcp | None = None
        self._classes: set[str] = set()

    def find_starts(self) -> list[Dhcp]:
        """The first message of each start that led to a lease, by time."""
        for message in self._messages:
            self._take_message(message)
        self._complete_unanswered(None)
        ends = [*(start.time for start in self._found[1:]), None]
        return [
            start
            for start, end in zip(self._found, ends, strict=False)
            # An address that is asked for again is also a cable that was put in again: only a start checks for updates.
            if start.type == "discover" or _any_between(self._checks, start.time, end)
        ]

    def _take_message(self, message: Dhcp) -> None:
        if message.type == "discover":
            self._complete_unanswered(message.time)
            if self._begun is None and not self._goes_on(message):
                self._begun = message
        elif message.type == "request":
            self._take_request(message)
        elif message.type == "ack":
            if message.lease_seconds is not None or message.address is not None:
                self._take_lease(message)
        elif message.type in ("nak", "decline"):
            self._lost = True
        elif message.type == "release":
            self._released = message
        if message.type in ("discover", "request") and message.vendor_class:
            self._classes.add(message.vendor_class.lower())

    def _take_request(self, message: Dhcp) -> None:
        if message.client_address:
            self._lost = True  # until it is answered
        elif self._begun is None and message.server is None and message.address and self._may_start(message):
            self._begun = message

    def _may_start(self, message: Dhcp) -> bool:
        """Whether the phone had its lease for some time, or none that was seen."""
        return not self._lost and (self._bound is None or message.time - self._bound.time > _SOONEST)

    def _take_lease(self, ack: Dhcp) -> None:
        if self._begun is not None:
            self._found.append(self._begun)
        self._begun, self._bound, self._lost = None, ack, False

    def _complete_unanswered(self, until: Microseconds | None) -> None:
        """A start whose answers were not captured, where the phone went on from there."""
        if self._begun is not None and _any_between(self._traffic, self._begun.time, until):
            self._found.append(self._begun)
            self._bound, self._begun, self._lost = self._begun, None, False

    def _goes_on(self, discover: Dhcp) -> bool:
        """Whether this DISCOVER belongs to the start before it, or to a lease that was lost."""
        bound = self._bound
        if bound is None:
            return False
        vendor = (discover.vendor_class or "").lower()
        if self._lost or (vendor == SECOND_CLASS and self._classes - {SECOND_CLASS}):
            return True
        since = discover.time - bound.time
        lease = (bound.lease_seconds or 0) * _SECOND
        if (
            lease
            and abs(since - lease) <= _RAN_OUT
            and not _any_between(self._checks, discover.time, discover.time + lease)
        ):
            return True
        if self._released is not None and discover.time - self._released.time <= _SOONEST:
            return True
        if discover.tag is not None and bound.tag is None and since <= _MOVED:
            return True
        idle = not _any_between(self._traffic, bound.time, discover.time)
        return since <= (_SOONEST_IDLE if idle else _SOONEST)


def _any_between(times: list[Microseconds], start: Microseconds, end: Microseconds | None) -> bool:
    """Whether any of these times is from ``start`` on and before ``end``."""
    at = bisect_left(times, start)
    return at < len(times) if end is None else at < bisect_right(times, end - 1)
