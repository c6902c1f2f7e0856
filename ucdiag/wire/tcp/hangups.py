"""A server that opened a connection and hung up before anybody sent a byte, as a balancer without a member does."""

from typing import NamedTuple

from ucdiag.model.observations import Http, Observation, Tls
from ucdiag.model.vocabulary import Ending, Microseconds, Peer
from ucdiag.wire.tcp.stream import Endpoints
from ucdiag.wire.watched import SIGN_IN_PORT

# Who connects there speaks TLS.
_TLS_PORTS = frozenset({443, SIGN_IN_PORT})


class HangUp(NamedTuple):
    """Who ended a connection first, how, and the time and frame of it."""

    by: Peer
    how: Ending
    time: Microseconds
    frame: int


def hang_up_of(ends: Endpoints, opened: Microseconds, end: HangUp) -> Observation:
    """The observation of a connection on which nothing was said: a handshake on a port of TLS, else an exchange."""
    seconds = max(0, end.time - opened) / 1e6
    if ends.port in _TLS_PORTS:
        return Tls(
            time=end.time,
            frame=end.frame,
            client=ends.client,
            server=ends.server,
            port=ends.port,
            outcome="closed",
            client_port=ends.client_port,
            client_mac=ends.client_mac,
            seconds=seconds,
            closed_by=end.by,
            reason="reset" if end.how == "reset" else None,
        )
    return Http(
        time=end.time,
        frame=end.frame,
        client=ends.client,
        server=ends.server,
        port=ends.port,
        client_port=ends.client_port,
        client_mac=ends.client_mac,
        seconds=seconds,
        failure=end.how,
        closed_by=end.by,
        last_time=end.time,
    )
