"""A phone for the lab: real sockets, its own code, and nothing of the commands that are tried against the same site.

It goes the way that is documented (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26): the A record of
``ucupdates-r2.<DHCP domain>``, POST to ``/RequestHandler/ucdevice.upx`` on port 80 (443 after it, where a firmware does
that), GET of the file below ``BaseURL``. The form of its request is this lab's own, for no real one is published.
"""

import base64
import contextlib
import gzip
import http.client
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import dns.exception
import dns.message
import dns.rdatatype

from ucdiag.diagnosis.firmware_generations import generation_of
from ucdiag.lab.phone import request_body
from ucdiag.lab.serving import Address
from ucdiag.lab.site import RunningSite
from ucdiag.model.observations import Dhcp, Lease
from ucdiag.model.phone import Phone
from ucdiag.model.vocabulary import Seconds
from ucdiag.update_service.names import EXTERNAL_PATH, INTERNAL_PATH, R2_LABEL, domain_flaw

_LONGEST = 64 << 20  # bytes of a file; flash memory is finite
# How far an attempt came: with several ports, the best one is told.
_FURTHER = ("no_connection", "no_tls", "no_answer")
_NTLM_1 = b"NTLMSSP\x00\x01\x00\x00\x00\x07\x82\x08\x00" + bytes(16)
_NTLM_3 = b"NTLMSSP\x00\x03\x00\x00\x00" + bytes(52)


class _StopError(Exception):
    """The phone can go no further; the text is one of the words of ``Journey.outcome``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a phone did: ``steps`` are lines to show, ``file`` is what it fetched.

    ``outcome``: updated, current, no_domain, asks_no_dns, no_address, no_connection, no_tls, no_answer, refused (see
    ``status``), not_understood, no_url, no_file.
    """

    outcome: str
    steps: tuple[str, ...]
    status: int | None = None
    file: bytes | None = None


