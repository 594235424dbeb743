"""Builds the addon's zip as Godot's Asset Library and people want it: its root is ``addons/``.

``python clients/godot/package.py [-o framegen-godot.zip]``. Needs nothing but Python; the same files, the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDON = HERE / "addons" / "framegen"
LEFT_OUT = {".import"}
"""Endings of files that Godot makes again on the first start."""


def version() -> str:
    """Of plugin.cfg."""
    found = re.search(r'^version="(.+)"$', (ADDON / "plugin.cfg").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit("plugin.cfg names no version")
    return found.group(1)


def build(target: Path) -> list[str]:
    """Writes the zip and returns the names in it."""
    files = sorted(path for path in ADDON.rglob("*") if path.is_file() and path.suffix not in LEFT_OUT)
    names = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            name = path.relative_to(HERE).as_posix()
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
            names.append(name)
    return names


def main() -> int:
    """Builds it; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path(f"framegen-godot-{version()}.zip"))
    options = parser.parse_args()
    names = build(options.output)
    print(f"{options.output}: {len(names)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
