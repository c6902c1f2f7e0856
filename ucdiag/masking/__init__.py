"""Masks who and where a case is from, in reports and in packets, so that the verdict stays.

Everything is replaced by something of the same length and kind: a name by letters, digits by digits, an address by one
of the same class whose text is as long. So no length, no sequence number and no compression pointer changes, and
checksums alone have to be mended. The same original has the same mask everywhere in one run, and another in the next.

``Mask`` knows what is secret and what takes its place; ``Scrubber`` finds secrets in bytes, in every encoding in which
they occur; the rest learns secrets from reports and packets, and rewrites them.
"""
