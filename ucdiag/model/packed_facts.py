"""Facts as tuples of plain values, which ``marshal`` writes and reads in half of the time that ``pickle`` takes."""

from typing import Any

from ucdiag.model.fast_dataclass import field_filler, field_names, field_values
from ucdiag.model.observations import (
    KINDS,
    Certificate,
    Extent,
    Observation,
    Pause,
    Tls,
    UnreadDhcp,
    UpdateAnswer,
    UpdateFile,
)

_new = object.__new__

#: The kind of a fact, and the values of its fields.
PackedFact = tuple[str, tuple[Any, ...]]

# The field of a kind in which there are records too, and what they are.
_INNER: dict[type, tuple[str, type]] = {
    Extent: ("pauses", Pause),
    Tls: ("chain", Certificate),
    UpdateAnswer: ("files", UpdateFile),
}


def pack_fact(fact: Observation) -> PackedFact:
    """A fact as plain values."""
    if isinstance(fact, UnreadDhcp):
        fact.read_fields()
    kind: type = fact.__class__
    packed = field_values(kind)(fact)
    inner = _INNER.get(kind)
    if inner is not None and (parts := getattr(fact, inner[0])):
        known = dict(zip(field_names(kind), packed, strict=True))
        known[inner[0]] = tuple(map(field_values(inner[1]), parts))
        packed = tuple(known.values())
    return fact.kind, packed


def unpack_fact(packed: PackedFact) -> Observation:
    """What ``pack_fact`` packed."""
    kind: Any = KINDS[packed[0]]
    made: Observation = _unpack_record(kind, packed[1])
    inner = _INNER.get(kind)
    if inner is not None and (parts := getattr(made, inner[0])):
        setattr(made, inner[0], tuple(_unpack_record(inner[1], values) for values in parts))
    return made


def _unpack_record(kind: type, values: tuple[Any, ...]) -> Any:
    made: Any = _new(kind)
    field_filler(kind)(made, values)
    return made
