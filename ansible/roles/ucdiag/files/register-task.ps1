# Registers the task from its file, where there is none yet or the file is new. Run by win_powershell.
[CmdletBinding(SupportsShouldProcess)]
param (
    [Parameter(Mandatory)]
    [string]$File,

    [bool]$Renew = $false
)

$ErrorActionPreference = 'Stop'
$present = Get-ScheduledTask -TaskPath '\' -TaskName 'ucdiag' -ErrorAction SilentlyContinue
$Ansible.Changed = $Renew -or -not $present
if ($Ansible.Changed -and $PSCmdlet.ShouldProcess('ucdiag', 'Register')) {
    # As text, so its head must name no encoding.
    $xml = Get-Content -LiteralPath $File -Raw -Encoding UTF8
    Register-ScheduledTask -TaskPath '\' -TaskName 'ucdiag' -Xml $xml -Force | Out-Null
}
