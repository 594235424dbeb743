"""``framegen evaluate``: the model that ships, judged by its own product path on rendered scenes that it never saw."""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from framegen.config import Settings
from framegen.engines.specs import load_engine
from framegen.errors import MediaError
from framegen.frame import U8, Frame
from framegen.metrics.pictures import colour_transform, psnr_db, ssim
from framegen.metrics.warp import pixel_motion, warp_error
from framegen.restyle import Restyler
from framegen.training.embedded import heldout
from framegen.training.embedded.losses import Features
from framegen.training.embedded.spread import Gallery, look

_NOTHING = 1e-6
"""Of the inputs' own distance or error: what is less is a rounding error, and nothing can be measured by it."""
_COLUMNS = ("output", "input", "colour_transform")
_SMALL = (64, 36)
"""Size at which a picture is compared with targets of other light and weather: only those are left of it."""


@dataclass
class Report:
    """The keys of ``--json``.

    Attributes:
        fd_ratio: mean of ``fd_ratio_taps``. fd_ratio_taps: Fréchet distance (FD-EffLite0, not FID) of the outputs to
            the targets over that of the inputs, features at 1/2, 1/4, 1/8, 1/16 of the size; None where the inputs are
            the targets.
        prompt_accuracy: share of outputs, made from the first prompt alone, that lie nearest to their own target among
            the view's targets in other light or weather; None where no view has two.
        psnr, ssim: of the outputs, the sun's direction given. warp_ratio: warp error over the input's own; None where
            no pixel's motion is known, or the input has no error.
        baselines: ``psnr`` and ``ssim`` of the input and of its best global colour transform, fitted to each target.
        model, device, folders, targets, views: what was judged (views: those that count in prompt_accuracy).
        labels: of how many folders the frames came with their labels.
    """

    fd_ratio: float | None
    fd_ratio_taps: list[float | None]
    prompt_accuracy: float | None
    psnr: float
    ssim: float
    warp_ratio: float | None
    baselines: dict[str, dict[str, float]]
    model: str
    device: str
    folders: int
    targets: int
    views: int
    labels: int


@dataclass
class _Tally:
    output: Gallery = field(default_factory=Gallery)
    target: Gallery = field(default_factory=Gallery)
    source: Gallery = field(default_factory=Gallery)
    scores: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {k: [] for k in _COLUMNS})
    nearest: list[bool] = field(default_factory=list)
    moved: list[tuple[float, float]] = field(default_factory=list)


def judge(
    folders: list[heldout.Folder],
    restyler: Restyler,
    sheet: list[U8] | None = None,
    watched: heldout.Watched = iter,
) -> Report:
    """The report on ``folders``. A row of input, output and target each is appended to ``sheet``.

    ``watched`` goes through the folders and may show how far it is.
    """
    features, tally = Features(), _Tally()
    for folder in watched(folders):
        _judge_views(folder, restyler, features, tally, sheet)
    if not tally.scores["output"]:
        raise MediaError(f"None of the {len(folders)} folders has a target.")
    for first, second, wanted in heldout.sequences(folders, watched):
        tally.moved.append(_steadiness(first, second, wanted, restyler))
    own, base = tally.output.distances(tally.target), tally.source.distances(tally.target)
    taps = [a / b if b > _NOTHING else None for a, b in zip(own, base, strict=True)]
    told = [tap for tap in taps if tap is not None]
    mean = {k: np.mean(v, 0).tolist() for k, v in tally.scores.items()}
    return Report(
        fd_ratio=float(np.mean(told)) if len(told) == len(taps) else None,
        fd_ratio_taps=taps,
        prompt_accuracy=float(np.mean(tally.nearest)) if tally.nearest else None,
        psnr=mean["output"][0],
        ssim=mean["output"][1],
        warp_ratio=_warp_ratio(tally.moved),
        baselines={k: {"psnr": mean[k][0], "ssim": mean[k][1]} for k in _COLUMNS[1:]},
        model=restyler.engine.spec.name,
        device=restyler.engine.device,
        folders=len(folders),
        targets=len(tally.scores["output"]),
        views=len(tally.nearest),
        labels=sum(bool(folder.labels) for folder in folders),
    )


def _warp_ratio(moved: list[tuple[float, float]]) -> float | None:
    known = [pair for pair in moved if np.isfinite(pair).all()]
    if not known:
        return None
    source, output = np.mean(known, 0)
    return float(output / source) if source > _NOTHING else None


