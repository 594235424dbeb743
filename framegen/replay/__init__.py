"""``framegen replay``: sends a recorded session to a server again, as an ordinary client does."""

from framegen.replay.command import add_arguments, run

__all__ = ["add_arguments", "run"]
