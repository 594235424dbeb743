"""img2img-turbo against its published forward pass, with checkpoints as its authors save them.

The reference here is built as the authors' repository builds it (adapters injected by peft into SD-Turbo's networks,
encoder and decoder walked block by block), so it shares no code with the engine, which adds the updates into the
weights. Where adapters stand beside the weights, ``W x + B (A x)`` is rounded otherwise than ``(W + B A) x``, and at
t = 999 the guess is divided by 0.07; so the bound of 1e-5 holds against the reference once peft has added its adapters
into the weights too, and against the reference as published the bound is what float64 shows to be its own rounding.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")
pytest.importorskip("peft", reason="needs peft: pip install -e .[test], see .ci/tools")

import peft
import tiny_models as tiny
import torch
from diffusers import DDPMScheduler

from framegen.config import Settings
from framegen.engines.diffusers import translate
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.errors import ModelUnavailable
from framegen.frame import Frame

one_thread = tiny.one_thread
GIVEN = tiny.picture()
CAPTION = "driving in the night"
IN_UNET = ["to_k", "to_q", "to_v", "to_out.0", "conv", "conv1", "conv2", "conv_shortcut", "conv_out", "proj_in"]
IN_UNET += ["proj_out", "ff.net.2", "ff.net.0.proj"]
IN_VAE = ["conv1", "conv2", "conv_in", "conv_shortcut", "conv", "conv_out", "to_k", "to_q", "to_v", "to_out.0"]
IN_VAE += [f"skip_conv_{i}" for i in range(1, 5)]
SKIPS = {1: (32, 32), 2: (16, 32), 3: (16, 32), 4: (16, 16)}


def pipeline() -> Any:
    return tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.full_vae())


def shaken(module: torch.nn.Module) -> None:
    """Adapters begin at zero: give them weights."""
    torch.manual_seed(7)
    for name, value in module.named_parameters():
        if "lora" in name or "skip_conv" in name:
            torch.nn.init.normal_(value, std=0.05)


def with_skips(vae: Any) -> Any:
    for i, (before, after) in SKIPS.items():
        setattr(vae.decoder, f"skip_conv_{i}", torch.nn.Conv2d(before, after, 1, bias=False))
    return vae


def reference(vae: Any, unet: Any, states: torch.Tensor, r: float = 1.0, noise: torch.Tensor | None = None) -> Any:
    """The published forward pass; the latent is the posterior's mean. Returns latent and picture."""
    dtype = unet.dtype
    states, noise = states.to(dtype), None if noise is None else noise.to(dtype)
    sched = DDPMScheduler(**{**tiny.BETAS, "timestep_spacing": "trailing"}, clip_sample=False)
    sched.set_timesteps(1)
    x = (torch.from_numpy(GIVEN)[None].permute(0, 3, 1, 2).to(dtype) / 255 - 0.5) / 0.5
    kept = []
    x = vae.encoder.conv_in(x)
    for block in vae.encoder.down_blocks:
        kept.append(x)
        x = block(x)
    x = vae.encoder.conv_out(vae.encoder.conv_act(vae.encoder.conv_norm_out(vae.encoder.mid_block(x))))
    latent = vae.quant_conv(x)[:, :4] * vae.config.scaling_factor
    if noise is not None:
        latent = latent * r + noise * (1 - r)
    t = torch.tensor([999])
    guess = unet(latent, t, encoder_hidden_states=states)[0]
    done = sched.step(guess, t, latent, return_dict=True).prev_sample
    x = vae.decoder.mid_block(vae.decoder.conv_in(vae.post_quant_conv(done / vae.config.scaling_factor)))
    for i, block in enumerate(vae.decoder.up_blocks):
        skip = getattr(vae.decoder, f"skip_conv_{i + 1}")
        x = block(x + skip(kept[::-1][i] * r))
    x = vae.decoder.conv_out(vae.decoder.conv_act(vae.decoder.conv_norm_out(x))).clamp(-1, 1)
    picture = ((x / 2 + 0.5) * 255).round().to(torch.uint8)[0].permute(1, 2, 0)
    return done[0].numpy(), picture.numpy()


def engine_of(name: str, path: Path, **options: Any) -> DiffusersEngine:
    pipe = pipeline()
    parts = tiny.parts_of(pipe)
    translate.apply(parts, path, options.get("direction", "a2b"))
    recipe = BY_NAME[name]
    return DiffusersEngine(recipe.spec, recipe, Options(weights=str(path), vae="full", **options), "cpu", parts)


