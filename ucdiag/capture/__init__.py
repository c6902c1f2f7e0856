"""Packets from files, standard input and interfaces, as observations.

files.py      opens a capture, decompresses it
pcap.py       its records, format pcap            } the loops that every packet passes through
pcapng.py     its records, format pcapng          }
sieve.py      what the loops ask: can this packet matter?
reading.py    files to observations
live.py       an interface to observations
writing.py    packets to a capture file
order.py      observations in the order of their frames
"""

# What a Decryption Secrets Block of pcapng holds: a key log of TLS.
TLS_KEY_LOG = 0x544C534B
