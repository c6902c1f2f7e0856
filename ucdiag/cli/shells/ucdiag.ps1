# Completes ucdiag's command lines in PowerShell:  ucdiag completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName @('ucdiag', 'ucdiag.exe') -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # The words up to the cursor as they were typed: the parser cuts some at ":", "," and "=".
    $line = $commandAst.ToString()
    $end = [Math]::Min($line.Length, $cursorPosition - $commandAst.Extent.StartOffset)
    $words = @($line.Substring(0, $end) -split '\s+' | Where-Object { $_ -ne '' })
    $current = ''
    if ($end -eq ($cursorPosition - $commandAst.Extent.StartOffset) -and $line.Substring(0, $end) -notmatch '\s$') {
        $current = $words[-1]
        $words = @($words | Select-Object -SkipLast 1)
    }
    $before = @($words | Select-Object -Skip 1)
    # Windows PowerShell drops an empty argument.
    if ($current -eq '' -and $PSVersionTable.PSVersion.Major -lt 7) { $typed = '""' } else { $typed = $current }
    $lines = @(& $words[0] completion --answer -- @before $typed 2>$null)
    if ($lines.Count -eq 0) { return }
    $kind, $prefix = $lines[0] -split "`t", 2
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new("$prefix$value", $value, 'ParameterValue', $about)
    }
    if ($kind -eq 'files') {
        $begun = $current.Substring($prefix.Length)
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($begun) | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new("$prefix$($_.CompletionText)", $_.ListItemText, $_.ResultType, $_.ToolTip)
        }
    }
}
