"""The package as Unity's package manager reads it: manifest, assemblies, ``.meta`` files, the sample's scene."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mono_program
import pytest

import framegen

PACKAGE = mono_program.PACKAGE
GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.M)
METAS = SimpleNamespace(**runpy.run_path(str(PACKAGE.parent / "metas.py")))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_every_file_and_folder_has_a_meta_file_with_a_guid_of_its_own() -> None:
    assert METAS.faults(PACKAGE) == []
    assert len(list(PACKAGE.rglob("*.meta"))) > 60


def test_what_is_wrong_with_meta_files_is_found_and_mended(tmp_path: Path) -> None:
    copy = tmp_path / PACKAGE.name
    shutil.copytree(PACKAGE, copy)
    (copy / "package.json.meta").unlink()
    (copy / "Gone.cs.meta").write_text("guid: " + "0" * 32 + "\n", "utf-8")
    assert METAS.faults(copy) == ["missing: package.json.meta", "of nothing: Gone.cs.meta"]
    (copy / "Gone.cs.meta").unlink()
    assert METAS.main(["--verify", "--package", str(copy)]) == 1
    assert METAS.main(["--package", str(copy)]) == 0
    again = (copy / "package.json.meta").read_text("utf-8")
    assert again == (PACKAGE / "package.json.meta").read_text("utf-8")  # the same GUID on every machine
    shutil.copy(copy / "package.json.meta", copy / "LICENSE.meta")
    assert len(METAS.faults(copy)) == 1


def test_the_manifest_says_what_the_package_is(root: Path) -> None:
    manifest = read(PACKAGE / "package.json")
    assert manifest["name"] == PACKAGE.name
    assert manifest["version"] == framegen.__version__
    assert f"## [{manifest['version']}]" in (PACKAGE / "CHANGELOG.md").read_text("utf-8")
    assert manifest["unity"] == "2022.3"
    assert all(name.startswith("com.unity.modules.") for name in manifest["dependencies"])
    for sample in manifest["samples"]:
        assert (PACKAGE / sample["path"]).is_dir()
    for page in (manifest["documentationUrl"], manifest["changelogUrl"], manifest["licensesUrl"]):
        assert (root / page.split("/blob/main/")[1]).is_file()
    assert (PACKAGE / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()
    link = (PACKAGE / "Runtime" / "ServerLink.cs").read_text("utf-8")
    assert f"framegen-unity {manifest['version']} " in link


def test_assemblies_reference_one_way_and_leave_webgl_out() -> None:
    found = {path.stem: read(path) for path in PACKAGE.rglob("*.asmdef")}
    assert set(found) == {
        "FrameGen.Core",
        "FrameGen.Runtime",
        "FrameGen.Editor",
        "FrameGen.Core.Tests",
        "FrameGen.Runtime.Tests",
        "FrameGen.Samples",
    }
    for name, assembly in found.items():
        assert assembly["name"] == name
        assert not assembly["allowUnsafeCode"]
        assert "WebGL" in assembly["excludePlatforms"] or assembly["includePlatforms"] == ["Editor"]
    assert found["FrameGen.Core"]["noEngineReferences"]
    assert found["FrameGen.Core"]["references"] == []
    assert "FrameGen.Editor" not in found["FrameGen.Runtime"]["references"]
    (define,) = found["FrameGen.Runtime"]["versionDefines"]
    assert define == {"name": "com.unity.render-pipelines.universal", "expression": "14.0", "define": "FRAMEGEN_URP"}


def test_the_core_names_nothing_of_the_engine() -> None:
    for path in mono_program.sources(PACKAGE / "Core"):
        assert "UnityEngine" not in path.read_text("utf-8"), path.name


def test_no_file_is_a_junk_drawer() -> None:
    for path in mono_program.sources(PACKAGE):
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 350, f"{path.name} has {len(lines)} lines"


@pytest.mark.parametrize("scene", sorted(PACKAGE.rglob("*.unity")), ids=lambda path: path.stem)
def test_a_scene_names_scripts_and_objects_that_are_there(scene: Path) -> None:
    text = scene.read_text("utf-8")
    guids = set(re.findall(r"guid: ([0-9a-f]{32})", text)) - {"0000000000000000f000000000000000"}
    known = {guid: path for path in PACKAGE.rglob("*.cs.meta") for guid in GUID.findall(path.read_text("utf-8"))}
    assert guids <= set(known)
    assert "FrameGenCamera.cs.meta" in {known[guid].name for guid in guids}
    objects = set(re.findall(r"^--- !u!\d+ &(\d+)$", text, re.M))
    assert set(re.findall(r"\{fileID: (\d+)\}", text)) - {"0"} <= objects
    fields = set(re.findall(r"^  (_\w+):", text, re.M))
    source = "".join(path.read_text("utf-8") for path in (PACKAGE / "Runtime").glob("FrameGenCamera*.cs"))
    assert fields
    assert all(f" {field} =" in source for field in fields)
