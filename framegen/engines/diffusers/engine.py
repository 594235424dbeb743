"""Every public one-step model as an :class:`~framegen.engines.base.Engine`."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from framegen.config import Settings
from framegen.engines.base import Conditioning, History, ModelSpec, Reuse
from framegen.engines.diffusers import device as devices
from framegen.engines.diffusers import loading, text
from framegen.engines.diffusers.card import open_card
from framegen.engines.diffusers.depth import depth_picture
from framegen.engines.diffusers.net import OneStep, Parts
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import Recipe, as_asked
from framegen.engines.diffusers.translate import TranslateStep
from framegen.engines.diffusers.whole import Given, GraphRefused, Kept, Lanes, Runner, give_back_memory
from framegen.engines.prompt import parts_of
from framegen.errors import InvalidFrame
from framegen.frame import F32, U8, Frame
from framegen.ops import torch_temporal
from framegen.ops.anchors import Anchors
from framegen.ops.fit import plan

Vector = tuple[float, float, float]

log = logging.getLogger(__name__)

_APPLES = threading.RLock()
"""Apple's GPU takes work from one thread at a time, whichever model it is of."""
RUNNERS_KEPT = 24
"""Sizes and batches, with the network and without, whose buffers (and captured graphs) stay in memory."""


@dataclass(eq=False)
class Encoded:
    """One frame, ready for the network.

    Attributes:
        rgb: ``[H, W, 3]`` uint8, on the processor. text: of the prompt. table: ``[1, 1 + steps, 9]`` float32.
        depth: ``[H, W]`` float32 0..1, on the processor, or None. share: of a translating network's taught change.
        latent: ``[1, c, h, w]`` float32, of the source, once :meth:`DiffusersEngine.source` was asked for it.
        features: what a translating autoencoder's decoder then needs of its encoder.
    """

    rgb: U8
    text: text.Tensors
    table: torch.Tensor
    depth: F32 | None
    share: float = 1.0
    latent: torch.Tensor | None = None
    features: Sequence[torch.Tensor] | None = None


