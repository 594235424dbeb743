"""Every public one-step model as a row: where its weights are, what it needs, how it is stepped. No PyTorch here.

Sources of each recipe: the model's own card and paper, named in ``docs/models.md``.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from framegen.engines.base import ModelSpec
from framegen.engines.diffusers.schedule import Schedule

TextKind = Literal["clip", "clip pair", "gemma"]
BodyKind = Literal["unet", "sana", "translate"]


@dataclass(frozen=True)
class Source:
    """A place on the hub: a repository, or one file of it.

    ``parts``: folders of the repository whose weights are used; empty: all that there are.
    """

    repo: str
    file: str = ""
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.repo}/{self.file}" if self.file else self.repo


@dataclass(frozen=True)
class Recipe:
    """How one model is made and stepped.

    Attributes:
        spec: its row of ``framegen models``.
        kind: the mathematics: ``unet`` (variance preserving), ``sana`` (TrigFlow), ``translate`` (img2img-turbo).
        shape: name of its true layer sizes in :mod:`framegen.engines.diffusers.shapes`.
        base: the pipeline that text encoder, tokenizer and autoencoder come from, and the body unless ``body`` is set.
        body: weights of the denoiser alone. lora: weights added to it. tiny: the tiny autoencoder.
        control: depth control by default where asked for; None: nobody has published one.
        text: which text encoder. schedule: strength to timesteps. steps: how many evaluations the family allows.
        guidance: embedded guidance scale, 0: the family has none. weights_gib: to download, in half precision where
            there is one. memory_gib: of all networks in half precision, where that is another number.
        published: the body's checkpoint is not on the hub: where its authors offer it. tiny_published: the same of a
            tiny autoencoder. vae_folder: where in ``base`` the full autoencoder lies. tiny_folder: where in ``tiny``.
    """

    spec: ModelSpec
    kind: BodyKind
    shape: str
    base: Source
    text: TextKind
    schedule: Schedule
    tiny: Source | None
    body: Source | None = None
    lora: Source | None = None
    control: Source | None = None
    steps: tuple[int, ...] = (1, 2, 4)
    guidance: float = 0.0
    weights_gib: float = 2.0
    memory_gib: float = 0.0
    published: str = ""
    tiny_published: str = ""
    vae_folder: str = "vae"
    tiny_folder: str = ""


_TAESD = Source("madebyollin/taesd")
_TAESDXL = Source("madebyollin/taesdxl")
_SD15 = Source("stable-diffusion-v1-5/stable-diffusion-v1-5")
_SDXL = Source("stabilityai/stable-diffusion-xl-base-1.0")
_TURBO = Source("stabilityai/sd-turbo")
_SDXS = Source("IDKiro/sdxs-512-dreamshaper")
_TAESANA = "github.com/madebyollin/taesd (taesana_encoder.pth and taesana_decoder.pth)"
_DEPTH15 = Source("lllyasviel/control_v11f1p_sd15_depth")
_DEPTH21 = Source("thibaud/controlnet-sd21-depth-diffusers")
_DEPTHXL = Source("diffusers/controlnet-depth-sdxl-1.0-small")
_STABILITY = "Stability AI Community (commercial use below 1 M USD yearly revenue)"
_RAIL = "CreativeML Open RAIL++-M"
_DMD2 = "CC BY-NC-SA 4.0"


def _spec(
    name: str, title: str, licence: str, commercial: bool, hardware: str, scale: int = 8, side: int = 512
) -> ModelSpec:
    """A row; all diffusion models take noise of the latent's own channels.

    ``side``: of the square whose area the network was trained at. Far below it pictures fall apart.
    """
    channels = 4 if scale == 8 else 32
    return ModelSpec(
        name=name,
        title=title,
        family="diffusers",
        licence=licence,
        commercial=commercial,
        hardware=hardware,
        extra="diffusers",
        size_multiple=scale,
        latent_scale=scale,
        latent_channels=channels,
        default_size=(side, side),
        noise_channels=channels,
    )


_EULER = Schedule("even", "keep")

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        _spec("sd-turbo", "SD-Turbo: adversarial diffusion distillation of SD 2.1", _STABILITY, True, "GPU, 4 GiB"),
        kind="unet",
        shape="sd21",
        base=_TURBO,
        text="clip",
        schedule=_EULER,
        tiny=_TAESD,
        control=_DEPTH21,
        weights_gib=2.6,
    ),
    Recipe(
        _spec("sdxl-turbo", "SDXL-Turbo: adversarial diffusion distillation of SDXL", _STABILITY, True, "GPU, 9 GiB"),
        kind="unet",
        shape="sdxl",
        base=Source("stabilityai/sdxl-turbo"),
        text="clip pair",
        schedule=Schedule("even", "ancestral"),
        tiny=_TAESDXL,
        control=_DEPTHXL,
        weights_gib=7.0,
    ),
    Recipe(
        _spec("dmd2-sd15", "DMD2 of SD 1.5, from noise in one step", _DMD2, False, "GPU, 4 GiB"),
        kind="unet",
        shape="sd15",
        base=_SD15,
        body=Source(
            "tianweiy/DMD2",
            "model/sdv1.5/laion6.25_sd_baseline_8node_guidance1.75_lr5e-7_seed10_dfake10_diffusion1000_gan1e-3_resume"
            "_fid8.35_checkpoint_model_041000/pytorch_model.bin",
        ),
        text="clip",
        schedule=Schedule("fixed", "fresh", trained=(999,)),
        tiny=_TAESD,
        control=_DEPTH15,
        steps=(1,),
        weights_gib=3.5,  # its own network is there in single precision alone
        memory_gib=2.0,
    ),
    Recipe(
        _spec(
            "dmd2-sdxl",
            "DMD2 of SDXL: one step of the four-step network",
            _DMD2,
            False,
            "GPU, 11 GiB",
            side=1024,
        ),
        kind="unet",
        shape="sdxl",
        base=_SDXL,
        body=Source("tianweiy/DMD2", "dmd2_sdxl_4step_unet_fp16.bin"),
        text="clip pair",
        schedule=Schedule("grid", "fresh", trained=(999, 749, 499, 249), boundary=True),
        tiny=_TAESDXL,
        control=_DEPTHXL,
        weights_gib=6.3,
        memory_gib=6.5,
    ),
    Recipe(
        _spec(
            "dmd2-sdxl-1step",
            "DMD2 of SDXL: the one-step network, from noise",
            _DMD2,
            False,
            "GPU, 11 GiB",
            side=1024,
        ),
        kind="unet",
        shape="sdxl",
        base=_SDXL,
        body=Source("tianweiy/DMD2", "dmd2_sdxl_1step_unet_fp16.bin"),
        text="clip pair",
        schedule=Schedule("fixed", "fresh", trained=(399,), boundary=True),
        tiny=_TAESDXL,
        control=_DEPTHXL,
        steps=(1,),
        weights_gib=6.3,
        memory_gib=6.5,
    ),
    Recipe(
        _spec("lcm", "LCM Dreamshaper v7: guided distillation, guidance as an input", "MIT", True, "GPU, 4 GiB"),
        kind="unet",
        shape="sd15-lcm",
        base=Source("SimianLuo/LCM_Dreamshaper_v7"),
        text="clip",
        schedule=Schedule("lcm", "fresh", boundary=True),
        tiny=_TAESD,
        control=_DEPTH15,
        guidance=8.0,
        weights_gib=4.2,  # in single precision
        memory_gib=2.0,
    ),
    Recipe(
        _spec("lcm-lora-sd15", "SD 1.5 with LCM-LoRA: any SD 1.5 in few steps", _RAIL, True, "GPU, 4 GiB"),
        kind="unet",
        shape="sd15",
        base=_SD15,
        lora=Source("latent-consistency/lcm-lora-sdv1-5", "pytorch_lora_weights.safetensors"),
        text="clip",
        schedule=Schedule("lcm", "fresh", boundary=True),
        tiny=_TAESD,
        control=_DEPTH15,
        weights_gib=2.3,
    ),
    Recipe(
        _spec("lcm-lora-sdxl", "SDXL with LCM-LoRA: any SDXL in few steps", _RAIL, True, "GPU, 11 GiB", side=1024),
        kind="unet",
        shape="sdxl",
        base=_SDXL,
        lora=Source("latent-consistency/lcm-lora-sdxl", "pytorch_lora_weights.safetensors"),
        text="clip pair",
        schedule=Schedule("lcm", "fresh", boundary=True),
        tiny=_TAESDXL,
        control=_DEPTHXL,
        weights_gib=7.2,
        memory_gib=6.5,
    ),
    Recipe(
        _spec(
            "sana-sprint-0.6b",
            "SANA-Sprint 0.6B: continuous-time consistency, TrigFlow",
            "NVIDIA NSCL v2 custom; text encoder under the Gemma terms",
            False,
            "GPU, 12 GiB",
            32,
            1024,
        ),
        kind="sana",
        shape="sana06",
        base=Source("Efficient-Large-Model/Sana_Sprint_0.6B_1024px_diffusers"),
        text="gemma",
        schedule=Schedule("angle", "fresh"),
        tiny=None,
        tiny_published=_TAESANA,
        guidance=4.5,
        weights_gib=7.7,
    ),
    Recipe(
        _spec(
            "sana-sprint-1.6b",
            "SANA-Sprint 1.6B: continuous-time consistency, TrigFlow",
            "NVIDIA NSCL v2 custom; text encoder under the Gemma terms",
            False,
            "GPU, 14 GiB",
            32,
            1024,
        ),
        kind="sana",
        shape="sana16",
        base=Source("Efficient-Large-Model/Sana_Sprint_1.6B_1024px_diffusers"),
        text="gemma",
        schedule=Schedule("angle", "fresh"),
        tiny=None,
        tiny_published=_TAESANA,
        guidance=4.5,
        weights_gib=9.7,
    ),
    Recipe(
        _spec("sdxs-512", "SDXS-512: a small network for one step, from noise", _RAIL, True, "GPU, 3 GiB"),
        kind="unet",
        shape="sdxs",
        base=_SDXS,
        text="clip",
        schedule=Schedule("fixed", "keep", trained=(999,)),
        tiny=_SDXS,  # it was trained together with a decoder of its own
        steps=(1,),
        weights_gib=1.8,
        vae_folder="vae_large",
        tiny_folder="vae",
    ),
    Recipe(
        _spec(
            "pix2pix-turbo",
            "img2img-turbo trained on pairs: a sketch or edges to a picture",
            f"MIT, on SD-Turbo's weights: {_STABILITY}",
            True,
            "GPU, 5 GiB",
        ),
        kind="translate",
        shape="sd21",
        base=_TURBO,
        text="clip",
        schedule=Schedule("translate", "keep", trained=(999,)),
        tiny=None,
        steps=(1,),
        weights_gib=2.6,
        published="github.com/GaParmar/img2img-turbo",
    ),
    Recipe(
        _spec(
            "cyclegan-turbo",
            "img2img-turbo trained without pairs: day to night, clear to rainy and back",
            f"MIT, on SD-Turbo's weights: {_STABILITY}",
            True,
            "GPU, 5 GiB",
        ),
        kind="translate",
        shape="sd21",
        base=_TURBO,
        text="clip",
        schedule=Schedule("translate", "keep", trained=(999,)),
        tiny=None,
        steps=(1,),
        weights_gib=2.6,
        published="github.com/GaParmar/img2img-turbo",
    ),
)

BY_NAME = {recipe.spec.name: recipe for recipe in RECIPES}
SPECS: tuple[ModelSpec, ...] = tuple(recipe.spec for recipe in RECIPES)


def as_asked(spec: ModelSpec, recipe: Recipe, steps: int, size: str) -> ModelSpec:
    """The row of a model that is stepped so often (it takes more noise where each step draws its own), at that size."""
    width, height = (int(side) for side in size.split("x")) if size else spec.default_size
    channels = spec.latent_channels * recipe.schedule.draws(steps)
    return dataclasses.replace(spec, noise_channels=channels, default_size=(width, height))
