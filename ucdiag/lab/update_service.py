"""The lab's Device Update Service: rules, test devices, approved and pending versions, and the audit log.

What is documented: methods, paths, that request and answer are XML, the values in both, who is served what, and the
columns of the audit log (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26; Microsoft, "Update Audit Log
Schema", "New-CsTestDevice"). What is a guess, because nobody has published it: every element name other than
``BaseURL`` and ``ExternalBaseURL``, the root element, how ``downloads=0`` is written, the date format of the log, and
the status for a request that cannot be read (400 here). So requests are read by local names in many spellings.
"""

import base64
import binascii
import re
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from ucdiag.lab.http_server import LabRequest, ReplyCounter
from ucdiag.lab.scenario import Reply, Rule, Update
from ucdiag.lab.store import IMAGE, SIGNATURE, TIMESTAMP, folder_of
from ucdiag.model.urls import is_address
from ucdiag.update_service.names import EXTERNAL_PATH
from ucdiag.update_service.response_xml import Node, decode_body, parse_nodes

# Spellings of each value's name, without case and punctuation; only the values themselves are documented.
_SPELLINGS = {
    "device_type": ("devicetype", "type", "devtype"),
    "mac": ("macaddress", "mac", "macaddr", "hardwareaddress"),
    "serial": ("serialnumber", "serial", "serialno", "sn"),
    "vendor": ("vendor", "brand", "manufacturer"),
    "model": ("model", "devicemodel"),
    "revision": ("revision", "rev", "hardwarerevision"),
    "locale": ("locale", "language"),
    "user": ("userid", "user", "username", "account"),
    "file": ("filename", "modulename"),
    "version": ("version", "currentversion", "moduleversion", "firmware", "firmwareversion"),
    "timestamp": ("timestamp", "time", "date"),
}
_VALUE_OF = {spelling: value for value, spellings in _SPELLINGS.items() for spelling in spellings}

_NTLM = b"NTLMSSP\x00"
# A type 2 message with an empty target name and a fixed challenge: the lab believes every answer to it.
_NTLM_CHALLENGE = _NTLM + bytes.fromhex("0200000000000000380000000182000011223344556677880000000000000000") + bytes(16)


# The first line of the logs of Skype for Business Server begins so (uclobby, script Get-CsPhoneReportFromUpdateLogs,
# 2021); the names that it does not show are those of Microsoft's "Update Audit Log Schema".
_HEADER = (
    "Logging DateTime,User Host Address,Device Type,Mac Address,Serial Number,Vendor,Model,Revision,Locale,"
    "Request Modules,Response Modules,User Id"
)


