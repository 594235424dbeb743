"""Where weights are on this machine. Nothing is downloaded while a server starts: what is missing is named."""

from __future__ import annotations

import fnmatch
import importlib.util
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import Recipe, Source
from framegen.errors import ModelUnavailable

EXTRA_MODULES = ("torch", "diffusers", "transformers", "safetensors", "huggingface_hub")
WEIGHT_FILES = (".safetensors", ".bin", ".pth", ".pt", ".ckpt", ".pkl")

PARTS = ("", "unet", "transformer", "vae", "vae_large", "text_encoder", "text_encoder_2")
"""Folders of a repository whose weights are of use; others hold what judges pictures, or earlier versions."""
SMALL = ("*.json", "*.txt", "*.model")
_WEIGHTS = re.compile(
    r"(?:diffusion_pytorch_model|model|pytorch_model)"
    r"(?:\.(?P<kind>[a-z]\w*))?(?:-\d+-of-\d+)?(?:\.(?P<late>[a-z]\w*))?\.(?P<format>safetensors|bin)"
)
"""Names of weights that the loaders know; larger ones come in numbered parts, variants (``fp16``) have theirs."""


def variant(names: Iterable[str]) -> str:
    """Of the files in one folder: the kind of weights that must be asked for; empty: the plain ones are there.

    Half precision goes before others.
    """
    kinds = {(found["kind"] or found["late"] or "") for found in map(_WEIGHTS.fullmatch, names) if found}
    return "" if "" in kinds or not kinds else "fp16" if "fp16" in kinds else min(kinds)


