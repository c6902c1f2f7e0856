"""Folders within folders, as a hostile archive makes them: deeper than Python calls, or than a path can name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def nested(top: Path, name: str, depth: int) -> Iterator[int]:
    """So many folders of this name below ``top``, each in the one before. Gives the open innermost one.

    They are removed again: ``shutil`` of Python 3.11 calls itself for each.
    """
    folders = [os.open(top, os.O_RDONLY)]
    try:
        for _ in range(depth):
            os.mkdir(name, dir_fd=folders[-1])
            inner = os.open(name, os.O_RDONLY, dir_fd=folders[-1])
            if len(folders) > 1:
                os.close(folders.pop())
            folders.append(inner)
        yield folders[-1]
    finally:
        for folder in folders[1:]:
            with suppress(FileNotFoundError):
                for left in os.listdir(folder):  # noqa: PTH208 - an open folder
                    os.unlink(left, dir_fd=folder)
            os.close(folder)
        for _ in range(depth):
            with suppress(FileNotFoundError):
                os.rename(f"{name}/{name}", "moved", src_dir_fd=folders[0], dst_dir_fd=folders[0])
            os.rmdir(name, dir_fd=folders[0])
            with suppress(FileNotFoundError):
                os.rename("moved", name, src_dir_fd=folders[0], dst_dir_fd=folders[0])
        os.close(folders[0])


def put(folder: int, name: str, data: bytes) -> None:
    """A file in an open folder."""
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=folder), "wb") as file:
        file.write(data)