def agree(
    engine: DiffusersEngine,
    vae: Any,
    unet: Any,
    states: torch.Tensor,
    strength: float = 0.5,
    r: float = 1.0,
    noise: torch.Tensor | None = None,
) -> None:
    """The engine's latent and picture against the reference: merged, as published, and in float64."""
    settings = Settings(prompt=CAPTION, strength=strength)
    encoded = engine.encode(Frame(1, GIVEN), engine.condition(settings), settings, None)
    given = torch.zeros(1, 4, 6, 8) if noise is None else noise
    latent = engine.denoise(encoded, None, given[0].permute(1, 2, 0).numpy(), 0.6)
    found = latent.transpose(2, 0, 1)
    published = reference(vae, unet, states, r, noise)
    exact = reference(copy.deepcopy(vae).double(), copy.deepcopy(unet).double(), states, r, noise)
    one_vae, one_unet = merged(vae), merged(unet)
    one = reference(one_vae, one_unet, states, r, noise)
    own = np.abs(published[0] - exact[0]).max()
    # the adapters' products are added into the weights here as there, but some processors round the two differently
    assert np.abs(found - one[0]).max() <= max(1e-5, 2 * own)
    assert own > 2.5e-6, "the reference's own rounding is of the size of the bound"
    assert np.abs(found - exact[0]).max() <= 2 * own
    for picture in (published[1], one[1]):
        assert np.abs(engine.decode(latent, encoded).astype(int) - picture).max() <= 1


def merged(network: Any) -> Any:
    """The network with peft's adapters added into its weights by peft."""
    one = copy.deepcopy(network)
    for module in one.modules():
        if isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
            module.merge()
    return one


@torch.no_grad()
def pix2pix(path: Path, twin: bool = False) -> tuple[Any, Any, torch.Tensor]:
    """Networks with adapters, and the checkpoint that their authors' ``save_model`` writes of them."""
    pipe = pipeline()
    unet, vae = pipe.unet, with_skips(pipe.vae)
    if twin:
        unet.conv_in = translate.Twin(copy.deepcopy(unet.conv_in), copy.deepcopy(unet.conv_in))
        torch.nn.init.normal_(unet.conv_in.conv_in_curr.weight, std=0.1)
    vae.add_adapter(peft.LoraConfig(r=4, target_modules=IN_VAE), adapter_name="vae_skip")
    unet.add_adapter(peft.LoraConfig(r=8, target_modules=IN_UNET))
    shaken(unet)
    shaken(vae)
    if not twin:
        torch.nn.init.normal_(unet.conv_in.weight, std=0.1)  # it is trained whole
    saved = {
        "unet_lora_target_modules": IN_UNET,
        "vae_lora_target_modules": IN_VAE,
        "rank_unet": 8,
        "rank_vae": 4,
        "state_dict_unet": {k: v for k, v in unet.state_dict().items() if "lora" in k or "conv_in" in k},
        "state_dict_vae": {k: v for k, v in vae.state_dict().items() if "lora" in k or "skip" in k},
    }
    torch.save(saved, path)
    states = tiny.parts_of(pipe).text.encode(CAPTION).tensors["states"]  # type: ignore[union-attr]
    return vae, unet, states


def test_pix2pix_turbo(tmp_path: Path) -> None:
    vae, unet, states = pix2pix(tmp_path / "edge_to_image.pkl")
    with torch.inference_mode():
        agree(engine_of("pix2pix-turbo", tmp_path / "edge_to_image.pkl"), vae, unet, states)


@pytest.mark.parametrize("strength", [0.0, 0.6])
def test_the_stochastic_form_mixes_in_noise_by_strength(tmp_path: Path, strength: float) -> None:
    from diffusers.utils.peft_utils import set_weights_and_activate_adapters

    vae, unet, states = pix2pix(tmp_path / "sketch.pkl", twin=True)
    r, noise = 1 - strength, tiny.noises((1, 4, 6, 8))
    unet.set_adapters(["default"], weights=[r])
    set_weights_and_activate_adapters(vae, ["vae_skip"], [r])
    unet.conv_in.share.fill_(r)
    engine = engine_of("pix2pix-turbo", tmp_path / "sketch.pkl")
    with torch.inference_mode():
        agree(engine, vae, unet, states, strength, r, noise)
        # another strength and back again: nothing of it is left in the weights
        before = engine.decode(np.ones((6, 8, 4), np.float32), mixed(engine, strength))
        engine.source(mixed(engine, 0.9))
        assert np.array_equal(engine.decode(np.ones((6, 8, 4), np.float32), mixed(engine, strength)), before)


