"""From files to :class:`net.Parts`: diffusers' folders, single files, and what is built of bare layer sizes."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from framegen import install
from framegen.engines.diffusers import files, lora, names, shapes, tinyvae, translate
from framegen.engines.diffusers.net import OneStep, Parts, TrigStep
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import Recipe, Source
from framegen.engines.diffusers.text import RandomText, TextParts
from framegen.errors import ModelUnavailable

# what they would say while loading is not for who starts a server
for library in (diffusers, transformers):
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()

_CONVERSION = (KeyError, IndexError, ValueError, RuntimeError, AttributeError, TypeError)
"""What comes of weights that are of another network, while names are converted and shapes compared."""


def stepper(recipe: Recipe, options: Options, parts: Parts) -> OneStep:
    """The class of the family's mathematics, over loaded parts."""
    guidance = options.guidance or recipe.guidance
    kinds: dict[str, type[OneStep]] = {"unet": OneStep, "sana": TrigStep, "translate": translate.TranslateStep}
    return kinds[recipe.kind](parts, options.steps, guidance, options.control_scale)


def load(recipe: Recipe, options: Options, device: torch.device, dtype: torch.dtype) -> Parts:
    """Everything that a model needs, on its device.

    Raises ModelUnavailable: something is not on this machine, or is not what it should be.
    """
    single = Path(options.weights) if files.is_file(options.weights) else None
    base = files.locate(files.base(recipe, options), recipe)
    state = (
        None
        if single is None or recipe.kind == "translate"
        else files.read_state(files.locate(Source(str(single)), recipe))
    )
    if state is None and recipe.body is not None and not options.weights:
        state = files.read_state(files.locate(recipe.body, recipe))
    body = _body(recipe, base, state)
    if recipe.lora is not None:
        lora.add(body, lora.read(files.read_state(files.locate(recipe.lora, recipe))))
    vae, scale = _autoencoder(recipe, options, base, state)
    text = _text(recipe, base, device, dtype)
    parts = Parts(body, vae, text, scale, _control(recipe, options))
    if recipe.kind == "translate":
        assert single is not None
        translate.apply(parts, files.locate(Source(str(single)), recipe), options.direction)
    settle(parts, recipe, device, dtype)
    return parts


def settle(parts: Parts, recipe: Recipe, device: torch.device, dtype: torch.dtype) -> None:
    """Move modules to their device and precision, ready to run."""
    layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
    for module in (*parts.modules(), *(m for m in parts.extra.values() if isinstance(m, torch.nn.Module))):
        module.to(device=device, dtype=dtype, memory_format=layout).eval().requires_grad_(False)  # type: ignore[call-overload]
    for item in parts.extra.get("adjustable", ()):
        item.to(device, dtype)
    if dtype == torch.float16 and recipe.text == "clip pair" and isinstance(parts.vae, diffusers.AutoencoderKL):
        parts.vae.to(torch.bfloat16)  # SDXL's own autoencoder overflows in float16


def compiled(parts: Parts, options: Options) -> None:
    """Have the networks compiled where the options say so; that happens in their first run, and takes minutes.

    Raises ModelUnavailable: TensorRT for PyTorch, or the compiler for cards, is not installed or cannot be loaded.
    """
    if not options.compile:
        return
    on_card = next(parts.body.parameters()).device.type == "cuda"
    if options.compile == "torch" and on_card and importlib.util.find_spec("triton") is None:
        # PyTorch for Linux brings it along; else the first frame would say so, at length
        package = "triton-windows" if sys.platform == "win32" else "triton"
        raise ModelUnavailable("compile=torch needs Triton.", hint=f"Install: {install.command(package)}")
    told: dict[str, Any] = {"fullgraph": True}
    if options.compile == "tensorrt":
        try:
            importlib.import_module("torch_tensorrt")  # which makes its backend known
        except (ImportError, OSError) as error:
            raise ModelUnavailable(
                "TensorRT for PyTorch is not installed.", hint=f"Install: {install.command_for('tensorrt')}"
            ) from error
        # in the precision that the networks have: newer releases refuse to be told another
        told = {"backend": "torch_tensorrt", "dynamic": False, "options": {"use_explicit_typing": True}}
    for module in _compilable(parts):
        module.forward = torch.compile(module.forward, **told)


def _compilable(parts: Parts) -> list[torch.nn.Module]:
    whole = [parts.body, parts.control]
    if "skips" not in parts.extra:  # a translating autoencoder is walked block by block
        whole += [getattr(parts.vae, "encoder", None), getattr(parts.vae, "decoder", None)]
    return [module for module in whole if module is not None]


