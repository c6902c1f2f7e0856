"""Packets from files, standard input and interfaces, as observations.

open_capture.py   opens a capture, decompresses it
pcap.py           its records, format pcap            } the loops that every packet passes through
pcapng.py         its records, format pcapng          }
prefilter.py      the sets that the loops look up: can this packet matter?
file_reader.py    files to observations
live.py           an interface to observations
writer.py         packets to a capture file
frame_order.py    observations in the order of their frames
"""

# What a Decryption Secrets Block of pcapng holds: a key log of TLS.
TLS_KEY_LOG = 0x544C534B
