"""A small phone of real sockets, run as a script on a host of the site: it does what it is told and tells what it did.

``phone.py '{"setting": {...}, "actions": [...]}'``. One JSON line on standard output for each thing done; exit code 1
when something did not work out (the later actions are then not tried, as a phone's are not), 0 otherwise.
Standard library only.

setting: ``mac``, ``serial``, ``domain``, ``resolver``, ``firmware``, ``timeout`` (seconds, of each wait).

Actions, each an object with ``do``:

- ``ask``: A questions for ``names`` (``{domain}`` is put in) in order until one has an address: that is the server.
  ``tries``, ``timeout``, ``all`` (ask every name), ``tcp``, ``type``.
- ``server``: the server is ``address`` (no question asked, as by a phone that was provisioned at a sign-in).
- ``connect``: TCP only, to ``port``, ``seconds`` long, then closed.
- ``post``: the update request. ``path``, ``port``, ``host`` (header), ``body``, ``headers`` (an object), ``times``,
  ``firmware`` (which the phone has from now on), ``keep`` (one connection for all times and for the GETs that follow),
  ``chunked``, ``split`` (head and body in two segments), ``slow`` (seconds between them), ``expect`` (100-continue),
  ``ntlm`` (first without, then with an answer to the challenge),
  ``external`` (path of the external virtual directory), ``pipeline`` (all times at once), ``tls``,
  ``accept`` (statuses that are success; 200 by default), ``version`` ("1.0"), ``method``, ``linger`` (seconds to keep
  the connection open).
- ``upload``: a log upload to the same URL.
- ``fetch``: GETs the file that the last answer offered: from BaseURL or InternalUrl, or ``url``. ``range``, ``head``
  (HEAD before it), ``name`` (of the file, appended to a folder URL), ``stop`` (hangs up after so many bytes).
- ``get``: GET of a ``url`` whatever it is (a root certificate, a page); statuses in ``accept``.
- ``wait``: ``seconds``.

``anyway`` in an action: what goes wrong in it does not end the phone.
"""

import base64
import contextlib
import gzip
import json
import re
import secrets
import socket
import ssl
import struct
import sys
import time
import zlib
from typing import Any
from urllib.parse import urlsplit

BODY = """<?xml version="1.0" encoding="utf-8"?>
<Request><DeviceType>UCPhone</DeviceType><MACAddress>{mac}</MACAddress><SerialNumber>{serial}</SerialNumber>\
<Vendor>Polycom</Vendor><Model>CX700</Model><Revision>A</Revision><Locale>ENU</Locale>\
<Modules><Module><FileName>CPE.nbt</FileName><Version>{firmware}</Version><Timestamp>2009-01-31T00:00:00Z</Timestamp>\
</Module></Modules></Request>"""

TYPES = {"A": 1, "AAAA": 28, "SRV": 33}


class GivesUpError(Exception):
    """What a phone would not get over."""


