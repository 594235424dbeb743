"""A wheel and an sdist hold what they should and nothing else, and the wheel works where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import framegen

JUNK = re.compile(
    r"(^|/)(__pycache__|\.git|\.venv|\.mypy_cache|\.ruff_cache|\.pytest_cache|\.hypothesis)/|\.(pyc|pt|ckpt|log)$"
)
MAX_WHEEL_BYTES = 40 << 20
MAX_SDIST_BYTES = 60 << 20


def build(source: Path, folder: Path, target: str) -> None:
    """Build without network or build isolation."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=180, check=False)
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def dists(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build(root, folder, "sdist")
    build(root, folder, "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(dists: Path) -> Path:
    (path,) = dists.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(dists: Path) -> Path:
    (path,) = dists.glob("*.tar.gz")
    return path


def modules(root: Path) -> set[str]:
    """Every module of the package, as paths from the root."""
    return {path.relative_to(root).as_posix() for path in (root / "framegen").rglob("*.py")}


def test_wheel_holds_the_package_and_nothing_else(wheel: Path, root: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert modules(root) <= names
    assert not [name for name in names if JUNK.search(name)]
    tops = {name.split("/", 1)[0] for name in names}
    assert tops == {"framegen", f"framegen-{framegen.__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert wheel.stat().st_size < MAX_WHEEL_BYTES


def test_wheel_brings_the_shipped_recording_and_the_weights(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "framegen/data/town.mcap" in names
    assert any(re.fullmatch(r"framegen/.*\.onnx", name) for name in names)


def test_sdist_holds_what_a_build_and_the_tests_need(sdist: Path, root: Path) -> None:
    assert sdist.stat().st_size < MAX_SDIST_BYTES
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames() if "/" in name]
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests/conftest.py", ".ci/run"} <= set(names)
    assert modules(root) <= set(names)
    assert not [name for name in names if JUNK.search(name)]


def test_wheel_from_the_sdist_is_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build(source, tmp_path / "dist", "wheel")
    (rebuilt,) = (tmp_path / "dist").glob("*.whl")
    assert sorted(zipfile.ZipFile(rebuilt).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_editable_install_is_the_checkout(root: Path, tmp_path: Path) -> None:
    build(root, tmp_path, "wheel:editable")
    (path,) = tmp_path.glob("*.whl")
    archive = zipfile.ZipFile(path)
    (pth,) = [name for name in archive.namelist() if name.endswith(".pth")]
    assert Path(archive.read(pth).decode().strip()) == root
    assert not [name for name in archive.namelist() if name.startswith("framegen/")]


def test_base_install_has_no_torch(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(f"framegen-{framegen.__version__}.dist-info/METADATA").decode()
    base = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert any("numpy" in line for line in base)
    assert not [line for line in base if re.search(r"torch|diffusers|onnxruntime|panda3d", line)]


def test_version_is_the_same_everywhere(root: Path) -> None:
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.search(r'^version = "(.+)"$', pyproject, re.MULTILINE)
    assert declared is not None
    assert declared[1] == framegen.__version__
    assert declared[1] in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_protocol_version_is_the_same_everywhere(root: Path) -> None:
    from framegen.wire.messages import PROTOCOL_VERSION

    assert f"Protocol **{PROTOCOL_VERSION}**" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROTOCOL_VERSION in (root / "protocol" / "SPEC.md").read_text(encoding="utf-8")


def bring_compiled(checkout: Path, installed: Path, but: str) -> None:
    """What the checkout's kernels were compiled to, for the same sources where they are installed; not module ``but``.

    Numba takes what it finds beside a source of the same size and age.
    """
    for source in (checkout / "framegen").rglob("*.py"):
        to = installed / source.relative_to(checkout)
        assert to.read_bytes() == source.read_bytes()
        stat = source.stat()
        os.utime(to, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        for kept in (source.parent / "__pycache__").glob(f"{source.stem}.*.nb[ic]"):
            if source.stem != but:
                (to.parent / "__pycache__").mkdir(exist_ok=True)
                shutil.copy(kept, to.parent / "__pycache__")


def test_installed_wheel_runs_without_the_checkout(wheel: Path, root: Path, tmp_path: Path) -> None:
    """In a fresh environment. Dependencies come from the running one, framegen itself only from the wheel.

    One module of kernels is compiled there; the others need not be once more, where this checkout's are.
    """
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    scripts, suffix = ("Scripts", ".exe") if sys.platform == "win32" else ("bin", "")
    python = place / scripts / f"python{suffix}"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    (site,) = place.rglob("site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    bring_compiled(root, site, but="drawn")

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    assert place in Path(run(str(python), "-c", "import framegen; print(framegen.__file__)").strip()).parents
    program = str(place / scripts / f"framegen{suffix}")
    assert framegen.__version__ in run(program, "--version")
    told = run(program, "doctor")
    assert "CPU:" in told and "runs on CPU" in told
    assert list((site / "framegen/ops/kernels/__pycache__").glob("drawn.*.nbc"))
    find = "from framegen.resources import shipped; print(shipped('town.mcap'))"
    assert place in Path(run(str(python), "-c", find).strip()).parents
