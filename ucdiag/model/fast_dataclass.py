"""What the dataclasses have in common that a start of the program defines, whatever it is to do."""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["Record", "field_filler", "field_names", "field_values", "record", "replace"]


#: Of each record its ``_Model``.
_MODELS: dict[type, Any] = {}


class Record:
    """Equality, hash and representation of a frozen dataclass, by its fields."""

    __slots__ = ()

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        values = field_values(self.__class__)  # type: ignore[arg-type]  # to mypy a class has the hash of its objects
        return bool(values(self) == values(other))

    def __hash__(self) -> int:
        return hash((self.__class__, field_values(self.__class__)(self)))  # type: ignore[arg-type]

    def __repr__(self) -> str:
        names = field_names(self.__class__)  # type: ignore[arg-type]
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"


@cache
def field_names(cls: type) -> tuple[str, ...]:
    """The names of a record's fields, in their order. ``fields`` has the record described first, which takes longer."""
    model = _MODELS.get(cls)
    return tuple(model.defaults) if model is not None else tuple(field.name for field in fields(cls))


@cache
def field_values(cls: type) -> Callable[[Any], Any]:
    """What takes the values of all fields out of a record: a tuple in their order, of one field its value."""
    names = field_names(cls)
    return attrgetter(*names) if names else type


@cache
def field_filler(cls: type) -> Callable[[Any, Iterable[Any]], None]:
    """A function that sets the fields of a record, which has none so far, to so many values: ``__init__`` by name
    takes four times as long."""
    made: dict[str, Any] = {}
    exec(f"def fill(made, values):\n ({', '.join(f'made.{name}' for name in field_names(cls))},) = values", made)
    fill: Callable[[Any, Iterable[Any]], None] = made["fill"]
    return fill


