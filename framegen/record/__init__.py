"""``framegen record``: stands between an engine and a server, passes everything on and writes it down.

The engine needs no change but the address. Writing happens in a thread of its own behind a bounded
queue: when the disk is slower than the session, what does not fit is left out of the file, never
held back from the engine, and counted.
"""

from framegen.record.command import add_arguments, run

__all__ = ["add_arguments", "run"]
