"""How a phone names its update service on the wire: the labels in DNS and the paths of its requests.

Sources: Polycom CX700 Deployment Guide R2 (July 2010), page 23, for ``ucupdates-r2`` and the path of the request;
Microsoft, "DNS requirements for a Standard Edition server" (Lync Server 2013), for the older ``ucupdates``.
"""

from urllib.parse import unquote

#: The label below the DHCP domain that firmware from 1.0.522.101 on asks for.
R2_LABEL = "ucupdates-r2"
#: The label of deployments before OCS 2007 R2.
LEGACY_LABEL = "ucupdates"
UPDATE_LABELS = (R2_LABEL, LEGACY_LABEL)

INTERNAL_PATH = "/RequestHandler/ucdevice.upx"
EXTERNAL_PATH = "/RequestHandlerExt/ucdevice.upx"
#: How the path of every request to the service ends, and how one from outside begins; both in lower case.
HANDLER = "/ucdevice.upx"
EXTERNAL_PREFIX = "/requesthandlerext/"
_PREFIXES = ("/requesthandler/ucdevice.upx/", "/requesthandlerext/ucdevice.upx/")
#: How the User-Agent of this program's own requests begins.
OWN_AGENT = "ucdiag/"
#: Where the services publish firmware files: DeviceUpdateFiles_Int and _Ext (OCS 2007 R2), RequestHandler/Files and
#: RequestHandlerExt/Files (Lync Server 2013, sample output of Get-CsService). In lower case.
STORES = (
    "/deviceupdatefiles_int/",
    "/deviceupdatefiles_ext/",
    "/requesthandler/files/",
    "/requesthandlerext/files/",
)


def is_own_agent(user_agent: str | None) -> bool:
    """Whether a User-Agent is that of this program's own requests."""
    return (user_agent or "").startswith(OWN_AGENT)


def plain_path(target: str) -> str:
    """The path of a request target as Windows servers compare it: no regard to case or to how it is escaped."""
    path = target.partition("?")[0]
    if "%" in path:
        path = unquote(path)
    return path.lower()


def is_handler(path: str) -> bool:
    """Whether a path, in its plain form, is the request handler's. Of one with more behind it the handler is asked."""
    return path.endswith(HANDLER) or (HANDLER in path and path.startswith(_PREFIXES))
