"""Writes the ``.meta`` file of every file and folder of the Unity package that has none; ``--verify`` only looks.

Unity knows assets by the GUIDs in these files. In a package from a git URL it cannot write them itself, and ignores
what has none ("no meta file, but it's in an immutable folder"). A GUID that was once published stays as it is: scenes
point to it. A new one is the MD5 of the file's path, so that two machines make the same.
Folders whose name ends in ``~`` are not imported and need none; the sample's have them, because its scene names its
scripts. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "com.framegen.client"
SAMPLES = "Samples~"
IMPORTERS = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {instanceID: 0}\n",
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".shader": "ShaderImporter:\n  externalObjects: {}\n  defaultTextures: []\n  nonModifiableTextures: []\n"
    "  preprocessorOverride: 0\n",
    ".compute": "ComputeShaderImporter:\n  externalObjects: {}\n  preprocessorOverride: 0\n",
    ".hlsl": "ShaderIncludeImporter:\n  externalObjects: {}\n",
    ".md": "TextScriptImporter:\n  externalObjects: {}\n",
    "package.json": "PackageManifestImporter:\n  externalObjects: {}\n",
}
TAIL = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def assets(package: Path) -> Iterator[Path]:
    """Every file and folder that Unity must know, below ``package``."""
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        hidden = [part for part in parts if part.endswith("~")]
        in_sample = parts[0] == SAMPLES and len(parts) > 1
        if path.suffix != ".meta" and (not hidden or in_sample) and not path.name.startswith("."):
            yield path


def meta(path: Path, package: Path) -> str:
    """The text of a new ``.meta`` file."""
    guid = hashlib.md5(f"{package.name}/{path.relative_to(package).as_posix()}".encode()).hexdigest()
    if path.is_dir():
        importer = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
    else:
        importer = IMPORTERS.get(path.name, IMPORTERS.get(path.suffix, "DefaultImporter:\n  externalObjects: {}\n"))
    return f"fileFormatVersion: 2\nguid: {guid}\n{importer}{TAIL}"


def faults(package: Path) -> list[str]:
    """What is wrong with the package's ``.meta`` files, one line each."""
    wanted = {path.with_name(path.name + ".meta") for path in assets(package)}
    found = set(package.rglob("*.meta"))
    wrong = [f"missing: {path.relative_to(package)}" for path in sorted(wanted - found)]
    wrong += [f"of nothing: {path.relative_to(package)}" for path in sorted(found - wanted)]
    owners: dict[str, Path] = {}
    for path in sorted(found):
        match = re.search(r"^guid: ([0-9a-f]{32})$", path.read_text("utf-8"), re.M)
        if match is None:
            wrong.append(f"without a GUID: {path.relative_to(package)}")
        elif match[1] in owners:
            wrong.append(f"with the GUID of {owners[match[1]].name}: {path.relative_to(package)}")
        else:
            owners[match[1]] = path
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Writes or verifies; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true", help="only look")
    parser.add_argument("--package", type=Path, default=PACKAGE)
    options = parser.parse_args(arguments)
    if not options.verify:
        for path in assets(options.package):
            target = path.with_name(path.name + ".meta")
            if not target.exists():
                target.write_bytes(meta(path, options.package).encode())
                print(f"written: {target.relative_to(options.package)}")
    wrong = faults(options.package)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
