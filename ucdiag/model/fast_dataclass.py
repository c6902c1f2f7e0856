"""What the dataclasses have in common that a start of the program defines, whatever it is to do."""

from dataclasses import Field, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["Record", "record"]


class Record:
    """Equality, hash and representation of a frozen dataclass, by its fields."""

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


if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool = False, **options: bool) -> Any:
        """``dataclass``, for what every start of the program defines, and a capture makes by the ten thousands.

        ``dataclass`` compiles text for each method, of which most are never called: a fifth of the time that the
        program's own modules took to import. So ``__init__`` is made when it is first called, and the others are
        those of ``Record``. ``frozen`` is the type checker's to hold: what Python itself keeps frozen has each of its
        fields set by a call, and takes four times as long to make.
        """

        def made(cls: type) -> type:
            cls = dataclass(init=False, eq=False, repr=False, **options)(cls)
            cls.__init__ = _first_init(cls)
            if not issubclass(cls, Record):
                cls.__repr__ = Record.__repr__
                cls.__eq__ = Record.__eq__
                cls.__hash__ = Record.__hash__ if frozen else None
            return cls

        return made

    def _first_init(cls: type) -> Any:
        def init(self: Any, *args: Any, **given: Any) -> None:
            # Made by a subclass without fields of its own, which may have slots and a docstring as the class itself.
            own = {"__slots__": (), "__doc__": cls.__doc__}
            cls.__init__ = dataclass(eq=False, repr=False)(type(cls.__name__, (cls,), own)).__init__
            cls.__init__(self, *args, **given)

        return init
