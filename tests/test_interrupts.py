"""Ctrl-C and termination end the command line quietly, while it still imports or compiles too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from framegen import interrupts

INTERRUPTING = """
import signal, sys
from framegen.__main__ import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            signal.raise_signal(number)

number, wanted, sys.argv[1:] = getattr(signal, sys.argv[1]), sys.argv[2], ["doctor", "--no-timing"]
sys.meta_path.insert(0, Finder())
raise SystemExit(main())
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["framegen.cli", "numpy", "framegen.doctor"])
def test_an_interrupt_of_an_import_is_a_word_and_a_code(module: str, name: str, root: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTING, name, module],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (run.returncode, run.stderr, run.stdout) == (interrupts.INTERRUPTED, "Interrupted.\n", "")


def test_afterwards_it_is_an_exception_again() -> None:
    with interrupts.ending_at_once():
        assert signal.getsignal(signal.SIGINT) not in (signal.default_int_handler, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_who_ignores_or_handles_it_goes_on_doing_so() -> None:
    before = signal.getsignal(signal.SIGINT)
    heard: list[int] = []
    try:
        for handler in (signal.SIG_IGN, lambda number, _frame: heard.append(number)):
            signal.signal(signal.SIGINT, handler)
            with interrupts.ending_at_once():
                assert signal.getsignal(signal.SIGINT) is handler
                signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


COMPILING = """
import signal, sys
from numba.core.codegen import JITCPUCodegen
from framegen.__main__ import main

compiled = JITCPUCodegen._library_class._object_compiled_hook

def interrupted(*args):
    signal.raise_signal(number)
    return compiled(*args)

JITCPUCodegen._library_class._object_compiled_hook = interrupted
number, sys.argv[1:] = getattr(signal, sys.argv[1]), ["serve", "--bind", "tcp://127.0.0.1:*"]
raise SystemExit(main())
"""


@pytest.fixture
def raising() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, interrupts.interrupt)
    yield
    signal.signal(signal.SIGTERM, before)


class Finalized:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def in_a_finalizer() -> None:
    Finalized()


def in_a_callback_of_a_weak_reference() -> None:
    thing = threading.Event()
    weakref.finalize(thing, signal.raise_signal, signal.SIGTERM)
    del thing


def in_a_callback_of_llvm() -> None:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(jit=True)
    module = binding.parse_assembly("define i32 @one() { ret i32 1 }")
    engine = binding.create_mcjit_compiler(module, machine)
    engine.set_object_cache(lambda _module, _code: signal.raise_signal(signal.SIGTERM), lambda _module: None)
    engine.finalize_object()


def in_the_making_of_a_reference_to_llvm() -> None:
    from llvmlite.binding import ffi

    class Reference(ffi.ObjectRef):  # type: ignore[misc]
        def __setattr__(self, name: str, value: Any) -> None:
            signal.raise_signal(signal.SIGTERM)
            super().__setattr__(name, value)

        def _dispose(self) -> None:
            pass

    Reference(1)


@pytest.mark.usefixtures("raising")
@pytest.mark.parametrize(
    "where",
    [
        in_a_finalizer,
        in_a_callback_of_a_weak_reference,
        in_a_callback_of_llvm,
        in_the_making_of_a_reference_to_llvm,
    ],
)
def test_an_interrupt_where_nobody_hears_it_comes_a_moment_later(where: Callable[[], None]) -> None:
    where()
    with pytest.raises(KeyboardInterrupt):
        time.sleep(5.0)


@pytest.mark.usefixtures("raising")
def test_elsewhere_it_comes_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_an_interrupt_of_the_first_starts_compiling_is_a_word_and_a_code(name: str, root: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", COMPILING, name],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert (run.returncode, run.stderr) == (interrupts.INTERRUPTED, "Interrupted.\n")
