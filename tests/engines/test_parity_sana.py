"""SANA-Sprint's step against diffusers' pipeline, tiny random weights, float32."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import tiny_models as tiny
import torch
from PIL import Image

from framegen.config import Settings
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.engines.diffusers.schedule import TOP_ANGLE
from framegen.frame import Frame

one_thread = tiny.one_thread
GIVEN = tiny.picture(64, 64)


@pytest.fixture(scope="module")
def pipe() -> Any:
    made = tiny.sana()
    made.set_progress_bar_config(disable=True)
    return made


def ours(pipe: Any, strength: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    recipe = BY_NAME["sana-sprint-0.6b"]
    parts = tiny.parts_of(pipe, "gemma", tokens=16)
    engine = DiffusersEngine(recipe.spec, recipe, Options(vae="full", steps=steps), "cpu", parts)
    settings = Settings(prompt=tiny.PROMPT, strength=strength)
    encoded = engine.encode(Frame(1, GIVEN), engine.condition(settings), settings, None)
    noise = tiny.noises(tuple(engine.source(encoded).shape), steps)
    latent = engine.denoise(encoded, None, noise[0].permute(1, 2, 0).numpy(), 0.6)
    return latent.transpose(2, 0, 1), engine.decode(latent, encoded)


def theirs(pipe: Any, **told: Any) -> tuple[np.ndarray, np.ndarray]:
    out = []
    for kind in ("latent", "np"):
        generator = torch.Generator().manual_seed(0)
        with torch.inference_mode():
            made = pipe(
                prompt=tiny.PROMPT,
                image=Image.fromarray(GIVEN),
                height=64,
                width=64,
                use_resolution_binning=False,
                strength=1.0,
                guidance_scale=4.5,
                max_sequence_length=16,
                complex_human_instruction=None,
                generator=generator,
                output_type=kind,
                **told,
            )
        out.append(made.images[0])
    return out[0].numpy(), np.rint(out[1] * 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("angle", "steps", "middle"), [(1.1, 1, None), (0.4, 1, None), (TOP_ANGLE, 2, 1.3), (1.2, 4, None)]
)
def test_sana_sprint(pipe: Any, angle: float, steps: int, middle: float | None) -> None:
    told = {"num_inference_steps": steps, "max_timesteps": angle, "intermediate_timesteps": middle}
    expected = theirs(pipe, **told)
    found = ours(pipe, angle / TOP_ANGLE, steps)
    assert np.abs(found[0] - expected[0]).max() <= 1e-5
    assert np.abs(found[1].astype(int) - expected[1]).max() <= 1


def test_in_half_precision_the_network_is_told_the_angle_that_the_source_was_mixed_by(pipe: Any) -> None:
    """Its own pipeline hands the time over in float32; rounded to bfloat16's 8 bits it would be that of other noise."""
    told: list[torch.Tensor] = []
    recipe = BY_NAME["sana-sprint-0.6b"]
    own = {"body": copy.deepcopy(pipe.transformer), "vae": copy.deepcopy(pipe.vae)}
    parts = dataclasses.replace(tiny.parts_of(pipe, "gemma", tokens=16), **own)
    engine = DiffusersEngine(recipe.spec, recipe, Options(vae="full", dtype="bfloat16"), "cpu", parts)
    real = parts.body.forward
    parts.body.forward = lambda *given, **more: told.append(more["timestep"]) or real(*given, **more)
    settings = Settings(prompt=tiny.PROMPT, strength=0.7)
    encoded = engine.encode(Frame(1, GIVEN), engine.condition(settings), settings, None)
    engine.denoise(encoded, None, tiny.noises(tuple(engine.source(encoded).shape))[0].permute(1, 2, 0).numpy(), 0.6)
    angle = 0.7 * TOP_ANGLE
    assert told[0].item() == pytest.approx(np.sin(angle) / (np.sin(angle) + np.cos(angle)), rel=1e-6)


def test_the_step_is_rectified_flow_in_other_words(pipe: Any) -> None:
    """``z0 = x - s v(x, s)`` with ``x = (1 - s) z + s n`` (Lu & Song 2024; Chen et al. 2025, eq. 5)."""
    angle = 1.1
    found, _ = ours(pipe, angle / TOP_ANGLE, 1)
    parts = tiny.parts_of(pipe, "gemma", tokens=16)
    assert parts.text is not None
    text = parts.text.encode(tiny.PROMPT).tensors
    with torch.inference_mode():
        rgb = torch.from_numpy(GIVEN)[None].permute(0, 3, 1, 2) / 127.5 - 1
        z = parts.vae.encode(rgb).latent * parts.scale
        s = torch.tensor([np.sin(angle) / (np.sin(angle) + np.cos(angle))], dtype=torch.float32)
        x = (1 - s) * z + s * tiny.noises(tuple(z.shape))
        v = parts.body(x, text["states"], s, guidance=torch.tensor([0.45]), encoder_attention_mask=text["mask"])[0]
    assert np.abs((x - s * v)[0].numpy() - found).max() <= 1e-5


def test_the_instruction_before_a_prompt_is_the_pipelines_own(pipe: Any) -> None:
    from framegen.engines.diffusers.text import TextParts, _instruction

    ours_text = TextParts([pipe.tokenizer], [pipe.text_encoder], "gemma", 16).encode(tiny.PROMPT)
    with torch.inference_mode():
        states, mask, *_ = pipe.encode_prompt(
            tiny.PROMPT, max_sequence_length=16, complex_human_instruction=_instruction(), device=torch.device("cpu")
        )
    assert torch.equal(ours_text.tensors["states"], states.float())
    assert torch.equal(ours_text.tensors["mask"], mask.float())


def test_the_tiny_autoencoder_has_the_published_layers() -> None:
    from framegen.engines.diffusers.tinyvae import SanaTiny

    vae = SanaTiny().eval()
    # from taesd.py: the encoder's last convolution is layer 17, the decoder's first 1 and last 29
    assert vae.encoder[17].weight.shape == (32, 64, 3, 3)
    assert "encoder.0.bias" in vae.state_dict() and "encoder.5.bias" not in vae.state_dict()
    assert vae.decoder[1].weight.shape == (256, 32, 3, 3)
    assert vae.decoder[29].weight.shape == (3, 64, 3, 3)
    assert "decoder.3.conv.4.weight" in vae.state_dict()
    with torch.inference_mode():
        latent = vae.encode(torch.zeros(1, 3, 64, 96)).latents
        assert latent.shape == (1, 32, 2, 3)
        assert vae.decode(latent)[0].shape == (1, 3, 64, 96)