class Link:
    """A connection and the bytes read ahead from it."""

    def __init__(self, address: str, port: int, timeout: float, tls: "dict[str, Any] | None", name: str) -> None:
        self.peer = (address, port)
        self.socket: socket.socket = socket.create_connection(self.peer, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = _tls_context(tls).wrap_socket(self.socket, server_hostname=tls.get("name", name))
        self.ahead = b""

    def line(self) -> bytes:
        while b"\n" not in self.ahead:
            self._more()
        line, _, self.ahead = self.ahead.partition(b"\n")
        return line.rstrip(b"\r")

    def exactly(self, size: int) -> bytes:
        while len(self.ahead) < size:
            self._more()
        data, self.ahead = self.ahead[:size], self.ahead[size:]
        return data

    def rest(self) -> bytes:
        with contextlib.suppress(GivesUpError):
            while True:
                self._more()
        data, self.ahead = self.ahead, b""
        return data

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise GivesUpError("the connection was closed")
        self.ahead += data


def _tls_context(tls: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if "ca" in tls:
        context.load_verify_locations(tls["ca"])
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "own" in tls:
        context.load_cert_chain(*tls["own"])
    if tls.get("old"):
        # As old phones: TLS 1.0 and nothing newer.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1
    elif "version" in tls:
        context.maximum_version = ssl.TLSVersion[tls["version"]]
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


class Phone:
    def __init__(self, setting: dict[str, Any]) -> None:
        self.mac = setting.get("mac") or "00:04:f2:77:00:01"
        self.serial = setting.get("serial") or "1234567890"
        self.firmware = setting.get("firmware") or "1.0.522.34"
        self.domain = setting.get("domain") or ""
        self.resolver = setting.get("resolver")
        self.timeout = float(setting.get("timeout", 8))
        self.server: str | None = None
        self.server_name = ""
        self.answer = b""
        self.link: Link | None = None

    def do(self, action: dict[str, Any]) -> None:
        values = {name: value for name, value in action.items() if name != "anyway"}
        getattr(self, "do_" + values.pop("do"))(**values)

    # DNS.

    def do_ask(self, names: list[str], *, all: bool = False, **how: Any) -> None:
        found = False
        for name in names:
            addresses = self.ask(name.format(domain=self.domain), **how)
            if addresses and not found:
                self.server, self.server_name, found = addresses[0], name.format(domain=self.domain), True
            if found and not all:
                return
        if not found:
            raise GivesUpError("no name of the server has an address")

    def ask(
        self,
        name: str,
        *,
        type: str = "A",
        tries: int = 2,
        timeout: float = 1.0,
        tcp: bool = False,
        server: str | None = None,
    ) -> list[str]:
        resolver = server or self.resolver
        if not resolver:
            raise GivesUpError("no resolver")
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
        for _ in range(tries):
            number = secrets.randbits(16)
            question = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, TYPES[type], 1)
            try:
                answer = _exchange(resolver, question, timeout, tcp)
            except OSError as error:
                tell("ask", name=name, type=type, server=resolver, error=str(error))
                continue
            rcode, addresses = answer[3] & 15, _addresses(answer)
            tell("ask", name=name, type=type, server=resolver, rcode=rcode, addresses=addresses)
            return addresses
        return []

    def do_look(self, name: str, **how: Any) -> None:
        """Asks, whatever comes back."""
        self.ask(name.format(domain=self.domain), **how)

    def do_sign_in(self, address: str, port: int = 5061, tls: Any = None, name: str = "", stays: float = 0.3) -> None:
        """Opens the connection to the registrar. What is said there is encrypted anyway, so nothing more is."""
        link = Link(address, port, self.timeout, tls or {}, name)
        time.sleep(stays)
        link.socket.close()
        tell("sign_in", server=address, port=port)

    def do_server(self, address: str, name: str = "") -> None:
        self.server, self.server_name = address, name or address

    # TCP and HTTP.

    def open(self, port: int, tls: Any = None) -> Link:
        if self.server is None:
            raise GivesUpError("no server known")
        how = {} if tls is True else tls
        return Link(self.server, port, self.timeout, how, self.server_name)

    def do_connect(self, port: int = 80, seconds: float = 0.2, tls: Any = None) -> None:
        link = self.open(port, tls)
        time.sleep(seconds)
        link.socket.close()
        tell("connect", server=self.server, port=port)

    def do_post(
        self,
        *,
        path: str | None = None,
        port: int | None = None,
        external: bool = False,
        body: str | None = None,
        firmware: str | None = None,
        headers: dict[str, str] | None = None,
        host: str | None = None,
        times: int = 1,
        keep: bool = False,
        pipeline: bool = False,
        ntlm: bool = False,
        accept: list[int] | None = None,
        tls: Any = None,
        linger: float = 0,
        version: str = "1.1",
        method: str = "POST",
        **how: Any,
    ) -> None:
        path = path or ("/RequestHandlerExt/ucdevice.upx" if external else "/RequestHandler/ucdevice.upx")
        port = port or (443 if tls else 80)
        text = BODY if body is None else body
        content = text.replace("{mac}", self.mac.replace(":", "")).replace("{serial}", self.serial)
        self.firmware = firmware or self.firmware
        content = content.replace("{firmware}", self.firmware)
        lines = {
            "Host": host if host is not None else self.server_name,
            "User-Agent": "Microsoft UCPhone Device (lcs_se_w14_main)",
            "Content-Type": "text/xml",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive" if keep or times > 1 or ntlm else "close",
            **(headers or {}),
        }
        link = self.link = self.open(port, tls)
        self.pace = how
        if pipeline:
            for _ in range(times):
                self.send(link, method, path, lines, content.encode(), version)
            for _ in range(times):
                self.receive(link, accept or [200], method)
            return
        for number in range(times):
            if number and not keep:
                link.socket.close()
                link = self.link = self.open(port, tls)
            if ntlm and number == 0:
                self._ntlm(link, method, path, lines, content.encode(), version)
            self.send(link, method, path, lines, content.encode(), version)
            self.receive(link, accept or [200], method)
        time.sleep(linger)
        if not keep:
            link.socket.close()
            self.link = None

    def _ntlm(self, link: Link, method: str, path: str, lines: dict[str, str], body: bytes, version: str) -> None:
        """Without credentials, then the negotiate message; what follows carries the authenticate message."""
        self.send(link, method, path, lines, body, version)
        self.receive(link, [401], method)
        first = b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088207) + bytes(16)
        lines["Authorization"] = "NTLM " + base64.b64encode(first).decode()
        self.send(link, method, path, lines, body, version)
        self.receive(link, [401], method)
        third = b"NTLMSSP\0" + struct.pack("<I", 3) + bytes(60)
        lines["Authorization"] = "NTLM " + base64.b64encode(third).decode()

    def do_upload(
        self, path: str = "/RequestHandler/ucdevice.upx", port: int = 80, size: int = 3000, tls: Any = None
    ) -> None:
        """A device's log, as a form with a file."""
        mark = "----log" + secrets.token_hex(8)
        name = f"UCPhone_{self.serial}-20100131-CELOG120000_0.clg"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        body = head.encode() + secrets.token_bytes(size) + f"\r\n--{mark}--\r\n".encode()
        lines = {
            "Host": self.server_name,
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Connection": "close",
        }
        self.pace = {}
        link = self.open(port, tls)
        self.send(link, "POST", path, lines, body, "1.1")
        kept = self.answer
        self.receive(link, [200, 201, 202, 204], "POST")
        self.answer = kept
        link.socket.close()

    pace: dict[str, Any] = {}

    def send(self, link: Link, method: str, path: str, lines: dict[str, str], body: bytes, version: str) -> None:
        lines = dict(lines)
        chunked, split, slow = (self.pace.get(word) for word in ("chunked", "split", "slow"))
        expect = self.pace.get("expect")
        if chunked:
            lines["Transfer-Encoding"] = "chunked"
            half = len(body) // 2
            pieces = [piece for piece in (body[:half], body[half:]) if piece]
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        elif body or method == "POST":
            lines["Content-Length"] = str(len(body))
        if expect:
            lines["Expect"] = "100-continue"
        head = f"{method} {path} HTTP/{version}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        data = head.encode() + b"\r\n"
        if expect:
            link.socket.sendall(data)
            status = link.line()
            while link.line():
                pass
            tell("continue", line=status.decode(errors="replace"))
            link.socket.sendall(body)
        elif split or slow:
            link.socket.sendall(data)
            time.sleep(slow or 0.02)
            link.socket.sendall(body)
        else:
            link.socket.sendall(data + body)

    def receive(self, link: Link, accept: list[int], method: str, stop: int | None = None) -> bytes:
        status_line = link.line()
        try:
            status = int(status_line.split()[1])
        except (IndexError, ValueError):
            raise GivesUpError(f"not HTTP: {status_line!r}") from None
        headers: dict[str, str] = {}
        while line := link.line():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        whole, body = True, b""
        try:
            body = self._body(link, headers, method, status, stop)
        except GivesUpError:
            whole, body = False, link.ahead
        if whole and stop is None:
            encoding = headers.get("content-encoding", "")
            with contextlib.suppress(OSError, zlib.error):
                body = gzip.decompress(body) if encoding == "gzip" else body
        tell(
            method.lower(),
            server=link.peer[0],
            port=link.peer[1],
            status=status,
            size=len(body),
            whole=whole,
            text=body[:400].decode(errors="replace"),
        )
        if status not in accept:
            raise GivesUpError(f"status {status}")
        if not whole:
            raise GivesUpError("the answer was cut")
        self.answer = body
        return body

    @staticmethod
    def _body(link: Link, headers: dict[str, str], method: str, status: int, stop: int | None) -> bytes:
        if method == "HEAD" or status in (204, 304):
            return b""
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(link.line().split(b";")[0], 16):
                body += link.exactly(size)
                link.line()
            link.line()
            return body
        if "content-length" in headers:
            return link.exactly(min(int(headers["content-length"]), stop if stop is not None else 1 << 40))
        return link.rest()

    def do_fetch(
        self,
        *,
        url: str | None = None,
        name: str = "CPE.nbt",
        external: bool = False,
        required: bool = False,
        tls: Any = None,
        times: int = 1,
        **how: Any,
    ) -> None:
        if url is None:
            words = "ExternalBaseURL|ExternalUrl" if external else "BaseURL|InternalUrl"
            found = re.search(rb"<(?:\w+:)?(?:%b)>\s*([^<\s]+)" % words.encode(), self.answer)
            if found is None:
                if required:
                    raise GivesUpError("no file offered")
                tell("nothing offered")
                return
            url = found[1].decode()
            if not re.search(r"\.(nbt|cat|bin|cab)$", url):
                url = f"{url.rstrip('/')}/{name}"
        for _ in range(times):
            self.get(url, tls=tls, **how)

    def do_get(self, url: str, **how: Any) -> None:
        self.get(url, **how)

    def get(
        self,
        url: str,
        *,
        tls: Any = None,
        range: str | None = None,
        head: bool = False,
        stop: int | None = None,
        accept: list[int] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if re.fullmatch(r"[\d.]+", host):
            addresses = [host]
        elif host == self.server_name and self.server:
            addresses = [self.server]
        else:
            addresses = self.ask(host)
        if not addresses:
            raise GivesUpError(f"{host} has no address")
        link = self.link
        if link is None or link.peer != (addresses[0], port):
            how = ({} if tls in (None, True) else tls) if parts.scheme == "https" else None
            link = Link(addresses[0], port, self.timeout, how, host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": parts.netloc, "User-Agent": "Microsoft UCPhone Device", **(headers or {})}
        lines["Connection"] = "keep-alive" if link is self.link or head else "close"
        self.pace = {}
        if head:
            self.send(link, "HEAD", target, lines, b"", "1.1")
            self.receive(link, [200], "HEAD")
        if range is not None:
            lines["Range"] = f"bytes={range}"
        self.send(link, "GET", target, lines, b"", "1.1")
        kept = self.answer
        self.receive(link, accept or [200, 206], "GET", stop)
        self.answer = kept
        if link is not self.link:
            link.socket.close()

    def do_wait(self, seconds: float) -> None:
        time.sleep(seconds)


def _exchange(resolver: str, question: bytes, timeout: float, tcp: bool) -> bytes:
    if tcp:
        with socket.create_connection((resolver, 53), timeout) as stream:
            stream.sendall(struct.pack("!H", len(question)) + question)
            data = b""
            while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2]):
                more = stream.recv(65536)
                if not more:
                    raise OSError("cut")
                data += more
            return data[2:]
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.settimeout(timeout)
        end.connect((resolver, 53))
        end.send(question)
        while True:
            answer = end.recv(65536)
            if answer[:2] == question[:2]:
                return answer


def _addresses(answer: bytes) -> list[str]:
    def skip(at: int) -> int:
        while answer[at]:
            if answer[at] >= 0xC0:
                return at + 2
            at += 1 + answer[at]
        return at + 1

    at = skip(12) + 4
    found = []
    for _ in range(int.from_bytes(answer[6:8])):
        at = skip(at)
        kind, _, _, size = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if kind == 1 and size == 4:
            found.append(socket.inet_ntoa(answer[at : at + 4]))
        at += size
    return found


def tell(did: str, **values: Any) -> None:
    print(json.dumps({"did": did, "at": round(time.time(), 6), **values}), flush=True)


def main() -> int:
    told = json.loads(sys.argv[1])
    phone = Phone(told["setting"])
    for action in told["actions"]:
        try:
            phone.do(action)
        except (GivesUpError, OSError, ssl.SSLError) as error:
            tell("gave up", doing=action["do"], error=str(error) or type(error).__name__)
            if not action.get("anyway"):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
