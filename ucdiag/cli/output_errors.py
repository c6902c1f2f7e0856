"""The sentences for an output that cannot be written."""

from ucdiag.runtime.context import CannotTest


def cannot_write(where: str, error: Exception) -> CannotTest:
    """The sentence that something cannot be written to ``where``, with the reason."""
    return CannotTest("output", f"cannot write to {where}: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """The system's text of an error, as the end of a sentence."""
    said = str(getattr(error, "strerror", None) or error)
    return said[:1].lower() + said[1:]
