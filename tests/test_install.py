"""Install commands name the Python that runs, and packages that an index has."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from framegen import doctor, install
from framegen.engines import diffusers
from framegen.engines.diffusers import files
from framegen.engines.specs import spec
from framegen.errors import ModelUnavailable


def test_a_command_is_of_this_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    inside, outside = tmp_path / ".venv" / "bin" / "python", Path("/opt/my python/bin/python")
    monkeypatch.setattr(sys, "executable", str(inside))
    assert install.command("openvino") == f"{inside.relative_to(tmp_path)} -m pip install openvino"
    monkeypatch.setattr(sys, "executable", str(outside))
    assert install.command("torch>=2.4") == f'"{outside}" -m pip install "torch>=2.4"'


def test_the_python_that_it_names_has_pip() -> None:
    words = install.command("numpy").removesuffix(" install numpy").replace('"', "").split()
    assert subprocess.run([*words, "--version"], check=False, capture_output=True).returncode == 0


def test_packages_of_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = [
        "numpy>=1.26",
        "panda3d>=1.10; extra == 'demo'",
        'panda3d-gltf>=1.2; extra == "demo"',
        "x; extra == 'd'",
    ]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: declared)
    assert install.command_for("demo").endswith('pip install "panda3d>=1.10" "panda3d-gltf>=1.2"')
    assert install.command_for("d", "demo").endswith('pip install "panda3d>=1.10" "panda3d-gltf>=1.2" x')


def test_packages_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = ["opencv-python-headless>=4.9", "av>=17.1; python_version > '3'", "panda3d>=1.10; extra == 'demo'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: declared)
    assert install.command_for_module("cv2").endswith('pip install "opencv-python-headless>=4.9"')
    assert install.command_for_module("av", "demo").endswith('pip install "av>=17.1"'), "the extra would not bring it"
    assert install.command_for_module("panda3d", "demo").endswith('pip install "panda3d>=1.10"')
    assert install.command_for_module("gltf", "demo").endswith('pip install "panda3d>=1.10"')
    assert install.command_for_module("torch").endswith("pip install torch")


def test_a_bare_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", missing)
    assert install.command_for("demo", "cuda").endswith('pip install ".[demo,cuda]"')
    assert install.command_for_module("cv2").endswith("pip install .")
    assert install.command_for_module("cv2", "demo").endswith('pip install ".[demo]"')


def test_the_extras_go_with_pytorchs_cuda_build() -> None:
    """PyTorch 2.13 for CUDA asks for ``cuda-toolkit[nvrtc] == 13.0.3``, and so for NVRTC 13.0 and no other: where an
    extra wants a newer one, pip finds no way to install both."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.findall(r'"(cuda-bindings|nvidia-cuda-nvrtc)([^";]*)', text)
    assert len(wanted) == 4 and {versions for _, versions in wanted} == {">=13.0"}


def test_doctor_and_an_error_give_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "missing_extra", lambda: ("torch",))
    with pytest.raises(ModelUnavailable) as raised:
        diffusers.check(spec("sd-turbo"), "sd-turbo", "cpu")
    findings = {finding.topic: finding for finding in doctor.models(timing=False)}
    assert findings["model sd-turbo"].fix == install.command_for("diffusers")
    assert raised.value.hint == f"Install: {findings['model sd-turbo'].fix}"