class UpdateService:
    """Answers the update requests of one web server and writes its audit log below ``folder``."""

    def __init__(self, data: Update, folder: Path, server: str = "pool01") -> None:
        self._data, self._counter, self._lock = data, ReplyCounter(), threading.Lock()
        now = datetime.now(UTC)
        logs = folder / "Logs" / "Server" / "Audit" / "imageUpdates"
        logs.mkdir(parents=True, exist_ok=True)
        # Folder and name: Microsoft, "Auditing Update Requests".
        self.audit_log = logs / f"RequestHandlerAuditLog_{server}_{now:%Y%m%d}.log"
        self._signed_in: set[str] = set()

    def answer_request(self, request: LabRequest) -> Reply:
        """The reply to a request for one of the two paths of the service."""
        external = request.path.lower() == EXTERNAL_PATH.lower()
        if self._data.by_address is not None and is_address(request.headers.get("host", "").partition(":")[0]):
            return self._data.by_address
        fault = self._data.reply
        if fault is not None and not self._counter.still_applies(fault):
            fault = None
        if fault is not None and (fault.body is not None or fault.status != 200):
            return fault
        reply = self._service_reply(request, external)
        if fault is None or reply.status != 200:
            return reply
        return Reply(
            headers=(*reply.headers, *fault.headers),
            body=reply.body,
            how=fault.how,
            chunked=fault.chunked,
            gzip=fault.gzip,
        )

    def _service_reply(self, request: LabRequest, external: bool) -> Reply:
        if request.method != "POST":
            return error_page(405, ("Allow", "POST"))
        if external:
            refused = _ntlm_refusal(request)
            if refused is not None:
                return refused
        values = read_request(request.body)
        if values is None:
            return error_page(400)
        rule = self._matching_rule(values)
        version = self._served_version(rule, values)
        offered = rule is not None and version is not None and self._is_offered(version, values.get("version", ""))
        self._write_audit_row(request.client, values, version if offered else None)
        text = (
            self._offer_document(rule, version) if offered and rule and version else self._no_update_document(version)
        )
        return Reply(headers=(("Content-Type", "text/xml; charset=utf-8"),), body=text.encode())

    def _is_offered(self, version: str, has: str) -> bool:
        """Whether this version is offered to a phone that has another, or the same."""
        if self._data.offers == "any":
            return True
        return _is_newer(version, has) or (self._data.offers == "different" and _is_newer(has, version))

    def _matching_rule(self, values: dict[str, str]) -> Rule | None:
        for rule in self._data.rules:
            fields = ("device_type", "vendor", "model", "revision", "locale")
            if all(getattr(rule, name).lower() == values.get(name, "").lower() for name in fields):
                return rule
        return None

    def _served_version(self, rule: Rule | None, values: dict[str, str]) -> str | None:
        """A test device is served the pending version, any other the approved one; an empty one is none."""
        if rule is None:
            return None
        if rule.pending and self._is_test_device(values):
            return rule.pending
        return rule.approved or None

    def _is_test_device(self, values: dict[str, str]) -> bool:
        mac, serial = _plain_mac(values.get("mac", "")), values.get("serial", "").lower()
        return any(
            (mac and _plain_mac(device) == mac) or (serial and device.lower() == serial)
            for device in self._data.test_devices
        )

    def _no_update_document(self, version: str | None) -> str:
        attribute = {"attribute": ' downloads="0"'}.get(self._data.shape, "")
        content = {
            "element": "<downloads>0</downloads>",
            "text": "downloads=0",
            "counted": "<NumOfFiles>0</NumOfFiles>",
        }.get(self._data.shape, "")
        return self._response_document(
            attribute, content + (f"<Version>{escape(version)}</Version>" if version else "")
        )

    def _offer_document(self, rule: Rule, version: str) -> str:
        folder = folder_of(rule, version)
        if self._data.shape == "counted":
            return self._response_document("", f"<NumOfFiles>1</NumOfFiles>{self._counted_file(folder, version)}")
        attribute = "" if self._data.shape == "element" else ' downloads="1"'
        urls = ""
        for name, store in (("BaseURL", self._data.internal_store), ("ExternalBaseURL", self._data.external_store)):
            if store is not None:
                urls += f"<{name}>{escape(f'{store}{folder}' if store else '')}</{name}>"
        module = (
            f"<Module><FileName>{IMAGE}</FileName><SignatureFileName>{SIGNATURE}</SignatureFileName>"
            f"<Version>{escape(version)}</Version><Timestamp>{TIMESTAMP}</Timestamp></Module>"
        )
        count = "<downloads>1</downloads>" if self._data.shape == "element" else ""
        return self._response_document(
            attribute, f"{count}<Version>{escape(version)}</Version>{urls}<Modules>{module}</Modules>"
        )

    def _counted_file(self, folder: str, version: str) -> str:
        urls = ""
        for name, store in (("InternalUrl", self._data.internal_store), ("ExternalUrl", self._data.external_store)):
            if store is not None:
                urls += f"<{name}>{escape(f'{store}{folder}/{IMAGE}' if store else '')}</{name}>"
        return f"<File0><FileName>{IMAGE}</FileName><Version>{escape(version)}</Version>{urls}</File0>"

    def _response_document(self, attribute: str, content: str) -> str:
        root, space = "UpdateResponse", ""
        if self._data.namespace:
            root, space = "u:UpdateResponse", f' xmlns:u="{escape(self._data.namespace)}"'
            content = re.sub(r"<(/?)(\w)", r"<\1u:\2", content)
        return f'<?xml version="1.0" encoding="utf-8"?>\r\n<{root}{space}{attribute}>{content}</{root}>\r\n'

    def _write_audit_row(self, client: str, values: dict[str, str], version: str | None) -> None:
        """One row of twelve columns (Microsoft, "Update Audit Log Schema"), commas outside and semicolons inside."""
        asked = ";".join(values.get(name, "") for name in ("file", "version", "timestamp"))
        served = ";".join((IMAGE, SIGNATURE, version, TIMESTAMP)) if version else ""
        row = [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", client]
        row += [
            values.get(name, "") for name in ("device_type", "mac", "serial", "vendor", "model", "revision", "locale")
        ]
        row += [asked, served, values.get("user", "")]
        line = ",".join(re.sub(r"[\x00-\x1f\x7f,#]", " ", value) for value in row)
        with self._lock, self.audit_log.open("a", encoding="utf-8") as file:
            if not file.tell():
                file.write(_HEADER + "\n")
            file.write(line + "\n")


def read_request(body: bytes) -> dict[str, str] | None:
    """The values of an update request by our names, however its elements are called; None if it cannot be read."""
    document, _ = decode_body(body, None)
    nodes = None if document is None else parse_nodes(document)[0]
    if nodes is None:
        return None
    values: dict[str, str] = {}
    for name, text in _leaf_values(nodes):
        key = _VALUE_OF.get(re.sub(r"[^a-z0-9]", "", name.lower()))
        if key is not None and text.strip():
            values.setdefault(key, text.strip())
    return values if {"device_type", "mac", "serial", "model"} & values.keys() else None


def _leaf_values(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        yield from ((name.rpartition("}")[2], text) for name, text in node.attributes)
        if node.leaf:
            yield node.name.rpartition("}")[2], node.text


def _plain_mac(text: str) -> str:
    return re.sub(r"[^0-9a-f]", "", text.lower()) if re.fullmatch(r"[0-9A-Fa-f:.\-]{12,17}", text) else ""


def _is_newer(version: str, installed: str) -> bool:
    def version_numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d{1,9}", text))

    return version_numbers(version) > version_numbers(installed)


def _ntlm_refusal(request: LabRequest) -> Reply | None:
    """The refusal of an anonymous request on the external path, which takes NTLM by default; None when signed in.

    Microsoft, "Managing Device Update Service". The lab does not check the password.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    message = b""
    if scheme.lower() == "ntlm":
        try:
            message = base64.b64decode(token, validate=True)
        except binascii.Error:
            message = b""
    if message.startswith(_NTLM + b"\x03"):
        return None
    if message.startswith(_NTLM + b"\x01"):
        return error_page(401, ("WWW-Authenticate", f"NTLM {base64.b64encode(_NTLM_CHALLENGE).decode()}"))
    return error_page(401, ("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM"))


def error_page(status: int, *headers: tuple[str, str]) -> Reply:
    """A page as web servers send with an error."""
    body = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    return Reply(status=status, headers=(("Content-Type", "text/html"), *headers), body=body.encode())