class DiffusersEngine:
    """One model on one device. Not thread-safe, but for :meth:`condition` and :meth:`blend`.

    Args:
        spec: the row, under the name it was asked for (with its options).
        recipe, options: how it is made. device: ``auto``, ``cpu``, ``gpu``, ``mps``, ``cuda:1``.
        parts: already loaded (tests, timing); else they are loaded from this machine.

    Raises:
        ModelUnavailable: no such device, too little memory, or files are missing.
    """

    stride = 1
    """The network runs on every frame unless a session asks otherwise: nothing is timed as a model is loaded."""

    def __init__(
        self, spec: ModelSpec, recipe: Recipe, options: Options, device: str = "auto", parts: Parts | None = None
    ) -> None:
        self.spec = as_asked(spec, recipe, options.steps, options.size)
        self.recipe, self.options = recipe, options
        self.place = devices.choose(device)
        self.last_model_ms = 0.0
        self._alone: AbstractContextManager[Any] = _APPLES if self.place.type == "mps" else nullcontext()
        dtype = devices.precision(options, recipe, self.place)
        with self._alone:  # another model may be making frames
            parts = self._settled(parts, dtype)
        self.parts = parts
        self.net: OneStep = loading.stepper(recipe, options, parts)
        loading.compiled(parts, options)
        self._card = open_card(self.place, torch.float32, next(parts.vae.parameters()).dtype)
        self._pool: Any = None
        self._lanes: Lanes | None = None
        self.graph_refused = ""
        """Why the step runs without a captured graph; empty: it was not asked for one, or has it."""
        if self.place.type == "cuda":
            self._pool, self._lanes = torch.cuda.graph_pool_handle(), Lanes.of(self.place)
            torch.backends.cudnn.benchmark = True  # sizes stay what they are: the best algorithm is worth its search
        if self._card is not None:
            self.net.unpack, self.net.pack = self._card.unpack, self._card.pack
        self.device = devices.title(self.place, dtype)
        self.prompts = None if parts.text is None else text.PromptCache(self._encode_prompt)
        self._tables: OrderedDict[float, torch.Tensor] = OrderedDict()
        self._runners: OrderedDict[tuple[Any, ...], Runner] = OrderedDict()
        # frames at once; for another number of them a compiler makes another program, while they wait for minutes
        self._most = 1 if options.compile else 64

    def _settled(self, parts: Parts | None, dtype: torch.dtype) -> Parts:
        if parts is not None:
            loading.settle(parts, self.recipe, self.place, dtype)
            return parts
        if self.options.weights == "random":  # much smaller: no text encoder
            return loading.random_parts(self.recipe, self.options, self.place, dtype)
        devices.check_memory(self.recipe, self.spec.default_size, self.place, dtype)
        return loading.load(self.recipe, self.options, self.place, dtype)

    def warm_up(self) -> None:
        """Make a black frame of the model's own size, so that no session waits for libraries, kernels and the graph.

        Frames of other shapes pay for their own buffers and graph once, a second or two on a GPU.
        """
        width, height = plan(self.spec.default_size, self.spec.default_size, self.spec.size_multiple).model
        settings, scale = Settings(), self.spec.latent_scale
        frame = Frame(0, np.zeros((height, width, 3), np.uint8))
        noise = np.zeros((height // scale, width // scale, self.spec.noise_channels), np.float32)
        self.whole(self.encode(frame, self.condition(settings), settings, None), None, noise)

    def condition(self, settings: Settings) -> Conditioning:
        """The prompt's embedding; several prompts with weights are mixed (:func:`.prompt.parts_of`). Cached.

        One-step models have no negative prompt: its words are ``ignored``, as are words beyond the encoder's length.
        """
        if self.prompts is None:
            raise RuntimeError("This model was made without a text encoder.")
        with self._alone:
            encoding = self.prompts.blended(settings.prompt)
        words, negative = self.words(settings)
        cut = encoding.cut + negative
        understood = tuple(word for word in words if word not in encoding.cut)
        return Conditioning(settings.prompt, encoding.tensors, understood, cut)

    def knows(self, settings: Settings) -> bool:
        """Whether the prompt's embedding is there."""
        return self.prompts is None or self.prompts.knows(settings.prompt)

    def words(self, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Words of the prompt, and those of the negative one, which is ignored. Nothing is encoded."""
        words = tuple(dict.fromkeys(word for part, _ in parts_of(settings.prompt) for word in part.split()))
        return words, tuple(settings.negative_prompt.split())

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        """Embeddings part of the way from one prompt to another."""
        with self._alone:
            return replace(b, vector=text.mix([(a.vector, 1.0 - share), (b.vector, share)]))

    @torch.inference_mode()
    def encode(self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: Vector | None) -> Encoded:
        """The frame's inputs; no network runs yet. The sun is the prompt's matter here."""
        multiple = self.spec.size_multiple
        if frame.width % multiple or frame.height % multiple:
            raise InvalidFrame(
                f"The model takes multiples of {multiple} pixels, not {frame.width}x{frame.height}.",
                hint="framegen.ops.fit brings a frame to the model's size.",
            )
        depth = None if self.parts.control is None else depth_picture(frame)
        vector: text.Tensors = conditioning.vector
        share = 1.0 - settings.strength if self.stochastic else 1.0
        self.last_model_ms = 0.0
        rgb = np.ascontiguousarray(frame.color[..., :3])
        return Encoded(rgb, vector, self._table(settings.strength), depth, share)

    @property
    def stochastic(self) -> bool:
        """Whether strength has its say in the weights, so that frames of two strengths cannot be made together."""
        return isinstance(self.net, TranslateStep) and self.net.stochastic

    @torch.inference_mode()
    def source(self, encoded: Encoded) -> torch.Tensor:
        """The source's latent ``[1, c, h, w]`` float32."""
        if encoded.latent is None:
            if isinstance(self.net, TranslateStep) and self.stochastic:
                self.net.set_share(encoded.share)
            encoded.latent = self.net.encode(torch.from_numpy(encoded.rgb)[None].to(self.place))
            if isinstance(self.net, TranslateStep):
                encoded.features = self.net.features
        return encoded.latent

    def whole(self, encoded: Encoded, reuse: Reuse | None, noise: NDArray[Any]) -> tuple[U8, Kept]:
        """A frame in one go: on CUDA one captured graph. See :class:`~framegen.engines.base.WholeEngine`."""
        return self.whole_many([(encoded, reuse, noise)])[0]

    def whole_many(self, frames: Sequence[tuple[Encoded, Reuse | None, NDArray[Any]]]) -> list[tuple[U8, Kept]]:
        """Frames of several sessions in one pass. All have one size; of a stochastic model, one strength; and the
        network runs on all or on none."""
        start = time.perf_counter()
        given = [_given(*frame) for frame in frames]
        with self._alone:
            if isinstance(self.net, TranslateStep) and self.stochastic:
                self.net.set_share(frames[0][0].share)
            made, card_ms = self._run(given)
        self.last_model_ms = (time.perf_counter() - start) * 1e3 if card_ms is None else card_ms
        return made

    def batch_key(self, encoded: Encoded) -> tuple[Any, ...]:
        """Frames whose keys are equal can be made in one pass."""
        sizes = tuple((name, tuple(value.shape)) for name, value in sorted(encoded.text.items()))
        return encoded.rgb.shape, tuple(encoded.table.shape), encoded.depth is None, encoded.share, sizes

    def _run(self, given: Sequence[Given]) -> tuple[list[tuple[U8, Kept]], float | None]:
        """The frames, and the time by the card's clock. Where they are too many for its memory: one by one, then and
        from then on; one alone is tried again without what other sizes have kept."""
        if len(given) <= self._most:
            try:
                return self._together(given)
            except RuntimeError as error:
                if not devices.out_of_memory(error):
                    raise
            log.warning("%s: %d frames at once need more memory than there is.", self.spec.name, len(given))
            self._most = max(1, len(given) - 1)
            self.release()
        made = [self._together([one]) for one in given]
        return [frames[0] for frames, _ in made], made[-1][1]

    def _together(self, given: Sequence[Given]) -> tuple[list[tuple[U8, Kept]], float | None]:
        runner = self._runner(given)
        return runner(given), runner.last_ms

    def _runner(self, given: Sequence[Given]) -> Runner:
        tokens = tuple(tuple(value.shape) for value in given[0].text.values())
        first = given[0]
        key = (first.rgb.shape, len(given), tuple(first.table.shape), first.depth is None, tokens, first.is_carried)
        if key not in self._runners:
            if len(self._runners) >= RUNNERS_KEPT:
                self._runners.popitem(last=False)
            self._runners[key] = self._made(given)
        self._runners.move_to_end(key)
        return self._runners[key]

    def release(self) -> None:
        """Give back the buffers and graphs of every size; a frame makes them anew."""
        self._runners.clear()
        if self.place.type == "cuda":
            # PyTorch does not take a pool again whose graphs are all gone
            self._pool = torch.cuda.graph_pool_handle()
            give_back_memory()

    def _made(self, given: Sequence[Given]) -> Runner:
        """A runner; one without a graph where the step cannot be captured."""
        told: dict[str, Any] = {"card": self._card, "pool": self._pool, "lanes": self._lanes}
        if self.options.graph and not self.graph_refused:
            try:
                return Runner(self.net, given, self.place, graph=True, **told)
            except GraphRefused as error:
                self.graph_refused = str(error)
                log.warning("%s runs without a CUDA graph, so slower: %s", self.spec.name, error)
        return Runner(self.net, given, self.place, graph=False, **told)

    @torch.inference_mode()
    def denoise(self, encoded: Encoded, history: History | None, noise: NDArray[Any], alpha: float) -> F32:
        """The step: ``[h, w, c]`` float32. ``noise`` is ``[h, w, noise_channels]``; see :mod:`framegen.temporal`."""
        start = time.perf_counter()
        source = self.source(encoded)
        if history is not None and alpha > 0.0:
            past, trust = self._planes(history.latent), torch.from_numpy(history.trust).to(self.place)
            source = source + trust[None, None] * alpha * (past - source)
        given = self._planes(noise)
        depth = None
        if encoded.depth is not None:
            depth = torch.from_numpy(encoded.depth).to(self.place).expand(1, 3, -1, -1)
        latent = self.net.denoise(source, given, encoded.table, encoded.text, depth)
        out: F32 = latent[0].permute(1, 2, 0).contiguous().cpu().numpy()
        self._spent(start)
        return out

    @torch.inference_mode()
    def carry(self, encoded: Encoded, history: History) -> F32:
        """In place of :meth:`denoise`: ``[h, w, c]`` float32, see :mod:`framegen.ops.carry_reference`."""
        start = time.perf_counter()
        trust = torch.from_numpy(history.trust).to(self.place)[None]
        latent = torch_temporal.carry(self._planes(history.latent), self.source(encoded), trust)
        out: F32 = latent[0].permute(1, 2, 0).contiguous().cpu().numpy()
        self._spent(start)
        return out

    @torch.inference_mode()
    def decode(self, latent: F32, encoded: Encoded, anchors: Anchors | None = None) -> U8:
        """The picture ``[H, W, 3]`` uint8 that a latent stands for. Its detail is in the latent: no anchors."""
        start = time.perf_counter()
        if isinstance(self.net, TranslateStep) and encoded.features is not None:
            self.net.features = list(encoded.features)
        picture: U8 = self.net.decode(self._planes(latent))[0].cpu().numpy()
        self._spent(start)
        return picture

    def _encode_prompt(self, prompt: str) -> text.Encoding:
        """On a stream of its own, so that frames do not queue behind it."""
        assert self.parts.text is not None
        if self._lanes is None:
            return self.parts.text.encode(prompt)
        with torch.cuda.stream(self._lanes.prompts):
            encoding = self.parts.text.encode(prompt)
        self._lanes.prompts.synchronize()
        return encoding

    def _table(self, strength: float) -> torch.Tensor:
        if strength not in self._tables:
            mixed = isinstance(self.net, TranslateStep) and self.net.stochastic
            course = self.recipe.schedule.course(strength, self.options.steps, mixed)
            with self._alone:
                self._tables[strength] = torch.from_numpy(course.table())[None].to(self.place)
            if len(self._tables) > 64:
                self._tables.popitem(last=False)
        return self._tables[strength]

    def _planes(self, values: NDArray[Any]) -> torch.Tensor:
        """``[h, w, c]`` -> ``[1, c, h, w]`` on the device. In planes, as pipelines hold noise: a network rounds
        another order in memory otherwise."""
        return torch.from_numpy(np.ascontiguousarray(np.moveaxis(values, -1, 0))).to(self.place)[None]

    def _spent(self, start: float) -> None:
        """Add to the networks' time of this frame; on a GPU what was queued is waited for."""
        if self.place.type == "cuda":
            torch.cuda.synchronize(self.place)
        self.last_model_ms += (time.perf_counter() - start) * 1e3


def _given(encoded: Encoded, reuse: Reuse | None, noise: NDArray[Any]) -> Given:
    if reuse is not None and reuse.carried:
        return Given.carried(encoded.rgb, encoded.table, reuse)
    return Given(encoded.rgb, encoded.depth, encoded.text, encoded.table, noise, reuse)
