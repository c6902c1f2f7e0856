"""Observations of every kind, and each with one field changed at a time."""

import functools
import typing
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from tests.masking.records import least, members
from tests.views.reports import START
from ucdiag.model.observations import (
    Certificate,
    Connect,
    Dhcp,
    Http,
    Lease,
    Lookup,
    Observation,
    Tls,
    Transfer,
    UpdateAnswer,
    UpdateFile,
)

SERVER, R2 = "10.0.0.20", "ucupdates-r2.a.example"
LEAF = Certificate(subject="CN=pool.example", issuer="CN=CA", names=("pool.example",))
HTTP: dict[str, Any] = {
    "time": START,
    "server": SERVER,
    "port": 80,
    "method": "POST",
    "target": "/RequestHandler/ucdevice.upx",
}
TLS: dict[str, Any] = {"time": START, "server": SERVER, "port": 443, "server_name": "pool.example"}

FACTS: dict[str, Observation] = {
    "a chosen lease": least(
        Lease, time=START, interface="eth0", source="dhclient", provenance="option 15", chosen=True, domain="a.example"
    ),
    "a DISCOVER": least(Dhcp, time=START, type="discover"),
    "an OFFER": least(Dhcp, time=START, type="offer", address="10.0.0.7", domain="a.example"),
    "an ACK": least(Dhcp, time=START, type="ack", address="10.0.0.7", resolvers=("10.0.0.2",)),
    "a NAK": least(Dhcp, time=START, type="nak", message="not here"),
    "a REQUEST": least(Dhcp, time=START, type="request", address="10.0.0.7"),
    "an address": least(
        Lookup,
        time=START,
        server="10.0.0.2",
        name=R2,
        type="A",
        rcode="NOERROR",
        addresses=(SERVER,),
    ),
    "no such name": least(Lookup, time=START, server="10.0.0.2", name=R2, type="A", rcode="NXDOMAIN"),
    "no answer of DNS": least(Lookup, time=START, server="10.0.0.2", name="x.example", type="SRV", failure="timeout"),
    "an open port": least(Connect, time=START, server=SERVER, port=80, outcome="open"),
    "a refused port": least(Connect, time=START, server=SERVER, port=80, outcome="refused"),
    "an unreachable server": least(Connect, time=START, server=SERVER, port=80, outcome="unreachable", reason="why"),
    "a silent port": least(Connect, time=START, server=SERVER, port=80, outcome="no_answer"),
    "a handshake": least(Tls, **TLS, outcome="complete", version="TLSv1.2", versions=("TLSv1.2",), chain=(LEAF,)),
    "a handshake that is not trusted": least(Tls, **TLS, outcome="untrusted", chain=(LEAF,)),
    "a handshake with an alert": least(Tls, **TLS, outcome="alert", alert=40, alert_from="server"),
    "a handshake broken off": least(Tls, **TLS, outcome="closed", closed_by="client", stage="server_hello"),
    "a silent handshake": least(Tls, **TLS, outcome="no_answer"),
    "a request": least(Http, **HTTP, status=200, complete=True, answer_bytes=25, announced_bytes=25),
    "a request that is refused": least(Http, **HTTP, status=401, complete=True, challenges=("NTLM", "Negotiate")),
    "a request that leads elsewhere": least(Http, **HTTP, status=302, complete=True, location="http://b.example/"),
    "a request without an answer": least(Http, **HTTP, status=None, complete=False, failure="no_answer"),
    "an answer that breaks off": least(Http, **HTTP, status=200, complete=False, failure="stalled", answer_bytes=7),
    "a file": least(
        Http, **{**HTTP, "method": "GET", "target": "/x/CPE.nbt", "host": "files.example"}, status=404, complete=True
    ),
    "an offer": least(
        UpdateAnswer,
        time=START,
        server=SERVER,
        port=80,
        form="offered",
        version="3.5.6907.35",
        internal_url="http://files.example/x",
        files=(UpdateFile(name="CPE.nbt", version="3.5.6907.35"),),
    ),
    "nothing newer": least(UpdateAnswer, time=START, server=SERVER, port=80, form="none_offered"),
    "a download": least(
        Transfer,
        time=START,
        url="http://files.example/a/CPE.nbt",
        server=SERVER,
        outcome="whole",
        status=200,
        received_bytes=9,
    ),
    "a download that is cut": least(
        Transfer, time=START, url="http://files.example/a/CPE.nbt", server=SERVER, outcome="truncated", received_bytes=9
    ),
}


def values_of(hint: Any) -> Iterator[Any]:
    """What a field can hold: each word of a closed set, little and much of what is open."""
    for kind in members(hint):
        origin = typing.get_origin(kind)
        if kind is type(None):
            yield None
        elif origin is typing.Literal:
            yield from typing.get_args(kind)
        elif kind is bool:
            yield from (False, True)
        elif kind is int:
            yield from (0, 2, 1_234_567)
        elif kind is float:
            yield from (0.0, 1.5, -1.0, 864_000.0, 864_000.5)
        elif kind is str:
            yield from ("", "b.example")
        elif origin is tuple and typing.get_args(kind)[0] is str:
            yield from ((), ("one", "two"))
        elif origin is tuple:
            yield ()


@functools.cache
def hints_of(cls: type) -> dict[str, Any]:
    """The kinds of its fields: to read them takes longer than what is made of a fact."""
    return typing.get_type_hints(cls)


def changed(fact: Observation) -> Iterator[tuple[str, Observation]]:
    """The fact with another value in one field, for each field and value."""
    hints = hints_of(type(fact))
    for field in fields(fact):
        if not field.init or field.name in ("time", "kind", "frame"):
            continue
        for value in values_of(hints[field.name]):
            if value != getattr(fact, field.name):
                yield f"{field.name}={value!r}", replace(fact, **{field.name: value})
