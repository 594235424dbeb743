"""Every family with tiny layers and random weights, as diffusers' own pipelines: what parity is measured against."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import diffusers
import torch
import transformers

from framegen.engines.diffusers.net import Parts
from framegen.engines.diffusers.text import TextParts

diffusers.utils.logging.disable_progress_bar()
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

PROMPT = "a cat, oil painting"
W, H = 64, 48
BETAS = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
}
UNET15: dict[str, Any] = {
    "sample_size": 8,
    "layers_per_block": 1,
    "block_out_channels": (16, 32, 32, 32),
    "norm_num_groups": 8,
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "cross_attention_dim": 32,
    "attention_head_dim": 8,
}
UNET21 = {**UNET15, "attention_head_dim": (2, 4, 4, 4), "use_linear_projection": True}
UNETXL: dict[str, Any] = {
    "sample_size": 8,
    "layers_per_block": 1,
    "block_out_channels": (16, 32, 32),
    "norm_num_groups": 8,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 3),
    "attention_head_dim": (2, 4, 4),
    "cross_attention_dim": 64,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 32,
}
UNETXS = {
    **UNET15,
    "block_out_channels": (16, 32, 32),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "mid_block_type": None,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny networks are faster on one thread than on several. A test module that binds this name uses it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def picture(width: int = W, height: int = H) -> np.ndarray:
    """``[H, W, 3]`` uint8 of random levels."""
    return np.random.RandomState(0).randint(0, 255, (height, width, 3), dtype=np.uint8)


def _bytes() -> list[str]:
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in kept]
    names = {b: chr(b) for b in kept} | {b: chr(256 + i) for i, b in enumerate(others)}
    return [names[b] for b in (*kept, *others)]


@functools.cache
def clip_tokenizer() -> Any:
    """One token a byte: no vocabulary file is needed."""
    letters = _bytes()
    tokens = [*letters, *(f"{c}</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=[], model_max_length=77)


@functools.cache
def gemma_tokenizer() -> Any:
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{i:02X}>" for i in range(256)), "▁"]
    tokens += [chr(c) for c in range(33, 127)]
    return transformers.GemmaTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=[], model_max_length=300)


def _seeded(seed: int, make: Callable[[], Any]) -> Any:
    torch.manual_seed(seed)
    return make().eval()


def clip_text(projected: bool = False, act: str = "quick_gelu") -> Any:
    config = transformers.CLIPTextConfig(
        vocab_size=514,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
        projection_dim=32,
        hidden_act=act,
    )
    cls = transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel
    return _seeded(0, lambda: cls(config))


def full_vae(scaling: float = 0.18215) -> Any:
    return _seeded(
        1,
        lambda: diffusers.AutoencoderKL(
            block_out_channels=(16, 16, 32, 32),
            layers_per_block=1,
            norm_num_groups=8,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            sample_size=64,
            scaling_factor=scaling,
        ),
    )


def tiny_vae() -> Any:
    return _seeded(
        2,
        lambda: diffusers.AutoencoderTiny(
            encoder_block_out_channels=(16,) * 4,
            decoder_block_out_channels=(16,) * 4,
            num_encoder_blocks=(1, 1, 1, 1),
            num_decoder_blocks=(1, 1, 1, 1),
        ),
    )


def unet(config: dict[str, Any], **more: Any) -> Any:
    return _seeded(3, lambda: diffusers.UNet2DConditionModel(**{**config, **more}))


def controlnet(body: Any) -> Any:
    widths = (8, 8, 16, 16)
    made = _seeded(5, lambda: diffusers.ControlNetModel.from_unet(body, conditioning_embedding_out_channels=widths))
    for name, value in made.named_parameters():
        if "controlnet_" in name:  # they begin at zero, and would change nothing
            torch.nn.init.normal_(value, std=0.1)
    return made


def _sd(body: Any, scheduler: Any, vae: Any, act: str = "quick_gelu") -> dict[str, Any]:
    return {
        "vae": vae,
        "text_encoder": clip_text(act=act),
        "tokenizer": clip_tokenizer(),
        "unet": body,
        "scheduler": scheduler,
        "safety_checker": None,
        "feature_extractor": None,
    }


def _xl(scheduler: Any, vae: Any) -> dict[str, Any]:
    return {
        "vae": vae,
        "text_encoder": clip_text(),
        "text_encoder_2": clip_text(True, "gelu"),
        "tokenizer": clip_tokenizer(),
        "tokenizer_2": clip_tokenizer(),
        "unet": unet(UNETXL),
        "scheduler": scheduler,
    }


def euler() -> Any:
    return diffusers.EulerDiscreteScheduler(**BETAS, timestep_spacing="trailing")


def ancestral() -> Any:
    return diffusers.EulerAncestralDiscreteScheduler(**BETAS, timestep_spacing="trailing")


def lcm() -> Any:
    return diffusers.LCMScheduler(**BETAS)


def sd_img2img(body: dict[str, Any], scheduler: Any, vae: Any, **more: Any) -> Any:
    """Stable Diffusion 1.5's and 2.1's image-to-image pipeline."""
    parts = _sd(unet(body, **more), scheduler, vae)
    return diffusers.StableDiffusionImg2ImgPipeline(**parts, requires_safety_checker=False)


def sd_from_noise(body: dict[str, Any], scheduler: Any, vae: Any) -> Any:
    return diffusers.StableDiffusionPipeline(**_sd(unet(body), scheduler, vae), requires_safety_checker=False)


def sdxl_img2img(scheduler: Any, vae: Any) -> Any:
    return diffusers.StableDiffusionXLImg2ImgPipeline(**_xl(scheduler, vae), add_watermarker=False)


def sdxl_from_noise(scheduler: Any, vae: Any) -> Any:
    return diffusers.StableDiffusionXLPipeline(**_xl(scheduler, vae), add_watermarker=False)


def lcm_img2img(vae: Any) -> Any:
    parts = _sd(unet(UNET15, time_cond_proj_dim=32), lcm(), vae)
    return diffusers.LatentConsistencyModelImg2ImgPipeline(**parts, requires_safety_checker=False)


def sana() -> Any:
    """SANA-Sprint with one layer."""
    body = _seeded(
        4,
        lambda: diffusers.SanaTransformer2DModel(
            patch_size=1,
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=4,
            num_cross_attention_heads=2,
            cross_attention_head_dim=4,
            cross_attention_dim=8,
            caption_channels=8,
            sample_size=32,
            qk_norm="rms_norm_across_heads",
            guidance_embeds=True,
        ),
    )
    vae = _seeded(
        4,
        lambda: diffusers.AutoencoderDC(
            in_channels=3,
            latent_channels=4,
            attention_head_dim=2,
            encoder_block_types=("ResBlock", "EfficientViTBlock"),
            decoder_block_types=("ResBlock", "EfficientViTBlock"),
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            encoder_qkv_multiscales=((), (5,)),
            decoder_qkv_multiscales=((), (5,)),
            encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=(1, 1),
            downsample_block_type="conv",
            upsample_block_type="interpolate",
            decoder_norm_types="rms_norm",
            decoder_act_fns="silu",
            scaling_factor=0.41407,
        ),
    )
    config = transformers.Gemma2Config(
        head_dim=16,
        hidden_size=8,
        intermediate_size=64,
        num_attention_heads=2,
        num_hidden_layers=1,
        num_key_value_heads=2,
        vocab_size=356,
        attn_implementation="eager",
    )
    encoder = _seeded(4, lambda: transformers.Gemma2Model(config))
    return diffusers.SanaSprintImg2ImgPipeline(
        tokenizer=gemma_tokenizer(), text_encoder=encoder, vae=vae, transformer=body, scheduler=diffusers.SCMScheduler()
    )


def parts_of(pipe: Any, kind: str = "clip", control: Any = None, tokens: int = 300) -> Parts:
    """The pipeline's modules as the engine holds them."""
    if kind == "clip pair":
        text = TextParts([pipe.tokenizer, pipe.tokenizer_2], [pipe.text_encoder, pipe.text_encoder_2], kind)
    else:
        text = TextParts([pipe.tokenizer], [pipe.text_encoder], kind, tokens, instruct=False)
    body = getattr(pipe, "unet", None) or pipe.transformer
    return Parts(body, pipe.vae, text, float(pipe.vae.config.scaling_factor), control)


def noises(shape: tuple[int, ...], draws: int = 1, seed: int = 0) -> torch.Tensor:
    """What a pipeline draws from a generator of ``seed``: ``[1, draws * c, h, w]``."""
    generator = torch.Generator().manual_seed(seed)
    return torch.cat([torch.randn(shape, generator=generator) for _ in range(draws)], 1)
