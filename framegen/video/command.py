"""``framegen restyle``: recorded footage and pictures, without a server."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framegen.config import Settings
from framegen.errors import MediaError, WrongUsage
from framegen.values import checked, known_model, number, setting

if TYPE_CHECKING:
    from framegen.engines.base import Engine
    from framegen.video.depth import DepthEncoding, DepthSource
    from framegen.video.footage import Report
    from framegen.video.mask import Rectangle

INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``framegen restyle`` takes."""
    parser.add_argument("input", type=Path, metavar="IN", help="a video or a picture")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="video: .mp4 .m4v .mov .mkv .webm; picture: .png .jpg .webp",
    )
    parser.add_argument(
        "--prompt",
        type=setting("prompt"),
        action="append",
        metavar="WORDS",
        help="what it should look like; several make a sheet of a picture",
    )
    parser.add_argument(
        "--intensity",
        type=setting("intensity", float),
        default=1.0,
        help="0 is the footage, 1 the model's picture (1)",
    )
    parser.add_argument(
        "--strength",
        type=setting("strength", float),
        default=0.5,
        help="how far the model may depart, 0 to 1 (0.5)",
    )
    parser.add_argument("--seed", type=setting("seed", int), default=0, help="of the noise (0)")
    parser.add_argument("--model", type=known_model, help="a name from 'framegen models'")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "gpu"), help="where the model runs (auto)")
    parser.add_argument("--side-by-side", action="store_true", help="the footage left, restyled right")
    parser.add_argument("--sheet", action="store_true", help="a labelled sheet of a picture even for one prompt")
    parser.add_argument("--no-sound", action="store_true", help="leave the sound out")
    parser.add_argument(
        "--bars", default="auto", choices=("auto", "none"), help="leave letterbox bars alone (auto), or have none"
    )
    parser.add_argument(
        "--mask", type=Path, metavar="FILE", help="a picture: where it is black the footage stays (HUD)"
    )
    parser.add_argument(
        "--keep",
        type=_rectangle,
        action="append",
        metavar="X,Y,W,H",
        help="a rectangle in pixels that stays; can be given several times",
    )
    parser.add_argument("--depth", type=Path, metavar="PATH", help="a video, or a folder of PNG, EXR or NPY")
    parser.add_argument(
        "--depth-encoding", type=_encoding, metavar="ENCODING", help="metres, inverse16:NEAR or relative8"
    )
    parser.add_argument(
        "--fov", type=number(1, 170), metavar="DEG", help="vertical field of view, to track the camera by depth"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def run(args: argparse.Namespace) -> int:
    """Restyle; 0 when done, 130 when interrupted (nothing is left behind then).

    Raises:
        FramegenError: anything else that went wrong, in one line.
    """
    from rich.console import Console

    console = Console(stderr=True, markup=False)  # names of files may have brackets
    try:
        started = time.monotonic()
        report = _restyle(args, console)
    except KeyboardInterrupt:
        console.print(f"Stopped. {args.output} was not written.", highlight=False, soft_wrap=True)
        return INTERRUPTED
    seconds = time.monotonic() - started
    kind = "picture" if report.frames == 1 else "pictures"
    console.print(
        f"{args.output}: {report.frames} {kind}, {report.width}x{report.height}, "
        f"{seconds:.1f} s ({report.frames / max(seconds, 1e-6):.1f} a second).",
        highlight=False,
        soft_wrap=True,
    )
    if report.bars:
        console.print(f"Bars left alone: {report.bars}.", highlight=False)
    for note in report.notes:
        console.print(note, highlight=False, soft_wrap=True)
    return 0


def _restyle(args: argparse.Namespace, console: Any) -> Report:
    from framegen.ops.kernels.compiling import NOTICE, compiling
    from framegen.video.footage import restyle_video
    from framegen.video.mask import Kept
    from framegen.video.sink import check_output
    from framegen.video.stills import is_picture, restyle_picture

    prompts = args.prompt or [""]
    settings = Settings().updated(
        {"prompt": prompts[0], "intensity": args.intensity, "strength": args.strength, "seed": args.seed}
    )
    if not args.input.exists():
        raise MediaError(f"There is no file {args.input}.")
    if args.mask is not None and not args.mask.exists():
        raise MediaError(f"There is no mask {args.mask}.")
    depth, kept = _depth(args), Kept(args.mask, tuple(args.keep or ()))
    picture = is_picture(args.input)

    def engine() -> Engine:
        with compiling(lambda: console.print(NOTICE, highlight=False)):
            model = _engine(args)
        for note in _unknown_words(model, settings, prompts):
            console.print(note, highlight=False, soft_wrap=True)
        return model

    if picture and is_picture(args.output):
        with _progress(console, args.input.name) as progress:
            return restyle_picture(
                args.input,
                args.output,
                engine(),
                settings,
                prompts,
                sheet=args.sheet,
                side_by_side=args.side_by_side,
                keep_bars=args.bars == "auto",
                kept=kept,
                depth=depth,
                overwrite=args.overwrite,
                progress=progress,
            )
    if picture or is_picture(args.output):
        raise WrongUsage("A picture becomes a picture and a video a video.", hint="Change the ending of OUT.")
    if len(prompts) > 1 or args.sheet:
        raise WrongUsage("A video takes one prompt.", hint="Sheets of many prompts are made of pictures.")
    # Before the model is loaded: what cannot be written should be said at once.
    check_output(args.output, overwrite=args.overwrite, inputs=(args.input,))
    model = engine()
    with _progress(console, args.input.name) as progress:
        return restyle_video(
            args.input,
            args.output,
            model,
            settings,
            side_by_side=args.side_by_side,
            sound=not args.no_sound,
            keep_bars=args.bars == "auto",
            kept=kept,
            depth=depth,
            fov_y_deg=args.fov or 0.0,
            overwrite=args.overwrite,
            progress=progress,
        )


def _engine(args: argparse.Namespace) -> Engine:
    from framegen.engines.specs import SPECS, load_engine
    from framegen.ops.tuning import tune_process

    tune_process()
    return load_engine(args.model or SPECS[0].name, args.device)


def _unknown_words(engine: Engine, settings: Settings, prompts: Sequence[str]) -> Iterator[str]:
    """A line for each prompt that has words which the model does not know."""
    for prompt in prompts:
        if words := engine.condition(settings.updated({"prompt": prompt})).ignored:
            yield f"Words that the model does not know, in '{prompt}': {', '.join(words)}."


def _encoding(text: str) -> DepthEncoding:
    from framegen.video.depth import DepthEncoding

    return checked(DepthEncoding.parse)(text)


def _rectangle(text: str) -> Rectangle:
    from framegen.video.mask import Rectangle

    return checked(Rectangle.parse)(text)


def _depth(args: argparse.Namespace) -> DepthSource | None:
    from framegen.video.depth import DepthSource

    if args.depth is None:
        if args.depth_encoding or args.fov is not None:
            raise WrongUsage("--depth-encoding and --fov speak of depth, but there is no --depth.")
        return None
    if not args.depth_encoding:
        raise WrongUsage("What do the numbers in the depth mean?", hint="Give --depth-encoding (see --help).")
    return DepthSource(args.depth, args.depth_encoding)


@contextlib.contextmanager
def _progress(console: Any, name: str) -> Iterator[Any]:
    """A bar with the time left; yields a function of frames done and frames in all."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None, speed="")
        began = time.monotonic()

        def advance(done: int, total: int) -> None:
            speed = done / max(time.monotonic() - began, 1e-6)
            bar.update(task, completed=done, total=max(total, done) if total else None, speed=f"{speed:.1f} fps")

        yield advance
