"""Step 7, the download: the file that the answer named."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.diagnosis.catalogue.shared_commands import APPCMD, IMPORT_UPDATES, LIST_VDIRS, WEB_SERVICES
from ucdiag.model.steps import Level, Step, Who

_SECOND_NAME = ref.inferred(
    "the host of the file's URL is a second name that the phone must resolve and reach, other than ucupdates-r2",
    ref.GUIDE_26,
)
_STORE = ref.documented(
    "the files are below /DeviceUpdateFiles_Int and _Ext (R2) or /RequestHandler/Files and /RequestHandlerExt/Files "
    "(Lync 2013)",
    ref.GUIDE_26,
    ref.IIS_DIRECTORIES,
    ref.GET_SERVICE,
)
_FILE_NAME = ref.inferred(
    "the file's URL is the base URL, a slash and the file name; file names are published nowhere", ref.GUIDE_26
)
_CURL = 'curl -v -o firmware.test --max-time 600 "{url}"'
_HEAD = 'curl -I --max-time 20 "{url}"'
_WMI = (
    "Get-WmiObject -Namespace root\\cimv2 -Class MSFT_SIPUpdatesServerSetting | Format-List "
    "Backend,FileLocation,InternalUpdatesStoreURL,ExternalUpdatesStoreURL"
)
_IIS_LOG = (
    'Get-ChildItem "$env:SystemDrive\\inetpub\\logs\\LogFiles" -Recurse -Filter *.log | '
    'Select-String -Pattern "DeviceUpdateFiles|/Files/" | Select-Object -Last 20'
)
_LIST_OPTION = f'{APPCMD} list config "<site name>/<directory of the files>" /section:'
_SET_OPTION = f'{APPCMD} set config "<site name>/<directory of the files>" /section:'
_LIST_MIME = f"{_LIST_OPTION}staticContent"
_SET_MIME = f"{_SET_OPTION}staticContent \"/+[fileExtension='.<extension>',mimeType='application/octet-stream']\""
_LIST_ACCESS = f"{_LIST_OPTION}access"
_RIGHTS = 'icacls "<path of DeviceUpdateFiles>"'

_ASK_AGAIN = (
    "dig -p {dns_port} @{nameserver} {host} A",
    "Resolve-DnsName -Name {host} -Type A -Server {nameserver} -DnsOnly",
)
_HUNG_UP = Variant(
    name="hung-up",
    fix=(
        "Check that the pool behind {address} has a healthy member for port {port} and that the web site there is "
        "started. The host of the file ended the connection at once, before the phone sent a byte. A load balancer "
        "without a member, and some firewalls, open connections themselves and end them so."
    ),
    commands=("Test-NetConnection {address} -Port {port}", "curl -v --max-time 20 http://{address}:{port}/"),
    who=Who.SERVER,
)
_REFUSED = Variant(
    name="refused",
    fix=(
        "Check that the URL of the files names the pool's web services, and that {address} is their address. The "
        "web site with the files must listen on port {port} there: the SYN was answered by a reset. Lync and Skype for "
        "Business: the internal web site must be bound to 80 and 443; on a load balancer, publish both ports."
    ),
    commands=(
        "Resolve-DnsName -Name {host} -Type A",
        "Test-NetConnection {host} -Port {port}",
        "nc -vz -w 5 {host} {port}",
        WEB_SERVICES,
        f"{APPCMD} list site",
        "netstat -ano -p TCP",
    ),
    who=Who.SERVER,
)
_TLS = Variant(
    name="tls",
    fix=(
        "Inside the network, let the URL of the files be plain http. Port {port} of {host} is open, and its TLS is "
        "what fails. Outside, it must suit such a phone: TLS 1.0, an RSA key, and a certificate that names {host}, "
        "from an authority that the phone trusts. 'ucdiag explain tls' has the advice for each failure."
    ),
    commands=(
        "openssl s_client -connect {address}:{port} -servername {host} -showcerts",
        "openssl s_client -connect {address}:{port} -tls1 -cipher DEFAULT@SECLEVEL=0",
        WEB_SERVICES,
    ),
    who=Who.SERVER,
)
_ONE_ADDRESS = Variant(
    name="one-address",
    fix=(
        "Start the web site at {address}, or open port {port} from the phones' subnet to it. {host} has more than one "
        "address, and no connection comes about at this one. A phone that takes it gets no file, unless it tries the "
        "next. If the machine is gone, take {address} out of the records of {host}."
    ),
    commands=(
        "Resolve-DnsName -Name {host} -Type A",
        "Test-NetConnection {address} -Port {port}",
        "nc -vz -w 5 {address} {port}",
    ),
    who=Who.NETWORK,
)
_NO_MIME_TYPE = Variant(
    name="404.3",
    fix=(
        "Add the MIME type application/octet-stream for the file's extension, and for .cat, on the directory of the "
        "files in IIS: it has none (404.3)."
    ),
    commands=(_HEAD, _LIST_MIME, _SET_MIME),
    who=Who.SERVER,
)
_NO_FILE = Variant(
    name="404.0",
    fix=(
        "Compare the folder behind the virtual directory with FileLocation: IIS found no such file (404.0). If they "
        "are the same, the file is missing there: import UCUpdates.cab again on each web service."
    ),
    commands=(_HEAD, LIST_VDIRS, _WMI, IMPORT_UPDATES),
    who=Who.SERVER,
)
_FILTERED = Variant(
    name="404.7",
    fix="Request Filtering of IIS refuses the file's extension (404.7): allow it on the directory of the files.",
    commands=(
        _HEAD,
        f"{_LIST_OPTION}requestFiltering",
        f"{_SET_OPTION}requestFiltering \"/+fileExtensions.[fileExtension='.<extension>',allowed='true']\"",
    ),
    who=Who.SERVER,
)
_SSL_WANTED = Variant(
    name="403.4",
    fix=(
        "Switch 'Require SSL' off on the directory of the files of the internal web site. It requires SSL, and the "
        "phone was given an http URL (403.4)."
    ),
    commands=(_HEAD, _LIST_ACCESS, f"{_SET_OPTION}access /sslFlags:None /commit:apphost"),
    who=Who.SERVER,
)
_NO_RIGHTS = Variant(
    name="401.3",
    fix=(
        "Give the accounts of the application pool and of anonymous users read rights on the folder or share. The web "
        "server itself may not read the file (401.3). Anonymous Authentication is not what is missing."
    ),
    commands=(_HEAD, _IIS_LOG, _RIGHTS),
    who=Who.SERVER,
)
_PROXY = Variant(
    name="proxy",
    fix=(
        "Exempt the phones' subnet, or {host}, from the proxy that answers in place of the server of the files. A web "
        "filter may forbid the file's kind or size. The request did not reach that server, so that its logs do not "
        "show it. If the proxy is to publish the pool, see its own log for the reason, and let it pass on the path of "
        "the files."
    ),
    commands=(_HEAD, "Resolve-DnsName -Name {host} -Type A", "tracert -d {address}"),
    who=Who.NETWORK,
)
_GATEWAY = Variant(
    name="gateway",
    fix=(
        "Read the proxy's or balancer's own error first: in its page (open {url}, or follow the HTTP stream in the "
        "capture) and in its log. They name the server that gave it no answer, and why. Check that this server runs, "
        "that the proxy resolves its name, and the firewall between the two. If phones are not meant to go through "
        "this proxy, exempt their subnet, or {host}, from it."
    ),
    commands=(_HEAD, "Resolve-DnsName -Name {host} -Type A", "tracert -d {address}"),
    who=Who.SERVER,
)
_LARGE_PASSED = Variant(
    name="large-passed",
    fix=(
        "Find which side stopped. Large packets came until then, so that the MTU is not the cause. In a capture, look "
        "at the phone's last packets (in Wireshark: tcp.analysis.zero_window). If they announce a window of 0, the "
        "phone itself takes no more: restart it, and let it fetch the file again. If not, look at the server and the "
        "share behind it, and exempt the phones from scanning and shaping of bulk data. Compare with a download in the "
        "server's own subnet."
    ),
    commands=(_CURL,),
    who=Who.NETWORK,
)
_NAMESERVER_FAILED = Variant(
    name="nameserver-failed",
    fix=(
        "The record of {host} may well be right: look at the DNS server {nameserver}. Check its log for this name, "
        "then the forwarder, conditional forwarder or zone for the domain of {host}. That may be another domain than "
        "the phones' own. Ask the server of that zone directly: if that answers, the way between the two is at fault."
    ),
    commands=(
        *_ASK_AGAIN,
        "dig -p {dns_port} @{nameserver} {host} A +cdflag",
        "Get-DnsServerForwarder -ComputerName {nameserver}",
        "Get-DnsServerZone -ComputerName {nameserver}",
    ),
    who=Who.DNS,
)
_NAMESERVER_REFUSED = Variant(
    name="nameserver-refused",
    fix=(
        "Let the DNS server {nameserver} answer the phones' subnet also for names outside its own zones. The record of "
        "{host} may be correct. The settings are allow-recursion and allow-query-cache (BIND), access-control "
        "(Unbound), the recursion scope or query resolution policies (Windows). Or give the phones, in DHCP option "
        "006, a server that resolves {host}."
    ),
    commands=(
        *_ASK_AGAIN,
        "Get-DnsServerRecursion -ComputerName {nameserver}",
        "Get-DnsServerQueryResolutionPolicy -ComputerName {nameserver}",
    ),
    who=Who.DNS,
)
_NAMESERVER_SILENT = Variant(
    name="nameserver-silent",
    fix=(
        "The record of {host} may well be right: find out why the DNS server {nameserver} gives no usable answer for "
        "it. If it answers for ucupdates-r2, it waits for another server, a forwarder or the one of the zone of "
        "{host}, which does not answer it. If it gives no answer at all, check that its DNS service runs. Open UDP "
        "and TCP port 53 from the phones' subnet to the server."
    ),
    commands=(
        *_ASK_AGAIN,
        "dig -p {dns_port} +tcp @{nameserver} {host} A",
        "Test-NetConnection {nameserver} -Port {dns_port}",
        "Get-DnsServerForwarder -ComputerName {nameserver}",
    ),
    who=Who.NETWORK,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="download-host-missing",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The host of the file's URL does not resolve",
        meaning=(
            "The service named a host for the files, usually the pool's own name, and DNS gives the phone no address "
            "for it. A good record for ucupdates-r2 does not help here: it is another name, often in another domain."
        ),
        causes=(
            "The pool's web name has no record in the zone that the voice VLAN's DNS servers see.",
            "The URL names the external host, and the internal zone of that domain does not have it (split DNS).",
            "The URL holds a short name without a domain.",
            "The pool was renamed, and the store URL still has the old name.",
            "The DNS server answers for ucupdates-r2, but not for the domain of this host. Then the record may exist.",
        ),
        fix=(
            "Create an A record for {host} with the address of the pool's web services, on the DNS servers of option "
            "006. Or correct the URL: in OCS 2007 R2 InternalUpdatesStoreURL of MSFT_SIPUpdatesServerSetting (WMI), "
            "in Lync the web service names of the topology."
        ),
        commands=(
            "Resolve-DnsName -Name {host} -Type A -Server {nameserver} -DnsOnly",
            "dig -p {dns_port} @{nameserver} {host} A",
            _WMI,
            WEB_SERVICES,
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName <zone> -Name <host name> -IPv4Address "
            "<address of the pool>",
            "dnscmd {nameserver} /recordadd <zone> <host name> A <address of the pool>",
        ),
        who=Who.DNS,
        sources=(_SECOND_NAME, ref.traced("an example URL on pool01 of the domain, not on ucupdates-r2", ref.GUIDE_26)),
        supersedes=("download-connect-failed", "download-not-tried"),
        variants=(_NAMESERVER_FAILED, _NAMESERVER_REFUSED, _NAMESERVER_SILENT),
    ),
    Entry(
        code="download-connect-failed",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="No connection to the host of the file",
        meaning=(
            "The host that holds the files cannot be reached: TCP, or TLS on https, fails. It may be another machine "
            "than the one that answered the request, with other firewall rules."
        ),
        causes=(
            "A firewall lets the phones reach the update service's address, and not the pool's web address.",
            "The name resolves to a server that is gone, or to the public address of the reverse proxy from inside.",
            "The web site on that host is stopped, or listens on another port.",
            "https: the certificate or the TLS version does not suit the phone.",
        ),
        fix=(
            "Open the port of the URL from the phones' subnet to {host}. Inside the network the URL should be a plain "
            "http one with a host inside."
        ),
        commands=(
            "Resolve-DnsName -Name {host} -Type A",
            "Test-NetConnection {host} -Port {port}",
            "nc -vz -w 5 {host} {port}",
            _HEAD,
        ),
        who=Who.NETWORK,
        sources=(
            _SECOND_NAME,
            ref.documented("internal files by http, external ones by https", ref.GET_SERVICE, ref.GUIDE_26),
        ),
        supersedes=("download-not-tried",),
        variants=(_HUNG_UP, _REFUSED, _TLS, _ONE_ADDRESS),
    ),
    Entry(
        code="download-not-found",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The file is not there (404)",
        meaning=(
            "The service offered a file, and the web server does not serve it under that URL. The phone keeps its "
            "firmware and tries again at its next check."
        ),
        causes=(
            "The file was removed from DeviceUpdateFiles, or a restore or migration moved the rules without the files.",
            "The update was imported on another server of the site; the folder of a Standard Edition is not shared.",
            "IIS does not serve the file's extension, because it has no MIME type (404.3).",
            "The virtual directory points to another folder than the one the service uses.",
            "Request filtering refuses the extension or a part of the path (404.7, 404.8).",
            "In an active check: the file name is not known and was put together wrongly.",
        ),
        fix=(
            "If the IIS log has the sub-status 404.0, the file is missing: compare the folder behind the virtual "
            "directory with FileLocation, and import UCUpdates.cab again. If it has 404.3, add the MIME type "
            "application/octet-stream for the file's extension on the directory of the files. If it has 404.7, allow "
            "the extension in Request Filtering."
        ),
        commands=(
            _HEAD,
            _IIS_LOG,
            LIST_VDIRS,
            _WMI,
            _LIST_MIME,
            IMPORT_UPDATES,
            _SET_MIME,
        ),
        who=Who.SERVER,
        sources=(
            _STORE,
            ref.IIS_MEANING,
            _FILE_NAME,
            ref.documented(
                "the folder of a Standard Edition is not shared, that of an Enterprise pool is", ref.PLANNING_R2
            ),
            ref.documented("an import is needed on each web service", ref.IMPORT_UPDATE),
        ),
        supersedes=("download-not-tried",),
        variants=(_NO_FILE, _NO_MIME_TYPE, _FILTERED, _PROXY),
    ),
    Entry(
        code="download-refused",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The server refuses to give the file (401 or 403)",
        meaning=(
            "The phone may ask for updates and may not fetch the file. Inside the network the files must be readable "
            "without an account."
        ),
        causes=(
            "Anonymous authentication is off on the directory of the files.",
            "The NTFS or share rights of DeviceUpdateFiles do not allow the web server's account to read.",
            "The directory requires SSL, and the URL is http (403.4).",
            "Enterprise Edition: the directory lies on a share, and the account for it (connect as) is wrong.",
            "Outside: the reverse proxy does not publish the path, or the path wants a sign-in.",
        ),
        fix=(
            "On the directory of the files in the internal web site, switch Anonymous Authentication on and 'Require "
            "SSL' off. Give the accounts of the application pool and of anonymous users read rights on the folder or "
            "share. Outside: publish /RequestHandlerExt/Files (R2: /DeviceUpdateFiles_Ext)."
        ),
        commands=(
            _HEAD,
            _IIS_LOG,
            f'{APPCMD} list config "<site name>/<directory of the files>" /section:anonymousAuthentication',
            _LIST_ACCESS,
            _RIGHTS,
            f'{APPCMD} set config "<site name>/<directory of the files>" /section:anonymousAuthentication '
            "/enabled:true /commit:apphost",
        ),
        who=Who.SERVER,
        sources=(
            _STORE,
            ref.IIS_MEANING,
            ref.documented(
                "an Enterprise pool's files lie on a share, to which both directories point", ref.PLANNING_R2
            ),
            ref.inferred("a reverse proxy that does not publish the path", ref.IIS_DIRECTORIES),
        ),
        supersedes=("download-not-tried",),
        variants=(_SSL_WANTED, _NO_RIGHTS, _PROXY),
    ),
    Entry(
        code="download-server-error",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The server of the files failed (5xx)",
        meaning=("The web server could not serve the file. The phone gets nothing, and tries again at its next check."),
        causes=(
            "The share behind the directory of the files cannot be reached, or its account is wrong.",
            "The application pool is stopped (503), or the web configuration of the directory is broken (500.19).",
            "A load balancer or proxy has no working server behind it (502, 503, 504).",
        ),
        fix=(
            "Check that the application pool of the files is running, and that the share behind the virtual directory "
            "answers for the pool's account. Open the URL on the server itself: IIS then shows the error in full."
        ),
        commands=(
            _HEAD,
            _IIS_LOG,
            LIST_VDIRS,
            f"{APPCMD} list apppool",
            f'{APPCMD} start apppool "<application pool of the files>"',
        ),
        who=Who.SERVER,
        sources=(_STORE, ref.IIS_MEANING, ref.inferred("a share that cannot be reached", ref.PLANNING_R2)),
        supersedes=("download-not-tried",),
        variants=(_GATEWAY, _PROXY),
    ),
    Entry(
        code="download-status",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The file's request got another status than success",
        meaning=(
            "The server answered the GET with a status that is neither success nor one with an entry of its own, a "
            "redirect for example. Nothing says that these phones follow redirects."
        ),
        causes=(
            "A rule redirects http to https.",
            "A proxy or web filter answers in the server's place.",
            "A request filter refuses the long path or the extension (400, 414).",
        ),
        fix=(
            "Exempt the directory of the files from redirects, and the phones' subnet from proxies and filters: the "
            "server answered {status} for {url}."
        ),
        commands=(
            _HEAD,
            _IIS_LOG,
            f'{APPCMD} list config "<site name>/<directory of the files>" /section:httpRedirect',
            f'{APPCMD} set config "<site name>/<directory of the files>" /section:httpRedirect '
            "/enabled:false /commit:apphost",
        ),
        who=Who.SERVER,
        sources=(
            ref.GET_IF_NEWER,
            ref.IIS_MEANING,
            ref.background("whether these phones follow a redirect was looked for and not found"),
        ),
        supersedes=("download-not-tried",),
        variants=(_PROXY,),
    ),
    Entry(
        code="download-truncated",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The file did not arrive whole",
        meaning=(
            "Fewer bytes came than the server announced, or the connection broke in the middle. The phone throws such "
            "a file away: it verifies the file's signature before it installs it."
        ),
        causes=(
            "A firewall, proxy or virus scanner cuts large or unknown downloads.",
            "The connection is cut by a time limit of a load balancer or NAT device.",
            "The line is bad: losses, a duplex mismatch on the phone's switch port, an MTU problem in a VPN.",
            "The server ran into an error, or was restarted, while it sent.",
            "A proxy or cache sends a part (status 206) to who asked for the whole.",
        ),
        fix=(
            "Fetch {url} from a machine in the phones' VLAN and again from the server's subnet. If only the first "
            "breaks, exempt the way between phones and pool from inspection, and see the switch port's error "
            "counters. If both break, see the server and its disk."
        ),
        commands=(_CURL, "ping -f -l 1472 {host}", _IIS_LOG),
        who=Who.NETWORK,
        sources=(
            ref.documented("the image has a signature file of its own", ref.AUDIT_LOG),
            ref.field_report(
                "status 0x2 on the phone's screen means that the image's certificate was not accepted", ref.UCPLAYA
            ),
            ref.GET_IF_NEWER,
        ),
        supersedes=("download-not-tried",),
    ),
    Entry(
        code="download-stalled",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The download stopped in the middle, with the connection open",
        meaning=(
            "The first bytes came, then no more, and nobody closed the connection. The phone waits until its own limit."
        ),
        causes=(
            "Large packets are lost on the way (MTU, a VPN that drops fragments), small ones pass.",
            "A scanner holds the file back until it has it whole.",
            "A traffic shaper or quality-of-service rule starves bulk data in the voice VLAN.",
            "The share behind the web server hangs.",
            "The phone itself takes no more: its packets announce a window of 0.",
        ),
        fix=(
            "Test large packets to {host}: if they do not pass, correct the MTU (or clamp the MSS) on the way. Exempt "
            "the phones from scanning and shaping of bulk data. Compare with a download in the server's own subnet."
        ),
        commands=(_CURL, "ping -f -l 1472 {host}", "ping -M do -s 1472 {host}"),
        who=Who.NETWORK,
        sources=(ref.GET_IF_NEWER, ref.background("a path that loses large packets silently stalls TCP", "RFC 2923")),
        supersedes=("download-not-tried",),
        variants=(_LARGE_PASSED,),
    ),
    Entry(
        code="download-empty",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="The server sent success and not one byte of the file",
        meaning=("The answer says 200, and the file is empty. The phone has nothing to install."),
        causes=(
            "IIS lacks the role service 'Static Content', and then sends an empty page for every file, while its log "
            "and the audit log look fine.",
            "The file on the server has length 0: a broken import, a full disk, a failed copy.",
            "A proxy or scanner removed the content.",
            "The URL points to a page that has no content.",
        ),
        fix=(
            "Install the role service 'Static Content' of IIS, and give DeviceUpdateFiles_Int and _Ext the MIME types "
            ".nbt and .cat (binary/octet-stream). If it is there, look at the file's length in the "
            "folder behind the URL. If that is 0, free disk space and import UCUpdates.cab again; if not, something "
            "on the way removes the content."
        ),
        commands=(
            _HEAD,
            "Get-WindowsFeature Web-Static-Content",
            'Get-ChildItem "<path of DeviceUpdateFiles>" -Recurse -File | Where-Object { $_.Length -eq 0 }',
            "Install-WindowsFeature Web-Static-Content",
            IMPORT_UPDATES,
        ),
        who=Who.SERVER,
        sources=(
            ref.field_report("without Static Content the file comes as 200 with an empty page", ref.CODESALOT),
            ref.GET_IF_NEWER,
            _STORE,
            ref.documented("import of the files from UCUpdates.cab", ref.IMPORT_UPDATE),
        ),
        supersedes=("download-not-tried", "download-truncated"),
    ),
    Entry(
        code="download-not-firmware",
        step=Step.DOWNLOAD,
        level=Level.ERROR,
        where="AC",
        title="A web page or a message came where the firmware file was asked for",
        meaning=(
            "The server answered 200 with an HTML page or plain text instead of a file: a portal, an error message, "
            "a sign-in form. Firmware and signature files are binary; the phone would reject it."
        ),
        causes=(
            "A captive portal, web filter or proxy puts its page in the file's place.",
            "A reverse proxy shows its sign-in form for the path of the files.",
            "The web server has an error page of its own, which it sends with status 200.",
            "The host name resolves to another web server.",
        ),
        fix=(
            "See whose page it is. Exempt the phones' subnet from portals and filters, publish the path of the files "
            "without a sign-in form, or correct the record of {host}."
        ),
        commands=(_HEAD, _CURL, "Resolve-DnsName -Name {host} -Type A"),
        who=Who.NETWORK,
        sources=(ref.GET_IF_NEWER, _STORE),
        supersedes=("download-not-tried", "download-truncated"),
    ),
    Entry(
        code="download-not-tried",
        step=Step.DOWNLOAD,
        level=Level.INFORMATION,
        where="C",
        title="An update was offered, and the phone asked for no file",
        meaning=(
            "The answer offered an update with a usable URL, and no request for a file was seen. It may come later, "
            "or it went where the capture does not look."
        ),
        causes=(
            "The phone is in use, and downloads when it is idle.",
            "The URL is https, or leads over another way, so that the request is not visible.",
            "The phone already has that version, or turned the offer down.",
            "The phone could not resolve or reach the URL's host, and the capture did not show that.",
        ),
        fix=(
            "Leave the phone idle, capture on, and restart it if nothing comes. Then look at the phone's System "
            "Information: Last Update Status, in the form 0x#/0x#####, says what it made of the offer. Test the URL "
            "with 'ucdiag probe'."
        ),
        commands=(
            "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
            "ucdiag probe --address {address} --port {port} --mac {mac}",
            _HEAD,
        ),
        who=Who.PHONE,
        sources=(
            ref.GET_IF_NEWER,
            ref.documented("updates are installed while the phone is not in use", ref.MANAGING),
            ref.field_report(
                "it frees space first, and restarts after about 5 idle minutes; the form of the status", ref.UCPLAYA
            ),
        ),
    ),
    Entry(
        code="update-applied",
        step=Step.DOWNLOAD,
        level=Level.INFORMATION,
        where="C",
        title="The phone asks as the version that it fetched",
        meaning="The phone fetched the whole file, and a later update check names that version: the update worked.",
        causes=("The phone installed the update while it was idle, and restarted with it.",),
        fix="Nothing. A phone of an early generation may need the next stage after this one.",
        commands=("sudo ucdiag capture -i <interface> --mac {mac}",),
        who=Who.PHONE,
        sources=(
            ref.field_report("the phone restarts after about 5 idle minutes to activate the update", ref.UCPLAYA),
            ref.documented("the request names each module's version", ref.AUDIT_LOG),
        ),
    ),
    Entry(
        code="update-not-applied",
        step=Step.DOWNLOAD,
        level=Level.WARNING,
        where="C",
        title="The phone fetched the whole update and still asks as the old version",
        meaning=(
            "The whole file arrived, and a later update check names the version that the phone had before. The network "
            "did its part: the phone did not install the update."
        ),
        causes=(
            "The phone refused the image: it is unsigned, or signed for testing, or the signature file did not arrive.",
            "The phone was never idle: it installs and restarts after about 5 idle minutes.",
            "The version needs an intermediate version that the phone does not have.",
            "Two servers update the phone, and each undoes what the other did.",
            "The phone has no room for the file.",
        ),
        fix=(
            "Leave the phone idle for ten minutes and restart it. Then look at Last Update Status on its System "
            "Information screen: 0x2 means that the image's signature was refused. Import the release's own "
            "UCUpdates.cab, the intermediate version first."
        ),
        commands=(
            "sudo ucdiag capture -i <interface> --mac {mac}",
            "Get-CsDeviceUpdateRule | Format-Table "
            "Identity,DeviceType,Brand,Model,Revision,Locale,ApprovedVersion,PendingVersion",
        ),
        who=Who.PHONE,
        sources=(
            ref.field_report(
                "0x2 is a refused certificate of the image; 5 idle minutes before the restart", ref.UCPLAYA
            ),
            ref.field_report("an old phone must go through an intermediate version", ref.SCHERTZ_2013),
            ref.documented("two update authorities cause update loops", ref.IP_PHONES_ONLINE),
            ref.documented("the request names each module's version", ref.AUDIT_LOG),
        ),
    ),
)
