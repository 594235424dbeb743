"""What a model costs on this machine: its step, the plain diffusers pipeline with the same weights, and the floor.

The floor is the time that the networks' operations and weights take at the rates this machine reached in the same
run: a large matrix product and a large copy.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import diffusers
import numpy as np
import torch

from framegen.config import Settings
from framegen.engines.base import Reuse
from framegen.engines.diffusers import loading, shapes
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.recipes import Recipe
from framegen.frame import Frame

_BETAS = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
}


@dataclass(frozen=True)
class Rates:
    """What this machine reached.

    Attributes:
        tflops: of a matrix product, in the precision of the networks. gbytes_s: read and written by a copy.
    """

    tflops: float
    gbytes_s: float


@dataclass(frozen=True)
class Cost:
    """One model at one size; times are medians in milliseconds, None: not measured here.

    Attributes:
        engine_ms: from the 8-bit frame to the 8-bit picture. carried_ms: the same of a frame that the network does not
            see, drawn from the last one's latent. plain_ms: the pipeline with the same weights; why not in
            ``plain_note``. floor_ms: see the module. memory_gib: most that the GPU held.
    """

    engine_ms: float
    carried_ms: float
    plain_ms: float | None
    plain_note: str
    floor_ms: float
    memory_gib: float | None


def rates(device: torch.device, dtype: torch.dtype) -> Rates:
    """Measure what this machine reaches; a few hundred milliseconds on a GPU."""
    side = 8192 if device.type == "cuda" else 1024
    a = torch.randn(side, side, device=device, dtype=dtype)
    spent_ms = median_ms(lambda: a @ a, device, 5)
    source = torch.empty((256 if device.type == "cuda" else 32) << 20, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    copied_ms = median_ms(lambda: target.copy_(source), device, 5)
    return Rates(2.0 * side**3 / spent_ms / 1e9, 2.0 * source.numel() / copied_ms / 1e6)


def cost(engine: DiffusersEngine, width: int, height: int, reached: Rates, frames: int = 30) -> Cost:
    """Measure a loaded model. ``width`` and ``height``: the picture's, multiples of the model's."""
    device = engine.place
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    settings = Settings(prompt="golden hour", strength=0.5)
    conditioning = engine.condition(settings)
    rng = np.random.default_rng(0)
    frame = Frame(1, rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    scale = engine.spec.latent_scale
    noise = rng.standard_normal((height // scale, width // scale, engine.spec.noise_channels)).astype(np.float32)

    def once(reuse: Reuse | None = None) -> Any:
        return engine.whole(engine.encode(frame, conditioning, settings, None), reuse, noise)[1]

    engine_ms = median_ms(once, device, frames)
    memory = torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else None
    row, column = np.mgrid[: noise.shape[0], : noise.shape[1]].astype(np.float32)
    everywhere, nowhere = np.ones_like(row), np.zeros_like(row)
    last = Reuse(once(), column, row, everywhere, nowhere, 0.0, carried=True)
    carried_ms = median_ms(lambda: once(last), device, frames)
    plain_ms, note = None, ""
    try:
        plain = plain_pipeline(engine)
    except NotImplementedError as error:
        note = str(error)
    else:
        run = plain_run(plain, engine, conditioning.vector, width, height)
        kept = next(engine.parts.vae.parameters()).dtype
        with loading.as_written(engine.parts):
            plain_ms = median_ms(run, device, max(3, frames // 3))
        del plain, run
        if next(engine.parts.vae.parameters()).dtype != kept:  # SDXL's pipeline leaves it in another precision
            engine.parts.vae.to(kept)
            engine.release()  # a captured graph reads weights where they were
    gc.collect()
    return Cost(engine_ms, carried_ms, plain_ms, note, floor_ms(engine, width, height, reached), memory)


def floor_ms(engine: DiffusersEngine, width: int, height: int, reached: Rates) -> float:
    """See the module. Activations are taken to stay on the chip."""
    recipe = engine.recipe
    vae = "tiny" if engine.options.vae == "tiny" else ("dc" if recipe.kind == "sana" else "kl")
    steps, work = engine.options.steps, 0.0
    networks = [(recipe.shape, steps), (vae, 1)]
    if engine.parts.control is not None:
        networks.append((f"{recipe.shape} control", steps))
    wide_area = 768 * (448 if recipe.kind == "sana" else 432)
    for name, times in networks:
        square, wide = shapes.GFLOP.get(name, (0.0, 0.0))
        # operations of convolutions grow with the area; attention makes the wide figure a little more than that
        area = width * height
        near = square * area / (512 * 512) if area <= 512 * 512 else wide * area / wide_area
        work += times * near
    weights = sum(p.numel() * p.element_size() for m in engine.parts.modules() for p in m.parameters())
    return max(work / reached.tflops, weights / reached.gbytes_s / 1e6)


def plain_pipeline(engine: DiffusersEngine) -> Any:
    """Diffusers' own image-to-image pipeline over the engine's networks.

    Raises NotImplementedError: diffusers has none for this family; says why.
    """
    recipe, parts = engine.recipe, engine.parts
    if parts.control is not None or engine.options.steps > 1:
        raise NotImplementedError("the plain pipeline is measured in one step and without control only")
    if recipe.kind == "translate":
        raise NotImplementedError("diffusers has no pipeline for img2img-turbo")
    if recipe.kind == "sana":
        if not isinstance(parts.vae, diffusers.AutoencoderDC):
            raise NotImplementedError("its pipeline takes the full autoencoder only")
        made: Any = diffusers.SanaSprintImg2ImgPipeline(
            tokenizer=None, text_encoder=None, vae=parts.vae, transformer=parts.body, scheduler=diffusers.SCMScheduler()
        )
    elif recipe.text == "clip pair":
        made = diffusers.StableDiffusionXLImg2ImgPipeline(
            vae=parts.vae,
            text_encoder=None,
            text_encoder_2=None,
            tokenizer=None,
            tokenizer_2=None,
            unet=parts.body,
            scheduler=_scheduler(recipe),
            add_watermarker=False,
        )
    else:
        lcm = getattr(parts.body.config, "time_cond_proj_dim", None) is not None
        cls: Any = diffusers.LatentConsistencyModelImg2ImgPipeline if lcm else diffusers.StableDiffusionImg2ImgPipeline
        made = cls(
            vae=parts.vae,
            text_encoder=None,
            tokenizer=None,
            unet=parts.body,
            scheduler=_scheduler(recipe),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    made.set_progress_bar_config(disable=True)
    return made


def plain_run(pipe: Any, engine: DiffusersEngine, text: Any, width: int, height: int) -> Callable[[], None]:
    """One frame through the pipeline, from a picture to a picture, with the prompt already encoded."""
    from PIL import Image

    dtype = engine.net.dtype
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))
    told: dict[str, Any] = {"image": picture, "prompt_embeds": text["states"].to(dtype), "output_type": "np"}
    if "mask" in text:
        told |= {"prompt_attention_mask": text["mask"], "height": height, "width": width, "strength": 1.0}
        told |= {"use_resolution_binning": False, "max_timesteps": 0.8, "intermediate_timesteps": None}
        told |= {"num_inference_steps": 1, "guidance_scale": 4.5}
    elif isinstance(pipe, diffusers.LatentConsistencyModelImg2ImgPipeline):
        told |= {"num_inference_steps": 1, "strength": 0.5, "guidance_scale": 8.0, "original_inference_steps": 50}
    else:
        # two steps of which strength leaves one: a single one with strength below 1 is none at all
        told |= {"num_inference_steps": 2, "strength": 0.5, "guidance_scale": 0.0}
    if "pooled" in text:
        told["pooled_prompt_embeds"] = text["pooled"].to(dtype)

    def run() -> None:
        with torch.inference_mode():
            pipe(**told)

    return run


def give_back_memory() -> None:
    """What a model that is gone has left to PyTorch goes back to the card: a server in another process needs it."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def median_ms(run: Callable[[], Any], device: torch.device, times: int) -> float:
    """Median wall time of ``run``, after two runs that are not counted."""
    spans = []
    for i in range(times + 2):
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()
        if i >= 2:
            spans.append((time.perf_counter() - start) * 1e3)
    return statistics.median(spans)


def _scheduler(recipe: Recipe) -> Any:
    if recipe.schedule.renoise == "fresh":
        return diffusers.LCMScheduler(**_BETAS)
    if recipe.schedule.renoise == "ancestral":
        return diffusers.EulerAncestralDiscreteScheduler(**_BETAS, timestep_spacing="trailing")
    return diffusers.EulerDiscreteScheduler(**_BETAS, timestep_spacing="trailing")
