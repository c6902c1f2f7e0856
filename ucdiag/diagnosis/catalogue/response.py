"""Step 6, the response: what the body of the answer says."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.diagnosis.catalogue.shared_commands import IMPORT_UPDATES, REAL_BODY
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
_CURL = 'curl -v -X POST --data "" --max-time 20 "{scheme}://{address}:{port}/RequestHandler/ucdevice.upx"'
_RULES = (
    "Get-CsDeviceUpdateRule | Format-Table "
    "Identity,DeviceType,Brand,Model,Revision,Locale,ApprovedVersion,PendingVersion"
)
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
            "The record (perhaps a wildcard) points to another web server, which answers any path with its page.",
            "A captive portal, web filter or proxy puts its page in the place of the answer.",
            "The load balancer shows its own page, because no server behind it is healthy.",
        ),
        fix=(
            "Find out whose page it is (the evidence shows its beginning). Correct the record of {name} to the pool, "
            "or exempt the phones' subnet from the portal or filter."
        ),
        commands=("ucdiag probe --address {address} --port {port} -v", _CURL, "Resolve-DnsName -Name {name} -Type A"),
        who=Who.NETWORK,
        sources=(_XML, ref.inferred("a record that points to another web server", ref.GUIDE_23)),
        supersedes=_AFTER,
    ),
    Entry(
        code="response-malformed",
        step=Step.RESPONSE,
        level=Level.ERROR,
        where="AC",
        title="The answer is broken XML, or empty",
        meaning=(
            "The answer says success, and its body is empty, breaks off or does not parse. The phone cannot know "
            "whether there is an update."
        ),
        causes=(
            "The handler died while it wrote the answer.",
            "A proxy, or a device that inspects the traffic, cut or changed the body.",
            "To the built-in request: the handler answers a request that it does not understand with nothing.",
            "A log upload was answered; such answers may be empty.",
        ),
        fix=(
            "Send a real phone's request and compare. If that answer is broken too, ask a server of the pool "
            "directly. If it is broken there, check the event log of that server."
        ),
        commands=(*REAL_BODY, _CURL),
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
            "answered, or this generation of the server uses a form that is not known here. No complete answer of "
            "this service is published."
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
        commands=("ucdiag probe --address {address} --port {port} -v", *REAL_BODY),
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
            "The service has an update for this phone, but does not name the location of the files. The URLs of its "
            "file store were never set. The phone downloads nothing. The administration tool does not show these "
            "settings."
        ),
        causes=(
            "OCS 2007 R2: the WMI settings InternalUpdatesStoreURL and ExternalUpdatesStoreURL are empty.",
            "The pool was created, or the web components activated, without internal and external web farm names.",
            "Lync: the topology has no web service names for this pool, or was not published after they changed.",
        ),
        fix=(
            "OCS 2007 R2: note the present values of the WMI class MSFT_SIPUpdatesServerSetting. Set "
            "InternalUpdatesStoreURL (http://, the pool's internal name, /DeviceUpdateFiles_Int) and "
            "ExternalUpdatesStoreURL (https://, the external name, /DeviceUpdateFiles_Ext). Then restart the web "
            "site. Lync and Skype for Business: set the pool's web service names in Topology Builder and publish. "
            "Then run Step 2 of the Deployment Wizard (Enable-CsComputer) on each server."
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
            "The service names a location that no phone can fetch files from: a path without a host, a file share, "
            "or an invalid URL."
        ),
        causes=(
            "A UNC path (\\\\server\\share) or a local path was entered where the URL belongs.",
            "The scheme (http://) or the host is missing.",
            "A typing error in the WMI setting: a blank, two colons, a wrong slash.",
        ),
        fix=(
            "Correct InternalUpdatesStoreURL or ExternalUpdatesStoreURL of the WMI class MSFT_SIPUpdatesServerSetting "
            "(OCS 2007 R2) to a complete URL; the path on disk belongs into FileLocation. The answer says {url}. In "
            "Lync and Skype for Business the URL comes from the web service names of the topology."
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
    Entry(
        code="host-header-differs",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="A",
        title="The server answers otherwise when Host is its address",
        meaning=(
            "The same request was sent twice: with the name and with the address in the Host header. The server gave "
            "different answers. Which of the two these phones send is not known: the manual's example has an "
            "address, its trace a name. So a phone may get the other answer."
        ),
        causes=(
            "The web site of the service has a host name in its bindings, and another site takes what names none.",
            "A load balancer or reverse proxy chooses the site by Host and sends the rest elsewhere.",
            "The record ucupdates-r2 points to a server that knows the service under another name only.",
        ),
        fix=(
            "Let the web site of the Device Update Service answer to any Host header. Use a binding without a host "
            "name, or bindings for both name and address. On a load balancer, add a rule for requests whose Host is "
            "the address of the virtual server."
        ),
        commands=(
            "ucdiag probe --address {address} --port {port} --host {address}",
            "Get-WebBinding | Format-Table protocol,bindingInformation,ItemXPath",
            "New-WebBinding -Name <site> -Protocol {scheme} -Port {port}",
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("an address stands in the example request", ref.GUIDE_23),
            ref.traced("a name stands in the URLs of the trace", ref.GUIDE_26),
            ref.inferred("that a phone's Host may be either", ref.GUIDE_23, ref.GUIDE_26),
        ),
    ),
    Entry(
        code="same-version-offered",
        step=Step.RESPONSE,
        level=Level.INFORMATION,
        where="AC",
        title="The version offered is the phone's own",
        meaning=(
            "The answer names the version that the phone's request names. There is nothing to fetch, and the path "
            "works up to here. If the phone should be updated, the reason is in the service's rules."
        ),
        causes=(
            "The phone was updated, and the service goes on naming the approved version.",
            "The newer version is not approved yet, or only pending.",
            "The newer version was imported on another pool: rules and files are not replicated between pools.",
        ),
        fix=(
            "If the phone has the version that it should have, nothing. Else list the rules of the pool that answered, "
            "and approve the newer version there."
        ),
        commands=(_RULES, 'Approve-CsDeviceUpdateRule -Identity "<Identity of the rule>"'),
        who=Who.SERVER,
        sources=(
            ref.documented("the answer holds the current firmware version", ref.GUIDE_26),
            ref.GET_IF_NEWER,
            ref.documented("rules and files belong to one web service each", ref.IMPORT_UPDATE, ref.UPDATING),
        ),
        supersedes=_AFTER,
    ),
    Entry(
        code="downgrade-offered",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="AC",
        title="The version offered is older than the phone's",
        meaning=(
            "The service offers an older version than the phone's request names. By one text a phone takes any "
            "approved version that is different from its own, also an older one."
        ),
        causes=(
            "The older version is approved on the pool that answered, and the newer one on another pool.",
            "The rule was set back to its previous version (Restore-CsDeviceUpdateRule).",
            "The phone was updated from elsewhere: by another pool, or a provisioning server of its maker.",
        ),
        fix=(
            "List the rules of every pool that may answer this phone. Import and approve the version that the phones "
            "should have on each of them, and let one server alone update the phones."
        ),
        commands=(_RULES, IMPORT_UPDATES, 'Approve-CsDeviceUpdateRule -Identity "<Identity of the rule>"'),
        who=Who.SERVER,
        sources=(
            ref.documented(
                "a phone receives an approved version that is different, also an older one", ref.APPROVE_COPY
            ),
            ref.documented("that a rule can be set back to the previous version", ref.RESTORE_RULE),
            ref.documented("two update authorities cause update loops", ref.IP_PHONES_ONLINE),
            ref.documented("rules and files belong to one web service each", ref.IMPORT_UPDATE, ref.UPDATING),
        ),
    ),
    Entry(
        code="stage-skipped",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="AC",
        title="The version offered needs an intermediate version first",
        meaning=(
            "By field reports a CX700 or LG-Nortel IP8540 with old firmware cannot go to this version at once: it must "
            "take an intermediate version first. The download may fail, or the phone may keep its version."
        ),
        causes=(
            "Only the newest version is imported and approved on the pool that answered.",
            "The intermediate version was approved once, and replaced before this phone was updated.",
        ),
        fix=(
            "Import the intermediate version on the pool that answered and approve it until the old phones have it. "
            "The path is 1.0.522.x, then 3.5.6907.x, then 4.0.7577.x. Approve the newest version after that."
        ),
        commands=(_RULES, IMPORT_UPDATES, 'Approve-CsDeviceUpdateRule -Identity "<Identity of the rule>"'),
        who=Who.SERVER,
        sources=(
            ref.field_report("an old phone must go through an intermediate version before 4.0", ref.SCHERTZ_2013),
            ref.documented(
                "three stages of firmware: 1.0.199, 1.0.522, 3.5.6907",
                "Rick Varvel, OCPE Device Upgrade Process for R2",
            ),
            ref.inferred("which versions are the stages", ref.SCHERTZ_2013, ref.GUIDE_23),
        ),
    ),
    Entry(
        code="internal-url-https",
        step=Step.RESPONSE,
        level=Level.INFORMATION,
        where="AC",
        title="The internal URL of the update is https",
        meaning=(
            "The phone must fetch the file over TLS also inside. Lync Server 2013 names such URLs; OCS 2007 R2 names "
            "http. A phone that does not trust the certificate, or has no TLS version in common, gets no file."
        ),
        causes=(
            "Lync Server 2013 or later hands out its web service's https address.",
            "InternalUpdatesStoreURL was filled in with https.",
        ),
        fix=(
            "Nothing if phones get the file. Otherwise test the handshake with the URL's host: the phone needs a "
            "certificate that it trusts. Old firmware cannot verify SHA-2, and is not known to support TLS 1.2."
        ),
        commands=(_WEB_SERVICES, 'curl -v -I --max-time 20 "{url}"'),
        who=Who.SERVER,
        sources=(
            ref.documented("https with a port in the addresses of Lync Server 2013", ref.SERVER_CONFIGURATION),
            ref.documented("an internal request handler with https", ref.GET_SERVICE),
            ref.traced("the internal URL of OCS 2007 R2 is http", ref.GUIDE_26),
            ref.documented("SHA-2 is not supported by firmware of the time of the manual", ref.GUIDE_26),
        ),
    ),
    Entry(
        code="external-url-http",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="AC",
        title="The external URL of the update is plain http",
        meaning=(
            "A phone outside would fetch its file in clear, and only if port 80 of the reverse proxy publishes it. All "
            "sources have https for the outside."
        ),
        causes=(
            "ExternalUpdatesStoreURL was filled in with http.",
            "The internal URL was entered for the outside too.",
        ),
        fix=(
            "If phones are used outside: OCS 2007 R2: set ExternalUpdatesStoreURL of the WMI class "
            "MSFT_SIPUpdatesServerSetting to https://, the external name and /DeviceUpdateFiles_Ext. Lync and Skype "
            "for Business: set the external web services name, and publish port 443 on the reverse proxy."
        ),
        commands=(_WMI, _WEB_SERVICES, _PUT_EXTERNAL, _SET_EXTERNAL, "Enable-CsTopology", "Enable-CsComputer"),
        who=Who.SERVER,
        sources=(
            ref.traced("the external URL is https", ref.GUIDE_26),
            ref.documented("the external store of Lync Server 2013 is https", ref.GET_SERVICE),
            ref.field_report("internal URLs are http and external ones https", ref.UCPLAYA),
            _STORE,
            _WRITE,
        ),
    ),
    Entry(
        code="external-host-missing",
        step=Step.RESPONSE,
        level=Level.WARNING,
        where="A",
        title="The host of the external URL does not resolve from here",
        meaning=(
            "The answer names a URL for phones outside, and its host does not exist in the DNS that was asked here. "
            "Phones inside do not need it. A phone outside asks a public DNS server, which may know the host all the "
            "same."
        ),
        causes=(
            "The internal DNS has its own copy of the zone, without the public names.",
            "The external web farm name was changed or mistyped, and no record was made for it.",
            "The reverse proxy was taken out of service together with its record.",
        ),
        fix=(
            "Ask a public DNS server for {host}. If it is missing there too, create the record, or correct the "
            "external name of the web services. If only the internal DNS lacks it, phones that leave the site are not "
            "harmed."
        ),
        commands=(
            "Resolve-DnsName {host} -Server <public DNS server>",
            "nslookup {host} <public DNS server>",
            "Get-CsService -WebServer | Format-List PoolFqdn,ExternalFqdn,DeviceUpdateDownloadExternalUri",
        ),
        who=Who.DNS,
        sources=(
            ref.traced("the answer carries an internal and an external URL", ref.GUIDE_26),
            ref.documented("the external URL has the external web farm's name", ref.GET_SERVICE),
        ),
    ),
)
