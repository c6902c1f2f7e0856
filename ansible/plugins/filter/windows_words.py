"""The filter ``ucdiag.fleet.windows_words``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from subprocess import list2cmdline

DOCUMENTATION = """
name: windows_words
author: The ucdiag developers
version_added: 0.1.0
short_description: A command line of Windows from its words
description:
  - Quotes each word so that a program of Windows reads it as it was.
options:
  _input:
    description: The words.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show a command line
  ansible.builtin.debug:
    msg: "{{ ['C:\\Program Files\\ucdiag\\ucdiag.exe', 'check'] | ucdiag.fleet.windows_words }}"
"""

RETURN = """
_value:
  description: The command line.
  type: str
"""


def windows_words(words: Iterable[object]) -> str:
    """The words as one command line."""
    return list2cmdline([str(word) for word in words])


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters by name."""
        return {"windows_words": windows_words}
