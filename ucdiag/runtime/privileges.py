"""What rights this program has and lacks, and the words that help: with root, with one right, and without any."""

import os
import sys
from collections.abc import Iterable

from ucdiag.model.patterns import pattern
from ucdiag.model.text import powershell_literal

_COPY = "capture.pcapng"
_VARIABLES = "UCDIAG_"
_NOT_SHOWN = ("UCDIAG_PASSWORD=", "UCDIAG_TRACEBACK=")
_SEPARATORS = pattern(r"([\\/])")
# What PowerShell does not take as one plain word without quotes.
_TO_POWERSHELL = pattern(r"@|-[^-].*[.:]")
# What PowerShell replaces between double quotes, or ends them with.
_TAKEN_FROM_QUOTES = frozenset("$`\u201c\u201d\u201e")


def is_root() -> bool | None:
    """Whether this process may do everything (root, or an administrator); ``None`` where that is not known."""
    if sys.platform == "win32":
        import ctypes

        try:
            return bool(ctypes.windll.shell32.IsUserAnAdmin())
        except (AttributeError, OSError):
            return None
    number = getattr(os, "geteuid", None)
    return None if number is None else number() == 0


def may_listen() -> bool | None:
    """Whether this process may open a packet socket; ``None`` where that is not known before it is tried."""
    if sys.platform == "linux":
        from ucdiag.runtime.packet_socket import PacketSocket

        try:
            PacketSocket().close()
        except OSError:
            return False
        return True
    if sys.platform == "darwin":
        # Wireshark's ChmodBPF lets a group open them.
        try:
            os.close(os.open("/dev/bpf0", os.O_RDONLY))
        except OSError:
            return is_root()
        return True
    return is_root()


def program_call(platform: str = sys.platform) -> str:
    """How this program is called from anywhere, quoted for this system's shell, on Windows for cmd and PowerShell.

    ``sudo`` has a search path of its own, in which a virtual environment is not.
    """
    own = sys.argv[0] if sys.argv else ""
    if own and os.path.basename(own).lower().startswith("ucdiag") and os.path.exists(own):  # noqa: PTH110, PTH119
        return program_word(os.path.abspath(own), platform)  # noqa: PTH100 - pathlib is slow to import
    return f"{program_word(sys.executable, platform)} -m ucdiag"


def program_word(path: str, platform: str = sys.platform) -> str:
    """A program's whole path at the beginning of a command.

    A quoted word is a text to PowerShell there, and cmd does not know the ``&`` that makes it a program. Quotes around
    parts of the path alone, as in ``C:\\"Program Files"\\x.exe``, make a program in both.
    """
    if platform != "win32":
        return quoted_word(path, platform)
    return "".join(part if part in "\\/" else quoted_word(part, platform) for part in _SEPARATORS.split(path))


def program_name(platform: str = sys.platform) -> str:
    """How this program is called in a terminal like this one: by its name where that is found, else by its path."""
    import shutil  # for a hint, of which most runs have none

    found = shutil.which("ucdiag")
    own = os.path.realpath(sys.argv[0]) if sys.argv else ""
    if found is not None and os.path.realpath(found) == own:
        return "ucdiag"
    return program_call(platform)


def program_calls() -> tuple[str, str]:
    """How this program is called in a terminal like this one, without and with root's rights."""
    elevated = f"sudo {program_call()}" if sys.platform != "win32" else program_name()
    return program_name(), elevated


def quoted_word(word: str, platform: str = sys.platform) -> str:
    """One word for the shell of a system: POSIX, or on Windows both cmd and PowerShell.

    In double quotes both take blanks, ``&``, ``(`` and ``'`` as they are. ``%`` in cmd and ``$``, the backtick and
    typographic double quotes in PowerShell are not, so a word with one of the latter gets the single quotes that
    PowerShell alone knows. PowerShell takes ``@name`` for a variable's elements, and cuts ``-t1.5`` before the dot.
    Before a closing quote a program takes a backslash for the quote's own, unless there are two.
    """
    if platform != "win32":
        import shlex  # for a hint, of which most runs have none

        return shlex.quote(word)
    if word and not _TO_POWERSHELL.match(word) and all(char.isalnum() or char in "-_.:\\/=+@" for char in word):
        return word
    if not _TAKEN_FROM_QUOTES.isdisjoint(word):
        return powershell_literal(word)
    backslashes = len(word) - len(word.rstrip("\\"))
    return '"' + word.replace('"', '`"') + "\\" * backslashes + '"'


def quoted_words(words: Iterable[str], platform: str = sys.platform) -> str:
    """Several words for the shell of a system."""
    return " ".join(quoted_word(word, platform) for word in words)


def elevated_command(arguments: str, platform: str = sys.platform) -> str:
    """The command with these arguments, as one who has the right runs it."""
    if platform == "win32":
        return f"{program_call(platform)} {arguments}"
    return f"sudo {program_call(platform)} {arguments}"


def same_command_elevated(otherwise: str, platform: str = sys.platform) -> str:
    """This run's own command, as one who has the right runs it; with ``otherwise`` where its words are not known."""
    own, *words = sys.argv or [""]
    parts = own.replace("\\", "/").rsplit("/", 2)
    known = parts[-1].lower().startswith("ucdiag") or parts[-2:] == ["ucdiag", "__main__.py"]
    command = elevated_command(quoted_words(words, platform) if known else otherwise, platform)
    if not known or platform == "win32":
        return command
    # sudo drops the variables that options were read from, unless it is given them.
    given = [f"{name}={os.environ[name]}" for name in sorted(os.environ) if name.startswith(_VARIABLES)]
    kept = [word for word in given if not word.startswith(_NOT_SHOWN)]
    return command.replace("sudo ", f"sudo {quoted_words(kept, platform)} ", 1) if kept else command


def capture_hint(platform: str = sys.platform, interface: str | None = None) -> str:
    """How to get the right to capture, and the way without root. ``ucdiag doctor`` has more ways."""
    if platform == "win32":
        how = "run it from a prompt opened with 'Run as administrator', and have Npcap (https://npcap.com)"
    else:
        how = f"run it as root: {same_command_elevated('capture', platform)}"
    return f"{how}. {captured_by_others(platform, interface)}. Other ways: 'ucdiag doctor'"


def captured_by_others(platform: str = sys.platform, interface: str | None = None, when: str = "") -> str:
    """The way without the right to listen: another program captures ``when``, and its file is read."""
    read = f"then '{program_call()} capture {_COPY}' as anybody"
    if platform == "win32":
        return (
            f"Without it: 'pktmon start --capture --pkt-size 0'{when}, later 'pktmon stop' and "
            f"'pktmon etl2pcap PktMon.etl -o {_COPY}', from such a prompt, {read}"
        )
    name = quoted_word(interface or ("en0" if platform == "darwin" else "eth0"), platform)
    if platform == "darwin":
        return f"Without it: have somebody run 'sudo tcpdump -i {name} -w {_COPY}'{when}, {read}"
    return (
        f"Without it: 'dumpcap -i {name} -w {_COPY}' as a member of the group wireshark, or "
        f"'sudo tcpdump -i {name} -w {_COPY}'{when}, {read}"
    )