def chosen(names: Iterable[str], parts: Iterable[str] = ()) -> list[str]:
    """What is downloaded of a repository's files: of each part one set of weights, half precision where there is one,
    and of formats the one that cannot hold code where there is one. ``parts``: see :class:`Source`."""
    used = tuple(parts) or PARTS
    wanted: list[str] = []
    sets: dict[str, dict[tuple[str, str], list[str]]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        found = _WEIGHTS.fullmatch(file)
        if found and folder in used:
            kind = found["kind"] or found["late"] or ""
            sets.setdefault(folder, {}).setdefault((found["format"], kind), []).append(name)
        elif any(fnmatch.fnmatch(file, pattern) for pattern in SMALL):
            wanted.append(name)

    def worth(which: tuple[str, str]) -> tuple[bool, int]:
        return which[0] == "safetensors", {"fp16": 2, "": 1}.get(which[1], 0)

    for of_folder in sets.values():
        wanted += of_folder[max(of_folder, key=worth)]
    return wanted


def missing_extra() -> tuple[str, ...]:
    """Packages of the ``diffusers`` extra that are not installed."""
    return tuple(name for name in EXTRA_MODULES if importlib.util.find_spec(name) is None)


def base(recipe: Recipe, options: Options) -> Source:
    """The pipeline that a model is built on, and what it takes of it: no network where it has one of its own, no
    autoencoder where another is asked for."""
    whole = options.base or (options.weights if options.weights and not is_file(options.weights) else "")
    own = recipe.kind != "translate" and (is_file(options.weights) or (recipe.body is not None and not options.weights))
    parts = ["text_encoder"]
    if recipe.text == "clip pair":
        parts.append("text_encoder_2")
    if not own:
        parts.append("transformer" if recipe.kind == "sana" else "unet")
    if options.vae == "full":
        parts.append(recipe.vae_folder)
    return Source(whole or recipe.base.repo, parts=tuple(parts))


def sources(recipe: Recipe, options: Options) -> list[Source]:
    """What a model needs of the hub, as its options have it; local paths are left out."""
    wanted = [base(recipe, options)]
    if recipe.body is not None and not options.weights:
        wanted.append(recipe.body)
    if recipe.lora is not None:
        wanted.append(recipe.lora)
    if options.vae == "tiny" and recipe.tiny is not None:
        wanted.append(Source(recipe.tiny.repo, parts=(recipe.tiny_folder,)))
    elif options.vae not in ("tiny", "full", ""):
        wanted.append(Source(options.vae))
    if options.control == "depth" and recipe.control is not None:
        wanted.append(recipe.control)
    elif options.control:
        wanted.append(Source(options.control))
    return [source for source in _joined(wanted) if not Path(source.repo).exists()]


def _joined(wanted: Iterable[Source]) -> list[Source]:
    """Each place once, with the parts that any of them takes."""
    places: dict[tuple[str, str], Source] = {}
    for source in wanted:
        before = places.get((source.repo, source.file), source)
        parts = dict.fromkeys(before.parts + source.parts) if before.parts and source.parts else ()
        places[source.repo, source.file] = replace(source, parts=tuple(parts))
    return list(places.values())


def check(recipe: Recipe, options: Options, name: str) -> None:
    """Raises ModelUnavailable where something that a model needs is not on this machine.

    ``name``: what it was asked for by, with options: what has to be downloaded follows from them.
    """
    if options.weights == "random":
        return
    if recipe.published and not is_file(options.weights):
        raise ModelUnavailable(
            f"{recipe.spec.name} takes its authors' checkpoint, one file, not '{options.weights}'.",
            hint=f"Download it as {recipe.published} says, then: --model {recipe.spec.name}:weights=FILE.pkl",
        )
    single = [Source(options.weights)] if is_file(options.weights) else []
    for source in (*single, *sources(recipe, options)):
        try:
            locate(source, recipe)
        except ModelUnavailable as error:
            hint = error.hint and f"Download it: framegen models --download {name}"
            raise ModelUnavailable(error.message, hint=hint) from error


def is_file(text: str) -> bool:
    """Whether an option names a weight file rather than a folder or a hub id."""
    return text.endswith(WEIGHT_FILES)


def locate(source: Source, recipe: Recipe) -> Path:
    """The folder or file on this machine.

    Raises ModelUnavailable: it is not here; the hint says how to get it.
    """
    local = Path(source.repo)
    if local.exists():
        return local / source.file if source.file else local
    if is_file(source.repo):
        raise ModelUnavailable(f"There is no file {source.repo}.")
    if source.repo.count("/") != 1 or source.repo.startswith((".", "/", "~")):
        raise ModelUnavailable(f"{source.repo} is neither a folder nor a hub id.")
    found = cached(source)
    if found is None or (absent := lacking(found, source)):
        what = str(source) if found is None else f"{' and '.join(absent)} of {source}"
        raise ModelUnavailable(
            f"{recipe.spec.name} needs {what}, which is not on this machine.",
            hint=f"Download it: framegen models --download {recipe.spec.name}",
        )
    return found


def lacking(folder: Path, source: Source) -> list[str]:
    """Parts of a source that its folder in the cache has no weights of: another model has left them out."""
    if source.file:
        return []
    held = {part: map(_WEIGHTS.fullmatch, (path.name for path in (folder / part).glob("*"))) for part in source.parts}
    return [part or "weights" for part, names in held.items() if not any(names)]


def size_bytes(found: Path, source: Source) -> int:
    """Of what a source's file or folder on this machine holds for the model."""
    if found.is_file():
        return found.stat().st_size
    files = {path.relative_to(found).as_posix(): path for path in found.rglob("*") if path.is_file()}
    return sum(files[name].stat().st_size for name in chosen(files, source.parts))


def cached(source: Source) -> Path | None:
    """Where the hub's cache has a source, whole or in part; None: it is not there."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        if source.file:
            return Path(hf_hub_download(source.repo, source.file, local_files_only=True))
        return Path(snapshot_download(source.repo, local_files_only=True))
    except (LocalEntryNotFoundError, FileNotFoundError, ValueError):  # the last: it is no name that a hub would have
        return None


def download(wanted: Iterable[Source], say: Callable[[str], None]) -> None:
    """Bring sources from the hub into its cache on this machine.

    Raises ModelUnavailable: the hub cannot be reached, or does not give it (a licence must be accepted there first).
    """
    from huggingface_hub import hf_hub_download, list_repo_files, snapshot_download

    for source in wanted:
        say(f"Downloading {source} ...")
        try:
            if source.file:
                hf_hub_download(source.repo, source.file)
            else:
                snapshot_download(source.repo, allow_patterns=chosen(list_repo_files(source.repo), source.parts))
        except Exception as error:  # of the hub, of the network, of the library that the hub's client is built on
            raise ModelUnavailable(
                f"{source} could not be downloaded: {_line(error)}",
                hint="Where its page asks to accept a licence, do so and run 'hf auth login' first.",
            ) from error


def _line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def read_state(path: Path) -> dict[str, Any]:
    """The tensors of a weight file, on the processor; pickled ones are read without running code.

    Raises ModelUnavailable: the file cannot be read as that.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(str(path)))
        found = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ModelUnavailable(f"There is no file {path}.") from error
    except Exception as error:  # safetensors and pickle raise a dozen kinds
        raise ModelUnavailable(f"{path} cannot be read as weights: {_line(error)}") from error
    state = found.get("state_dict", found) if isinstance(found, dict) else found
    if not isinstance(state, dict):
        raise ModelUnavailable(f"{path} holds no dictionary of weights.")
    return dict(state)
