# Removes the task, where there is one. Run by win_powershell.
[CmdletBinding(SupportsShouldProcess)]
param ()

$ErrorActionPreference = 'Stop'
$present = Get-ScheduledTask -TaskPath '\' -TaskName 'ucdiag' -ErrorAction SilentlyContinue
$Ansible.Changed = [bool]$present
if ($present -and $PSCmdlet.ShouldProcess('ucdiag', 'Unregister')) {
    Unregister-ScheduledTask -TaskPath '\' -TaskName 'ucdiag' -Confirm:$false
}