def _judge_views(
    folder: heldout.Folder, restyler: Restyler, features: Features, tally: _Tally, sheet: list[U8] | None
) -> None:
    every = folder.wanted
    goals = [wanted.picture() for wanted in every]
    plain = folder.frame(1)
    seen = look(features, plain.color)
    for wanted, goal in zip(every, goals, strict=True):
        if goal.shape != plain.color.shape:
            raise MediaError(f"{wanted.path} is not of the size of lf.webp beside it.")
        by_prompt = _restyled(restyler, [plain], wanted.settings)[-1]
        out = by_prompt
        if wanted.sun is not None:
            out = _restyled(restyler, [dataclasses.replace(plain, light_direction=wanted.sun)], wanted.settings)[-1]
        tally.output.add(look(features, out))
        tally.target.add(look(features, goal))
        tally.source.add(seen)
        fitted = colour_transform(plain.color, goal)
        for key, picture in zip(_COLUMNS, (out, plain.color, fitted), strict=True):
            tally.scores[key].append((psnr_db(picture, goal), ssim(picture, goal)))
        rivals = [g for g, other in zip(goals, every, strict=True) if wanted.told_apart(other)]
        if rivals:
            tally.nearest.append(all(_apart(by_prompt, goal) < _apart(by_prompt, rival) for rival in rivals))
        if sheet is not None:
            sheet.append(np.concatenate([plain.color, out, goal], 1))


def _restyled(restyler: Restyler, frames: list[Frame], settings: Settings) -> list[U8]:
    restyler.begin(settings)
    return [restyler(frame).image for frame in frames]


def _apart(a: U8, b: U8) -> float:
    small = [cv2.resize(p, _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32) for p in (a, b)]
    return float(np.abs(small[0] - small[1]).mean())


def _steadiness(first: Frame, second: Frame, wanted: heldout.Wanted, restyler: Restyler) -> tuple[float, float]:
    """Warp error of the inputs and of the outputs."""
    motion, known = pixel_motion(second, first)
    before, after = _restyled(restyler, [first, second], wanted.settings)
    return warp_error(second.color, first.color, motion, known), warp_error(after, before, motion, known)


def run(args: argparse.Namespace) -> int:
    """Judge and print. Raises MediaError: there is nothing to judge, or a result cannot be written."""
    from rich.progress import track

    _refuse_early(args.json, args.sheet)
    folders = heldout.find(args.data, args.labels)
    restyler = Restyler(load_engine(args.model, args.device))
    rows: list[U8] | None = None if args.sheet is None else []
    watched = partial(track, description="judging", transient=True, console=_errors())
    report = judge(folders, restyler, rows, watched)
    print(text(report))
    if args.json is not None:
        figures = json.dumps(dataclasses.asdict(report), indent=2, allow_nan=False) + "\n"
        _write(args.json, figures.encode())
    if rows and args.sheet is not None:
        _write(args.sheet, cv2.imencode(args.sheet.suffix, _stacked(rows)[..., ::-1])[1].tobytes())
    return 0


def _refuse_early(figures: Path | None, sheet: Path | None) -> None:
    """Judging takes minutes: what cannot be written should be said before. Raises MediaError."""
    for path in (figures, sheet):
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise MediaError(f"{path} cannot be written: {why}.")
    if sheet is not None and not cv2.haveImageWriter(sheet.name):
        raise MediaError(f"A picture cannot be written as {sheet.name}.", hint="Give a name that ends in .png.")


def _stacked(rows: list[U8]) -> U8:
    widest = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0))) for row in rows])


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise MediaError(f"{path} cannot be written: {error.strerror}.") from error


def _errors() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def text(report: Report) -> str:
    """The report for people."""
    base = report.baselines
    taps = ", ".join("-" if v is None else f"{v:.2f}" for v in report.fd_ratio_taps)
    prompt = "no view has two targets"
    if report.prompt_accuracy is not None:
        prompt = f"{report.prompt_accuracy:.2f} of {report.views}"
    fd = "the inputs are the targets" if report.fd_ratio is None else f"{report.fd_ratio:.3f}"
    warp = "nothing moves" if report.warp_ratio is None else f"{report.warp_ratio:.2f}"
    labels = f", {report.labels} frames with labels" if report.labels else ""
    rows = [
        (f"{report.model} on {report.device}", f"{report.folders} frames, {report.targets} targets{labels}"),
        ("FD-EffLite0 over the input's own", f"{fd}  (at 1/2, 1/4, 1/8, 1/16: {taps})"),
        ("nearest to its prompt's target", prompt),
        ("PSNR, dB", f"{report.psnr:.2f}  (input {base['input']['psnr']:.2f}, "
                     f"colour transform fitted to each target {base['colour_transform']['psnr']:.2f})"),
        ("SSIM", f"{report.ssim:.3f}  (input {base['input']['ssim']:.3f}, "
                 f"colour transform {base['colour_transform']['ssim']:.3f})"),
        ("warp error over the input's own", warp),
    ]  # fmt: skip
    return "\n".join(f"{name:34} {value}" for name, value in rows)
