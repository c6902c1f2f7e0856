"""ucdiag reports at which step the firmware update path of a Communicator or Lync phone breaks."""

__version__ = "0.1.0"
