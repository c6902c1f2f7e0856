"""The commands that the advice of several steps gives."""

APPCMD = '& "$env:windir\\system32\\inetsrv\\appcmd.exe"'
LIST_VDIRS = f"{APPCMD} list vdir"
WEB_SERVICES = "Get-CsService -WebServer | Format-List Identity,PoolFqdn,DeviceUpdate*"
IMPORT_UPDATES = (
    "Get-CsService -WebServer | ForEach-Object { Import-CsDeviceUpdate -Identity $_.Identity "
    "-FileName C:\\Updates\\UCUpdates.cab }"
)
REAL_BODY = (
    "sudo ucdiag capture -i <interface> --mac {mac} --save-request phone.request",
    "ucdiag probe --address {address} --port {port} --body phone.request",
)

#: What /sslFlags:None does beside what it is for: the flags are one value (Microsoft, IIS, "Access <access>").
DROPS_SSL = (
    "The command for it switches 'Require SSL' off as well: where that is on and has to stay, write Ssl in place of "
    "None."
)
