"""The command line: ``framegen COMMAND``. A command's module is imported only when it is chosen.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from framegen import __version__, install
from framegen.config import nearest
from framegen.errors import FramegenError, ModelUnavailable, WrongUsage
from framegen.interrupts import INTERRUPTED, ending_at_once, interrupt
from framegen.plainly import FAILED, USAGE, tell


@dataclass(frozen=True)
class Command:
    """One row of ``framegen --help``.

    Attributes:
        name: what people type. ``module``: has ``add_arguments(parser)`` and ``run(args) -> int``.
        summary: one line. ``examples``: command lines with what they do.
        extra: the install extra that brings what it needs beyond the base install.
    """

    name: str
    module: str
    summary: str
    examples: tuple[tuple[str, str], ...]
    extra: str = ""


COMMANDS: tuple[Command, ...] = (
    Command(
        "demo",
        "framegen.demo.app",
        "a live low-poly town, restyled in your browser",
        (
            ("framegen demo", "server, town and page in one"),
            ("framegen demo --seconds 20 --video out.mp4", "the side by side as a video, without a browser"),
            ("framegen demo --scene LEVEL.glb", "fly through a level of your own"),
        ),
        "demo",
    ),
    Command(
        "serve",
        "framegen.serving",
        "the server that game engines talk to",
        (
            ("framegen serve", "on this machine, at tcp://127.0.0.1:5555"),
            ("framegen serve --viewer", "with a live page that shows any session"),
            ("framegen serve --bind tcp://0.0.0.0:5555 --token-file token.txt", "for other machines"),
            (
                "framegen serve --bind-curve tcp://0.0.0.0:5556 --curve-secret-key server.key "
                "--curve-clients clients.txt",
                "encrypted, for known clients",
            ),
        ),
    ),
    Command(
        "restyle",
        "framegen.video.command",
        "restyle a video or a picture",
        (
            ('framegen restyle IN.mp4 -o OUT.mp4 --prompt "night rain"', "a video, its sound kept"),
            ('framegen restyle IN.mp4 -o OUT.mp4 --prompt "dusk" --side-by-side', "the footage left, restyled right"),
            (
                'framegen restyle IN.mp4 -o OUT.mp4 --prompt "dusk" --depth DIR --depth-encoding metres --fov 60',
                "with depth from an engine or a network",
            ),
            (
                'framegen restyle IN.mp4 -o OUT.mp4 --prompt "dusk" --keep 520,10,110,60',
                "a map that the game draws over its picture stays",
            ),
            ('framegen restyle SHOT.png --prompt "dawn fog" --prompt "dusk" -o SHEET.png', "one view, many prompts"),
        ),
    ),
    Command(
        "record",
        "framegen.record",
        "record a session to a file",
        (("framegen record session.mcap", "an engine that connects to port 5565 is passed on and recorded"),),
    ),
    Command(
        "replay",
        "framegen.replay",
        "send a recorded session again",
        (
            ("framegen replay session.mcap", "at its own pace, as an ordinary client"),
            ("framegen replay session.mcap --pace fast --video out.mp4", "every frame, restyled, as a video"),
            ("framegen replay --loop", "the recording that comes with framegen, again and again"),
        ),
    ),
    Command(
        "bench",
        "framegen.bench",
        "measure frames per second and latency, end to end",
        (
            ("framegen bench", "every scenario, about two minutes"),
            ("framegen bench --scenario 1280x720 --json out.json", "one, with figures for programs"),
            ("framegen bench overload --minutes 10", "a client that sends too fast, for ten minutes"),
            ("framegen bench temporal", "what reuse is worth: flicker with it and without, how soon a prompt shows"),
            ("framegen bench sweep --json out.json", "what each setting of the reuse does"),
            ("framegen bench parts", "what each part of a picture takes"),
            ("framegen bench gpu --minutes 5 --json out.json", "every diffusion model on a GPU, random weights"),
        ),
    ),
    Command("doctor", "framegen.doctor", "what this machine can run, and what is missing", (("framegen doctor", ""),)),
    Command("models", "framegen.models_table", "models, licences, sizes, hardware", (("framegen models", ""),)),
    Command(
        "train",
        "framegen.training.train",
        "train the embedded model",
        (("framegen train --data PAIRS --out RUN --minutes 240", "resumes what is in RUN"),),
        "train",
    ),
    Command(
        "evaluate",
        "framegen.training.evaluate",
        "judge the model on rendered scenes that it never saw",
        (
            ("framegen evaluate --data DIR", "figures against two baselines, by the product's own path"),
            ("framegen evaluate --data DIR --json out.json --sheet out.png", "for programs, and to look at"),
        ),
        "train",
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe on Windows may know no arrow: "?" is better than an end
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    chosen = next((word for word in words if not word.startswith("-")), None)
    try:
        with ending_at_once():
            command = _find(chosen)
            parser, chosen_parser, module = _parser(command)
            args, unknown = parser.parse_known_args(words)
            if unknown:
                chosen_parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        if command is None or module is None:
            parser.print_help()
            return USAGE
        with _ends_as_interrupts(), _naming_what_is_missing(command):
            return int(module.run(args))
    except SystemExit as leave:  # argparse: help, version, or wrong usage
        return leave.code if isinstance(leave.code, int) else FAILED
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except FramegenError as error:
        if debug:
            traceback.print_exc()
        tell(error)
        return USAGE if isinstance(error, WrongUsage) else FAILED
    except Exception as error:
        if debug:
            raise
        tell(FramegenError(f"{type(error).__name__}: {error}", hint="This is a bug; --debug shows where."))
        return FAILED


@contextlib.contextmanager
def _ends_as_interrupts() -> Iterator[None]:
    """Lets a command that is told to end, or whose terminal is closed, clean up as it does after Ctrl-C: no process and
    no half of a file stays behind. What is ignored (nohup) or handled already stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] in (signal.SIG_DFL, signal.default_int_handler)]
    for number in ours:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _find(name: str | None) -> Command | None:
    if name is None:
        return None
    for command in COMMANDS:
        if command.name == name:
            return command
    raise WrongUsage(f"There is no command '{name}'.", hint=nearest(name, [row.name for row in COMMANDS]))


def _parser(
    chosen: Command | None,
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser, ModuleType | None]:
    """The whole parser, the one of the chosen command (the whole one for none), and the command's module."""
    own = parser = argparse.ArgumentParser(
        prog="framegen",
        description="Low-fidelity frames in, photoreal frames out, in real time.",
        epilog="'framegen COMMAND --help' shows a command's options and examples; --debug shows where an error arose.",
    )
    parser.add_argument("--version", action="version", version=f"framegen {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    module = None
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            epilog=_examples(command),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command is chosen:
            with _naming_what_is_missing(command):
                module = importlib.import_module(command.module)
            module.add_arguments(sub)
            own = sub
    return parser, own, module


@contextlib.contextmanager
def _naming_what_is_missing(command: Command) -> Iterator[None]:
    """Turns the import of a package that is not there into the command that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing in ("", "framegen"):
            raise
        raise ModelUnavailable(
            f"'framegen {command.name}' needs {missing}, which is not installed.",
            hint=f"Install it: {install.command_for_module(missing, command.extra)}",
        ) from error


def _examples(command: Command) -> str:
    lines = []
    for line, what in command.examples:
        lines += [f"  {line}", *([f"      {what}"] if what else [])]
    return "examples:\n" + "\n".join(lines)
