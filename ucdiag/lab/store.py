"""The lab's firmware file store: files whose bytes anybody can compute, below the documented paths."""

import hashlib

from ucdiag.lab.http_server import LabRequest, ReplyCounter
from ucdiag.lab.scenario import Reply, Rule, Store, Update

# Often quoted as the files' names; no source for them was found.
IMAGE, SIGNATURE = "CPE.nbt", "CPE.cat"
TIMESTAMP = "2009-11-05T12:00:00Z"
# How images for Windows CE begin (background knowledge).
_MAGIC = b"B000FF\n"


def folder_of(rule: Rule, version: str) -> str:
    """The folder of a version's files below the store's URL.

    ``/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE`` is the documented example (Polycom CX700 Deployment Guide R2
    (July 2010), page 26, step 25); what its parts are called is inferred.
    """
    parts = (rule.device_type, rule.vendor, rule.model, rule.revision, rule.locale, version, rule.update_type)
    return "".join(f"/{part}" for part in parts)


def file_content(path: str, size: int) -> bytes:
    """The bytes of the file at this path: the same for everybody, different for each path."""
    seed = hashlib.sha256(path.lower().encode()).digest()
    return (_MAGIC + seed * (size // len(seed) + 1))[:size]


class FileStore:
    """Answers requests for files: those of every version that the update service's rules name are there."""

    def __init__(self, data: Store, update: Update) -> None:
        self._data, self._counter = data, ReplyCounter()
        self._paths: set[str] = set()
        for rule in update.rules:
            for version in (rule.approved, rule.pending):
                if version:
                    self._paths |= {f"{folder_of(rule, version)}/{name}".lower() for name in (IMAGE, SIGNATURE)}

    def answer_request(self, request: LabRequest) -> Reply | None:
        """The reply, or ``None`` for a path that the store does not have."""
        path = request.path.lower()
        path_of_file = next((known for known in self._paths if path.endswith(known)), None)
        if path_of_file is None or request.method not in ("GET", "HEAD"):
            return None
        fault = self._data.reply
        if fault is not None and self._counter.still_applies(fault):
            if fault.body is not None or fault.status != 200:
                return fault
            how, chunked = fault.how, fault.chunked
        else:
            how, chunked = "whole", False
        body = file_content(path_of_file, self._data.size)
        return Reply(headers=(("Content-Type", "application/octet-stream"),), body=body, how=how, chunked=chunked)
