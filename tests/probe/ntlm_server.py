"""An update service behind NTLM over TLS: the acceptor of pyspnego, one sign-in a connection, as IIS does it."""

import base64
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import spnego
from spnego.channel_bindings import GssChannelBindings

PATH = "/RequestHandlerExt/ucdevice.upx"
FILES = "/DeviceUpdateFiles_Ext/UCPhone/Polycom/CX700/A/ENU/4.0.7577.4387/CPE"
IMAGE = bytes(range(256)) * 400


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "NtlmServer"

    def setup(self) -> None:
        super().setup()
        self.context: Any = None
        self.user: str | None = None

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.signed_in():
            base = f"https://localhost:{self.server.server_port}{FILES}"
            text = (
                f"<r><BaseURL>{base}</BaseURL><ExternalBaseURL>{base}</ExternalBaseURL><FileName>CPE.nbt</FileName></r>"
            )
            self.reply(200, text.encode(), "text/xml")

    def do_GET(self) -> None:
        if self.signed_in():
            self.reply(200, IMAGE, "application/octet-stream")

    def signed_in(self) -> bool:
        if self.user is not None:
            return True
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "NTLM":
            self.reply(401, b"", challenge="NTLM")
            return False
        if self.server.silent:
            self.close_connection = True
            return False
        if self.context is None:
            self.context = spnego.server(protocol="ntlm", channel_bindings=self.server.bindings)
        try:
            said = self.context.step(base64.b64decode(token))
        except spnego.exceptions.SpnegoError:
            self.server.refused += 1
            self.reply(401, b"", challenge="NTLM")
            return False
        if self.context.complete:
            self.user = self.context.client_principal
            self.server.signed_in.append((self.command, self.user))
            return True
        said = said if self.server.challenge is None else self.server.challenge
        self.reply(401, b"", challenge=f"NTLM {base64.b64encode(said).decode()}")
        if self.server.closes:
            self.close_connection = True
        return False

    def reply(self, status: int, body: bytes, kind: str = "text/html", challenge: str | None = None) -> None:
        self.send_response(status)
        if challenge is not None:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class NtlmServer(ThreadingHTTPServer):
    """``closes``: after its challenge, or without one (``silent``). ``binding`` makes a channel binding necessary.

    ``challenge`` takes the place of the acceptor's own.
    """

    daemon_threads = True

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        closes: bool = False,
        silent: bool = False,
        binding: bytes | None = None,
        challenge: bytes | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.closes = closes
        self.silent = silent
        self.challenge = challenge
        self.bindings = GssChannelBindings(application_data=binding) if binding is not None else None
        self.signed_in: list[tuple[str, str]] = []
        self.refused = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is nobody's error."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
