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
