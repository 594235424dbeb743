"""``python -m framegen.training.scenes``: render a set, index it, look at it."""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from pathlib import Path

from framegen.training.scenes.bank import write_bank
from framegen.training.scenes.batch import RESERVED_SEED, Batch, Run
from framegen.training.scenes.index import write_index, wrong_folders
from framegen.training.scenes.kinds import KINDS, ROTATION
from framegen.training.scenes.sheet import write_sheet
from framegen.values import positive, whole

_SIZE = re.compile(r"[1-9]\d*x[1-9]\d*")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m framegen.training.scenes", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the set")
    parser.add_argument("--seeds", metavar="A:B", help="render seeds A to B - 1")
    parser.add_argument("--kinds", default=",".join(ROTATION), help="kinds that seeds are dealt (default %(default)s)")
    parser.add_argument("--cameras", type=whole(1), default=1, help="cameras a scene (default %(default)s)")
    parser.add_argument("--conditions", type=whole(1), default=5, help="targets a camera (default %(default)s)")
    parser.add_argument("--size", default="512x288", help="of all pictures (default %(default)s)")
    parser.add_argument("--spp", type=whole(1), default=4, help="samples a pixel, denoised (default %(default)s)")
    parser.add_argument(
        "--timeout", type=positive, default=14400.0, help="seconds a scene may take (default %(default)s)"
    )
    parser.add_argument(
        "--nice",
        type=int,
        default=19,
        choices=range(20),
        metavar="0..19",
        help="how far to stand back behind other programs (default %(default)s, the farthest)",
    )
    parser.add_argument("--index", action="store_true", help="write DIR/index.tsv")
    parser.add_argument(
        "--check", nargs="?", const="", metavar="INDEX", help="compare the folders with an index (DIR/index.tsv)"
    )
    parser.add_argument("--sheet", type=Path, metavar="PICTURE", help="write a contact sheet of the newest folders")
    parser.add_argument("--rows", type=whole(1), default=12, help="folders on the sheet (default %(default)s)")
    parser.add_argument("--bank", action="store_true", help="write all textures of the bank to DIR instead")
    return parser


def _render(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    first, colon, last = args.seeds.partition(":")
    if not colon or not first.isdigit() or not last.isdigit():
        parser.error("--seeds is two numbers, as in 0:100")
    kinds = tuple(args.kinds.split(","))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        parser.error(f"no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    if int(last) > RESERVED_SEED:
        parser.error(f"seeds from {RESERVED_SEED} on are reserved for judging models")
    if int(first) >= int(last):
        parser.error("--seeds A:B are seeds A to B - 1: B must be more than A")
    if not _SIZE.fullmatch(args.size.lower()):
        parser.error("--size is width and height, as in 512x288")
    if importlib.util.find_spec("bpy") is None:
        parser.error("rendering needs Blender as a module: pip install bpy openexr opencolorio (see docs/scenes.md)")
    size = args.size.lower()
    work = (args.cameras, args.conditions, size, args.spp, args.timeout, args.nice)
    run = Run(args.out, int(first), int(last), kinds, *work)
    failed = Batch(run, lambda line: print(line, flush=True)).render()
    if failed:
        print(f"{failed} scenes failed", file=sys.stderr)
    return 1 if failed else 0


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit status comes back."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.bank:
        write_bank(args.out)
        return 0
    if not (args.seeds or args.index or args.check is not None or args.sheet):
        parser.error("nothing to do: give --seeds, --index, --check or --sheet")
    status = _render(args, parser) if args.seeds else 0
    if not args.out.is_dir():
        parser.error(f"no folder {args.out}")
    if args.index:
        try:
            print(f"{write_index(args.out)} folders in {args.out / 'index.tsv'}")
        except ValueError as error:
            parser.error(str(error))
    if args.check is not None:
        index = Path(args.check) if args.check else args.out / "index.tsv"
        if not index.is_file():
            parser.error(f"no index {index}; --index writes one")
        wrong = wrong_folders(args.out, index)
        print("\n".join(f"differs from the index: {name}" for name in wrong) or "all folders are as indexed")
        status = status or bool(wrong)
    if args.sheet:
        newest = sorted(args.out.glob("[0-9]*_[0-9]*/meta.json"), key=lambda p: p.stat().st_mtime)[-args.rows :]
        if not newest:
            parser.error(f"no complete folder in {args.out}")
        write_sheet([path.parent for path in newest], args.sheet)
    return int(status)


if __name__ == "__main__":
    raise SystemExit(main())
