"""Labels from names in C#: the words are the protocol's, and so is what becomes of every example."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from framegen.engines.embedded.names import label_of


@pytest.fixture(scope="module")
def known(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "protocol" / "label_names.json").read_text("utf-8"))
    return found


def ask(mono: str, program: Path, things: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What the package's C# makes of the names of some things."""
    lines = "".join("".join(f"\t{name}" for name in names) + "\n" for names in things)
    done = subprocess.run(
        [mono, str(program), "labels"], input=lines.encode(), capture_output=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_words_and_examples_are_the_protocols(mono: str, program: Path, known: dict[str, Any]) -> None:
    things = [example["names"] for example in known["examples"]]
    found = ask(mono, program, things)
    assert found["words"] == known["words"]
    assert found["vague"] == known["vague"]
    for names, label, cached, example in zip(things, found["labels"], found["cached"], known["examples"], strict=True):
        assert label == cached == example["label"], names


def test_any_names_come_out_as_in_python(mono: str, program: Path, known: dict[str, Any]) -> None:
    dice = random.Random(7)
    pieces = [
        *known["words"],
        "light",
        "lights",
        "floors",
        "SM",
        "M",
        "LOD",
        "_",
        " ",
        ".",
        "01",
        "Ü",
        "İ",
        "é",
        "𝒜",
        "es",
        "s",
        "X",
    ]

    def name() -> str:
        picked = dice.choices(pieces, k=dice.randrange(6))
        return "".join(dice.choice((str.lower, str.upper, str.capitalize, str))(piece) for piece in picked)

    things = [[name() for _ in range(dice.randrange(5))] for _ in range(2000)]
    found = ask(mono, program, things)
    assert found["labels"] == [label_of(names) for names in things]
    assert sum(map(bool, found["labels"])) > 1000


def test_names_that_come_again_are_remembered_and_not_without_end(mono: str, program: Path) -> None:
    assert ask(mono, program, [["Wood", "Table"]] * 3)["remembered"] == 1
    assert ask(mono, program, [["Wood", f"Enemy {number}"] for number in range(5000)])["remembered"] <= 4096
