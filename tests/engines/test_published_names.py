"""Stable Diffusion's and SDXS' published names and shapes, through the loading of the product. See :mod:`published`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import torch
from published import LDM, PUBLISHED, body_of, conv, empty, like, linear, norm, resblock, sana, transformer

from framegen.engines.diffusers import loading, recipes, shapes
from framegen.errors import ModelUnavailable


@pytest.mark.parametrize("shape", PUBLISHED)
def test_original_stable_diffusion(shape: str) -> None:
    """As a single file of the true sizes: the denoiser is taken out from beside what else the file holds."""
    state = empty(PUBLISHED[shape].unet(), LDM)
    state |= empty({"cond_stage_model.x": (1,), "model_ema.decay": (), "alphas_cumprod": (1000,)})
    loading.load_body(body_of(shape), state)
    state.pop(f"{LDM}middle_block.1.norm.weight")
    with pytest.raises(ModelUnavailable, match="another network"):
        loading.load_body(body_of(shape), state)


@pytest.mark.parametrize("row", ["sd15", "sd21", "sdxl", "sdxs", "sana06"])
def test_another_rows_file_is_one_line(row: str) -> None:
    """SDXL's into 1.5, SANA's into SDXL and so on, whichever way."""
    given = {"sdxl": empty(PUBLISHED["sd15"].unet(), LDM), "sana06": empty(PUBLISHED["sd21"].unet(), LDM)}
    for state in (given.get(row, empty(PUBLISHED["sdxl"].unet(), LDM)), empty(sana("sana16")), {"a": torch.zeros(1)}):
        with pytest.raises(ModelUnavailable, match="another network") as caught:
            loading.load_body(body_of(row), state)
        assert "\n" not in str(caught.value) and "Use the row" in str(caught.value.hint)


@pytest.mark.parametrize("shape", ["sd15", "sd21"])
def test_controlnet(shape: str) -> None:
    """The published folders were made by this conversion of the authors' files: what it gives is what is loaded."""
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

    told = {k: v for k, v in shapes.BODIES[shape].items() if k not in ("sample_size", "up_block_types")}
    with torch.device("meta"):
        module = diffusers.ControlNetModel(**told)
    found = convert_controlnet_checkpoint(empty(PUBLISHED[shape].controlnet(), "control_model."), dict(module.config))
    like({name: tuple(value.shape) for name, value in found.items()}, module)


def sdxs() -> Iterator[tuple[str, tuple[int, ...]]]:
    """In diffusers' names, as it was published: the same layers as :class:`Ldm`'s, one fewer a block."""
    inner = {
        "in_layers.0": "norm1",
        "in_layers.2": "conv1",
        "emb_layers.1": "time_emb_proj",
        "out_layers.0": "norm2",
        "out_layers.3": "conv2",
        "skip_connection": "conv_shortcut",
    }

    def resnet(name: str, before: int, after: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        for old, shape in resblock("r", before, after, 1280).items():
            layer, _, kind = old[2:].rpartition(".")
            yield f"{name}.{inner[layer]}.{kind}", shape

    yield from (linear("time_embedding.linear_1", 320, 1280) | linear("time_embedding.linear_2", 1280, 1280)).items()
    yield from (conv("conv_in", 4, 320) | norm("conv_norm_out", 320) | conv("conv_out", 320, 4)).items()
    width, kept = 320, [320]
    for i, after in enumerate((320, 640, 1280)):
        block = f"down_blocks.{i}"
        yield from resnet(f"{block}.resnets.0", width, after)
        if i:
            yield from transformer(f"{block}.attentions.0", after, 1, 768, False).items()
        if i < 2:
            yield from conv(f"{block}.downsamplers.0.conv", after, after).items()
        kept += [after, after] if i < 2 else [after]
        width = after
    for i, after in enumerate((1280, 640, 320)):
        block = f"up_blocks.{i}"
        for j in range(2):
            yield from resnet(f"{block}.resnets.{j}", width + kept.pop(), after)
            width = after
            if i < 2:
                yield from transformer(f"{block}.attentions.{j}", after, 1, 768, False).items()
        if i < 2:
            yield from conv(f"{block}.upsamplers.0.conv", after, after).items()


def test_sdxs() -> None:
    like(dict(sdxs()), body_of("sdxs"))
    loading.load_body(body_of("sdxs"), empty(dict(sdxs())))
    row = recipes.BY_NAME["sdxs-512"]
    assert (row.tiny, row.tiny_folder, row.vae_folder) == (row.base, "vae", "vae_large")
