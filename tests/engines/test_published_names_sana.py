"""SANA-Sprint's published names and shapes, and those of autoencoders and adapters. See :mod:`published`."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import tiny_models as tiny
import torch
from published import LDM, Shapes, body_of, conv, empty, like, linear, norm, sana

from framegen.engines.diffusers import device, loading, names, shapes
from framegen.engines.specs import load_engine
from framegen.errors import ModelUnavailable

one_thread = tiny.one_thread


@pytest.mark.parametrize("prefix", ["", LDM])
@pytest.mark.parametrize("shape", ["sana06", "sana16"])
def test_sana_sprint(shape: str, prefix: str) -> None:
    wanted = sana(shape)
    loading.load_body(body_of(shape), empty(wanted, prefix))
    for name in ("blocks.3.attn.q_norm.weight", "cfg_embedder.mlp.0.bias"):
        with pytest.raises(ModelUnavailable, match="another network"):
            loading.load_body(body_of(shape), empty({k: v for k, v in wanted.items() if k != name}, prefix))
    with pytest.raises(ModelUnavailable, match="another network"):
        loading.load_body(body_of(shape), empty(wanted | {"blocks.0.attn.qkv.bias": (3,), "x": (1,)}, prefix))


def test_a_file_of_sanas_authors_gives_the_folders_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With numbers: what is one matrix there is query, key and value here, in that order."""
    monkeypatch.setattr(device, "free_gib", lambda place: 99.0)
    pipe = tiny.sana()
    pipe.save_pretrained(tmp_path / "base")
    back: dict[str, torch.Tensor] = {}
    layers = {f"blocks.0.{old}".rstrip("."): new for old, new in names._SANA_BLOCK.items()} | names._SANA
    body = pipe.transformer.state_dict()
    for old, new in layers.items():
        start = "transformer_blocks.0." if old.startswith("blocks.0") else ""
        for kind in ("weight", "bias", "scale_shift_table"):
            targets = [f"{start}{target}.{kind}" for target in new.split()] or [start + kind]
            if all(target in body for target in targets) and (new or kind == "scale_shift_table"):
                back[f"{old}.{kind}"] = torch.cat([body[target] for target in targets])
    back["pos_embed"] = torch.zeros(1, 4, 8)
    torch.save({"state_dict": {k: v.clone() for k, v in back.items()}, "epoch": 3}, tmp_path / "sprint.pth")
    engine = load_engine(f"sana-sprint-0.6b:base={tmp_path / 'base'},weights={tmp_path / 'sprint.pth'}", "cpu")
    loaded = engine.parts.body.state_dict()  # type: ignore[attr-defined]
    assert loaded.keys() == body.keys()
    assert all(torch.equal(loaded[name], value) for name, value in body.items())


def test_dc_ae() -> None:
    """SANA's autoencoder, in diffusers' names: blocks of two kinds, between them a change of size."""
    widths, found = (128, 256, 512, 512, 1024, 1024), {}

    def block(name: str, width: int, attends: bool) -> Shapes:
        if not attends:
            made = conv(f"{name}.conv1", width, width) | conv(f"{name}.conv2", width, width, bias=False)
            return made | norm(f"{name}.norm", width)
        made = {f"{name}.attn.to_{which}.weight": (width, width) for which in "qkv"}
        made |= conv(f"{name}.attn.to_qkv_multiscale.0.proj_in", 1, 3 * width, 5, bias=False)
        made |= conv(f"{name}.attn.to_qkv_multiscale.0.proj_out", 32, 3 * width, 1, bias=False)
        made |= linear(f"{name}.attn.to_out", 2 * width, width, bias=False) | norm(f"{name}.attn.norm_out", width)
        made |= conv(f"{name}.conv_out.conv_inverted", width, 8 * width, 1)
        made |= conv(f"{name}.conv_out.conv_depth", 1, 8 * width)
        made |= conv(f"{name}.conv_out.conv_point", 4 * width, width, 1, bias=False)
        return made | norm(f"{name}.conv_out.norm", width)

    found |= conv("encoder.conv_in", 3, 128) | conv("encoder.conv_out", 1024, 32)
    found |= conv("decoder.conv_in", 32, 1024) | norm("decoder.norm_out", 128) | conv("decoder.conv_out", 128, 3)
    for i, width in enumerate(widths):
        depth = 3 if i > 2 else 2
        for j in range(depth):
            found |= block(f"encoder.down_blocks.{i}.{j}", width, i > 2)
        last = i + 1 == len(widths)
        if not last:
            found |= conv(f"encoder.down_blocks.{i}.{depth}.conv", width, widths[i + 1])
            found |= conv(f"decoder.up_blocks.{i}.0.conv", widths[i + 1], width)
        for j in range(3):
            found |= block(f"decoder.up_blocks.{i}.{j + (not last)}", width, i > 2)
    with torch.device("meta"):
        like(found, diffusers.AutoencoderDC(**shapes.DC))
        like(found, diffusers.AutoencoderDC(**{**shapes.DC, "downsample_block_type": "Conv"}))  # as it is published


def test_taesd() -> None:
    """The authors' files number their layers; diffusers has no layer for the decoder's first, which has no weights."""

    def block(place: int) -> Shapes:
        return conv(f"{place}.conv.0", 64, 64) | conv(f"{place}.conv.2", 64, 64) | conv(f"{place}.conv.4", 64, 64)

    encoder = conv("0", 3, 64) | block(1) | conv("14", 64, 4)
    decoder = conv("1", 4, 64) | block(18) | conv("19", 64, 3)
    for stage in range(3):
        encoder |= conv(f"{2 + 4 * stage}", 64, 64, bias=False)
        decoder |= conv(f"{7 + 5 * stage}", 64, 64, bias=False)
        for i in range(3):
            encoder |= block(3 + 4 * stage + i)
            decoder |= block(3 + 5 * stage + i)
    found = {f"encoder.layers.{name}": shape for name, shape in encoder.items()}
    for name, shape in decoder.items():
        place, _, rest = name.partition(".")
        found[f"decoder.layers.{int(place) - 1}.{rest}"] = shape
    with torch.device("meta"):
        like(found, diffusers.AutoencoderTiny())


def test_t2i_adapter() -> None:
    """Of Stable Diffusion 1.5, with depth: three channels folded 8x8, two blocks a level, 1x1 shortcuts."""
    channels, found = (320, 640, 1280, 1280), conv("adapter.conv_in", 192, 320)
    for level, width in enumerate(channels):
        before = channels[max(level - 1, 0)]
        if before != width:
            found |= conv(f"adapter.body.{level}.in_conv", before, width, 1)
        for j in range(2):
            block = f"adapter.body.{level}.resnets.{j}"
            found |= conv(f"{block}.block1", width, width) | conv(f"{block}.block2", width, width, 1)
    with torch.device("meta"):
        like(found, diffusers.T2IAdapter(adapter_type="full_adapter"))
