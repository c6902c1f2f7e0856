"""The logs of the server's side: the Device Update Service's audit logs and the W3C logs of IIS, as observations.

``log_files`` opens files, folders and archives; ``audit_log`` and ``iis_log`` read lines; ``log_book`` keeps the rows
of each phone by time; ``log_facts`` makes the observations for the judge from them.
"""
