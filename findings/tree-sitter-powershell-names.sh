#!/usr/bin/env bash
# tree-sitter-powershell 0.26.4 (with tree-sitter 0.26.1) finds a syntax error in valid commands: where the name of a
# parameter has a digit behind its first letter, and where bare words are a list.
#
# Expected: both are valid. A parameter's name may hold digits (about_Parsing, about_Parameters; the DnsServer module's
# -IPv4Address is one), and in argument mode a comma between bare words makes an array (about_Parsing), as in every
# "Format-List Name,Status".
# Seen: an ERROR node for -IPv4Address, -V4 and -Name4, none for -4 and -Ipv; one for a,b and "a, b", none for $a,$b.
# Who meets it: whoever checks printed PowerShell without PowerShell, or highlights DNS and Exchange scripts by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-deps \
    tree-sitter==0.26.1 tree-sitter-powershell==0.26.4 >&2 || {
    echo "could not install tree-sitter-powershell 0.26.4" >&2
    exit 2
}
run() { env/bin/python -; }

expected=$(
    cat <<'TEXT'
error: Add-DnsServerResourceRecordA -Name www -IPv4Address 192.0.2.1
valid: Add-DnsServerResourceRecordA -Name www -Address 192.0.2.1
error: Get-Thing -V4
valid: Get-Thing -Ipv
valid: Get-Thing -4
error: Get-Service | Format-List Name,Status
error: Get-Service | Format-List Name, Status
valid: Get-Service | Format-List Name
valid: Write-Host $a,$b
TEXT
)
seen=$(
    run <<'PY'
import tree_sitter_powershell
from tree_sitter import Language, Parser

COMMANDS = (
    "Add-DnsServerResourceRecordA -Name www -IPv4Address 192.0.2.1",
    "Add-DnsServerResourceRecordA -Name www -Address 192.0.2.1",
    "Get-Thing -V4",
    "Get-Thing -Ipv",
    "Get-Thing -4",
    "Get-Service | Format-List Name,Status",
    "Get-Service | Format-List Name, Status",
    "Get-Service | Format-List Name",
    "Write-Host $a,$b",
)
parser = Parser(Language(tree_sitter_powershell.language()))
for command in COMMANDS:
    tree = parser.parse(command.encode())
    print("error:" if tree.root_node.has_error else "valid:", command)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
