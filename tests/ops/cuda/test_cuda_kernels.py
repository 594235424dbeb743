"""The CUDA kernels: they compile for every GPU named, and say what their NumPy references say.

Without a GPU their arithmetic is checked too: they use so little of CUDA that a C++ compiler for the processor can
read the same files, with a header of ten lines, and run them thread after thread.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from cuda_on_cpu import Run, kernels_on_cpu

from framegen.errors import ModelUnavailable
from framegen.frame import Camera
from framegen.ops import temporal_reference
from framegen.ops.cuda import compiler, reference
from framegen.ops.cuda.compiler import ARCHITECTURES, SOURCES, STORES
from framegen.ops.lift import lift, local_gain
from framegen.ops.lift_reference import lifted
from framegen.temporal.geometry import LOST_PX, SKY_M, Grid, motion_from_depth, view_from_features

RNG = np.random.default_rng(0)
LIMITS = np.array((0.015, 1.5, 0.25, 0.1), np.float32)


def _on_gpu() -> Run:
    """The kernels on the GPU that is here."""
    torch = pytest.importorskip("torch", reason="needs PyTorch for a GPU: pip install -e .[test], see .ci/tools")
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA GPU: run the tests on a machine that has one, with pip install -e .[test,cuda]")
    from framegen.ops.cuda.launch import Kernels

    torch.zeros(1, device="cuda")  # makes the card's context current in this thread
    major, minor = torch.cuda.get_device_capability()
    kernels = Kernels(f"sm_{major}{minor}")

    def run(name: str, width: int, height: int, *arguments: Any) -> None:
        there = [torch.from_numpy(a).cuda() if isinstance(a, np.ndarray) else a for a in arguments]
        given = [a.data_ptr() if isinstance(a, torch.Tensor) else a for a in there]
        kernels.launch(name, width, height, given, torch.cuda.current_stream().cuda_stream)
        torch.cuda.synchronize()
        for here, device in zip(arguments, there, strict=True):
            if isinstance(here, np.ndarray):
                here[...] = device.cpu().numpy()

    return run


@pytest.fixture(scope="module", params=["processor", pytest.param("gpu", marks=pytest.mark.gpu)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    if request.param == "gpu":
        return _on_gpu()
    return kernels_on_cpu(tmp_path_factory.mktemp("kernels"), request.getfixturevalue("cxx"))


@pytest.mark.parametrize("channels", [3, 4])
def test_unpack_and_pack(run: Run, channels: int) -> None:
    rgb = RNG.integers(0, 256, (13, 21, channels), dtype=np.uint8)
    planes = np.zeros((3, 13, 21), np.float32)
    run("unpack", 21, 13, rgb, planes, 21, 13, channels)
    assert np.abs(planes - reference.unpack(rgb)).max() <= 1e-6
    back = np.zeros((13, 21, 3), np.uint8)
    run("pack", 21, 13, planes, back, 21, 13)
    assert np.array_equal(back, rgb[..., :3])
    wild = RNG.normal(0, 1.5, (3, 13, 21)).astype(np.float32)
    run("pack", 21, 13, wild, back, 21, 13)
    assert np.array_equal(back, reference.pack(wild))


def test_bfloat16_needs_no_instruction_of_newer_cards(tmp_path: Path, cxx: str) -> None:
    """What an RTX 20 compiles: rounded as PyTorch rounds."""
    torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
    run = kernels_on_cpu(tmp_path, cxx, "bfloat16")
    rgb = RNG.integers(0, 256, (13, 21, 3), dtype=np.uint8)
    planes = np.zeros((3, 13, 21), np.int16)
    run("unpack", 21, 13, rgb, planes, 21, 13, 3)
    wanted = torch.from_numpy(reference.unpack(rgb)).bfloat16()
    held = torch.from_numpy(planes).view(torch.bfloat16)
    assert torch.equal(held, wanted)
    back = np.zeros((13, 21, 3), np.uint8)
    run("pack", 21, 13, planes, back, 21, 13)
    assert np.array_equal(back, reference.pack(wanted.float().numpy()))


def cameras() -> tuple[Camera, Camera]:
    """Now, and a step to the side and a turn before."""
    pose = np.eye(4)
    pose[:3, 3] = (3.0, 1.7, 5.0)
    before = pose.copy()
    turn = np.deg2rad(3.0)
    before[:3, :3] = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    before[:3, 3] += (0.2, 0.05, 0.1)
    return tuple(Camera.perspective(p, fov_y_rad=1.0, aspect=24 / 16) for p in (pose, before))  # type: ignore[return-value]


def depths() -> np.ndarray:
    """A floor, a box before it and the sky."""
    y = (np.arange(16) + 0.5)[:, None] / 8 - 1
    depth = np.where(y > 0.1, 1.7 / np.maximum(y * 0.55, 1e-6), SKY_M) * np.ones((1, 24))
    depth[5:12, 8:14] = 4.0
    return depth.astype(np.float32)


def places(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    now, before = cameras()
    view = np.linalg.inv(before.world_from_view) @ now.world_from_view @ view_from_features(now)
    clip = before.clip_from_view @ view
    rows = np.stack((clip[0], clip[1], clip[3], -view[2])).astype(np.float32)
    x, y, expected = np.zeros((3, 16, 24), np.float32)
    run("static_places", 24, 16, depths(), rows, x, y, expected, 24, 16, float(SKY_M), float(LOST_PX))
    return x, y, expected


def test_static_places_are_the_motion_of_depth(run: Run) -> None:
    x, y, expected = places(run)
    motion, was = motion_from_depth(depths(), *cameras(), Grid(24, 16))
    columns, rows = np.meshgrid(np.arange(24), np.arange(16))
    assert np.abs(x - columns - motion[..., 0]).max() <= 1e-3
    assert np.abs(y - rows - motion[..., 1]).max() <= 1e-3
    assert np.abs(expected / was - 1).max() <= 1e-5
    assert np.abs(motion).max() > 0.5


def test_depth_trust(run: Run) -> None:
    x, y, expected = places(run)
    before = np.roll(depths(), 1, axis=1) * RNG.uniform(0.9, 1.1, (16, 24)).astype(np.float32)
    moving = (RNG.random((16, 24)) < 0.2).astype(np.uint8)
    trust = np.zeros((16, 24), np.float32)
    depth = depths()
    run("depth_trust", 24, 16, depth, expected, before, x, y, moving, LIMITS, trust, 24, 16)
    within = temporal_reference.inside(x, y, 24, 16)
    wanted = within * temporal_reference.depth_trust(depth, expected, before, x, y, moving > 0, LIMITS)
    assert np.abs(trust - wanted).max() <= 1e-4
    assert trust.min() == 0 and trust.max() > 0.9


def test_fetch_latent(run: Run) -> None:
    latent = RNG.normal(size=(5, 16, 24)).astype(np.float32)
    x = RNG.uniform(-6, 30, (16, 24)).astype(np.float32)
    y = RNG.uniform(-6, 20, (16, 24)).astype(np.float32)
    out = np.zeros_like(latent)
    run("fetch_latent", 24, 16, latent, x, y, out, 5, 24, 16)
    wanted = temporal_reference.fetch_cubic(np.moveaxis(latent, 0, -1), x, y)
    assert np.abs(np.moveaxis(out, 0, -1) - wanted).max() <= 1e-5


def test_a_place_that_is_no_number_reads_inside(run: Run) -> None:
    latent = RNG.normal(size=(1, 16, 24)).astype(np.float32)
    x, y = np.full((2, 16, 24), np.nan, np.float32)
    x[0, 0], y[0, 0] = 1e30, -1e30
    out = np.full_like(latent, 99.0)
    run("fetch_latent", 24, 16, latent, x, y, out, 1, 24, 16)
    assert np.isfinite(out).all() and np.abs(out).max() < 10


def test_clamped_blend(run: Run) -> None:
    fresh, past = RNG.normal(size=(2, 3, 16, 24)).astype(np.float32)
    weight = RNG.uniform(0, 1, (16, 24)).astype(np.float32)
    slack = 0.1 * np.ascontiguousarray(fresh[:, ::4, ::4].std(axis=(1, 2)))
    out = np.zeros_like(fresh)
    run("clamped_blend", 24, 16, fresh, past, weight, slack.astype(np.float32), out, 3, 24, 16)
    wanted = temporal_reference.clamped_blend(np.moveaxis(fresh, 0, -1), np.moveaxis(past, 0, -1), weight, 0.1)
    assert np.abs(np.moveaxis(out, 0, -1) - wanted).max() <= 1e-5


def test_lift(run: Run) -> None:
    y, x = np.mgrid[0:72, 0:96]
    guide = (
        np.stack([127 + 100 * np.sin(x / 9), 127 + 90 * np.cos(y / 7), 120 + x - y / 2], -1)
        .clip(0, 255)
        .astype(np.uint8)
    )
    small_in = np.ascontiguousarray(guide[::2, ::2])
    small_out = (255 * (small_in / 255.0) ** 1.3 * (0.9, 0.8, 1.0)).astype(np.uint8)
    gain = local_gain(small_in, small_out)
    rest, out = np.zeros((36, 48, 3), np.float32), np.zeros_like(guide)
    run("lift_rest", 48, 36, small_in, small_out, gain, rest, 48, 36, gain.shape[1], gain.shape[0])
    run("lift", 96, 72, guide, gain, rest, out, 96, 72, 48, 36, gain.shape[1], gain.shape[0])
    wanted = lifted(guide, small_in, small_out, gain)
    assert np.abs(out.astype(int) - wanted).max() <= 1
    # and the processor's own lift, which rounds gains and rests to whole steps
    assert np.abs(wanted.astype(int) - lift(guide, small_in, small_out)).max() <= 2


@pytest.fixture
def nvrtc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not compiler.available():
        pytest.skip("needs CUDA's run-time compiler: pip install -e .[test], see .ci/tools")
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path))
    return tmp_path / "cuda"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_kernel_compiles_for_every_gpu(nvrtc: Path, architecture: str) -> None:
    for source in SOURCES:
        for store in STORES if source.stores else ("float32",):
            code = compiler.compile_source(source, architecture, store)
            assert code[:4] == b"\x7fELF"
            for kernel in source.kernels:
                assert kernel.encode() in code


def test_compiled_kernels_are_kept(nvrtc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiler.compile_source(SOURCES[1], "sm_90")
    (kept,) = nvrtc.glob("reproject-sm_90-*.cubin")
    assert kept.read_bytes() == first
    monkeypatch.setattr(compiler, "_compile", lambda *_: pytest.fail("compiled again"))
    assert compiler.compile_source(SOURCES[1], "sm_90") == first


def test_what_does_not_compile_is_quoted(nvrtc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler.Source, "text", "__global__ void f() { nonsense; }")
    with pytest.raises(ModelUnavailable, match="nonsense"):
        compiler.compile_source(SOURCES[1], "sm_90")


def test_every_kernel_is_found_in_its_source() -> None:
    names = [name for source in SOURCES for name in source.kernels]
    assert names == [
        "unpack", "pack", "static_places", "depth_trust", "fetch_latent", "clamped_blend", "lift_rest", "lift",
    ]  # fmt: skip
    assert SOURCES[0].kernels["pack"] == ("const Real* planes", "unsigned char* rgb", "int width", "int height")


class FakeDriver:
    """CUDA's driver as far as launching asks for it; notes what is launched."""

    CUresult = SimpleNamespace(CUDA_SUCCESS="fine")

    def __init__(self) -> None:
        self.launches: list[tuple[Any, ...]] = []

    def cuModuleLoadData(self, code: bytes) -> tuple[str, bytes]:
        assert code[:4] == b"\x7fELF"
        return "fine", code

    def cuModuleGetFunction(self, module: bytes, name: bytes) -> tuple[Any, ...]:
        if name not in module:
            return (SimpleNamespace(name="CUDA_ERROR_NOT_FOUND"),)
        return "fine", name.decode()

    def cuLaunchKernel(self, *arguments: Any) -> tuple[str]:
        self.launches.append(arguments)
        return ("fine",)


