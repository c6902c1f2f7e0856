"""What all dataclasses of the model have in common."""

from dataclasses import Field, fields
from typing import Any, ClassVar


class Record:
    """Equality, hash and representation of a frozen dataclass, by its fields.

    Generated for each of them (``eq`` and ``repr`` of ``dataclass``), these make up a third of the time that it
    takes to import the model, which every command pays for when it starts.
    """

    __slots__ = ()

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__dataclass_fields__)

    def __hash__(self) -> int:
        return hash((self.__class__, *(getattr(self, name) for name in self.__dataclass_fields__)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
        return f"{type(self).__qualname__}({shown})"