@contextmanager
def as_written(parts: Parts) -> Iterator[None]:
    """The networks as diffusers has them, though :func:`compiled` was called: what others are measured against."""
    kept = {module: vars(module).pop("forward") for module in _compilable(parts) if "forward" in vars(module)}
    try:
        yield
    finally:
        for module, forward in kept.items():
            module.forward = forward


def _body(recipe: Recipe, base: Path, state: Mapping[str, torch.Tensor] | None) -> Any:
    sana = recipe.kind == "sana"
    cls = diffusers.SanaTransformer2DModel if sana else diffusers.UNet2DConditionModel
    folder = "transformer" if sana else "unet"
    if state is None:
        return _pretrained(cls, base, folder)
    config = shapes.BODIES[recipe.shape]
    if (base / folder / "config.json").exists():
        config = {k: v for k, v in cls.load_config(base / folder).items() if not k.startswith("_")}
    body = cls.from_config(dict(config))
    load_body(body, state)
    return body


def load_body(body: Any, state: Mapping[str, torch.Tensor]) -> None:
    """Weights of a denoiser into ``body``: in diffusers' names or its authors'; see :mod:`names`.

    Raises ModelUnavailable: the names or shapes are those of another network.
    """
    try:
        body.load_state_dict(names.denoiser(state, body.config))
    except _CONVERSION as error:
        raise _another(error, "The weight file is of another network.", "Use the row that it belongs to.") from error


