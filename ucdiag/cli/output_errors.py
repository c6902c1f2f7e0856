"""What is said where nothing can be written."""

from ucdiag.runtime.context import CannotTest


def cannot_write(where: str, error: Exception) -> CannotTest:
    """That something cannot be written there, and why."""
    return CannotTest("output", f"cannot write to {where}: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """What the system says of an error, as the end of a sentence."""
    said = str(getattr(error, "strerror", None) or error)
    return said[:1].lower() + said[1:]
