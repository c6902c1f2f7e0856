"""Words that stay: those of protocols, of the service, of these phones, and of everybody's English.

A host may be called ``server``; replacing that word everywhere would break headers and say nothing of a site.
"""

from ucdiag.model.patterns import pattern


def words_of(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Labels at the end of names that belong to nobody.
ENDS = words_of("""
    com net org edu gov mil int info biz local lan localdomain corp internal intra intranet home arpa test example
    invalid localhost in-addr ip6 private
""")
# How names of the service, of protocols and of public makers begin or are.
_SERVICE = pattern(
    r"ucupdates.*|_.*|www\d*|sip|sipinternal|sipexternal|sipinternaltls|sipfederationtls|lyncdiscover|"
    r"lyncdiscoverinternal|autodiscover|wpad|isatap|ucdevice|requesthandler(?:ext)?|deviceupdatefiles.*|"
    r"no-such-name.*|ucdiag.*",
)
_WORDS = words_of("""
    accept accept-encoding accept-language access account ack address administrator admin after age agent allow
    and any application attachment attempt authenticate authority authorization auth based basic bearer body boot
    bytes cache cache-control case catalog cause certificate charset check checks chunked client clock close
    closed code command communicator connect connection content content-disposition content-encoding
    content-length content-location content-range content-type control cookie current data date default deflate
    denied destination device devices dhcp digest direction discover dns document domain download downloads
    element encoding entity error etag expect expires external file files firmware forbidden form format
    forwarded found frame from full gateway get gzip handler hardware head header hello host html http https
    identity identifier identity image important index information inform input integer internal internalurl
    externalurl invalid ip keep keep-alive key language last last-modified lease length length-required link list
    location login logon lync mac macaddress maker manager master max message meta method mobile model module
    modules moved multipart must name names negotiate network newer next nginx none not nothing notify now ntlm
    number object octet-stream offer office old open option options order origin outlook page pass password path
    phone phones plain polycom pool port post pragma private probe problem protocol proxy proxy-authenticate
    proxy-authorization proxy-connection public range realm reason record redirect referer refused relay release
    repository request requests required reset resolver response retry retry-after revision root router sans
    schema scheme search secret security send serial serialnumber server servers service services session
    set-cookie share sign signature site size software source standard start state status step steps stop store
    stream string subject subnet switch system table target text time timeout title token trailer transfer
    transfer-encoding true false type ucphone uctcphone unauthorized unknown unsupported update updates upgrade
    upload url user user-agent users utf utf-8 value vendor verdict version via vlan voice wait warning web whole
    window windows with without work www-authenticate x-powered-by xml xmlns zone asp.net iis apache microsoft
    microsoft-httpapi microsoft-iis cpe-ocphone ms-uc-client ocphone aastra lge lg-nortel snom enu cx600 cx700
    cx500 cx3000 ip8540 6721ip 6725ip digicert verisign globalsign entrust thawte geotrust godaddy symantec
    baltimore comodo sectigo trust global organization certification limited corporation company issuing
    intermediate primary assurance group local internet validation extended validated secure widgits pty inc ltd
    gmbh llc cpe nbt cab cat upx aspx asp dll php uc ms oc int ext en us gmt utc mon tue wed thu fri sat sun jan feb
    mar apr may jun jul aug sep oct nov dec com net org edu gov mil info biz arpa in-addr localhost ca ci
    oi cimv2
""")
_TOGETHER = "\n".join(_WORDS)


def is_public(word: str) -> bool:
    """Whether this word says nothing of a site."""
    word = word.lower()
    return word in _WORDS or _SERVICE.fullmatch(word) is not None


def needs_bounds(word: str) -> bool:
    """Whether the word is also a part of words that stay, so that it counts only where it stands alone."""
    word = word.lower()
    return (
        len(word) < 4
        or word.isdigit()
        or ("\n" not in word and word in _TOGETHER)
        or word in "ucupdates-r2 ucdevice requesthandlerext"
    )