def test_weights_that_strength_changes_are_kept_in_the_networks_precision(tmp_path: Path) -> None:
    """They are nearly all there are: in float32 they would take twice the memory of the network itself."""
    pix2pix(tmp_path / "sketch.pkl", twin=True)
    engine = engine_of("pix2pix-turbo", tmp_path / "sketch.pkl", dtype="bfloat16")
    kept = [weight.dtype for item in engine.parts.extra["adjustable"] for weight in item._kept.values()]
    assert len(kept) > 50 and set(kept) == {torch.bfloat16}
    settings, noise = Settings(prompt=CAPTION, strength=0.6), np.zeros((6, 8, 4), np.float32)
    exact = engine_of("pix2pix-turbo", tmp_path / "sketch.pkl")
    latents = []
    for made in (engine, exact):
        encoded = made.encode(Frame(1, GIVEN), made.condition(settings), settings, None)
        latents.append(made.denoise(encoded, None, noise, 0.6))
    assert np.linalg.norm(latents[0] - latents[1]) < 0.1 * np.linalg.norm(latents[1])


def mixed(engine: DiffusersEngine, strength: float) -> Any:
    """A frame that has been through the encoder at that strength."""
    settings = Settings(prompt=CAPTION, strength=strength)
    encoded = engine.encode(Frame(1, GIVEN), engine.condition(settings), settings, None)
    engine.source(encoded)
    return encoded


@pytest.mark.parametrize("direction", ["a2b", "b2a"])
def test_cyclegan_turbo(tmp_path: Path, direction: str) -> None:
    pipe = pipeline()
    unet, vae = pipe.unet, with_skips(pipe.vae)
    names = [n for n, m in unet.named_modules() if n.endswith(("to_q", "to_k", "conv1", "proj_in"))]
    groups = {
        "default_encoder": [n for n in names if n.startswith("down_blocks")],
        "default_decoder": [n for n in names if n.startswith("up_blocks")],
        "default_others": [n for n in names if n.startswith("mid_block")],
    }
    for adapter, targets in groups.items():
        unet.add_adapter(peft.LoraConfig(r=8, lora_alpha=8, target_modules=targets), adapter_name=adapter)
    unet.set_adapter(list(groups))
    vae.add_adapter(peft.LoraConfig(r=4, target_modules=IN_VAE), adapter_name="vae_skip")
    shaken(unet)
    shaken(vae)
    back = copy.deepcopy(vae)
    with torch.no_grad():
        for value in back.parameters():
            value.mul_(1.01)
    autoencoders = {f"vae.{k}": v for k, v in vae.state_dict().items()}
    autoencoders |= {f"vae_b2a.{k}": v for k, v in back.state_dict().items()}
    lora = {k: v for k, v in unet.named_parameters() if "lora" in k}
    saved: dict[str, Any] = {
        "rank_unet": 8,
        "l_target_modules_encoder": groups["default_encoder"],
        "l_target_modules_decoder": groups["default_decoder"],
        "l_modules_others": groups["default_others"],
        "vae_lora_target_modules": IN_VAE,
        "sd_vae_enc": autoencoders,
        "sd_vae_dec": autoencoders,
    }
    for key, adapter in (("sd_encoder", "encoder"), ("sd_decoder", "decoder"), ("sd_other", "others")):
        ending = f".default_{adapter}.weight"
        saved[key] = {k.replace(ending, ".weight"): v.detach() for k, v in lora.items() if k.endswith(ending)}
        assert saved[key]
    torch.save(saved, tmp_path / "day2night.pkl")
    states = tiny.parts_of(pipe).text.encode(CAPTION).tensors["states"]  # type: ignore[union-attr]
    with torch.inference_mode():
        engine = engine_of("cyclegan-turbo", tmp_path / "day2night.pkl", direction=direction)
        agree(engine, vae if direction == "a2b" else back, unet, states)


class Danger:
    """Unpickling this would run code."""

    def __reduce__(self) -> Any:
        return Path.touch, (Path("/tmp/framegen-unpickled"),)


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict_unet": Danger()}, tmp_path / "bad.pkl")
    with pytest.raises(ModelUnavailable, match="read safely"):
        translate.read_pickle(tmp_path / "bad.pkl")
    assert not Path("/tmp/framegen-unpickled").exists()


def test_another_dictionary_is_named(tmp_path: Path) -> None:
    torch.save({"model": {"a": torch.zeros(1)}}, tmp_path / "other.pkl")
    with pytest.raises(ModelUnavailable, match="holds model"):
        translate.apply(tiny.parts_of(pipeline()), tmp_path / "other.pkl")


def test_the_true_skips_have_the_published_sizes() -> None:
    skips = translate.SkipDecoder([128, 128, 256, 512], [512, 512, 512, 256])
    shapes = [tuple(m.weight.shape[:2]) for m in skips]
    assert shapes == [(512, 512), (512, 256), (512, 128), (256, 128)]