def test_kernels_are_found_in_their_modules_and_launched(nvrtc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cuda.bindings

    driver = FakeDriver()
    monkeypatch.setattr(cuda.bindings, "driver", driver, raising=False)
    from framegen.ops.cuda.launch import BLOCK, Kernels

    kernels = Kernels("sm_90", "float16")
    kernels.launch("pack", 70, 9, [1 << 40, 2 << 40, 70, 9], 77)
    (launched,) = driver.launches
    assert launched[:7] == ("pack", 3, 2, 1, *BLOCK, 1)
    assert launched[8] == 77
    values, types = launched[9]
    assert values == (1 << 40, 2 << 40, 70, 9)
    assert [t.__name__ for t in types] == ["c_void_p", "c_void_p", "c_int", "c_int"]
    with pytest.raises(ValueError, match="takes 4 arguments"):
        kernels.launch("pack", 70, 9, [1, 2], 77)


def test_what_the_driver_refuses_is_named(nvrtc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cuda.bindings

    driver = FakeDriver()
    driver.cuModuleLoadData = lambda code: (SimpleNamespace(name="CUDA_ERROR_NO_BINARY_FOR_GPU"),)  # type: ignore[assignment,method-assign,misc]
    monkeypatch.setattr(cuda.bindings, "driver", driver, raising=False)
    from framegen.ops.cuda.launch import Kernels

    with pytest.raises(ModelUnavailable, match="NO_BINARY_FOR_GPU"):
        Kernels("sm_90")


def test_cuda_pythons_own_launch_takes_arguments_as_they_are_given(
    nvrtc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a driver it gets as far as reading them: what is wrong with them would be a TypeError."""
    import ctypes.util

    import cuda.bindings
    from cuda.bindings import driver as real

    if ctypes.util.find_library("cuda") is not None:
        return  # the tests on a GPU launch them
    fake = FakeDriver()
    monkeypatch.setattr(cuda.bindings, "driver", fake, raising=False)
    from framegen.ops.cuda.launch import Kernels

    kernels = Kernels("sm_90")
    monkeypatch.setattr(cuda.bindings, "driver", real)
    for name in ("pack", "static_places"):
        types = kernels._functions[name][1]
        kernels.launch(name, 8, 8, [1] * len(types), 77)
        _, *launched = fake.launches[-1]
        with pytest.raises(RuntimeError, match="cuda"):
            real.cuLaunchKernel(real.CUfunction(), *launched)
    launched[8] = (("a word",), (ctypes.c_int,))
    with pytest.raises(TypeError):
        real.cuLaunchKernel(real.CUfunction(), *launched)
