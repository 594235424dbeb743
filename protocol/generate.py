"""Write the test vectors of protocol 1.0, or verify the committed ones: ``python protocol/generate.py [--verify]``.

Needs Python 3.10 and nothing else, and shares no code with the ``framegen`` package. The output is the same bytes on
every platform. ``protocol/vectors/README.md`` says how to read them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import forward
import invalid
import valid
from vector import Vector

FOLDER = Path(__file__).resolve().parent / "vectors"


def vectors() -> list[Vector]:
    """Every vector."""
    made: list[Vector] = []
    for group in (
        valid.conversation,
        valid.frames,
        valid.results,
        forward.vectors,
        invalid.headers,
        invalid.conversation,
        invalid.frames,
        invalid.planes,
        invalid.jpegs,
        invalid.results,
    ):
        made += group()
    return made


def files() -> dict[str, bytes]:
    """File name -> content of everything that the generator writes."""
    made = vectors()
    content: dict[str, bytes] = {}
    for vector in made:
        for name, data in ((f"{vector.name}.bin", vector.binary()), (f"{vector.name}.json", vector.text().encode())):
            if name in content:
                raise ValueError(f"two vectors are named {vector.name}")
            content[name] = data
    index = [{"name": vector.name, "kind": vector.kind} for vector in made]
    content["index.json"] = ("[\n" + ",\n".join("  " + json.dumps(entry) for entry in index) + "\n]\n").encode()
    return content


def differences(folder: Path) -> list[str]:
    """What the folder has too much, too little or otherwise. Line ends of text do not count."""
    wanted = files()
    there = {path.name for path in folder.iterdir() if path.suffix in (".bin", ".json")}
    wrong = [f"missing: {name}" for name in sorted(wanted.keys() - there)]
    wrong += [f"not made by the generator: {name}" for name in sorted(there - wanted.keys())]
    for name in sorted(wanted.keys() & there):
        data = (folder / name).read_bytes()
        if name.endswith(".json"):
            data = data.replace(b"\r\n", b"\n")
        if data != wanted[name]:
            wrong.append(f"differs: {name}")
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write or verify the test vectors of the framegen protocol.")
    parser.add_argument("--verify", action="store_true", help="compare with what is there; write nothing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: protocol/vectors")
    options = parser.parse_args(arguments)
    if options.verify:
        wrong = differences(options.folder)
        print("\n".join(wrong) if wrong else f"{len(vectors())} vectors are as generated.")
        return 1 if wrong else 0
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = files()
    for path in options.folder.iterdir():
        if path.suffix in (".bin", ".json") and path.name not in wanted:
            path.unlink()
    for name, data in wanted.items():
        (options.folder / name).write_bytes(data)
    print(f"{len(vectors())} vectors written to {options.folder}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
