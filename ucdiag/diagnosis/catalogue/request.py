"""Step 5, the request: the POST to ucdevice.upx and the HTTP status of its answer."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.diagnosis.catalogue.shared_commands import APPCMD, DROPS_SSL, LIST_VDIRS, REAL_BODY, WEB_SERVICES
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode

_HANDLER = ref.documented(
    "internal phones POST to /RequestHandler/ucdevice.upx, external ones to /RequestHandlerExt/ucdevice.upx",
    ref.GUIDE_23,
    ref.GUIDE_26,
    ref.GET_SERVICE,
)
_DIRECTORIES = ref.documented(
    "the virtual directories RequestHandler and RequestHandlerExt in IIS", ref.IIS_DIRECTORIES
)
_BODY_UNKNOWN = ref.background(
    "the exact XML of the request (element names, headers, spelling) is published nowhere, so the built-in body of "
    "the probe is a guess"
)
_LIST_APPS = f"{APPCMD} list app"
# Without data curl sends no Content-Length, and IIS answers 411 to that.
_CURL = 'curl -v -X POST --data "" --max-time 20 --resolve {host}:{port}:{address} "{scheme}://{host}:{port}{path}"'
_IIS_LOG = (
    'Get-ChildItem "$env:SystemDrive\\inetpub\\logs\\LogFiles" -Recurse -Filter *.log | '
    'Select-String -SimpleMatch "ucdevice.upx" '
    "| Select-Object -Last 20"
)
_LIST_ACCESS = f'{APPCMD} list config "<site name>/RequestHandler" /section:access'
_SSL_OFF = f'{APPCMD} set config "<site name>/RequestHandler" /section:access /sslFlags:None /commit:apphost'
_LIST_ADDRESSES = f'{APPCMD} list config "<site name>/RequestHandler" /section:ipSecurity'
_SSL_WANTED = Variant(
    name="403.4",
    fix="IIS requires SSL there (403.4): switch 'Require SSL' off on RequestHandler of the internal web site.",
    commands=(_CURL, _LIST_ACCESS, _SSL_OFF),
    who=Who.SERVER,
)
_ADDRESS_REFUSED = Variant(
    name="403.6",
    fix=(
        "IIS refuses the phone's address (403.6): add the phones' subnet under IP Address and Domain Restrictions of "
        "RequestHandler."
    ),
    commands=(_IIS_LOG, _LIST_ADDRESSES),
    who=Who.SERVER,
)
_CLIENT_CERTIFICATE = tuple(
    Variant(
        name=name,
        fix=(
            f"Set client certificates to Ignore under SSL Settings of RequestHandler and of its web site. IIS {why} "
            f"({name}). No document says that phones send a certificate for updates. {DROPS_SSL}"
        ),
        commands=(_IIS_LOG, _LIST_ACCESS, _SSL_OFF),
        who=Who.SERVER,
    )
    for name, why in (
        ("403.7", "wants a certificate of the client's, and the phone sent none"),
        ("403.13", "takes the phone's own certificate for revoked, or cannot tell"),
        ("403.16", "does not trust the phone's own certificate"),
        ("403.17", "takes the phone's own certificate for expired or not yet valid"),
    )
)
_CERTIFICATE_WANTED = Variant(
    name="client-certificate",
    fix=(
        "Do not ask for a client certificate on {path}. In nginx that is 'ssl_verify_client off' or 'optional' for the "
        "server of port {port}, on a load balancer its setting for client certificates. IIS behind it has the same "
        "under SSL Settings of RequestHandler. No document says that phones send a certificate for updates."
    ),
    commands=(
        "openssl s_client -connect {address}:{port} -servername {name}",
        'curl -v --max-time 20 --resolve {host}:{port}:{address} "{scheme}://{host}:{port}{path}"',
    ),
    who=Who.SERVER,
)
_HTTPS_PORT = Variant(
    name="https-port",
    fix=(
        "Give {address} a listener for plain http on port {port}, or have phones ask by https. The server speaks TLS "
        "on that port, and refuses who does not. If a URL or a setting names the port, correct its scheme there."
    ),
    commands=("openssl s_client -connect {address}:{port} -servername {name}", WEB_SERVICES),
    who=Who.SERVER,
)
_CONFIGURATION = Variant(
    name="500.19",
    fix=(
        "Open the page on the server itself: IIS then names the file and line of the configuration that it cannot use. "
        "It did not get as far as the update service (500.19). Usual causes are a web.config that may not be read "
        "(Win32 error 5), a section that is locked or there twice, and a missing module."
    ),
    commands=(
        _IIS_LOG,
        f'{APPCMD} list config "<site name>/RequestHandler"',
        LIST_VDIRS,
        'icacls "<folder behind RequestHandler>"',
    ),
    who=Who.SERVER,
)
_HANDLER_MISSING = Variant(
    name="500.21",
    fix=(
        "Register ASP.NET with IIS, and compare the handler mappings of RequestHandler with a server where it works. A "
        "handler names a module that is not there (500.21), so that the request did not reach the update service."
    ),
    commands=(
        _IIS_LOG,
        f'{APPCMD} list config "<site name>/RequestHandler" /section:handlers',
        f"{APPCMD} list config /section:isapiCgiRestriction",
    ),
    who=Who.SERVER,
)
_NO_RIGHTS = Variant(
    name="401.3",
    fix=(
        "Give the accounts of the application pool and of anonymous users read rights on the folder behind "
        "RequestHandler. Its rights refuse the request (401.3): Anonymous Authentication is not what is missing."
    ),
    commands=(LIST_VDIRS, 'icacls "<folder behind RequestHandler>"'),
    who=Who.SERVER,
)
_PORTAL = Variant(
    name="portal",
    fix=(
        "Exempt the phones' subnet, or the pool's address {address}, from the portal or web filter that answers: a "
        "phone cannot log in there. If a server of your own answers so, exempt {path} there, or correct the record of "
        "{name}."
    ),
    commands=(_CURL, "Resolve-DnsName -Name {name} -Type A", "tracert -d {address}"),
    who=Who.NETWORK,
)
_PROXY = Variant(
    name="proxy",
    fix=(
        "Exempt the phones' subnet, or the pool's address {address}, from the proxy that answers (the evidence names "
        "it). The request did not reach the update service, so that the logs there do not show it. If the proxy is to "
        "publish the pool, see its own log for the reason, and let it pass {path} on. If the record of {name} "
        "should not point to a proxy, correct it."
    ),
    commands=(_CURL, "Resolve-DnsName -Name {name} -Type A", "tracert -d {address}"),
    who=Who.NETWORK,
)
_OTHER_SERVER = Variant(
    name="other-server",
    fix=(
        "Find out what {address} is: its answer names {software} as the server, not IIS, where the update service "
        "runs. If it is not the pool, correct the record of {name}. If it is a proxy or load balancer before the pool, "
        "see its own log, and let it pass {path} on as it is."
    ),
    commands=(_CURL, "Resolve-DnsName -Name {name} -Type A"),
    who=Who.SERVER,
)
_TWO_LENGTHS = Variant(
    name="two-lengths",
    fix=(
        "Find what adds another Content-Length to the answers of {address} port {port}. It may be an HTTP response "
        "header that was added in IIS, a module there, or a proxy or load balancer before it. Have one length sent, "
        "that of the body."
    ),
    commands=(_CURL,),
    who=Who.SERVER,
)
_NOT_MODIFIED = Variant(
    name="not-modified",
    fix=(
        "Find the cache or proxy that answers for {address}, and exempt {path} there. No web server answers 304 to a "
        "POST. If {address} itself is a reverse proxy or load balancer, switch its cache off for this path."
    ),
    commands=(_CURL, "tracert -d {address}"),
    who=Who.NETWORK,
)
_REDIRECT_OFF = (
    _CURL,
    f'{APPCMD} list config "<site name>/RequestHandler" /section:httpRedirect',
    f'{APPCMD} set config "<site name>/RequestHandler" /section:httpRedirect /enabled:false /commit:apphost',
)
_ANOTHER_PAGE = Variant(
    name="another-page",
    fix=(
        "Find what sends {path} to another page, and switch it off for this path. It is a rule of a reverse proxy or "
        "load balancer at {address}, or HTTP Redirect or URL Rewrite in IIS. RequestHandler inherits those of its web "
        "site. If the page is one to log in, publish this path without a log-in. If {address} is not the pool, correct "
        "the record of {name}."
    ),
    commands=_REDIRECT_OFF,
    who=Who.SERVER,
)
_GATEWAY = Variant(
    name="gateway",
    fix=(
        "Find the server that gives no answer to the proxy or load balancer at {address}, whose log names it and the "
        "reason. Check that IIS and the application pool of RequestHandler run on that server. Check its address and "
        "port in the settings of the balancer or proxy, and the firewall between the two. See whether the health check "
        "asks a URL that still exists."
    ),
    commands=(
        _CURL,
        f"{APPCMD} list apppool",
        f'{APPCMD} start apppool "<application pool of RequestHandler>"',
    ),
    who=Who.SERVER,
)
_AFTER: tuple[FindingCode, ...] = ("download-not-tried",)
_BIG_PING = "ping -f -l 1472 {address}"
_ON_THE_WAY = (
    "Usual causes are a firewall that drops the data of open connections, or a smaller MTU while ICMP (type 3, code 4) "
    "is blocked. Tunnels and VPNs have a smaller MTU."
)
_HTTPERR = (
    'Get-ChildItem "$env:windir\\System32\\LogFiles\\HTTPERR" | Sort-Object LastWriteTime '
    "| Select-Object -Last 1 "
    "| Get-Content -Tail 20"
)
_IN_THE_LOGS = "The reason is in the IIS log or, for requests that never reach IIS, in the HTTPERR log."
_IN_ITS_LOGS = (
    "in the Application and Lync (Office Communications) event logs of that minute. Give the account of the handler's "
    "application pool Modify rights on DeviceUpdateFiles. Check that the disk is not full. Then recycle the pool."
)
_WHY_500 = (
    _IIS_LOG,
    "Get-WinEvent -FilterHashtable @{ LogName = 'Application'; Level = 2 } -MaxEvents 20",
    f"{APPCMD} list apppool /text:*",
    'icacls "<path of DeviceUpdateFiles>"',
    'icacls "<path of DeviceUpdateFiles>" /grant "<account of the application pool>:(OI)(CI)M"',
)
_NOT_ARRIVED = Variant(
    name="request-not-acknowledged",
    fix=(
        "Check the network between the phone and {address}. The request did not reach the server, so the server's logs "
        f"will not show it. {_ON_THE_WAY} Or the host failed, or a load balancer lost the connection, just after it "
        "opened. Ping from the phones' VLAN with full packets that must not be fragmented (1472 bytes), and capture at "
        "the server at the same time."
    ),
    commands=(_BIG_PING, "tracert -d {address}", _CURL),
    who=Who.NETWORK,
)
_ANSWER_NOT_ARRIVED = Variant(
    name="answer-not-acknowledged",
    fix=(
        "Check the network between {address} and the phone. The server retransmitted its answer, which the phone did "
        f"not acknowledge. {_ON_THE_WAY} Ping from the server to the phones' VLAN with full packets that must not be "
        "fragmented. Let ICMP type 3 pass, and capture at the phone."
    ),
    commands=(_BIG_PING, "tracert -d {address}", _CURL),
    who=Who.NETWORK,
)
_HUNG_UP = Variant(
    name="hung-up",
    fix=(
        "Check that the pool behind {address} has a healthy member for port {port} and that the web site there is "
        "started. The server ended the connection at once, before the phone sent a byte, so the phone is not at fault. "
        "A load balancer without a member, and some firewalls, open connections themselves and end them so."
    ),
    commands=("Test-NetConnection {address} -Port {port}", "curl -v --max-time 20 http://{address}:{port}/"),
    who=Who.SERVER,
)
_SIGN_IN_CUT = Variant(
    name="sign-in",
    fix=(
        "Enable HTTP keep-alive on the web site and on each reverse proxy and load balancer on the way. NTLM signs one "
        "connection in, and the server ended it before the sign-in was over. Each client needs its own connection to "
        "the server."
    ),
    commands=(f'{APPCMD} list config "<external site name>" /section:httpProtocol',),
    who=Who.SERVER,
)
_WORKER_ENDED = Variant(
    name="worker-ended",
    fix=(
        "See in the System log (source WAS) and the application log what became of the application pool of "
        "RequestHandler. The request arrived, and IIS gave it to that pool. Its worker process ended, or did not take "
        "it. Start or recycle the pool."
    ),
    commands=(
        "Get-WinEvent -FilterHashtable @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WAS' } -MaxEvents 20",
        "Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Application Error' } -MaxEvents 20",
        f"{APPCMD} list apppool",
        f'{APPCMD} recycle apppool "<application pool of RequestHandler>"',
    ),
    who=Who.SERVER,
)
_REST_NOT_ARRIVED = Variant(
    name="rest-not-arrived",
    fix=(
        "Check the network between the phone and {address}. The server waited for the rest of the request in vain. "
        f"{_ON_THE_WAY} Ping from the phones' VLAN with full packets that must not be fragmented (1472 bytes), and "
        "capture at the server."
    ),
    commands=(_BIG_PING, "tracert -d {address}", _CURL),
    who=Who.NETWORK,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="request-not-sent",
        step=Step.REQUEST,
        level=Level.INFORMATION,
        where="C",
        title="The phone connected and never sent its request",
        meaning=(
            "The connection opened, and no update request was seen on it. Either the connection was for something "
            "else (on an encrypted one the request cannot be seen), or the phone changed its mind."
        ),
        causes=(
            "The connection is https, and what is inside is not visible in a capture.",
            "The connection was for another service on the same server: address book, certificates, log upload.",
            "The capture lost packets, or began in the middle.",
            "The phone restarted or was signed in to just then.",
        ),
        fix=(
            "Capture again during a restart of the phone, and check on the server whether the request arrived. The "
            "IIS log and the update service's audit log (written every 5 minutes) list it with the phone's MAC "
            "address."
        ),
        commands=(_IIS_LOG, "ucdiag probe --address {address} --port {port} --mac {mac}"),
        who=Who.PHONE,
        sources=(
            ref.documented(
                "the audit log lists each request, by default flushed every 5 minutes",
                ref.AUDIT_LOG,
                ref.UPDATE_CONFIGURATION,
            ),
            _HANDLER,
        ),
        supersedes=_AFTER,
    ),
    Entry(
        code="http-no-answer",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The server took the request and never answered",
        meaning=(
            "The request arrived (TCP acknowledged it) and no response came. The phone waits and gives up; to its user "
            "nothing happens."
        ),
        causes=(
            "The application pool of the request handler hangs, or is starting up for the first time.",
            "The handler waits for something slow: the update share, the database, the directory.",
            "A load balancer accepted the request and has no working server behind it.",
            "A device in between waits to inspect the whole request or response.",
            "In a capture: the request or the answer was retransmitted and never acknowledged. It is lost on the way "
            "(a firewall, an MTU black hole).",
        ),
        fix=(
            "On the server, check the event log (source: the web components and ASP.NET), and that the folder "
            "DeviceUpdateFiles answers quickly. Then recycle the application pool of RequestHandler. Ask each server "
            "of the pool past the load balancer."
        ),
        commands=(
            _CURL,
            _LIST_APPS,
            _IIS_LOG,
            f"{APPCMD} list wp",
            f'{APPCMD} recycle apppool "<application pool of RequestHandler>"',
        ),
        who=Who.SERVER,
        sources=(
            ref.documented(
                "the handler runs in IIS, under the account of its pool, and uses the update share", ref.COMPONENTS
            ),
            ref.inferred("that a slow share delays the answer", ref.COMPONENTS),
        ),
        supersedes=_AFTER,
        variants=(_NOT_ARRIVED, _ANSWER_NOT_ARRIVED),
    ),
    Entry(
        code="http-closed",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The connection was closed before a complete response",
        meaning=(
            "The server, or something before it, closed or reset the connection without a response, or in the middle "
            "of one. The phone has nothing that it could read."
        ),
        causes=(
            "A firewall or intrusion prevention system cuts requests that it does not know.",
            "A load balancer resets the connection because no member of the pool is healthy.",
            "The port speaks TLS, and the request was sent in plain text (or the other way round).",
            "The worker process crashed on the request.",
        ),
        fix=(
            "Find out who sent the reset or the FIN: compare its TTL with the server's other packets. Or send the "
            "request from the server's own subnet. See the application log for a crash of w3wp.exe. If the port is "
            "an https one, use https."
        ),
        commands=(
            _CURL,
            "openssl s_client -connect {address}:{port}",
            "Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Application Error' } "
            "-MaxEvents 20",
            "netsh http show servicestate",
        ),
        who=Who.SERVER,
        sources=(
            ref.background(
                "how a response without its announced length ends", f"{ref.RFC_9110}, section 8.6; RFC 9112"
            ),
            _HANDLER,
        ),
        supersedes=_AFTER,
        variants=(_NOT_ARRIVED, _ANSWER_NOT_ARRIVED, _HUNG_UP, _SIGN_IN_CUT, _WORKER_ENDED, _REST_NOT_ARRIVED),
    ),
    Entry(
        code="http-not-http",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="What answered does not speak HTTP",
        meaning=(
            "Bytes came back, and they are no HTTP response. Another service listens on that port, or TLS where plain "
            "text was sent."
        ),
        causes=(
            "The port is an https port, and plain http was sent to it.",
            "The record points to a machine with another service on that port (SSH, SIP, a database).",
            "A device in between answers with its own protocol.",
            "The answer announces two different lengths (Content-Length), so that nobody can know where it ends.",
        ),
        fix=(
            "See what listens on port {port} of {address}. The pool's internal web site listens on 80 (http) and 443 "
            "(https). Correct the record of {name} if it points to another machine."
        ),
        commands=(
            "openssl s_client -connect {address}:{port}",
            "Get-NetTCPConnection -LocalPort {port} -State Listen",
            "netsh http show servicestate",
        ),
        who=Who.SERVER,
        sources=(_HANDLER, ref.inferred("a record that points to the wrong host", ref.GUIDE_23)),
        supersedes=_AFTER,
        variants=(_TWO_LENGTHS,),
    ),
    Entry(
        code="http-redirected",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The server redirects the update request",
        meaning=(
            "The answer sends the client to another URL. Nothing says that these phones follow a redirect, least of "
            "all with a POST, so the request counts as failed."
        ),
        causes=(
            "A rule on IIS or the load balancer sends all http requests to https.",
            "A captive portal or web filter redirects to its own page.",
            "A redirect on the web site's root (to the address of Outlook Web App, say) is inherited by "
            "RequestHandler.",
            "The record points to another web server.",
        ),
        fix=(
            "Exempt /RequestHandler and /RequestHandler/Files (R2: /DeviceUpdateFiles_Int) from the redirect to "
            "https: these phones use http inside. In IIS: switch HTTP Redirect and any URL Rewrite rule off for these "
            "directories."
        ),
        commands=_REDIRECT_OFF,
        who=Who.SERVER,
        sources=(
            ref.background("whether these phones follow a redirect was looked for and not found"),
            ref.documented("the store of internal files is a plain http URL", ref.GET_SERVICE, ref.GUIDE_26),
        ),
        supersedes=_AFTER,
        variants=(_PORTAL, _ANOTHER_PAGE, _NOT_MODIFIED),
    ),
    Entry(
        code="http-auth-required",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The internal update path asks for authentication (401)",
        meaning=(
            "The internal request handler must answer anybody: a phone that nobody has signed in to has no account to "
            "show. A first 401 followed by success is the normal course of NTLM and no fault; here no success "
            "followed."
        ),
        causes=(
            "Anonymous authentication was switched off on RequestHandler, or on the web site above it.",
            "The anonymous user (IUSR, or the pool's identity) may not read the directory.",
            "A reverse proxy asks for a sign-in before it passes the request on.",
            "The internal name resolves to the external web site.",
        ),
        fix=(
            "In IIS, on the virtual directory RequestHandler of the internal web site, enable Anonymous "
            "Authentication. Compare the other methods with a server where it works. On Windows Server 2003 (IIS 6): "
            "Directory Security, Anonymous access. Do not change RequestHandlerExt: there the 401 is right."
        ),
        commands=(
            _CURL,
            f'{APPCMD} list config "<site name>/RequestHandler" /section:anonymousAuthentication',
            f'{APPCMD} list config "<site name>/RequestHandler" /section:windowsAuthentication',
            f'{APPCMD} set config "<site name>/RequestHandler" /section:anonymousAuthentication '
            "/enabled:true /commit:apphost",
        ),
        who=Who.SERVER,
        sources=(
            ref.inferred(
                "wrong IIS authentication on that directory; no text mentions a 401 on the internal path",
                ref.IIS_DIRECTORIES,
            ),
            ref.documented(
                "external phones must authenticate (NTLM) since R2, internal ones not", ref.MANAGING, ref.GUIDE_23
            ),
        ),
        supersedes=_AFTER,
        variants=(_NO_RIGHTS, _PROXY, _OTHER_SERVER),
    ),
    Entry(
        code="http-proxy-auth",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="A proxy asks for authentication (407)",
        meaning=(
            "The answer comes from a proxy on the way, not from the update service. A phone has no proxy account, so "
            "its request never gets through."
        ),
        causes=(
            "A transparent proxy catches port 80 of the voice VLAN.",
            "The record or the route points to the proxy.",
            "The phone has a proxy (from WPAD or a policy) and sends it CONNECT.",
            "In an active check: a proxy was configured for it.",
        ),
        fix=(
            "Exempt the phones' subnet, or the pool's address {address}, from the proxy: the way between phones and "
            "pool must be direct."
        ),
        commands=(_CURL, "netsh winhttp show proxy", "tracert -d {address}"),
        who=Who.NETWORK,
        sources=(ref.documented("407 comes from a proxy", f"{ref.RFC_9110}, section 15.5.8"),),
        supersedes=_AFTER,
    ),
    Entry(
        code="http-forbidden",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The server forbids the update request (403)",
        meaning=(
            "The server understood the request and refuses it, to whoever asks this way. The phone cannot do better."
        ),
        causes=(
            "The directory requires SSL, and the request came over http (IIS 403.4).",
            "A restriction by IP address or domain does not include the voice VLAN (403.6, 403.503).",
            "A firewall or reverse proxy does not publish the path, and answers 403 itself.",
            "The directory's execute permission does not allow the handler (403.1).",
            "Outside: /RequestHandlerExt/* is not published, or the user has not signed in.",
        ),
        fix=(
            "If the IIS log has the sub-status 403.4, switch off 'Require SSL' on RequestHandler of the internal web "
            "site. If it has 403.6, add the phones' subnet under IP Address and Domain Restrictions. On a reverse "
            "proxy: publish /RequestHandlerExt/* and the path of the files."
        ),
        commands=(
            _IIS_LOG,
            _LIST_ACCESS,
            _LIST_ADDRESSES,
            _SSL_OFF,
        ),
        who=Who.SERVER,
        sources=(
            ref.IIS_MEANING,
            _DIRECTORIES,
            ref.inferred("a reverse proxy that does not publish the path", ref.IIS_DIRECTORIES),
            ref.documented("an external phone without a signed-in user is denied", ref.UPDATING_COPY),
        ),
        supersedes=_AFTER,
        variants=(_SSL_WANTED, _ADDRESS_REFUSED, *_CLIENT_CERTIFICATE, _PROXY, _OTHER_SERVER),
    ),
    Entry(
        code="http-not-found",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The update request's path does not exist on this server (404)",
        meaning=(
            "A web server answered that has no such path. Mostly it is the wrong server; otherwise the update service "
            "is not installed on it."
        ),
        causes=(
            "The record points to another web server (an intranet site, a proxy, the wrong pool).",
            "The Device Update Service (web components) is not installed on this server, or its virtual directory was "
            "removed.",
            "The request went to the external web site, which has RequestHandlerExt only.",
            "The site is chosen by host header, and the name ucupdates-r2 ends at another site of the same server.",
            "The .upx handler mapping is missing, or request filtering refuses it (404.2, 404.7).",
        ),
        fix=(
            "Check that {address} is the pool, and that IIS there has the application RequestHandler below the "
            "internal web site. If it is missing, repair the web components: R2 from its setup, later versions with "
            "Step 2 of the Deployment Wizard (or Enable-CsComputer). A binding with a host name must include {name}, "
            "or be empty."
        ),
        commands=(
            _CURL,
            _LIST_APPS,
            LIST_VDIRS,
            WEB_SERVICES,
            f"{APPCMD} list site",
            "Enable-CsComputer",
        ),
        who=Who.SERVER,
        sources=(_HANDLER, _DIRECTORIES, ref.IIS_MEANING, ref.inferred("another web server answers", ref.GUIDE_23)),
        supersedes=_AFTER,
        variants=(_PROXY, _OTHER_SERVER),
    ),
    Entry(
        code="http-method-refused",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The server does not allow POST on that path (405)",
        meaning=(
            "The path exists, and a POST is not allowed on it: a static file or another application answers in the "
            "handler's place."
        ),
        causes=(
            "The handler for .upx is not mapped, so that IIS treats ucdevice.upx as a static file.",
            "ASP.NET is not registered with IIS, or its ISAPI extension is not allowed.",
            "Another web server answers, which allows GET only.",
            "A reverse proxy lets GET pass only.",
        ),
        fix=(
            "Compare the handler mappings of RequestHandler with a server where it works, and check that ASP.NET is "
            "allowed under ISAPI and CGI Restrictions. If another server answers, correct the record of {name}."
        ),
        commands=(
            _CURL,
            f'{APPCMD} list config "<site name>/RequestHandler" /section:handlers',
            f"{APPCMD} list config /section:isapiCgiRestriction",
        ),
        who=Who.SERVER,
        sources=(ref.IIS_MEANING, _DIRECTORIES, ref.documented("the method is POST", ref.GUIDE_23, ref.GUIDE_26)),
        supersedes=_AFTER,
        variants=(_PROXY, _OTHER_SERVER),
    ),
    Entry(
        code="http-server-error",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The request handler failed (500)",
        meaning=(
            "The server met an error of its own while it handled the request. To a request of a real phone that is a "
            "fault of the server. For the probe's built-in request it proves little: the phone's exact XML is not "
            "published, and the handler may reject the guess. Then the verdict is inconclusive."
        ),
        causes=(
            "To the built-in request: the handler cannot read a body that is not exactly a phone's.",
            "The handler cannot read or write the update share (DeviceUpdateFiles): rights, quota, or a full disk.",
            "The handler's account (RTCComponentService in R2) is locked, or its password has expired.",
            "ASP.NET or the web components are damaged, or half patched.",
            "The database or configuration store cannot be reached.",
        ),
        fix=(
            "First make sure that the request was good: record a real phone's request and send that. If it fails "
            f"too, look {_IN_ITS_LOGS}"
        ),
        commands=(*REAL_BODY, *_WHY_500),
        who=Who.SERVER,
        sources=(
            _BODY_UNKNOWN,
            ref.IIS_MEANING,
            ref.documented(
                "the handler runs as the identity of its pool, RTCComponentService by default", ref.COMPONENTS
            ),
            ref.inferred("that missing rights on the share end in 500", ref.COMPONENTS, ref.PLANNING_R2),
            ref.documented("a full log store is warned of; set a quota on DeviceUpdateFiles", ref.DEPLOYING_LYNC),
        ),
        supersedes=_AFTER,
        variants=(
            Variant(name="real-request", fix=f"Look {_IN_ITS_LOGS}", commands=_WHY_500, who=Who.SERVER),
            _CONFIGURATION,
            _HANDLER_MISSING,
            _PROXY,
        ),
    ),
    Entry(
        code="http-unavailable",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The service is unavailable (502, 503 or 504)",
        meaning=(
            "Something else reports that the service is unavailable: IIS for a stopped application pool, or a load "
            "balancer for a server without an answer. The phone tries again at its next check."
        ),
        causes=(
            "The application pool of RequestHandler is stopped, often after several crashes or because its account's "
            "password has expired (503).",
            "The load balancer has no healthy member (503), or the member does not answer it (502, 504).",
            "The server is starting, or in maintenance.",
        ),
        fix=(
            "Start the application pool of RequestHandler, and see in the System log (source WAS) why it stopped; "
            "renew its account's password if that is why. On the load balancer: see the health check of port {port}, "
            "and whether it asks a URL that still exists."
        ),
        commands=(
            f"{APPCMD} list apppool",
            "Get-WinEvent -FilterHashtable @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WAS' } -MaxEvents "
            "20",
            "Get-CsWindowsService",
            f'{APPCMD} start apppool "<application pool of RequestHandler>"',
        ),
        who=Who.SERVER,
        sources=(
            ref.IIS_MEANING,
            ref.documented("502, 503 and 504", f"{ref.RFC_9110}, sections 15.6.3 to 15.6.5"),
            ref.documented("the handler runs in an application pool with an account of its own", ref.COMPONENTS),
        ),
        supersedes=_AFTER,
        variants=(_GATEWAY,),
    ),
    Entry(
        code="http-status",
        step=Step.REQUEST,
        level=Level.ERROR,
        where="AC",
        title="The server answered the request with an error status",
        meaning=(
            "The status is neither success nor one of those that have an entry of their own. To the probe's built-in "
            "request, 400, 406, 411, 413, 415 and 422 are inconclusive: they refuse what it carries. The phone's exact "
            "headers and XML are not published. To the request of a real phone each of them is a fault."
        ),
        causes=(
            "400, 406, 415, 422 to the built-in request: the handler, or a filter before it, does not accept a guessed "
            "body or its headers.",
            "400 by host header: the web server does not know the name that was asked for.",
            "411, 413, 415: a proxy or IIS limit on the length or kind of the body.",
            "A reverse proxy or web application firewall has its own status for what it blocks.",
            "511: a captive portal wants whoever is behind it to log in.",
        ),
        fix=(
            "Repeat with a real phone's request before you change anything on the server. "
            f"The server answered {{status}}. {_IN_THE_LOGS}"
        ),
        commands=(*REAL_BODY, _IIS_LOG, _HTTPERR),
        who=Who.SERVER,
        sources=(
            _BODY_UNKNOWN,
            ref.IIS_MEANING,
            ref.documented("the status codes", f"{ref.RFC_9110}, section 15"),
            ref.documented("511 comes from a portal on the way, not from the server", "RFC 6585, section 6"),
        ),
        supersedes=_AFTER,
        variants=(
            _PORTAL,
            _PROXY,
            _CERTIFICATE_WANTED,
            _HTTPS_PORT,
            _OTHER_SERVER,
            Variant(
                # A real phone sent it, not an active command that guesses: it need not be tried again.
                name="real-request",
                fix=(
                    "See the IIS log for the reason or, for requests that never reach IIS, the HTTPERR log. The server "
                    "answered {status} to a real phone's request. If a proxy or a portal answers before IIS (the "
                    "evidence may name it), see its log, and its limits of size and rate."
                ),
                commands=(_IIS_LOG, _HTTPERR),
                who=Who.SERVER,
            ),
        ),
    ),
    Entry(
        code="external-sign-in-needed",
        step=Step.REQUEST,
        level=Level.INFORMATION,
        where="AC",
        title="The external path asks for a sign-in, as it is designed to",
        meaning=(
            "Outside the network the update service answers authenticated phones only (NTLM). A 401 to a request "
            "without an account shows that the path is published and works so far. Whether an update would follow is "
            "not known without a sign-in."
        ),
        causes=(
            "The request was sent without an account, as this program does.",
            "Nobody has signed in on the phone yet.",
            "The phone's first try: the server refuses anonymous access, and the phone repeats it with its account.",
        ),
        fix=(
            "Nothing is broken. Sign in on the phone. If a signed-in phone fails outside, check that the reverse "
            "proxy passes NTLM through to the external web site (4443). Check that the path of the files "
            "(/RequestHandlerExt/Files, R2: /DeviceUpdateFiles_Ext) is published too."
        ),
        commands=(
            f'{APPCMD} list config "<external site name>/RequestHandlerExt" /section:windowsAuthentication',
            WEB_SERVICES,
        ),
        who=Who.PHONE,
        sources=(
            ref.documented("external devices need NTLM since R2", ref.MANAGING),
            ref.documented(
                "an external phone is denied without a signed-in user; with one, the first answer says that anonymous "
                "access is not supported, and the phone repeats over port 443",
                ref.UPDATING_COPY,
            ),
            ref.field_report("the path answers with NTLM", ref.SCANNER),
            ref.background("phones of that time send no channel binding with NTLM"),
        ),
        supersedes=_AFTER,
        variants=(
            Variant(
                name="not-continued",
                fix=(
                    "NTLM needs one connection for the whole sign-in. Let the reverse proxy or load balancer keep the "
                    "connection to the server for each client, and pass WWW-Authenticate and Authorization on."
                ),
                commands=(
                    f'{APPCMD} list config "<external site name>/RequestHandlerExt" /section:windowsAuthentication',
                ),
                who=Who.SERVER,
            ),
        ),
    ),
    Entry(
        code="external-sign-in-refused",
        step=Step.REQUEST,
        level=Level.INFORMATION,
        where="AC",
        title="The external path refused this account",
        meaning=(
            "The server took part in the whole sign-in (NTLM) and answered 401 again. The path is published and works "
            "up to there. From the account of a test nothing follows for phones, which have accounts of their own."
        ),
        causes=(
            "The user name or the password is wrong.",
            "The account is locked, expired, or may not sign in to this server.",
            "A reverse proxy changes the headers of the sign-in, or spreads it over two connections.",
        ),
        fix=(
            "Check the user name, as DOMAIN\\name or name@domain, and the password, and that the account may sign in "
            "from outside. Then repeat the probe. Each wrong password counts towards the account's lockout; over https "
            "one run counts twice."
        ),
        commands=('ucdiag probe --external --address {address} --user "<DOMAIN\\name>"',),
        who=Who.SERVER,
        sources=(ref.documented("external devices need NTLM since R2", ref.MANAGING),),
        supersedes=_AFTER,
        variants=(
            Variant(
                name="phone",
                fix=(
                    "The phone has an account, and the server does not take it. Sign out on the phone, and sign in "
                    "again with the password of today. Check that the account is not locked or expired, and that it "
                    "may sign in from outside. If a test from outside succeeds with the same account, the phone's "
                    "sign-in is spoiled on its way. A reverse proxy may change its headers, or Extended Protection is "
                    "set to Required on the external web site."
                ),
                commands=('ucdiag probe --external --address {address} --user "<DOMAIN\\name>"',),
                who=Who.PHONE,
            ),
        ),
    ),
    Entry(
        code="external-sign-in-binding",
        step=Step.REQUEST,
        level=Level.WARNING,
        where="A",
        title="The external path takes a sign-in only with a channel binding",
        meaning=(
            "The same account was refused without a binding to the TLS connection and taken with one: Extended "
            "Protection is set to Required. Phones of that time are not known to send a binding. Whether your phones "
            "send one is not known."
        ),
        causes=(
            "Extended Protection of Windows authentication is set to Required on the external web site.",
            "A hardening script or a group policy set it for the whole server.",
        ),
        fix=(
            "Set Extended Protection of Windows authentication to Off, or to Accept, for RequestHandlerExt and "
            "the files' path on the external web site. A reverse proxy that ends TLS breaks a binding in any "
            "case."
        ),
        commands=(
            f'{APPCMD} list config "<external site name>/RequestHandlerExt" /section:windowsAuthentication',
            f'{APPCMD} set config "<external site name>/RequestHandlerExt" '
            "/section:windowsAuthentication /extendedProtection.tokenChecking:None /commit:apphost",
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("external devices need NTLM since R2", ref.MANAGING),
            ref.background("phones of that time send no channel binding with NTLM"),
        ),
        supersedes=_AFTER,
    ),
    Entry(
        code="check-overdue",
        step=Step.REQUEST,
        level=Level.WARNING,
        where="C",
        title="The phone is alive and did not check for updates again",
        meaning=(
            "Such a phone checks for updates at power-on, at sign-in and every 24 hours. This one was seen alive more "
            "than 25 hours after its last check, and no check came."
        ),
        causes=(
            "The phone hangs in part: it answers, and its timer does not run.",
            "Its check went another way, which this capture does not show: another interface, port or server.",
            "Updates were switched off for the phone after it signed in.",
        ),
        fix=(
            "Restart the phone with the capture on: it must check at power-on. If it does, and misses the next check "
            "24 hours later, look at Last Update Request on its System Information screen."
        ),
        commands=("sudo ucdiag capture -i <interface> --mac {mac}",),
        who=Who.PHONE,
        sources=(
            ref.documented(
                "a phone checks at power-on, at sign-in and every 24 hours", ref.PROCESS_LYNC, ref.UPDATE_CONFIGURATION
            ),
            ref.documented("in-band settings switch updates on and off", ref.PROVISIONING),
            ref.field_report("Last Update Request shows whether the phone tried", ref.UCPLAYA),
        ),
    ),
)
