"""Step 6, the response: what the body of the answer says."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode

_FORM_UNKNOWN = ref.background(
    "no complete response is published: known are downloads=0 and the elements BaseURL and ExternalBaseURL, so the "
    "reading is tolerant"
)
_XML = ref.documented("the request and the response are XML", ref.AUDIT_LOG)
_BLANK = ref.documented("blank URLs in the response mean that the WMI settings were never filled in", ref.GUIDE_26)
_HIDDEN = ref.documented(
    "the class does not map to the administration tool, so blank values do not show there", ref.WMI_UPDATES
)
_NAMESPACE = ref.inferred(
    "the WMI class is in the namespace root\\cimv2, where its sibling classes are documented to be", ref.WMI_SIBLING
)
_STORE = ref.inferred(
    "the two StoreURL values are where the files are fetched from, the two DownloadURL values the request handlers; "
    "the format of the values follows from the example URLs",
    ref.WMI_UPDATES,
    ref.GUIDE_26,
    ref.GET_SERVICE,
)
_WRITE = ref.inferred(
    "that Put() writes them; whether each property of this class may be written could not be read", ref.WMI_SIBLING
)
_WMI = (
    "Get-WmiObject -Namespace root\\cimv2 -Class MSFT_SIPUpdatesServerSetting | Format-List "
    "Backend,InstanceID,Enabled,FileLocation,Internal*,External*"
)
_WEB_SERVICES = "Get-CsService -WebServer | Format-List Identity,PoolFqdn,InternalFqdn,ExternalFqdn,DeviceUpdate*"
_PUT_INTERNAL = (
    "Get-WmiObject -Namespace root\\cimv2 -Class MSFT_SIPUpdatesServerSetting | Where-Object { $_.Backend -eq "
    "'<Backend>' } | ForEach-Object { $_.InternalUpdatesStoreURL = 'http://<internal FQDN of the "
    "pool>/DeviceUpdateFiles_Int'; $_.Put() }"
)
_PUT_EXTERNAL = (
    "Get-WmiObject -Namespace root\\cimv2 -Class MSFT_SIPUpdatesServerSetting | Where-Object { $_.Backend -eq "
    "'<Backend>' } | ForEach-Object { $_.ExternalUpdatesStoreURL = 'https://<external FQDN>/DeviceUpdateFiles_Ext'; "
    "$_.Put() }"
)
_SET_EXTERNAL = 'Set-CsWebServer -Identity "WebServer:<pool FQDN>" -ExternalFqdn <external FQDN>'
_REAL_BODY = (
    "ucdiag capture -i <interface> --mac {mac} --save-request phone.request",
    "ucdiag probe --address {address} --port {port} --body phone.request",
)
_CURL = 'curl -v -X POST --data "" --max-time 20 "{scheme}://{address}:{port}/RequestHandler/ucdevice.upx"'
_AFTER: tuple[FindingCode, ...] = ("download-not-tried",)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="response-not-xml",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="The answer is not XML: another web server or a portal page",
        meaning=(
            "The answer says success, and its body is not XML. A Device Update Service answers in XML, so something "
            "else answered, and the phone can read nothing in it."
        ),
        causes=(
            "The record (perhaps a wildcard) leads to another web server, which answers any path with its page.",
            "A captive portal, web filter or proxy puts its page in the place of the answer.",
            "The load balancer shows its own page, because no server behind it is healthy.",
        ),
        fix=(
            "See whose page it is (the evidence shows its beginning), and correct the record of {name} to the pool, "
            "or exempt the phones' subnet from the portal or filter."
        ),
        commands=("ucdiag probe --address {address} --port {port} -v", _CURL, "Resolve-DnsName -Name {name} -Type A"),
        who=Who.NETWORK,
        sources=(_XML, ref.inferred("a record that leads to another web server", ref.GUIDE_23)),
        supersedes=_AFTER,
    ),
    Entry(
        code="response-malformed",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="The answer is broken XML, or empty",
        meaning=(
            "The answer says success, and its body is empty, breaks off or does not parse. The phone cannot tell "
            "whether there is an update."
        ),
        causes=(
            "The handler died while it wrote the answer.",
            "A proxy, or a device that inspects the traffic, cut or changed the body.",
            "To the built-in request: the handler answers a request that it does not understand with nothing.",
            "A log upload was answered; such answers may be empty.",
        ),
        fix=(
            "Send a real phone's request and compare. If the answer is broken for that too, ask a server of the pool "
            "directly, past load balancer and proxy; if it is broken there, see the event log of that server."
        ),
        commands=(*_REAL_BODY, _CURL),
        who=Who.SERVER,
        sources=(_XML, _FORM_UNKNOWN, ref.documented("the same path also receives the phones' logs", ref.COMPONENTS)),
        supersedes=_AFTER,
    ),
    Entry(
        code="response-unknown",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="The answer is XML, with nothing of the update service in it",
        meaning=(
            "The body is well-formed, and holds neither a count of downloads nor a URL. Either another service "
            "answered, or this server's generation writes its answer in a form that is not known here: no complete "
            "answer of this service is published."
        ),
        causes=(
            "Another web service answers on that path (a SOAP fault, an error page in XHTML, a feed).",
            "The handler answers the built-in request with an error in XML.",
            "The server's generation uses other element names than those known.",
        ),
        fix=(
            "Look at the body (-v shows it). If it is another service's, correct the record of {name}. If it looks "
            "like the update service's, send a real phone's request; the form of the answer is then worth reporting "
            "to this program's authors."
        ),
        commands=("ucdiag probe --address {address} --port {port} -v", *_REAL_BODY),
        who=Who.SERVER,
        sources=(_FORM_UNKNOWN, _XML),
        supersedes=_AFTER,
    ),
    Entry(
        code="response-urls-blank",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="An update is offered, and both of its URLs are blank",
        meaning=(
            "The service has an update for this phone and does not say where the files are, because it was never "
            "told: the URLs of its file store were not filled in. The phone downloads nothing. The administration "
            "tool does not show these settings."
        ),
        causes=(
            "OCS 2007 R2: the WMI settings InternalUpdatesStoreURL and ExternalUpdatesStoreURL are empty.",
            "The pool was created, or the web components activated, without internal and external web farm names.",
            "Lync: the topology has no web service names for this pool, or was not published after they changed.",
        ),
        fix=(
            "OCS 2007 R2: write down the present values of the WMI class MSFT_SIPUpdatesServerSetting, then fill "
            "InternalUpdatesStoreURL (http://, the pool's internal name, /DeviceUpdateFiles_Int) and "
            "ExternalUpdatesStoreURL (https://, the external name, /DeviceUpdateFiles_Ext), and restart the web site. "
            "Lync and Skype for Business: set the web service names of the pool in Topology Builder, publish, and run "
            "the Deployment Wizard's Step 2 (Enable-CsComputer) on each server."
        ),
        commands=(
            _WMI,
            _WEB_SERVICES,
            _PUT_INTERNAL,
            _PUT_EXTERNAL,
            _SET_EXTERNAL,
            "Enable-CsTopology",
            "Enable-CsComputer",
        ),
        who=Who.SERVER,
        sources=(
            _BLANK,
            _HIDDEN,
            _NAMESPACE,
            _STORE,
            _WRITE,
            ref.documented("-ExternalFqdn is the name for use from outside", ref.SET_WEB_SERVER),
        ),
        supersedes=("response-internal-url-blank", "response-external-url-blank", "response-url-unusable", *_AFTER),
    ),
    Entry(
        code="response-internal-url-blank",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="An update is offered, and its internal URL is blank",
        meaning=(
            "The external URL is there, the internal one is not. A phone inside the network uses the internal one, "
            "and downloads nothing. For a phone outside it is only a warning."
        ),
        causes=(
            "OCS 2007 R2: the WMI setting InternalUpdatesStoreURL is empty.",
            "Lync: the pool's internal web service name is missing from the topology, or the change was not published.",
        ),
        fix=(
            "OCS 2007 R2: fill InternalUpdatesStoreURL of the WMI class MSFT_SIPUpdatesServerSetting with http://, "
            "the pool's internal name and /DeviceUpdateFiles_Int, after writing down the present values. Lync and "
            "Skype for Business: set the internal web services name in Topology Builder, publish, and run Step 2 of "
            "the Deployment Wizard."
        ),
        commands=(_WMI, _WEB_SERVICES, _PUT_INTERNAL, "Enable-CsTopology", "Enable-CsComputer"),
        who=Who.SERVER,
        sources=(_BLANK, _HIDDEN, _NAMESPACE, _STORE, _WRITE),
        supersedes=("response-url-unusable", *_AFTER),
    ),
    Entry(
        code="response-external-url-blank",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="AC",
        title="An update is offered, and its external URL is blank",
        meaning=(
            "Phones inside the network update, phones outside cannot: for them the answer names no place. For a probe "
            "of the external path it is an error."
        ),
        causes=(
            "No external web farm name was given when the pool was set up, because there was no outside access then.",
            "OCS 2007 R2: the WMI setting ExternalUpdatesStoreURL is empty.",
        ),
        fix=(
            "Only if phones are used outside: OCS 2007 R2: fill ExternalUpdatesStoreURL of the WMI class "
            "MSFT_SIPUpdatesServerSetting with https://, the external name and /DeviceUpdateFiles_Ext. Lync and Skype "
            "for Business: set the external web services name (Topology Builder, or Set-CsWebServer), publish, and "
            "run Step 2 of the Deployment Wizard. Then publish that name on the reverse proxy."
        ),
        commands=(_WMI, _WEB_SERVICES, _PUT_EXTERNAL, _SET_EXTERNAL, "Enable-CsTopology", "Enable-CsComputer"),
        who=Who.SERVER,
        sources=(
            _BLANK,
            _HIDDEN,
            _NAMESPACE,
            _STORE,
            _WRITE,
            ref.inferred("that the phones inside do without it", ref.GUIDE_26),
            ref.documented("-ExternalFqdn is the name for use from outside", ref.SET_WEB_SERVER),
        ),
    ),
    Entry(
        code="response-url-unusable",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="The URL of the update is not an absolute http or https URL",
        meaning=(
            "The service names a place for the files that no phone can fetch from: a path without a host, a file "
            "share, or text that is no URL."
        ),
        causes=(
            "A UNC path (\\\\server\\share) or a local path was entered where the URL belongs.",
            "The scheme (http://) or the host is missing.",
            "A typing error in the WMI setting: a blank, two colons, a wrong slash.",
        ),
        fix=(
            "The answer says {url}. Correct InternalUpdatesStoreURL or ExternalUpdatesStoreURL of the WMI class "
            "MSFT_SIPUpdatesServerSetting (OCS 2007 R2) to a complete URL; the path on disk belongs into "
            "FileLocation. In Lync and Skype for Business the URL comes from the web service names of the topology."
        ),
        commands=(_WMI, _WEB_SERVICES, _PUT_INTERNAL, _PUT_EXTERNAL),
        who=Who.SERVER,
        sources=(
            ref.traced("the form of a good URL: http://, the pool, /DeviceUpdateFiles_Int/...", ref.GUIDE_26),
            _HIDDEN,
            _NAMESPACE,
            _STORE,
            _WRITE,
        ),
        supersedes=("download-host-missing", "download-connect-failed", *_AFTER),
    ),
    Entry(
        code="no-update-offered",
        step=Step.RESPONSE,
        level=Level.INFORMATION,
        where="AC",
        title="The path works, and the service offers nothing newer",
        meaning=(
            "The service answered properly that it has no download for this phone (downloads=0). Up to here all is "
            "well. If the phone should be updated, the reason is in the service's rules, not in the network."
        ),
        causes=(
            "The phone already has the newest approved version.",
            "The update is imported and only pending; pending updates go to test devices alone.",
            "No update for this vendor, model, revision and locale was imported: all of them must match a rule.",
            "The update was imported on another pool: rules and files are not replicated between pools.",
            "Only a version is approved that this firmware cannot go to directly; old phones need an intermediate one.",
            "In an active check: the built-in request names something that no rule matches, because the exact "
            "spelling that phones use is not published.",
        ),
        fix=(
            "List the rules of the pool that answered. If none fits the phone, import the right UCUpdates.cab on each "
            "pool. If the version is pending, approve it, or register this one phone as a test device by its MAC "
            "address or serial number. OCS 2007 R2 has the same rules, without these cmdlets: read them by WMI, "
            "approve them in its administration tool. The phone asks again after a restart."
        ),
        commands=(
            "Get-CsDeviceUpdateRule | Format-Table "
            "Identity,DeviceType,Brand,Model,Revision,Locale,ApprovedVersion,PendingVersion",
            "Get-CsTestDevice",
            "Get-WmiObject -Namespace root\\cimv2 -Class MSFT_SIPDeviceUpdaterRules | Format-Table "
            "DeviceType,Brand,Model,Revision,Locale,ApprovedVersion,PendingVersion",
            "Get-CsService -WebServer | ForEach-Object { Import-CsDeviceUpdate -Identity $_.Identity "
            "-FileName C:\\Updates\\UCUpdates.cab }",
            'New-CsTestDevice -Identity "site:<site>/<name of the device>" -IdentifierType MACAddress '
            '-Identifier "{mac}"',
            'Approve-CsDeviceUpdateRule -Identity "<Identity of the rule>"',
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("downloads=0 when there is nothing newer", ref.GUIDE_23),
            ref.documented(
                "pending versions go to test devices, approved ones to all; an empty ApprovedVersion means not "
                "approved",
                ref.GUIDE_23,
                ref.TEST_DEVICE,
                ref.UPDATE_RULES,
            ),
            _NAMESPACE,
            ref.documented("a rule is matched by device type, brand, model, revision and locale", ref.WMI_RULES),
            ref.documented(
                "rules and files belong to one web service each and are not replicated", ref.IMPORT_UPDATE, ref.UPDATING
            ),
            ref.field_report(
                "a phone of the first generation must go through an intermediate version", ref.SCHERTZ_2013
            ),
            ref.field_report("status 0x0/200 on the phone's screen means that the request went through", ref.UCPLAYA),
        ),
        supersedes=_AFTER,
    ),
)
