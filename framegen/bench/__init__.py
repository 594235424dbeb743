"""``framegen bench``: what the product does end to end, measured over ZeroMQ with two processes."""

from framegen.bench.command import add_arguments, run

__all__ = ["add_arguments", "run"]
