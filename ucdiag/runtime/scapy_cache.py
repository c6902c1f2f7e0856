"""scapy's cache of names and numbers below the user's home, which this program does without."""


def leave_out_scapy_cache() -> None:
    """Has scapy 2.6 and later neither read nor write its cache. Raises ImportError.

    To be called before any other part of scapy is imported. A file there that cannot be read, as where Landlock has
    closed the home, is one that scapy deletes; where that fails too, its import ends with PermissionError (2.8.0).
    What root wrote there, by ``sudo``, would be in the user's home.
    """
    import scapy.main

    scapy.main.SCAPY_CACHE_FOLDER = None
