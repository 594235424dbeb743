"""The end of a training run: the files that ship, and a card that says what they are."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from framegen.training.embedded import evaluate, pairs
from framegen.training.embedded.draw import Pool
from framegen.training.embedded.export import export
from framegen.training.embedded.losses import Features
from framegen.training.embedded.model import Model

TRAINED = """# Model card: `embedded`, {size}

Trained by `framegen train` in {steps} steps ({minutes:.0f} minutes) on {scenes} scenes with {targets} targets: {kinds}.
"""
JUDGED = """{held_out} held-out frames judged, from the first prompt and the sun, without labels and history:

| | plain frame | best global colour transform, fitted to each target | this model |
|---|---|---|---|
| PSNR, dB | {report.input_psnr_db:.2f} | {report.affine_psnr_db:.2f} | {report.psnr_db:.2f} |
| FD-EffLite0 over the plain frame's, at 1/2, 1/4, 1/8, 1/16 | 1 | {affine} | {taps} |
| nearest to its own target | | | {report.prompt:.2f} |

int8 against float: {int8_psnr_db} dB on average, {int8_psnr_worst_db} dB at worst.
"""
NOT_JUDGED = "Not judged: no scene was held out.\n"


def ship(checkpoint: Path, folder: Path, pool: Pool, average: Model, held_out: list[pairs.Sample]) -> str:
    """Writes the network (float16 and int8), style, ``model.json``, ``CARD.md`` into ``folder``; returns the card.

    ``pool``: what was trained on, and int8 is calibrated on.
    """
    about = export(checkpoint, folder, pool.roots)
    kinds = {sample.seed: sample.kind for sample in pool.samples.values()}
    text = TRAINED.format(
        size=about["size"],
        steps=about["steps"],
        minutes=about["seconds"] / 60,
        scenes=len(kinds),
        targets=len(pool.entries),
        kinds=", ".join(f"{count} {kind}" for kind, count in Counter(kinds.values()).most_common()),
    )
    text += _judged(about, average, held_out) if held_out else NOT_JUDGED
    (folder / "CARD.md").write_text(text, encoding="utf-8")
    return text


def _judged(about: dict[str, Any], average: Model, held_out: list[pairs.Sample]) -> str:
    where = next(average.net.parameters()).device
    report = evaluate.judge(partial(evaluate.restyle, average), held_out, Features().to(where))
    return JUDGED.format(
        held_out=len(held_out),
        report=report,
        affine=", ".join(f"{v:.2f}" for v in report.frechet_affine),
        taps=", ".join(f"{v:.2f}" for v in report.frechet),
        int8_psnr_db=about.get("int8_psnr_db", "?"),
        int8_psnr_worst_db=about.get("int8_psnr_worst_db", "?"),
    )
