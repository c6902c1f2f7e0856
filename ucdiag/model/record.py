"""What all dataclasses of the model have in common."""

from dataclasses import Field, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["Record", "record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, eq: bool = True, **options: bool) -> Any:
        """``dataclass``, for what a capture makes by the ten thousands. ``frozen`` is the type checker's to hold.

        One that Python itself keeps frozen has each of its fields set by a call, and to make them takes four times as
        long: of a capture of hundreds of phones, one twentieth of the whole.
        """
        return dataclass(eq=eq, unsafe_hash=eq and frozen, **options)


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