def _another(error: Exception, message: str, hint: str) -> ModelUnavailable:
    """``message``, and of what PyTorch says the line that names a weight."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    reason = lines[1] if len(lines) > 1 else lines[0]
    if isinstance(error, KeyError):
        reason = f"It has no, or knows no, {reason}."
    return ModelUnavailable(message, hint=f"{reason[:200]} {hint}")


def _autoencoder(recipe: Recipe, options: Options, base: Path, state: Mapping[str, Any] | None) -> tuple[Any, float]:
    """The autoencoder, and its scale: latent = scale · what it gives."""
    if options.vae == "tiny":
        assert recipe.tiny is not None
        vae = _pretrained(diffusers.AutoencoderTiny, files.locate(recipe.tiny, recipe), recipe.tiny_folder)
        return vae, float(vae.config.scaling_factor)
    if options.vae == "full":
        if recipe.kind == "sana":
            vae = _pretrained(diffusers.AutoencoderDC, base, recipe.vae_folder)
            return vae, float(vae.config.scaling_factor)
        if state is not None and any(name.startswith(names.LDM_AUTOENCODER) for name in state):
            return _autoencoder_of_file(recipe, state)
        vae = _pretrained(diffusers.AutoencoderKL, base, recipe.vae_folder)
        return vae, float(vae.config.scaling_factor)
    folder = files.locate(Source(options.vae), recipe)
    if any(folder.glob("taesana_*")):
        return tinyvae.load(folder), 1.0
    try:
        named = str(diffusers.AutoencoderKL.load_config(folder).get("_class_name", "AutoencoderKL"))
    except OSError as error:
        raise ModelUnavailable(f"{folder} holds no autoencoder.", hint="It needs a config.json.") from error
    if named not in ("AutoencoderKL", "AutoencoderTiny", "AutoencoderDC"):
        raise ModelUnavailable(f"An autoencoder of class {named} is not known.")
    vae = _pretrained(getattr(diffusers, named), folder, "")
    return vae, float(getattr(vae.config, "scaling_factor", 1.0))


def _autoencoder_of_file(recipe: Recipe, state: Mapping[str, Any]) -> tuple[Any, float]:
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    scale = 0.13025 if recipe.text == "clip pair" else 0.18215
    vae = diffusers.AutoencoderKL(**{**shapes.KL, "scaling_factor": scale})
    try:
        vae.load_state_dict(convert_ldm_vae_checkpoint(dict(state), dict(vae.config)))
    except _CONVERSION as error:
        message = "The weight file holds an autoencoder that is not Stable Diffusion's."
        raise _another(error, message, "Take another with vae=.") from error
    return vae, scale


def _control(recipe: Recipe, options: Options) -> Any:
    if not options.control:
        return None
    source = recipe.control if options.control == "depth" else Source(options.control)
    assert source is not None
    folder = files.locate(source, recipe)
    try:
        named = str(diffusers.ControlNetModel.load_config(folder).get("_class_name", "ControlNetModel"))
    except OSError as error:
        raise ModelUnavailable(f"{folder} holds no control network.", hint="It needs a config.json.") from error
    return _pretrained(diffusers.T2IAdapter if named == "T2IAdapter" else diffusers.ControlNetModel, folder, "")


def _text(recipe: Recipe, base: Path, device: torch.device, dtype: torch.dtype) -> TextParts:
    if device.type == "cpu":
        dtype = torch.float32
    if recipe.text == "gemma":
        encoder = _pretrained(transformers.Gemma2Model, base, "text_encoder", dtype)
        return TextParts(
            [_tokenizer(transformers.AutoTokenizer, base, "tokenizer")], [encoder.to(device).eval()], "gemma"
        )
    tokenizers = [_tokenizer(transformers.CLIPTokenizer, base, "tokenizer")]
    encoders = [_pretrained(transformers.CLIPTextModel, base, "text_encoder", dtype)]
    if recipe.text == "clip pair":
        tokenizers.append(_tokenizer(transformers.CLIPTokenizer, base, "tokenizer_2"))
        encoders.append(_pretrained(transformers.CLIPTextModelWithProjection, base, "text_encoder_2", dtype))
    return TextParts(tokenizers, [encoder.to(device).eval().requires_grad_(False) for encoder in encoders], recipe.text)


def _pretrained(cls: Any, folder: Path, sub: str, dtype: torch.dtype | None = None) -> Any:
    where = folder / sub if sub else folder
    told: dict[str, Any] = {"local_files_only": True, "output_loading_info": True}
    variant = files.variant([path.name for path in where.glob("*")])
    if variant:
        told["variant"] = variant
    if dtype is not None:
        modern = int(transformers.__version__.split(".")[0]) >= 5
        told["dtype" if modern else "torch_dtype"] = dtype
    made, info = _told(lambda: cls.from_pretrained(where, **told), where)
    # the libraries go on with what is left out: with random numbers, or with none
    lacking = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    # what a text encoder holds beside (a table of places, a picture's half) changes nothing
    strange = [] if issubclass(cls, transformers.PreTrainedModel) else sorted(map(str, info["unexpected_keys"]))
    if lacking or strange:
        what = f"has no '{lacking[0]}'" if lacking else f"has '{strange[0]}', which is not of {cls.__name__}"
        raise ModelUnavailable(
            f"{where} holds the weights of another network.", hint=f"It {what}. Download it again, or take another."
        )
    return made


def _tokenizer(cls: Any, folder: Path, sub: str) -> Any:
    return _told(lambda: cls.from_pretrained(folder / sub, local_files_only=True), folder / sub)


def _told(load: Callable[[], Any], where: Path) -> Any:
    """What ``load`` gives; a missing or broken file becomes one clear line."""
    try:
        return load()
    except (OSError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(
            f"{where} is not a whole model folder.", hint=f"Download it again; the loader says: {reason[:160]}"
        ) from error


def random_parts(recipe: Recipe, options: Options, device: torch.device, dtype: torch.dtype) -> Parts:
    """A model of the true layer sizes, weights and prompts random: its speed is that of the real one."""
    with _making(dtype), torch.device(device):
        config = dict(shapes.BODIES[recipe.shape])
        if recipe.kind == "sana":
            body: Any = diffusers.SanaTransformer2DModel(**config)
            vae: Any = tinyvae.SanaTiny() if options.vae == "tiny" else diffusers.AutoencoderDC(**shapes.DC)
        else:
            body = diffusers.UNet2DConditionModel(**config)
            vae = diffusers.AutoencoderTiny() if options.vae == "tiny" else diffusers.AutoencoderKL(**shapes.KL)
        # of its shape alone: LCM's network has weights (for the guidance's scale) that no control network takes
        bare = {"load_weights_from_unet": False}
        control = diffusers.ControlNetModel.from_unet(body, **bare) if options.control else None
    tokens, width = shapes.TEXT[recipe.shape]
    text = RandomText(tokens, width, shapes.POOLED if recipe.text == "clip pair" else 0, recipe.text == "gemma", device)
    parts = Parts(body, vae, text, float(getattr(vae.config, "scaling_factor", 1.0)), control)
    if recipe.kind == "translate":
        parts.extra["skips"] = translate.SkipDecoder.of(vae)
    settle(parts, recipe, device, dtype)
    return parts


@contextmanager
def _making(dtype: torch.dtype) -> Iterator[None]:
    """Networks are made in this precision: in float32 first, the largest would not fit where they fit in half of it."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
