"""The judge: observations to a report. No I/O and no clock.

``engine.py`` judges one phone, ``phone_tracker.py`` finds the phones of a capture.
"""
