"""Material codes of ``label.png``: the product's own table, so that no code ever means two things."""

from __future__ import annotations

from framegen.ops.layout import LABELS

CODE: dict[str, int] = {name: code for code, name in enumerate(LABELS)}
UNKNOWN, SKY = CODE["unknown"], CODE["sky"]


def code_of(name: str) -> int:
    """The code of a material; 0 (unknown) for things that the product's table has no word for yet."""
    return CODE.get(name, UNKNOWN)