if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import replace
else:
    # Compiling ``__init__`` takes as long as filling so many objects name by name.
    _BEFORE_COMPILED = 20

    def record(*, frozen: bool = False, slots: bool = False, **options: bool) -> Any:
        """``dataclass``, for what every start of the program defines, and a capture makes by the ten thousands.

        ``dataclass`` describes each field and compiles text for each method. Of most classes that a run imports it
        makes few objects or none. So the first objects are filled name by name, ``__init__`` is compiled when there
        are more, the fields are described when they are asked for, and the other methods are those of ``Record``.
        ``frozen`` is the type checker's to hold: what Python itself keeps frozen has each of its fields set by a call,
        and takes four times as long to make.
        """

        def made(cls: type) -> type:
            own = {
                name: cls.__dict__.get(name, MISSING)
                for name, kind in cls.__annotations__.items()
                if not _is_class_variable(kind)
            }
            if slots:
                cls = _with_slots(cls, own)
            else:
                for name, default in own.items():
                    if isinstance(default, Field):
                        delattr(cls, name)
            model = _Model(cls, own, options)
            cls.__init__, cls.__dataclass_fields__ = model.first_init(), model
            if not issubclass(cls, Record):
                cls.__repr__ = Record.__repr__
                cls.__eq__ = Record.__eq__
                cls.__hash__ = Record.__hash__ if frozen else None
            return cls

        return made

    def replace(one: Any, /, **changes: Any) -> Any:
        """``dataclasses.replace`` for a ``record``: a copy with other values, made without ``__init__`` once there are
        more of them."""
        model = _MODELS[one.__class__]
        if model.copy is None or not changes.keys() <= model.defaults.keys():
            return model.replaced(one, changes)
        made = model.copy(one)
        for name in changes:
            setattr(made, name, changes[name])
        return made

    def _is_required(default: Any) -> bool:
        if default.__class__ is Field:
            return default.default is MISSING and default.default_factory is MISSING
        return default is MISSING

    def _is_class_variable(kind: Any) -> bool:
        return kind is ClassVar or getattr(kind, "__origin__", None) is ClassVar

    def _with_slots(cls: type, own: dict[str, Any]) -> type:
        """The same class with slots: they have to be there when a class is made."""
        body = {name: value for name, value in cls.__dict__.items() if name not in own}
        for name in ("__dict__", "__weakref__"):
            body.pop(name, None)
        body["__slots__"] = tuple(own)
        body["__qualname__"] = cls.__qualname__
        return type(cls)(cls.__name__, cls.__bases__, body)

    class _Model:
        """What ``dataclass`` would make of a class, once it is needed.

        It stands in the class as ``__dataclass_fields__`` until somebody asks for them.
        """

        __slots__ = ("_cls", "_options", "_own", "_replaced", "by_name", "copy", "defaults")

        def __init__(self, cls: type, own: dict[str, Any], options: dict[str, bool]) -> None:
            self._cls, self._own, self._options = cls, own, options
            self._replaced = 0
            #: Compiled once it pays.
            self.copy: Callable[[Any], Any] | None = None
            #: Of all fields, in their order; ``MISSING`` where there is none.
            self.defaults: dict[str, Any] = {}
            #: Those that are not given by position.
            self.by_name: set[str] = set()
            for base in reversed(cls.__mro__):
                if base in _MODELS:
                    self.defaults |= _MODELS[base].defaults
                    self.by_name |= _MODELS[base].by_name
            self.defaults |= own
            if options.get("kw_only"):
                self.by_name |= own.keys()
            _MODELS[cls] = self

        def first_init(self) -> Any:
            cls, defaults = self._cls, self.defaults
            required = {name for name, default in defaults.items() if _is_required(default)}
            filled = 0

            def init(self: Any, *args: Any, **given: Any) -> None:
                nonlocal filled
                filled += 1
                if args or filled > _BEFORE_COMPILED or not required <= given.keys() <= defaults.keys():
                    # Which is also what says that a field is missing, or not known.
                    cls.__init__ = _MODELS[cls].compiled_init()
                    cls.__init__(self, *args, **given)
                    return
                for name, default in defaults.items():
                    value = given.get(name, default)
                    if value.__class__ is Field:
                        value = value.default if value.default_factory is MISSING else value.default_factory()
                    setattr(self, name, value)

            return init

        def compiled_init(self) -> Any:
            head, by_name, lines = ["self"], [], []
            names: dict[str, Any] = {"MISSING": MISSING}
            for name, default in self.defaults.items():
                parameters = by_name if name in self.by_name else head
                value = name
                if default.__class__ is Field and default.default_factory is not MISSING:
                    names[f"make_{name}"], names[f"default_{name}"] = default.default_factory, MISSING
                    value = f"make_{name}() if {name} is MISSING else {name}"
                elif not _is_required(default):
                    names[f"default_{name}"] = default.default if default.__class__ is Field else default
                parameters.append(f"{name}=default_{name}" if f"default_{name}" in names else name)
                lines.append(f" self.{name} = {value}")
            if by_name:
                head += ["*", *by_name]
            exec("\n".join([f"def __init__({', '.join(head)}):", *lines, " return"]), names)
            names["__init__"].__qualname__ = f"{self._cls.__qualname__}.__init__"
            return names["__init__"]

        def replaced(self, one: Any, changes: dict[str, Any]) -> Any:
            """A copy with other values, by ``__init__``, which also says that there is no such field."""
            self._replaced += 1
            if self._replaced > _BEFORE_COMPILED and self.copy is None:
                names: dict[str, Any] = {"new": object.__new__, "cls": self._cls}
                lines = [f" made.{name} = one.{name}" for name in self.defaults]
                exec("\n".join(["def copy(one):", " made = new(cls)", *lines, " return made"]), names)
                self.copy = names["copy"]
            for name in self.defaults:
                if name not in changes:
                    changes[name] = getattr(one, name)
            return self._cls(**changes)

        def __get__(self, instance: object, owner: type) -> dict[str, Field[Any]]:
            cls = self._cls
            made = self._made()
            for name in ("__dataclass_params__", "__match_args__", "__dataclass_fields__"):
                setattr(cls, name, getattr(made, name))
            return cls.__dataclass_fields__

        def _made(self) -> type:
            """The dataclass, of a class of its own: slots are where ``dataclass`` looks for defaults."""
            cls = self._cls
            body = {name: default for name, default in self._own.items() if default is not MISSING}
            body |= {
                "__annotations__": cls.__annotations__,
                "__doc__": cls.__doc__ or cls.__name__,  # without one, ``dataclass`` writes out the signature
                "__module__": cls.__module__,
                "__qualname__": cls.__qualname__,
            }
            model = type(cls)(cls.__name__, cls.__bases__, body)
            return dataclass(init=False, eq=False, repr=False, **self._options)(model)
