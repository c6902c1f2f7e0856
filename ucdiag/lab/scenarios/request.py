"""Step 5: the POST and its HTTP answer."""

from ucdiag.lab.scenario import POOL, R2_NAME, Answer, Check, Expect, Host, Reply, Scenario, TlsSetting, Web
from ucdiag.lab.scenarios.base import HTML, PAGE, broken, site, site_answering, site_with_status, unknown
from ucdiag.model.vocabulary import FindingCode

_LONG, _SHORT = Check(), Check(timeout=1.0)


def _request_scenario(
    code: FindingCode, title: str, summary: str, reply: Reply, name: str | None = None, check: Check = _LONG
) -> Scenario:
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site_answering(reply),
        check=check,
        expect=broken("request", code),
    )


def _status_scenario(
    code: FindingCode, number: int, title: str, summary: str, *headers: tuple[str, str], name: str | None = None
) -> Scenario:
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site_with_status(number, *headers),
        expect=broken("request", code),
    )


def _guess_scenario(name: str, number: int, expect: Expect) -> Scenario:
    return Scenario(
        name=name,
        title=f"{number} to the built-in request",
        summary="The built-in request is a guess: that a server dislikes it proves nothing.",
        site=site_with_status(number),
        check=Check(verified=False),
        expect=expect,
    )


SCENARIOS = (
    _request_scenario(
        "http-no-answer",
        "The server takes the request and says nothing",
        "The connection stays open and no byte comes.",
        Reply(how="silent"),
        check=_SHORT,
    ),
    _request_scenario(
        "http-no-answer",
        "The server begins to answer and does not finish",
        "Half of the answer comes, then nothing; the connection stays open.",
        Reply(how="stall"),
        "http-unfinished",
        check=_SHORT,
    ),
    _request_scenario(
        "http-no-answer",
        "The answer comes byte by byte",
        "A byte every fifth of a second: no phone waits so long, and neither does the check.",
        Reply(how="trickle"),
        "http-trickle",
        check=_SHORT,
    ),
    _request_scenario(
        "http-closed",
        "The server hangs up",
        "It takes the request and closes the connection without an answer.",
        Reply(how="close"),
    ),
    _request_scenario(
        "http-closed",
        "The connection is reset",
        "It takes the request and resets the connection, as a filter does that dislikes what it reads.",
        Reply(how="reset"),
        "http-reset",
    ),
    _request_scenario(
        "http-closed",
        "The answer is cut",
        "The length is announced, half of it comes, then the connection is closed.",
        Reply(how="cut"),
        "http-cut",
    ),
    _request_scenario(
        "http-not-http",
        "What answers does not speak HTTP",
        "Bytes of no protocol come back.",
        Reply(how="garbage"),
    ),
    _status_scenario(
        "http-redirected",
        302,
        "The server redirects",
        "The answer is 302 to https, which such a phone does not follow.",
        ("Location", "https://ucupdates-r2.contoso.example/RequestHandler/ucdevice.upx"),
    ),
    _status_scenario(
        "http-auth-required",
        401,
        "The internal path wants a sign-in",
        "Anonymous access is off in IIS, on the path that phones use before anybody has signed in.",
        ("WWW-Authenticate", "Negotiate"),
        ("WWW-Authenticate", "NTLM"),
    ),
    _status_scenario(
        "http-proxy-auth",
        407,
        "A proxy stands in between",
        "What answers is a proxy that wants a user name and password.",
        ("Proxy-Authenticate", 'Basic realm="proxy"'),
    ),
    _status_scenario("http-forbidden", 403, "The request is forbidden", "The web server answers 403."),
    Scenario(
        name="http-not-found",
        title="The path does not exist",
        summary="Another web server answers at the address: it knows no /RequestHandler.",
        site=site(ports={80: Web(update=None)}),
        expect=broken("request", "http-not-found"),
    ),
    _status_scenario(
        "http-method-refused",
        405,
        "POST is not allowed",
        "A plain web server answers: it takes GET alone.",
        ("Allow", "GET"),
    ),
    _status_scenario(
        "http-server-error", 500, "The service fails inside", "500 to a request as a real phone sends it."
    ),
    _status_scenario(
        "http-unavailable",
        503,
        "The service is not available",
        "503, as IIS gives when the application pool is stopped.",
    ),
    _status_scenario(
        "http-unavailable",
        502,
        "A reverse proxy gets no answer",
        "502: the pool behind it is down.",
        name="http-bad-gateway",
    ),
    _status_scenario("http-status", 418, "A status of no use", "The answer is 418."),
    _guess_scenario("guess-server-error", 500, unknown("request", "http-server-error")),
    _guess_scenario("guess-bad-request", 400, unknown("request", "http-status")),
    Scenario(
        name="http-one-of-two",
        title="One of two pool members is out of order",
        summary="ucupdates-r2 has two addresses; the second answers 503, to every phone that draws it.",
        site=site(
            {R2_NAME: Answer(addresses=(POOL, "192.0.2.11"))},
            hosts=(Host(), Host(address="192.0.2.11", ports={80: Web(everything=Reply(status=503))})),
        ),
        check=Check(firmware="1.0.522.101"),
        expect=broken("request", "http-unavailable"),
    ),
    Scenario(
        name="external-not-published",
        title="The reverse proxy does not publish the outside path",
        summary="Outside, /RequestHandlerExt/ is answered with 403.",
        site=site(
            ports={443: Web(tls=TlsSetting(), everything=Reply(status=403, headers=(HTML,), body=PAGE))},
        ),
        check=Check(external=True),
        expect=broken("request", "http-forbidden"),
    ),
)
