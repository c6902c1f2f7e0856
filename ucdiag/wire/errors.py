"""The exception of all decoders of this package."""


class DecodeError(ValueError):
    """The bytes are not what the decoder reads. The text is one sentence that says why."""
