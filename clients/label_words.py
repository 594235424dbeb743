"""Write the words of labels, which the model's vocabulary knows, to where every client has them.

    python clients/label_words.py

That is ``protocol/label_names.json``, whose examples get their labels anew, and the lists of the Godot addon and the
Unity package, which are shipped alone. Tests of each fail when this is to be done.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

from framegen.engines.embedded.names import VAGUE, WORDS, label_of

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT / "protocol" / "label_names.json"
GODOT = ROOT / "clients" / "godot" / "addons" / "framegen" / "capture" / "label_names.gd"
UNITY = ROOT / "clients" / "unity" / "com.framegen.client" / "Core" / "Labels" / "LabelWords.cs"


def filled(items: Iterable[str], indent: int, width: int, between: str = " ") -> str:
    """Items, sorted, in lines of ``width`` characters."""
    margin = " " * indent
    return textwrap.fill(between.join(sorted(items)), width, initial_indent=margin, subsequent_indent=margin)


def shared(text: str) -> str:
    """The protocol's file."""
    names = [example["names"] for example in json.loads(text)["examples"]]
    made = [json.dumps({"names": each, "label": label_of(each)}, ensure_ascii=False) for each in names]
    words, vague = (filled(map(json.dumps, some), 4, 118, ", ") for some in (WORDS, VAGUE))
    examples = ",\n".join("    " + line for line in made)
    return f'{{\n  "words": [\n{words}\n  ],\n  "vague": [\n{vague}\n  ],\n  "examples": [\n{examples}\n  ]\n}}\n'


def _with(text: str, start: str, list_: str, end: str) -> str:
    """``text`` with ``list_`` between what matches ``start`` and ``end``."""
    found = re.search(f"({start})(.*?)({end})", text, re.DOTALL)
    assert found is not None
    return text[: found.start(2)] + list_ + text[found.end(2) :]


def godot(text: str) -> str:
    """The addon's script."""
    for name, some in (("WORDS", WORDS), ("VAGUE", VAGUE)):
        text = _with(text, f'const {name} := """\n', filled(some, 0, 118), '\n"""')
    return text


def unity(text: str) -> str:
    """The package's class."""
    for name, some in (("All", WORDS), ("Vague", VAGUE)):
        body = filled((f'"{word}"' for word in some), 12, 132, ", ")
        text = _with(text, rf"string\[\] {name} =\n +{{\n", body, "\n +};")
    return text


def main() -> None:
    """Writes all three."""
    for path, made in ((SHARED, shared), (GODOT, godot), (UNITY, unity)):
        path.write_bytes(made(path.read_text("utf-8")).encode())
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
