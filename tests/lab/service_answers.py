"""What the lab's update service answers to requests of every kind, and what it writes into its audit log, as text.

``python -m tests.lab.service_answers`` writes ``service_answers.txt`` anew; read the difference before you commit it.
"""

import base64
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.recorded_texts import read_texts, write_cases
from ucdiag.lab.http_server import LabRequest
from ucdiag.lab.scenario import Reply, Rule, Update
from ucdiag.lab.update_service import UpdateService

FILE = Path(__file__).with_name("service_answers.txt")
PATH, OUTSIDE = "/RequestHandler/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx"
NTLM_1 = "NTLM " + base64.b64encode(b"NTLMSSP\0\1\0\0\0").decode()
NTLM_3 = "ntlm " + base64.b64encode(b"NTLMSSP\0\3\0\0\0").decode()


def body(version: str = "1.0.522.101", **more: str) -> bytes:
    values = {
        "DeviceType": "UCPhone",
        "MACAddress": "00-04-F2-AA-BB-CC",
        "SerialNumber": "AB37_679e",
        "Vendor": "Polycom",
        "Model": "CX700",
        "Revision": "A",
        "Locale": "ENU",
        "Version": version,
        **more,
    }
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if value)
    return f"<Request>{inside}</Request>".encode()


def request(data: bytes, *, method: str = "POST", path: str = PATH, **headers: str) -> LabRequest:
    named = {"host": "ucupdates-r2.contoso.example", **headers}
    return LabRequest(method=method, target=path, headers=named, body=data, client="127.0.0.1")


PHONE = request(body())
PENDING = Update(rules=(Rule(approved=None, pending="4.0.7577.4387"),), test_devices=("0004F2AABBCC", "other"))
ATTRIBUTES = (
    b'<r device-type="UCPhone" mac="0004f2aabbcc" brand="polycom" model="cx700" rev="a" language="enu" firmware="1.0"/>'
)

SERVICES: dict[str, tuple[Update, list[LabRequest]]] = {
    "an older phone": (Update(), [PHONE]),
    "phones of other versions": (
        Update(),
        [request(body(version)) for version in ("3.5.6907.35", "3.5.6907.36", "", "4")],
    ),
    "different versions": (
        Update(offers="different"),
        [request(body(version)) for version in ("3.5.6907.35", "3.5.6907.36", "3.5.6907.34")],
    ),
    "any version": (Update(offers="any"), [request(body("3.5.6907.35"))]),
    **{
        f"shape {shape}": (Update(shape=shape), [PHONE, request(body("3.5.6907.35"))])
        for shape in ("attribute", "element", "text", "counted")
    },
    "a namespace": (Update(shape="element", namespace="urn:x"), [PHONE, request(body("9"))]),
    "blank stores": (Update(internal_store="", external_store=""), [PHONE]),
    "no stores": (Update(internal_store=None, external_store=None), [PHONE]),
    "counted, blank stores": (Update(shape="counted", internal_store="", external_store=None), [PHONE]),
    "other phones": (
        Update(),
        [request(body(**{name: "other"})) for name in ("DeviceType", "Vendor", "Model", "Revision", "Locale")],
    ),
    "two rules": (
        Update(rules=(Rule(model="CX600"), Rule(approved="3.5.6907.99"))),
        [PHONE, request(body(Model="cx600"))],
    ),
    "nothing approved": (Update(rules=(Rule(approved=None), Rule())), [PHONE]),
    "no rules": (Update(rules=()), [PHONE]),
    "a test device": (PENDING, [PHONE]),
    "a test device by its serial number": (replace(PENDING, test_devices=("ab37_679E",)), [PHONE]),
    "no test device": (
        replace(PENDING, test_devices=("00:04:f2:aa:bb:cd", "")),
        [PHONE, request(body(SerialNumber=""))],
    ),
    "attributes": (Update(), [request(ATTRIBUTES)]),
    "no request": (
        Update(),
        [request(data) for data in (b"", b"<a>", b"<a/>", b"x=1", b"<a><Version>1</Version></a>")],
    ),
    "other methods": (Update(), [request(b"", method=method) for method in ("GET", "HEAD", "PUT")]),
    "outside": (
        Update(),
        [
            request(body(), path=OUTSIDE),
            request(body(), path=OUTSIDE.lower(), authorization=NTLM_1),
            request(body(), path=OUTSIDE, authorization=NTLM_3),
            request(body(), path=OUTSIDE, authorization="NTLM ???"),
            request(body(), path=OUTSIDE, authorization="Basic YTpi"),
        ],
    ),
    "by address": (
        Update(by_address=Reply(status=404)),
        [request(body(), host="192.0.2.10:80"), request(body(), host="192.0.2.10"), PHONE],
    ),
    "another status, twice": (Update(reply=Reply(status=503, times=2)), [PHONE, PHONE, PHONE]),
    "another body": (Update(reply=Reply(body=b"x")), [PHONE]),
    "another way": (Update(reply=Reply(how="cut", chunked=True, gzip=True, headers=(("X", "y"),))), [PHONE]),
    "hostile values": (
        Update(),
        [request(body(Vendor="Polycom", UserName="a,b#c", FileName="x\ny", TimeStamp="&lt;z&gt;"))],
    ),
}


def text_of(update: Update, requests: list[LabRequest]) -> str:
    """The answers, then the log; its times are left out."""
    with tempfile.TemporaryDirectory() as name:
        service = UpdateService(update, Path(name))
        lines = []
        for number, one in enumerate(requests, 1):
            reply = service.answer_request(one)
            more = f" {reply.how}{' chunked' if reply.chunked else ''}{' gzip' if reply.gzip else ''}"
            heads = "; ".join(f"{header}: {value}" for header, value in reply.headers)
            body_ = (reply.body or b"").replace(b"\r", b"").decode().strip()
            lines.append(f"{number}: {reply.status}{more} [{heads}]\n  {body_}")
        log = service.audit_log.read_text(encoding="utf-8") if service.audit_log.exists() else "no log"
        where = str(service.audit_log.relative_to(name))
    shown = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "NOW", log.strip(), flags=re.MULTILINE)
    return "\n".join([*lines, re.sub(r"\d{8}", "DATE", where), shown])


CASES: dict[str, Callable[[], str]] = {name: partial(text_of, *given) for name, given in SERVICES.items()}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