@dataclass(slots=True, kw_only=True)
class LabPhone:
    """One phone of one firmware on one site.

    ``labels`` are the names it asks for below ``domain``, in order; none means that its firmware asks no DNS. ``ports``
    are tried in order until one connects. ``external`` takes the outside path, where ``signed_in`` decides whether it
    can answer an NTLM challenge. ``timeout`` is in seconds, for each wait.
    """

    domain: str | None
    nameservers: tuple[Address, ...]
    connect_to: Mapping[Address, Address] = field(default_factory=dict)
    phone: Phone = field(default_factory=Phone)
    labels: tuple[str, ...] = (R2_LABEL,)
    ports: tuple[int, ...] = (80, 443)
    external: bool = False
    signed_in: bool = False
    ca_file: Path | None = None
    timeout: Seconds = 5.0
    _steps: list[str] = field(default_factory=list)
    _status: int | None = None

    def run(self) -> Journey:
        """Looks for an update as after a hard reset; never raises for anything that a site does."""
        self._steps, self._status, file = [], None, None
        try:
            file = self._update()
            outcome = "updated" if file is not None else "current"
        except _StopError as stop:
            outcome = str(stop)
        return Journey(outcome=outcome, steps=tuple(self._steps), status=self._status, file=file)

    def _update(self) -> bytes | None:
        if self.domain is None:
            raise self._stop("no_domain", "DHCP gave no usable domain")
        if not self.labels:
            raise self._stop("asks_no_dns", "this firmware looks for no update server in DNS: sign in")
        name, addresses = self._find()
        body = self._ask(name, addresses)
        text = body.decode("utf-8", "replace")
        # As crude as a device may be: the words, wherever they stand.
        if re.search(r"(?i)\b(?:downloads|numoffiles)[\"'\s]*[=>][\"'\s]*0", text):
            self._steps.append("nothing newer")
            return None
        side = "External" if self.external else "Internal"
        url = _element(text, f"{side}Url")
        if url is None:
            url = _element(text, "ExternalBaseURL" if self.external else "BaseURL")
            if url is None:
                raise self._stop("not_understood", "the answer is no update service's")
            file = _element(text, "FileName")
            url = f"{url}/{file}" if url and file else url
        if not url.startswith(("http://", "https://")):
            raise self._stop("no_url", f"the URL of the file is {url!r}")
        return self._fetch(url)

    def _find(self) -> tuple[str, list[str]]:
        for label in self.labels:
            name = f"{label}.{self.domain}"
            addresses = self._resolve(name)
            if addresses:
                return name, addresses
        raise self._stop("no_address", "no update server was found in DNS")

    def _resolve(self, name: str) -> list[str]:
        for server in self.nameservers:
            try:
                reply = self._question(name, server)
            except (OSError, EOFError, dns.exception.DNSException, ValueError):
                self._steps.append(f"DNS {name}: no answer")
                continue
            found = [rdata.address for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for rdata in rrset]
            self._steps.append(f"DNS {name}: {', '.join(found) or 'no address'}")
            if reply.rcode() in (0, 3):
                return found
        return []

    def _question(self, name: str, server: Address) -> dns.message.Message:
        query = dns.message.make_query(f"{name}.", "A")
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(self.timeout)
            sock.connect(server)
            sock.send(query.to_wire())
            reply = dns.message.from_wire(sock.recv(65535))
        if reply.flags & 0x0200:  # truncated
            with socket.create_connection(server, self.timeout) as sock:
                sock.sendall(query.to_wire(prepend_length=True))
                length = int.from_bytes(_exactly(sock, 2), "big")
                reply = dns.message.from_wire(_exactly(sock, length))
        if not query.is_response(reply):
            raise ValueError("not the answer to this question")
        return reply

    def _ask(self, name: str, addresses: list[str]) -> bytes:
        problem = "no_connection"
        for port in self.ports:
            for address in addresses:
                try:
                    connection = self._connect(name, address, port)
                except OSError as error:
                    word = "no_tls" if isinstance(error, ssl.SSLError) else "no_connection"
                    problem = max(problem, word, key=_FURTHER.index)
                    self._steps.append(f"{address} port {port}: {word.replace('_', ' ')}")
                    continue
                # A wait for each byte would let a server that trickles them hold the phone for ever.
                watch = threading.Timer(self.timeout, _hang_up, (connection.sock,))
                watch.start()
                try:
                    return self._post(connection)
                except (OSError, http.client.HTTPException):
                    problem = "no_answer"
                    self._steps.append(f"{address} port {port}: no answer")
                finally:
                    watch.cancel()
                    watch.join()
                    connection.close()
        raise _StopError(problem)

    def _post(self, connection: http.client.HTTPConnection) -> bytes:
        path = EXTERNAL_PATH if self.external else INTERNAL_PATH
        headers = {"Content-Type": "text/xml"}
        for token in (None, _NTLM_1, _NTLM_3):
            if token is not None:
                headers["Authorization"] = f"NTLM {base64.b64encode(token).decode()}"
            connection.request("POST", path, request_body(self.phone), headers)
            response = connection.getresponse()
            body = _whole(response, 1 << 20)
            self._status = response.status
            self._steps.append(f"POST {path}: {response.status}")
            challenged = response.status == 401 and "NTLM" in (response.getheader("WWW-Authenticate") or "")
            if not (challenged and self.signed_in):
                break
        if self._status != 200:
            raise _StopError("refused")
        return gzip.decompress(body) if response.getheader("Content-Encoding") == "gzip" else body

    def _fetch(self, url: str) -> bytes:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        for address in self._resolve(host):
            try:
                connection = self._connect(host, address, port, parts.scheme == "https")
                try:
                    connection.request("GET", parts.path)
                    response = connection.getresponse()
                    body = _whole(response, _LONGEST)
                finally:
                    connection.close()
            except (OSError, http.client.HTTPException):
                break
            self._steps.append(f"GET {parts.path}: {response.status}, {len(body)} bytes")
            page = body.lstrip()[:1] == b"<"  # its signature cannot be right
            if response.status == 200 and body and not page:
                return body
            break
        raise self._stop("no_file", "the file did not arrive")

    def _connect(self, name: str, address: str, port: int, tls: bool | None = None) -> http.client.HTTPConnection:
        sock = socket.create_connection(self.connect_to.get((address, port), (address, port)), self.timeout)
        try:
            if tls if tls is not None else port == 443:
                sock = ssl.create_default_context(cafile=self.ca_file).wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise
        connection = http.client.HTTPConnection(name, port, timeout=self.timeout)
        connection.sock = sock
        return connection

    def _stop(self, word: str, line: str) -> _StopError:
        self._steps.append(line)
        return _StopError(word)


def phone_on(site: RunningSite) -> LabPhone:
    """The phone of the site's scenario: its domain by DHCP, its firmware as the table of generations describes it."""
    scenario, check = site.scenario, site.scenario.check
    leases = [fact for fact in scenario.observed if isinstance(fact, Lease | Dhcp)]
    domains = [lease.domain for lease in leases if lease.domain]
    resolvers = any(lease.resolvers for lease in leases)
    usable = domains and domain_flaw(domains[0]) is None and resolvers
    generation = generation_of(check.firmware)
    ports = (80, 443) if generation is None or generation.port is None else (generation.port,)
    return LabPhone(
        domain=domains[0] if usable else None,
        nameservers=site.nameservers,
        connect_to=site.connect_to,
        phone=Phone(firmware=check.firmware),
        labels=generation.labels if generation is not None else (R2_LABEL,),
        ports=(443,) if check.https or check.external else ports,
        external=check.external,
        ca_file=site.ca_file,
        timeout=check.timeout,
    )


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _whole(response: http.client.HTTPResponse, limit: int) -> bytes:
    body = response.read(limit)
    if response.length:
        raise http.client.IncompleteRead(body, response.length)
    return body


def _element(text: str, name: str) -> str | None:
    found = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?(?:/>|>([^<]*)<)", text)
    return unescape(found.group(1) or "") if found is not None else None


def _exactly(sock: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        some = sock.recv(count - len(found))
        if not some:
            raise EOFError
        found += some
    return found
