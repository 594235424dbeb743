"""Who waits for kernels to be compiled is told what takes so long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NOTICE = "Compiling for this processor: a minute or two, the first time only."


@contextmanager
def compiling(say: Callable[[], None]) -> Iterator[None]:
    """Call ``say`` once if a kernel is compiled meanwhile, and not loaded from disk, where an earlier run left it."""
    from numba.core import event

    class Listener(event.Listener):
        told = False

        def on_start(self, _event: Any) -> None:
            if not self.told:
                self.told = True
                say()

        def on_end(self, _event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Listener()):
        yield
