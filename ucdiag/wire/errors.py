"""What every decoder of this room raises."""


class DecodeError(ValueError):
    """The bytes are not what the decoder reads. The text is one sentence that says why."""
