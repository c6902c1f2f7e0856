"""Who says so: the works that the catalogue and the table of firmware generations cite, and how sure each fact is.

``documented``: a vendor's text says it. ``traced``: seen in a trace or a captured example that a source quotes.
``field_report``: one administrator's text. ``inferred``: follows from documented facts, stated nowhere.
``background``: general knowledge of the protocol or product, not checked against a text on these phones.
"""

CERTAINTIES = ("documented", "traced", "field report", "inferred", "background")

GUIDE_23 = "Polycom CX700 Deployment Guide R2 (July 2010, 1725-31424-001), page 23"
GUIDE_26 = "Polycom CX700 Deployment Guide R2 (July 2010, 1725-31424-001), page 26"
PROCESS_R2 = 'Microsoft TechNet dd441234, "How the Device Update Process Works" (Office Communications Server 2007 R2)'
PROCESS_LYNC = 'Microsoft TechNet gg398740, "How the Device Update Process Works" (Lync Server 2010)'
UPDATING = 'Microsoft TechNet gg412864, "Updating Devices" (Lync Server 2010)'
UPDATING_COPY = 'a copy of Microsoft TechNet gg412864, "Updating Devices" (Lync Server 2010), at concept007.ru'
UCSPOTTING = (
    "Microsoft TechNet blog ucspotting, "
    '"Troubleshooting OCS 2007 R2 Device Update Service for Communicator Phone Edition" (11 March 2009)'
)
AUDIT_LOG = 'Microsoft TechNet dd250556 and dd572429, "Update Audit Log Schema" (Office Communications Server 2007 R2)'
WMI_UPDATES = "Microsoft MSDN dd129972, WMI class MSFT_SIPUpdatesServerSetting (Office Communications Server 2007 R2)"
WMI_SIBLING = "Microsoft MSDN dd185897, WMI class MSFT_SIPServerExtData (Office Communications Server 2007 R2)"
WMI_RULES = "Microsoft MSDN dd130011, WMI class MSFT_SIPDeviceUpdaterRules (Office Communications Server 2007 R2)"
PLANNING_R2 = 'Microsoft TechNet dd250583, "Device Update Service" planning (Office Communications Server 2007 R2)'
IIS_DIRECTORIES = "Microsoft, IIS virtual directories of Office Communications Server 2007 R2, internal and external"
MANAGING = 'Microsoft, "Managing Device Update Service" (Office Communications Server 2007 R2)'
COMPONENTS = 'Microsoft dd425248, "Solution Components of Device Update Service"'
GET_SERVICE = "Microsoft, Lync Server 2013 documentation, sample output of Get-CsService -WebServer"
SET_WEB_SERVER = 'Microsoft, "Set-CsWebServer" (Lync Server 2010 to Skype for Business Server 2019)'
DNS_LYNC_2013 = 'Microsoft JJ204936, "DNS requirements for a Standard Edition server" (Lync Server 2013)'
DNS_SKYPE = 'Microsoft, "DNS requirements" (Skype for Business Server)'
TEST_DEVICE = 'Microsoft, "New-CsTestDevice"'
IMPORT_UPDATE = 'Microsoft, "Import-CsDeviceUpdate"'
UPDATE_RULES = 'Microsoft, "Get-CsDeviceUpdateRule" and "Approve-CsDeviceUpdateRule"'
UPDATE_CONFIGURATION = 'Microsoft, "Set-CsDeviceUpdateConfiguration"'
REQUEST_CERTIFICATE = 'Microsoft, "Request-CsCertificate"'
APPROVE_COPY = 'a copy of Microsoft TechNet, "Approve updates" (Lync Server 2010)'
RESTORE_RULE = 'Microsoft gg398305, "Restore-CsDeviceUpdateRule"'
IP_PHONES_ONLINE = 'Microsoft, "Deploying Skype for Business Online phones"'
SERVER_CONFIGURATION = 'Microsoft MSDN dn454660, "Parsing server configuration" (Lync Server 2013)'
PROVISIONING = "[MS-SIPREGE], section 2.2.2.5.1"
UCPLAYA = 'ucplaya.blogspot.com, "Lync Server 2010 Device Update Error" (March 2012)'
MSXFAQ = "msxfaq.de, page on the device update of Lync phones (in German)"
SCHERTZ_2013 = 'blog.schertz.name, "Updating Lync Phone Edition Devices for Lync 2013" (May 2013)'
SCHERTZ_2014 = 'blog.schertz.name, "Lync Phone Edition and Public Certificates" (October 2014)'
LOKNA = 'lokna.no, "How I finally upgraded the firmware on a Polycom CX700 running 1.0.522.73"'
REPOST_2013 = 'reposts of an article of April 2013, "CX700 Won\'t Allow Upgrades OR Login"'
RELEASE_NOTES = (
    'russkirk.typepad.com, "Tanjay handset" (January 2008), quoting the release notes of Communicator 2007 '
    "Phone Edition"
)
DHCP_OPTIONS = (
    'Microsoft TechNet gg398088, "Configuring DHCP Options to Enable Sign-in for IP Phones", and gg398369, '
    '"Setting Up DHCP for Devices"'
)
DHCPUTIL = 'Microsoft TechNet gg412828, "Obtaining Values of DHCP Options by Using DHCPUtil.exe"'
AUDIOCODES = "AudioCodes 400HD Administrator's Manual LTRT-09960, page 22"
RESOURCE_KIT = 'Office Communications Server 2007 R2 Resource Kit, chapter "Communicator Phone Edition"'
DEPLOYING_LYNC = "Microsoft, IP phone deployment requirements (Lync Server 2010)"
NTP = "Microsoft, NTP for Lync Phone Edition (Lync Server 2010)"
ROOT_CA = 'Microsoft TechNet dd572460, "Root CA Certificate for Communicator Phone Edition"'
ROLLOUT = 'unified-communications.blogspot.com, "Lync Phone Edition rollout and tips" (May 2011)'
CERTIFICATES = 'Microsoft TechNet gg398066, "Certificate Infrastructure Requirements" (Lync Server 2010 and 2013)'
SCANNER = "a public scanner script that lists /RequestHandlerExt among the paths of Lync that answer with NTLM"
TLS_LIMITS = 'ucvnext.org, "Lync Phone Edition TLS Limitations" (March 2016)'
BUMPINTHE = 'blog.bumpinthe.net, "TLS 1.2 and Skype for Business" (February 2018)'
CODESALOT = 'blog.codesalot.com, "Communicator Phone Edition - Update Issues"'
DHCLIENT_CONF = "manual page dhclient.conf(5)"
OWN_TRIAL = "tried with that version on Debian 12"
RFC_1035 = "RFC 1035, section 2.3.4"
RFC_2131 = "RFC 2131"
RFC_2132 = "RFC 2132"
RFC_2308 = "RFC 2308"
RFC_9110 = "RFC 9110"


def documented(fact: str, *works: str) -> str:
    return _cite_fact("documented", fact, works)


def traced(fact: str, *works: str) -> str:
    return _cite_fact("traced", fact, works)


def field_report(fact: str, *works: str) -> str:
    return _cite_fact("field report", fact, works)


def inferred(fact: str, *works: str) -> str:
    return _cite_fact("inferred", fact, works)


def background(fact: str, *works: str) -> str:
    return _cite_fact("background", fact, works)


def _cite_fact(certainty: str, fact: str, works: tuple[str, ...]) -> str:
    origin = f" ({'from ' if certainty == 'inferred' else ''}{'; '.join(works)})" if works else ""
    return f"{certainty}: {fact}{origin}."


GET_IF_NEWER = documented("the phone GETs the file if it is newer than its own", GUIDE_26)
IIS_MEANING = background("what this status means is general IIS knowledge; no text ties it to a cause in this service")
