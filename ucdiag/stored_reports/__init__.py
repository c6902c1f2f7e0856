"""Stored reports: finds and reads them, judges them again, merges them, compares them with each other and with
expectations."""
