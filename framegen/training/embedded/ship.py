"""The end of a training run: the files that ship, and a card that says what they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from framegen.training.embedded import evaluate, pairs
from framegen.training.embedded.export import export
from framegen.training.embedded.losses import Features
from framegen.training.embedded.model import Model

CARD = """# Model card: `embedded`, {size}

Trained by `framegen train` in {steps} steps ({minutes:.0f} minutes) on {scenes} scenes with {targets} targets: {kinds}.
{held_out} held-out frames judged, from the first prompt and the sun, without labels and history:

| | plain frame | best global colour transform, fitted to each target | this model |
|---|---|---|---|
| PSNR, dB | {report.input_psnr_db:.2f} | {report.affine_psnr_db:.2f} | {report.psnr_db:.2f} |
| FD-EffLite0 over the plain frame's, at 1/2, 1/4, 1/8, 1/16 | 1 | {affine} | {taps} |
| nearest to its own target | | | {report.prompt:.2f} |

int8 against float: {int8_psnr_db} dB on average, {int8_psnr_worst_db} dB at worst.
"""


def ship(checkpoint: Path, folder: Path, data: Sequence[Path], average: Model, held_out: list[pairs.Sample]) -> str:
    """Writes the network (float16 and int8), style, ``model.json``, ``CARD.md`` into ``folder``; returns the card."""
    about = export(checkpoint, folder, list(data))
    where = next(average.net.parameters()).device
    report = evaluate.judge(partial(evaluate.restyle, average), held_out, Features().to(where))
    scenes: Counter[str] = Counter()
    seeds, targets = set(), 0
    for path in pairs.find(data):
        if not pairs.is_validation(pairs.seed_of(path)):
            meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
            if meta["seed"] not in seeds:
                scenes[meta["kind"]] += 1
            seeds.add(meta["seed"])
            targets += len(meta["targets"])
    text = CARD.format(
        size=about["size"],
        steps=about["steps"],
        minutes=about["seconds"] / 60,
        scenes=len(seeds),
        targets=targets,
        kinds=", ".join(f"{count} {kind}" for kind, count in scenes.most_common()),
        held_out=len(held_out),
        report=report,
        affine=", ".join(f"{v:.2f}" for v in report.frechet_affine),
        taps=", ".join(f"{v:.2f}" for v in report.frechet),
        int8_psnr_db=about.get("int8_psnr_db", "?"),
        int8_psnr_worst_db=about.get("int8_psnr_worst_db", "?"),
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")
    return text
