"""Step 4, the handshake, where https is used."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.diagnosis.catalogue.shared_commands import APPCMD, DROPS_SSL
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode

_HTTPS = ref.documented(
    "the external path is https, and so is the internal one in the Lync 2013 sample", ref.GUIDE_26, ref.GET_SERVICE
)
_NO_SHA2 = ref.documented("SHA-2 is not supported by the phone", ref.GUIDE_26)
_TRUST = ref.documented(
    "the phone trusts the public roots that are built in; a private root cannot be installed by hand, it is fetched "
    "over the network, from Active Directory or from the enrolment page",
    ref.ROOT_CA,
)
_ONCE = ref.field_report(
    "the chain is fetched only at the very first connection; after a change of the CA the phone needs a reset",
    ref.MSXFAQ,
)
_TLS_10 = (
    ref.field_report("Lync Phone Edition does not support TLS 1.2", ref.BUMPINTHE, ref.TLS_LIMITS),
    ref.background("TLS 1.0 is the highest version of Lync Phone Edition and of the firmware before it"),
)
_LOOK = "openssl s_client -connect {address}:{port} -servername {name} -showcerts"
_HUNG_UP = Variant(
    name="hung-up",
    fix=(
        "Check that the pool behind {address} has a healthy member for port {port} and that https is bound there. The "
        "server ended the connection at once, before the phone sent a byte, so no certificate and no version is at "
        "fault. A load balancer without a member, and some firewalls, open connections themselves and end them so."
    ),
    commands=("Test-NetConnection {address} -Port {port}", "openssl s_client -connect {address}:{port}"),
    who=Who.SERVER,
)
_CLIENT_CERTIFICATE = Variant(
    name="client-certificate",
    fix=(
        "Set client certificates to Ignore where port {port} of {address} is served. In IIS that is under SSL Settings "
        "of RequestHandler and of its web site; in HTTP.SYS it is 'Negotiate Client Certificate' of the binding. The "
        "server asks for a certificate of the phone's own, and hangs up on phones without one that it accepts. No "
        f"document says that phones send one for updates. {DROPS_SSL}"
    ),
    commands=(
        "openssl s_client -connect {address}:{port} -servername {name}",
        "netsh http show sslcert",
        f'{APPCMD} list config "<site name>/RequestHandler" /section:access',
        f'{APPCMD} set config "<site name>/RequestHandler" /section:access /sslFlags:None /commit:apphost',
    ),
    who=Who.SERVER,
)
_NOT_TLS = Variant(
    name="not-tls",
    fix=(
        "Find out what listens on port {port} of {address}. If it is the pool's web site, its binding of this port is "
        "plain http: make it https and give it the pool's certificate. On a load balancer or reverse proxy, the "
        "listener of this port must be TLS, or pass TLS through. If it is another program, give it another port."
    ),
    commands=(
        'curl -v --max-time 20 "http://{address}:{port}/"',
        "netsh http show sslcert",
        "netstat -ano -p TCP",
        f"{APPCMD} list site",
    ),
    who=Who.SERVER,
)
_HELLO_REFUSED = Variant(
    name="hello-refused",
    fix=(
        "Check that port {port} of {address} has a certificate whose private key can be read. It must be allowed "
        "TLS 1.0 and a cipher suite that such a phone has. The server ended the connection on the phone's first "
        "message, without an alert. Windows does so where the binding has no certificate (HTTP.SYS) or where it "
        "accepts none of the versions offered. Its System event log then has an entry of Schannel. A load balancer "
        "without a profile for TLS, and a firewall, do the same."
    ),
    commands=(
        "openssl s_client -connect {address}:{port} -tls1 -cipher DEFAULT@SECLEVEL=0",
        "netsh http show sslcert",
        "Get-WinEvent -FilterHashtable @{ LogName = 'System'; ProviderName = 'Schannel' } -MaxEvents 20",
        "Get-TlsCipherSuite",
    ),
    who=Who.SERVER,
)
_CERTIFICATE_REFUSED = Variant(
    name="certificate-refused",
    fix=(
        "Look at the certificate of {address}: the phone refused it by its alert. It must name {name}, its dates must "
        "hold, its chain must be whole, and it must be for server authentication, with an RSA key. An old phone "
        "verifies SHA-1 alone. Request a new one that fits."
    ),
    commands=(_LOOK, "Get-CsCertificate -Type WebServicesInternal"),
    who=Who.SERVER,
)
_LOOK_OLD = "openssl s_client -connect {address}:{port} -tls1 -cipher DEFAULT@SECLEVEL=0"
_CERTIFICATES = "Get-CsCertificate -Type WebServicesInternal"
_NEW_CERTIFICATE = (
    'Request-CsCertificate -New -Type WebServicesInternal -CA "<CA server\\CA name>" -DomainName "{name}"',
    "Set-CsCertificate -Type WebServicesInternal -Thumbprint <thumbprint of the new certificate>",
)
_SCHANNEL = r"'HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.0\Server'"
_AFTER: tuple[FindingCode, ...] = ("request-not-sent", "download-not-tried")

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="tls-no-answer",
        step=Step.TLS,
        level=Level.ERROR,
        where="AC",
        title="The server accepted the connection and did not answer the TLS greeting",
        meaning=(
            "TCP is open, the ClientHello was sent, and nothing came back. The phone gets no further than the open "
            "connection."
        ),
        causes=(
            "A load balancer or firewall accepts the connection and has no working server behind it.",
            "A device that inspects TLS drops the old kind of ClientHello that such a phone sends.",
            "The service on that port is not a TLS service and waits for plain text.",
            "Packets above a certain size are lost on the way (MTU, a VPN).",
        ),
        fix=(
            "Try the handshake directly with a server of the pool. If it works there, check the load balancer's "
            "health check and its TLS settings for port {port}. Check whether a firewall inspects TLS between the "
            "phones and the pool, and exempt the phones' subnet."
        ),
        commands=(_LOOK, _LOOK_OLD, "Test-NetConnection {address} -Port {port}", "ping -f -l 1472 {address}"),
        who=Who.SERVER,
        sources=(_HTTPS,),
        supersedes=_AFTER,
    ),
    Entry(
        code="tls-version",
        step=Step.TLS,
        level=Level.ERROR,
        where="AC",
        title="Phone and server have no TLS version in common",
        meaning=(
            "These phones are from the time of TLS 1.0, and a server that was hardened since does not speak it any "
            "more. The handshake ends before the certificate, and nothing can be installed on the phone to change "
            "that."
        ),
        causes=(
            "TLS 1.0 was switched off on the server, by group policy or by a hardening script.",
            "The load balancer or reverse proxy allows TLS 1.2 and later only.",
            "A server on OpenSSL 3 (nginx, haproxy, stunnel) enables TLS 1.0, but its security level forbids it. It "
            "sends alert 80 (internal error) instead of 70.",
            "The version fits, and no cipher suite does (RC4 and 3DES removed), which some servers report the same "
            "way.",
        ),
        fix=(
            "Prefer the internal path over plain http, port 80, for the update, if the server offers it. Otherwise "
            "accept TLS 1.0 for the phones only, on a separate listener of the load balancer or reverse proxy. Let "
            "only the voice VLAN reach it. Do not enable TLS 1.0 for the whole server: that weakens everything else "
            "on it. On OpenSSL 3 such a listener needs security level 0 beside TLSv1 (nginx: ssl_ciphers "
            "DEFAULT:@SECLEVEL=0)."
        ),
        commands=(
            _LOOK_OLD,
            f"Get-ItemProperty -Path {_SCHANNEL}",
        ),
        who=Who.SERVER,
        sources=(
            *_TLS_10,
            ref.documented("alert 70 says that the protocol version is not supported", "RFC 5246, section 7.2.2"),
            ref.traced(
                "alert 80 to a hello of TLS 1.0 that the settings allow: nginx 1.22.1, haproxy 2.6.12, stunnel 5.68, "
                "openssl s_server 3.0",
                ref.OWN_TRIAL,
            ),
        ),
        supersedes=("tls-handshake", *_AFTER),
    ),
    Entry(
        code="tls-untrusted",
        step=Step.TLS,
        level=Level.ERROR,
        where="AC",
        title="The server's certificate chain is not trusted",
        meaning=(
            "The phone (or the check, in its place) knows no root for this certificate. A phone has the public roots "
            "of its firmware's time built in. It fetches a private root from Active Directory or from the CA's "
            "enrolment page. A phone that nobody has signed in to may not have fetched it yet."
        ),
        causes=(
            "The private root is not published in Active Directory, and there is no enrolment page (certsrv).",
            "The CA was changed since the phone fetched the chain; it fetches only once.",
            "The server does not send its intermediate certificate.",
            "A public CA that is younger than the phone's firmware.",
            "A firewall that inspects TLS shows its own certificate.",
            "The certificate is not made for a server (from a template for clients, say).",
            "In an active check: this machine does not trust the root; name it with --ca.",
        ),
        fix=(
            "Publish the root in Active Directory, then reset the phone, so that it fetches the chain anew. Check that "
            "the server sends the whole chain (the intermediates must be in the server's 'Intermediate Certification "
            "Authorities'). With a public CA, use one whose root was in the phone's firmware, or update the phone "
            "over the internal http path first."
        ),
        commands=(
            _LOOK,
            'certutil -viewstore "ldap:///CN=Certification Authorities,CN=Public Key Services,CN=Services,'
            'CN=Configuration,<forest DN>?cACertificate?one?objectClass=certificationAuthority"',
            _CERTIFICATES,
            "certutil -f -dspublish <root certificate file> RootCA",
        ),
        who=Who.SERVER,
        sources=(
            _TRUST,
            _ONCE,
            ref.field_report("old firmware lacks the roots of newer public CAs", ref.SCHERTZ_2014),
            ref.documented("alert 48 says that the CA is unknown", "RFC 5246, section 7.2.2"),
        ),
        supersedes=("tls-handshake", *_AFTER),
        variants=(
            Variant(
                name="purpose",
                fix=(
                    "Request a new certificate from the template Web Server, and assign it on every member of the pool "
                    "and on the reverse proxy. The present one is not made for a server: its extended key usage lacks "
                    "Server Authentication (1.3.6.1.5.5.7.3.1)."
                ),
                commands=(_LOOK, _CERTIFICATES, *_NEW_CERTIFICATE),
                who=Who.SERVER,
            ),
        ),
    ),
    Entry(
        code="tls-name-mismatch",
        step=Step.TLS,
        level=Level.ERROR,
        where="A",
        title="The certificate does not name the host that was asked for",
        meaning=(
            "The phone asks for ucupdates-r2 in its DHCP domain, and the certificate is for other names. A phone that "
            "compares the names hangs up after it. Usually the certificate was made for the pool's own names only."
        ),
        causes=(
            "The certificate has the pool's names and not ucupdates-r2 with the DHCP domain.",
            "The DHCP domain differs from the SIP domain, for which the names were made.",
            "The record points to another server than the one meant.",
            "The probe was given an address in place of a name.",
        ),
        fix=(
            "Request a new certificate for the web services. Add {name} to the subject alternative names that it has "
            "now. Then assign it. Wildcards are not known to be understood by these phones: name the host itself."
        ),
        commands=(_LOOK, _CERTIFICATES, *_NEW_CERTIFICATE),
        who=Who.SERVER,
        sources=(
            ref.field_report("the certificate must hold the name ucupdates-r2 with the domain", ref.MSXFAQ),
            ref.documented("-DomainName adds subject alternative names", ref.REQUEST_CERTIFICATE),
            ref.inferred("how strictly each firmware compares the name is published nowhere", ref.MSXFAQ),
        ),
        supersedes=("tls-handshake", *_AFTER),
    ),
    Entry(
        code="tls-expired",
        step=Step.TLS,
        level=Level.ERROR,
        where="AC",
        title="The certificate has expired",
        meaning=(
            "A certificate of the chain is past its date, or the phone takes it to be, because its clock is wrong. "
            "The phone hangs up. Without the right time it cannot judge any certificate."
        ),
        causes=(
            "The server's certificate, or an intermediate one, was not renewed.",
            "It was renewed and not assigned in IIS or in Lync; the old one is still in use.",
            "One member of the pool still has the old certificate.",
            "The phone's clock is wrong: it found no time server.",
        ),
        fix=(
            "Renew the certificate and assign it on every member of the pool and on the reverse proxy, or let them "
            "send the renewed intermediate one. If the dates are right, correct the phone's time: an SRV record "
            "_ntp._udp in its domain, or UDP port 123 open to time.windows.com."
        ),
        commands=(
            _LOOK,
            _CERTIFICATES,
            *_NEW_CERTIFICATE,
            "w32tm /stripchart /computer:time.windows.com /samples:3 /dataonly",
            "dig _ntp._udp.{domain} SRV",
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("alert 45 says that a certificate has expired", "RFC 5246, section 7.2.2"),
            ref.documented(
                "the phone takes its time from NTP by a DNS SRV record, else from time.windows.com", ref.NTP
            ),
            ref.background("the owner name of that SRV record is _ntp._udp and the domain"),
            ref.field_report("a wrong date makes the phone reject certificates", ref.MSXFAQ),
        ),
        supersedes=("tls-handshake", *_AFTER),
    ),
    Entry(
        code="tls-not-yet-valid",
        step=Step.TLS,
        level=Level.ERROR,
        where="A",
        title="The certificate is not valid yet",
        meaning=(
            "The certificate's first day lies in the future, by the clock of the machine that checked. Suspect that "
            "clock first, then the CA's. A phone whose clock starts years ago, because it found no time server, sees "
            "every certificate so."
        ),
        causes=(
            "The clock of the checking machine is wrong.",
            "The clock of the CA or of the server was wrong when the certificate was issued.",
            "The certificate was made for a later change and assigned too early.",
        ),
        fix=(
            "Set the clocks. If the certificate really begins later, assign the previous one until then. Give the "
            "phones a time server: an SRV record _ntp._udp in their domain, or UDP port 123 open to time.windows.com."
        ),
        commands=(
            _LOOK,
            "w32tm /query /status",
            "w32tm /stripchart /computer:time.windows.com /samples:3 /dataonly",
            "dig _ntp._udp.{domain} SRV",
            "w32tm /resync",
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("where the phone takes its time from", ref.NTP),
            ref.field_report("a wrong date makes the phone reject certificates", ref.MSXFAQ),
        ),
        supersedes=("tls-handshake", *_AFTER),
    ),
    Entry(
        code="tls-sha2-chain",
        step=Step.TLS,
        level=Level.WARNING,
        where="AC",
        title="The certificate chain is signed with SHA-2, which old firmware cannot verify",
        meaning=(
            "The chain is good for every modern client. Old phone firmware does not support SHA-2: it hangs up after "
            "it has seen the certificate. Where a capture shows the phone doing that, this is the cause. Otherwise "
            "it is a warning: the first firmware that can verify SHA-2 is not published."
        ),
        causes=(
            "The CA was moved from SHA-1 to SHA-2, and the phones still have old firmware.",
            "A public certificate: since 2016 they are signed with SHA-2 only.",
        ),
        fix=(
            "Update the phones over a path without this certificate first: the internal update request over http, "
            "port 80. Where only https is possible, put a SHA-1 chain of a private CA on a listener that only the "
            "voice VLAN can reach. Do not weaken the certificate that everybody else uses."
        ),
        commands=(_LOOK, _CERTIFICATES, "certutil -getreg ca\\csp\\CNGHashAlgorithm"),
        who=Who.SERVER,
        sources=(
            _NO_SHA2,
            ref.documented("the server accepts SHA-1 and SHA-2 certificates (2013)", ref.CERTIFICATES),
            ref.inferred(
                "a certificate can so be valid for the server and unusable for an old phone", ref.CERTIFICATES
            ),
            ref.background("public CAs stopped issuing SHA-1 certificates in 2016"),
        ),
        supersedes=("tls-handshake",),
    ),
    Entry(
        code="tls-handshake",
        step=Step.TLS,
        level=Level.ERROR,
        where="AC",
        title="The TLS handshake failed",
        meaning=(
            "The handshake began and broke off for a reason that neither side named clearly. The phone cannot send "
            "its request."
        ),
        causes=(
            "No cipher suite in common: RC4 and 3DES were removed from the server, and the phone has nothing newer.",
            "The port does not speak TLS, or expects another protocol first.",
            "The server wants a client certificate or a server name (SNI) that the phone does not send.",
            "A key that is too large, or of a kind that the phone does not know (elliptic curves).",
            "A device between them cut the connection.",
        ),
        fix=(
            "See at which message the handshake ends and who ended it (the evidence names the frame or the alert). "
            "Then compare what the server allows with what such a phone offers: a version of at most TLS 1.0, an RSA "
            "key, a SHA-1 chain. Where a listener selects the certificate by server name, set a default one."
        ),
        commands=(
            _LOOK,
            _LOOK_OLD,
            "openssl s_client -connect {address}:{port} -noservername",
            "Get-TlsCipherSuite",
            "netsh http show sslcert",
        ),
        who=Who.SERVER,
        sources=(
            *_TLS_10,
            ref.background(
                "clients of that time know no elliptic curves and send no server name", "RFC 4492, RFC 6066"
            ),
            ref.documented("key lengths that the server side accepts", ref.CERTIFICATES),
            _NO_SHA2,
        ),
        supersedes=_AFTER,
        variants=(_HUNG_UP, _CLIENT_CERTIFICATE, _NOT_TLS, _HELLO_REFUSED, _CERTIFICATE_REFUSED),
    ),
)
