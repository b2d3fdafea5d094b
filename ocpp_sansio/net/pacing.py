"""How much one connection may do at a time, and for how long what ends may take: the same on both loops."""

__all__ = [
    "ACCEPT_PAUSE",
    "BACKLOG",
    "BATCH",
    "COMPRESSED_READ_SIZE",
    "GRACE",
    "READ_SIZE",
    "SHARE",
]

READ_SIZE = 4096
"""Bytes of input that a link gets at a time."""

COMPRESSED_READ_SIZE = 512
"""The same where they are compressed: they may stand for a thousand times as many, all of which are held
until they have been delivered (C-9)."""

BATCH = 65536
"""Bytes of answers that may wait for one another before they are written: one write for many small ones."""

SHARE = 32
"""Messages of one connection that are served before others that wait have their turn."""

BACKLOG = 4096
"""Connections that the kernel may hold for us until we accept them, if it is set to hold as many."""

ACCEPT_PAUSE = 0.2
"""Seconds without accepting after the machine has refused us a socket, for want of descriptors or memory."""

GRACE = 1.0
"""Seconds beyond a link's own close timeout for its transport to be closed too."""
