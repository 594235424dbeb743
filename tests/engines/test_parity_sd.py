"""Stable Diffusion's descendants: the engine's step against diffusers' pipelines, tiny random weights, float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import tiny_models as tiny
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image

from framegen.config import Settings
from framegen.engines.diffusers.depth import depth_picture
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.frame import Frame

one_thread = tiny.one_thread
CLOSE = 1e-5
GIVEN = tiny.picture()


@pytest.fixture(autouse=True)
def mean_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipelines draw the source's latent from the posterior; here both sides take its mean."""
    monkeypatch.setattr(DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode())


def engine_of(name: str, pipe: Any, control: Any = None, **options: Any) -> DiffusersEngine:
    recipe = BY_NAME[name]
    options.setdefault("vae", "full")
    parts = tiny.parts_of(pipe, recipe.text, control)
    return DiffusersEngine(recipe.spec, recipe, Options(**options), "cpu", parts)


def ours(engine: DiffusersEngine, strength: float, depth: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Latent ``[c, h, w]`` and picture of the engine, with the noise that a pipeline of seed 0 draws."""
    settings = Settings(prompt=tiny.PROMPT, strength=strength)
    encoded = engine.encode(Frame(1, GIVEN, depth_m=depth), engine.condition(settings), settings, None)
    shape = tuple(engine.source(encoded).shape)
    noise = tiny.noises(shape, engine.spec.noise_channels // engine.spec.latent_channels)
    latent = engine.denoise(encoded, None, noise[0].permute(1, 2, 0).numpy(), 0.6)
    return latent.transpose(2, 0, 1), engine.decode(latent, encoded)


def theirs(pipe: Any, source: bool = True, **told: Any) -> tuple[np.ndarray, np.ndarray]:
    """Latent and picture of the pipeline."""
    pipe.set_progress_bar_config(disable=True)
    if source:
        told["image"] = Image.fromarray(GIVEN)
    else:
        # the noise of seed 0, pixel by pixel in memory as a latent that comes of a picture is: plane by plane,
        # PyTorch's convolutions add in another order (test_rounding_alone_...)
        noise = tiny.noises((1, 4, tiny.H // 8, tiny.W // 8)).to(memory_format=torch.channels_last)
        told = {"height": tiny.H, "width": tiny.W, "latents": noise} | told
    out = []
    for kind in ("latent", "np"):
        generator = torch.Generator().manual_seed(0)
        with torch.inference_mode():
            out.append(pipe(prompt=tiny.PROMPT, generator=generator, output_type=kind, **told).images[0])
    return out[0].numpy(), np.rint(out[1] * 255).astype(np.uint8)


def agree(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> None:
    assert np.abs(a[0] - b[0]).max() <= CLOSE
    assert np.abs(a[1].astype(int) - b[1]).max() <= 1
    assert a[1].std() > 1


def turbo(vae: Callable[[], Any] = tiny.full_vae) -> Any:
    return tiny.sd_img2img(tiny.UNET21, tiny.euler(), vae())


@pytest.mark.parametrize(
    ("steps", "strength", "told"),
    [
        (1, 0.5, {"num_inference_steps": 2, "strength": 0.5}),
        (1, 1.0, {"num_inference_steps": 1, "strength": 1.0}),
        (2, 1.0, {"num_inference_steps": 2, "strength": 1.0}),
        (2, 0.5, {"num_inference_steps": 4, "strength": 0.5}),
        (4, 1.0, {"num_inference_steps": 4, "strength": 1.0}),
    ],
)
def test_sd_turbo(steps: int, strength: float, told: dict[str, Any]) -> None:
    pipe = turbo()
    expected = theirs(pipe, guidance_scale=0.0, **told)
    agree(ours(engine_of("sd-turbo", pipe, steps=steps), strength), expected)


def test_sd_turbo_with_the_tiny_autoencoder() -> None:
    pipe = turbo(tiny.tiny_vae)
    expected = theirs(pipe, guidance_scale=0.0, num_inference_steps=2, strength=0.5)
    agree(ours(engine_of("sd-turbo", pipe, vae="tiny"), 0.5), expected)


@pytest.mark.parametrize(("steps", "strength", "n"), [(1, 0.5, 2), (2, 1.0, 2), (4, 1.0, 4)])
def test_sdxl_turbo(steps: int, strength: float, n: int) -> None:
    pipe = tiny.sdxl_img2img(tiny.ancestral(), tiny.full_vae(0.13025))
    expected = theirs(pipe, guidance_scale=0.0, num_inference_steps=n, strength=strength)
    agree(ours(engine_of("sdxl-turbo", pipe, steps=steps), strength), expected)


def test_dmd2_sd15_from_noise() -> None:
    pipe = tiny.sd_from_noise(tiny.UNET15, tiny.lcm(), tiny.full_vae())
    expected = theirs(pipe, source=False, guidance_scale=0.0, timesteps=[999], num_inference_steps=1)
    agree(ours(engine_of("dmd2-sd15", pipe), 1.0), expected)


@pytest.mark.parametrize("t", [499, 249, 749])
def test_one_step_of_the_four_step_dmd2_sdxl(t: int) -> None:
    pipe = tiny.sdxl_img2img(tiny.lcm(), tiny.full_vae(0.13025))
    expected = theirs(pipe, guidance_scale=0.0, timesteps=[t], strength=1.0, num_inference_steps=1)
    agree(ours(engine_of("dmd2-sdxl", pipe), (t + 1) / 1000), expected)


@pytest.mark.parametrize(("steps", "times"), [(2, [999, 499]), (4, [999, 749, 499, 249])])
def test_dmd2_sdxl_in_more_steps(steps: int, times: list[int]) -> None:
    pipe = tiny.sdxl_img2img(tiny.lcm(), tiny.full_vae(0.13025))
    expected = theirs(pipe, guidance_scale=0.0, timesteps=times, strength=1.0, num_inference_steps=steps)
    agree(ours(engine_of("dmd2-sdxl", pipe, steps=steps), 1.0), expected)


def test_dmd2_sdxl_one_step_network_from_noise() -> None:
    pipe = tiny.sdxl_from_noise(tiny.lcm(), tiny.full_vae(0.13025))
    expected = theirs(pipe, source=False, guidance_scale=0.0, timesteps=[399], num_inference_steps=1)
    agree(ours(engine_of("dmd2-sdxl-1step", pipe), 1.0), expected)


@pytest.mark.parametrize(("steps", "strength"), [(1, 0.6), (1, 0.2), (2, 0.6), (4, 1.0)])
def test_lcm_with_guidance_as_an_input(steps: int, strength: float) -> None:
    pipe = tiny.lcm_img2img(tiny.full_vae())
    told = {"num_inference_steps": steps, "strength": strength, "guidance_scale": 8.0, "original_inference_steps": 50}
    agree(ours(engine_of("lcm", pipe, steps=steps), strength), theirs(pipe, **told))


@pytest.mark.parametrize(("name", "body"), [("lcm-lora-sd15", "sd"), ("lcm-lora-sdxl", "xl")])
def test_lcm_lora_has_no_guidance_input(name: str, body: str) -> None:
    pipe = (
        tiny.sd_img2img(tiny.UNET15, tiny.lcm(), tiny.full_vae())
        if body == "sd"
        else tiny.sdxl_img2img(tiny.lcm(), tiny.full_vae(0.13025))
    )
    expected = theirs(pipe, guidance_scale=1.0, timesteps=[499], strength=1.0, num_inference_steps=1)
    agree(ours(engine_of(name, pipe), 0.5), expected)


def test_sdxs_from_noise() -> None:
    pipe = tiny.sd_from_noise(tiny.UNETXS, tiny.euler(), tiny.tiny_vae())
    expected = theirs(pipe, source=False, guidance_scale=0.0, num_inference_steps=1)
    agree(ours(engine_of("sdxs-512", pipe, vae="tiny"), 1.0), expected)


@pytest.mark.parametrize(("name", "times"), [("dmd2-sd15", [999]), ("sdxs-512", None)])
def test_rounding_alone_moves_a_pipeline_further_than_that(name: str, times: list[int] | None) -> None:
    """At t = 999 a guess is divided by 0.07. The pipeline differs by 1e-5 and more from itself in float64, and from
    itself with the same noise in another order in memory. The engine is at most twice as far from the float64 one as
    it: which of two sums in float32 is the luckier differs between processors."""
    pipe = (
        tiny.sd_from_noise(tiny.UNET15, tiny.lcm(), tiny.full_vae())
        if times
        else tiny.sd_from_noise(tiny.UNETXS, tiny.euler(), tiny.full_vae())
    )
    told: dict[str, Any] = {"source": False, "guidance_scale": 0.0, "num_inference_steps": 1}
    told |= {"timesteps": times} if times else {}
    noise = tiny.noises((1, 4, tiny.H // 8, tiny.W // 8))
    found, _ = ours(engine_of(name, pipe), 1.0)
    in_planes, _ = theirs(pipe, **told, latents=noise)
    exact, _ = theirs(pipe.to(torch.float64), **told, latents=noise.double())
    own = np.abs(in_planes - exact).max()
    assert own > CLOSE / 4, "the pipeline's own rounding is of the size of the bound"
    assert np.abs(found - exact).max() <= 2 * own
    assert np.abs(found - in_planes).max() <= 3 * own


def shown(depth: np.ndarray) -> Image.Image:
    """The picture that the engine makes of a depth plane, for the pipeline: its levels are whole."""
    levels = np.rint(255 * np.minimum(1 / depth, 1.0)).astype(np.uint8)
    return Image.fromarray(np.repeat(levels[..., None], 3, -1))


@pytest.mark.parametrize("name", ["sd-turbo", "sdxl-turbo", "lcm"])
def test_depth_control(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import diffusers

    levels = np.tile(np.linspace(255, 15, tiny.W).round(), (tiny.H, 1))
    depth = (255 / levels).astype(np.float32)
    monkeypatch.setattr("framegen.engines.diffusers.depth.NEAREST_SHARE", 1.0)
    told: dict[str, Any] = {"num_inference_steps": 2, "strength": 0.5, "guidance_scale": 0.0}
    if name == "sdxl-turbo":
        pipe = tiny.sdxl_img2img(tiny.ancestral(), tiny.full_vae(0.13025))
        control = tiny.controlnet(pipe.unet)
        kept = {k: v for k, v in pipe.components.items() if k not in ("image_encoder", "feature_extractor")}
        guided = diffusers.StableDiffusionXLControlNetImg2ImgPipeline(**kept, controlnet=control, add_watermarker=False)
    elif name == "sd-turbo":
        pipe = turbo()
        control = tiny.controlnet(pipe.unet)
        kept = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
        guided = diffusers.StableDiffusionControlNetImg2ImgPipeline(
            **kept, controlnet=control, requires_safety_checker=False
        )
    else:
        # no pipeline gives guidance to a network and controls it: without guidance both must agree
        pipe = tiny.sd_img2img(tiny.UNET15, tiny.lcm(), tiny.full_vae())
        control = tiny.controlnet(pipe.unet)
        kept = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
        guided = diffusers.StableDiffusionControlNetImg2ImgPipeline(
            **kept, controlnet=control, requires_safety_checker=False
        )
        told |= {"guidance_scale": 1.0}
    expected = theirs(guided, control_image=shown(depth), controlnet_conditioning_scale=1.0, **told)
    engine = engine_of(name, pipe, control)
    found = ours(engine, 0.5, depth)
    agree(found, expected)
    assert np.abs(found[0] - ours(engine_of(name, pipe), 0.5)[0]).max() > 1e-3


def test_a_t2i_adapter_is_a_control_too() -> None:
    import diffusers

    pipe = tiny.sd_from_noise(tiny.UNET15, tiny.lcm(), tiny.full_vae())
    torch.manual_seed(6)
    adapter = diffusers.T2IAdapter(
        in_channels=3, channels=[16, 32, 32, 32], num_res_blocks=1, downscale_factor=8, adapter_type="full_adapter"
    ).eval()
    kept = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
    guided = diffusers.StableDiffusionAdapterPipeline(**kept, adapter=adapter, requires_safety_checker=False)
    depth = np.tile(np.linspace(1, 9, tiny.W, dtype=np.float32), (tiny.H, 1))
    engine = engine_of("dmd2-sd15", pipe, adapter)
    picture = torch.from_numpy(depth_picture(Frame(1, GIVEN, depth_m=depth))).expand(1, 3, -1, -1)
    expected = theirs(guided, False, image=picture, guidance_scale=0.0, timesteps=[999], num_inference_steps=1)
    agree(ours(engine, 1.0, depth), expected)
