"""Writes the sources of what Wine and the wheel of Panda3D lack for CPython: see ``set_up``.

``python -m tests.windows.parts FOLDER PYTHON_DLL WPCAP_DLL`` writes into the folder:

- ``python.c``, which calls ``Py_Main`` of ``python311.dll``;
- ``python3.def``, the stable ABI: each name is passed on to ``python311.dll``;
- ``bcryptprimitives.c``, of which cryptography wants one function (Wine 8 has no such library);
- ``wpcap.c`` and ``wpcap.def``: Npcap's library. Wine's own passes each call to libpcap; two functions of Npcap that
  scapy asks for are missing there.
"""

import re
import subprocess
import sys
from pathlib import Path

_PYTHON = """\
#include <windows.h>
#include <stdio.h>

int wmain(int argc, wchar_t **argv)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    if (library == NULL) {
        fprintf(stderr, "python311.dll cannot be loaded: %lu\\n", GetLastError());
        return 99;
    }
    int (*run)(int, wchar_t **) = (void *)GetProcAddress(library, "Py_Main");
    return run(argc, argv);
}
"""
_RANDOM = """\
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    return RtlGenRandom(data, (ULONG)size);
}
"""
# An event that is always set: then scapy asks for packets, for so long as it would have waited.
_LIBRARY = """\
#include <windows.h>

static HANDLE always;
%(pointers)s
__asm__(".text\\n" %(jumps)s);

HANDLE pcap_getevent(void *capture) { return always; }
int pcap_setmintocopy(void *capture, int size) { return 0; }

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID nothing)
{
    HMODULE library;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    always = CreateEventW(NULL, TRUE, TRUE, NULL);
    library = LoadLibraryW(L"C:\\\\windows\\\\system32\\\\wpcap.dll");
    if (library == NULL)
        return FALSE;
%(lookups)s
    return TRUE;
}
"""
_OWN = ("pcap_getevent", "pcap_setmintocopy")
_NAME = re.compile(r"^\s*\[\s*\d+\]\s+(?:\+base\[\s*\d+\]\s+\w+\s+)?(\w+)$", re.MULTILINE)


def exported_names(library: str) -> list[str]:
    """The names that a library for Windows exports."""
    command = ["x86_64-w64-mingw32-objdump", "--private-headers", library]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return _NAME.findall(printed, printed.index("[Ordinal/Name Pointer] Table"))


def main(folder: Path, python: str, library: str) -> None:
    passed_on = [f" {name} = python311.{name}" for name in exported_names(python)]
    names = [name for name in exported_names(library) if name not in _OWN]
    texts = {
        "python.c": _PYTHON,
        "python3.def": "\n".join(["LIBRARY python3", "EXPORTS", *passed_on]),
        "bcryptprimitives.c": _RANDOM,
        "wpcap.def": "\n".join(["LIBRARY wpcap", "EXPORTS", *(f" {name}" for name in (*names, *_OWN))]),
        "wpcap.c": _LIBRARY
        % {
            "pointers": "\n".join(f"void *to_{name};" for name in names),
            "jumps": "\n".join(f'".globl {name}\\n{name}:\\n jmp *to_{name}(%rip)\\n"' for name in names),
            "lookups": "\n".join(f'    to_{name} = (void *)GetProcAddress(library, "{name}");' for name in names),
        },
    }
    for name, text in texts.items():
        (folder / name).write_text(f"{text}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
