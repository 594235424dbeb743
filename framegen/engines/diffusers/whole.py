"""A frame in one go, from the uploaded 8-bit picture to the 8-bit result, on the model's own device.

On CUDA it is one captured graph per picture size and batch: about 740 kernels of a Stable Diffusion network are
launched by one call instead of one by one, which by itself would take longer than they run. Everything that changes
between frames is an input buffer of fixed address: picture, places, trust, noise, timesteps and prompt.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from framegen.engines.base import Reuse
from framegen.engines.diffusers.card import Card
from framegen.engines.diffusers.device import out_of_memory
from framegen.engines.diffusers.net import OneStep
from framegen.engines.diffusers.text import Tensors
from framegen.frame import F32, U8
from framegen.ops import torch_temporal as ops

CLAMP_SLACK = 0.1
"""See :data:`framegen.temporal.history.CLAMP_SLACK`."""
WARM_RUNS = 2
"""Of a size and batch, before the first frame and before a graph is captured."""
_CAPTURING = threading.Lock()
"""Of one process only one thread may capture at a time, whatever the card (``torch.cuda.graph``)."""
_GETTING_READY: defaultdict[torch.device, threading.Lock] = defaultdict(threading.Lock)
"""Of one card only one thread may make a runner at a time: cuDNN waits for the whole card while it searches for its
algorithms, in the first run of a size, and that breaks another thread's capture there."""


def give_back_memory() -> None:
    """What PyTorch holds of the cards' memory and does not use goes back; never while a graph is captured anywhere."""
    with _CAPTURING:
        torch.cuda.empty_cache()


class GraphRefused(RuntimeError):
    """The step could not be captured; it runs as well without. The message names the call that was not allowed."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """The streams of one engine on one card, made once.

    PyTorch has 32 streams of each priority and gives them out in turn: were they made anew for each size and prompt, a
    prompt would some day be encoded in the stream that frames run on, or that is being captured. And graphs share the
    memory of a pool only where they were captured on the same stream.
    """

    upload: Any
    compute: Any
    download: Any
    prompts: Any

    @classmethod
    def of(cls, device: torch.device) -> Lanes:
        """Frames go before prompts."""
        streams: Any = torch.cuda.Stream
        upload, compute, download = (streams(device, priority=-1) for _ in range(3))
        return cls(upload, compute, download, streams(device))


@dataclass(frozen=True, eq=False)
class Kept:
    """A latent on the model's device, ``[1, c, h, w]`` float32."""

    tensor: torch.Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """(h, w, c), as latents elsewhere have it."""
        _, channels, height, width = self.tensor.shape
        return height, width, channels


@dataclass(frozen=True, eq=False)
class Given:
    """All of one frame that the step takes.

    Attributes:
        rgb: ``[H, W, 3]`` uint8, depth: ``[H, W]`` float32 0..1 or None, both on the processor.
        text: ``[1, ...]`` each. table: ``[1, 1 + steps, 9]``. noise: ``[h, w, draws · c]`` float32.
        reuse: of history; None: there is none.

    Where the network does not run, what only it takes is left out: see :meth:`carried`.
    """

    rgb: U8
    depth: F32 | None
    text: Tensors
    table: torch.Tensor
    noise: F32
    reuse: Reuse | None

    @classmethod
    def carried(cls, rgb: U8, table: torch.Tensor, reuse: Reuse) -> Given:
        """All that a frame needs which is drawn from the last latent."""
        return cls(rgb, None, {}, table, np.empty((*reuse.trust.shape, 0), np.float32), reuse)

    @property
    def is_carried(self) -> bool:
        """Whether the network does not run on this frame."""
        return self.reuse is not None and self.reuse.carried


@dataclass
class Buffers:
    """Inputs and outputs of the step, on the device; ``planes`` is x, y, trust, weight, then the noise's channels."""

    rgb: torch.Tensor
    planes: torch.Tensor
    alpha: torch.Tensor
    table: torch.Tensor
    text: Tensors
    before: torch.Tensor
    depth: torch.Tensor | None
    latent: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    picture: torch.Tensor = field(default_factory=lambda: torch.empty(0))


class Runner:
    """The step over buffers of one size and batch: run as it is, or captured as a CUDA graph."""

    def __init__(
        self,
        net: OneStep,
        first: Sequence[Given],
        device: torch.device,
        *,
        graph: bool,
        card: Card | None = None,
        pool: Any = None,
        lanes: Lanes | None = None,
    ) -> None:
        """Make the buffers for frames like ``first`` (carried or not), and capture the step where there is CUDA.

        ``card``: the project's own kernels; None: PyTorch's operations, which say the same. ``pool``: graphs of one
        pool share the memory that they need only while they run: of one engine never two run at once. ``lanes``: the
        engine's, for the same reason. Raises GraphRefused: see there; RuntimeError: there is too little memory.
        """
        self.net, self.device = net, device
        self.last_ms: float | None = None
        """On CUDA: from the step's first kernel to its last in the latest call, by the card's own clock."""
        self.count = len(first)
        self.carried = first[0].is_carried
        """Frames of this runner are drawn from the last latent: its step has no network."""
        height, width = first[0].rgb.shape[:2]
        rows, columns, channels = first[0].noise.shape
        cuda = device.type == "cuda"

        def space(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
            return torch.zeros(self.count, *shape, dtype=dtype, device=device)

        latent_channels = int(net.parts.body.config.in_channels)
        text = {name: space(*value.shape[1:]) for name, value in first[0].text.items()}
        depth = None if first[0].depth is None else space(1, height, width)
        self.buffers = Buffers(
            rgb=space(height, width, 3, dtype=torch.uint8),
            planes=space(4 + channels, rows, columns),
            alpha=space(),
            table=space(*first[0].table.shape[1:]),
            text=text,
            before=space(latent_channels, rows, columns),
            depth=depth,
        )
        # pinned, so that the card fetches them while the processor goes on
        self._rgb = torch.empty(self.count, height, width, 3, dtype=torch.uint8, pin_memory=cuda)
        self._planes = torch.empty(self.count, 4 + channels, rows, columns, dtype=torch.float32, pin_memory=cuda)
        self._depth = (
            None if depth is None else torch.empty(self.count, 1, height, width, dtype=torch.float32, pin_memory=cuda)
        )
        self._out = torch.empty(self.count, height, width, 3, dtype=torch.uint8, pin_memory=cuda)
        self._card = card
        self._graph: torch.cuda.CUDAGraph | None = None
        if cuda:
            lanes = lanes or Lanes.of(device)
            self._upload, self._compute, self._download = lanes.upload, lanes.compute, lanes.download
            with torch.cuda.device(device), _GETTING_READY[device]:
                self._warm_up()
                if graph:
                    self._capture(pool)

    @torch.inference_mode()
    def __call__(self, frames: Sequence[Given]) -> list[tuple[U8, Kept]]:
        """Each frame's picture and accumulated latent."""
        if self.device.type != "cuda":
            self._fill(frames)
            self._put()
            self._step()
            return self._results(self.buffers.picture.cpu().numpy())
        with torch.cuda.device(self.device):
            return self._on_card(frames)

    def _on_card(self, frames: Sequence[Given]) -> list[tuple[U8, Kept]]:
        events: Any = torch.cuda.Event
        began, ended, done = (events(enable_timing=True) for _ in range(3))
        self._fill(frames)
        # prompts are mixed and timesteps put on the card in this thread's own stream
        self._upload.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._upload):
            self._put()
        self._compute.wait_stream(self._upload)
        with torch.cuda.stream(self._compute):
            began.record()
            if self._graph is None:
                self._step()
            else:
                self._graph.replay()
            ended.record()
        self._download.wait_stream(self._compute)
        with torch.cuda.stream(self._download):
            kept = self._results(None)
            self._out.copy_(self.buffers.picture, non_blocking=True)
            # after both: the next frame may come to another runner, whose streams know nothing of these
            done.record()
        done.synchronize()
        self.last_ms = began.elapsed_time(ended)
        return [(np.array(self._out[i].numpy()), latent) for i, (_, latent) in enumerate(kept)]

    def _results(self, pictures: np.ndarray | None) -> list[tuple[U8, Kept]]:
        out = []
        for i in range(self.count):
            latent = Kept(self.buffers.latent[i : i + 1].clone())
            out.append((np.empty((0, 0, 3), np.uint8) if pictures is None else pictures[i], latent))
        return out

    def _fill(self, frames: Sequence[Given]) -> None:
        """The staging buffers, on the processor."""
        rgb, planes = self._rgb.numpy(), self._planes.numpy()
        depth = None if self._depth is None else self._depth.numpy()
        for i, frame in enumerate(frames):
            rgb[i] = frame.rgb
            if depth is not None and frame.depth is not None:
                depth[i, 0] = frame.depth
            reuse = frame.reuse
            if reuse is None:
                planes[i, :4] = 0.0
            else:
                for k, plane in enumerate((reuse.x, reuse.y, reuse.trust, reuse.weight)):
                    planes[i, k] = plane
            planes[i, 4:] = np.moveaxis(frame.noise, -1, 0)
        self._frames = frames

    def _put(self) -> None:
        """Staging buffers and what already is on the device, into the inputs."""
        b = self.buffers
        b.rgb.copy_(self._rgb, non_blocking=True)
        b.planes.copy_(self._planes, non_blocking=True)
        if b.depth is not None and self._depth is not None:
            b.depth.copy_(self._depth, non_blocking=True)
        for i, frame in enumerate(self._frames):
            b.table[i].copy_(frame.table[0], non_blocking=True)
            for name, value in frame.text.items():
                b.text[name][i].copy_(value[0], non_blocking=True)
            b.alpha[i].fill_(0.0 if frame.reuse is None else frame.reuse.alpha)
            if frame.reuse is not None:
                b.before[i].copy_(frame.reuse.latent.tensor[0], non_blocking=True)

    def _step(self) -> None:
        """What is captured: reads and writes buffers alone. Carried frames have a graph of their own."""
        b, net = self.buffers, self.net
        x, y, trust, weight = b.planes[:, :4].unbind(1)
        source = net.encode(b.rgb)
        fetch = ops.fetch_cubic if self._card is None else self._card.fetch
        past = fetch(b.before, x, y)
        # one frame that overflowed half precision must not spoil all after it; and no share of it is none at all
        past = torch.where(past.isfinite(), past, source)
        if self.carried:
            b.latent = ops.carry(past, source, trust)
        else:
            start = ops.start_latent(source, past, trust, b.alpha)
            depth = None if b.depth is None else b.depth.expand(-1, 3, -1, -1)
            fresh = net.denoise(start, b.planes[:, 4:], b.table, b.text, depth)
            blend = ops.clamped_blend if self._card is None else self._card.blend
            b.latent = blend(fresh, past, weight, CLAMP_SLACK)
        b.picture = net.decode(b.latent)

    @torch.inference_mode()
    def _warm_up(self) -> None:
        """The first runs, in which libraries choose their algorithms and allocate."""
        self._compute.wait_stream(torch.cuda.current_stream())  # which fills the buffers
        with torch.cuda.stream(self._compute):
            for _ in range(WARM_RUNS):
                self._step()
        self._compute.synchronize()

    @torch.inference_mode()
    def _capture(self, pool: Any) -> None:
        """Record the step as one graph."""
        graph = torch.cuda.CUDAGraph()
        # other threads (a prompt being encoded) may use the card meanwhile
        told: dict[str, Any] = {"pool": pool, "stream": self._compute, "capture_error_mode": "thread_local"}
        # the outer stream: where a capture fails, that of the capture is not left as the current one
        with torch.cuda.stream(self._compute):
            try:
                with _CAPTURING, torch.cuda.graph(graph, **told):
                    self._step()
            except RuntimeError as error:
                _leave_capture(self.device, pool)
                if out_of_memory(error):
                    raise
                raise GraphRefused(_first_cause(error)) from error
        self._graph = graph


def _leave_capture(device: torch.device, pool: Any) -> None:
    """What PyTorch does at a capture's end, and leaves undone where the capture was broken: else its memory would be
    managed as in a capture, and random numbers refused (``Offset increment outside graph capture``), for ever."""
    card = device.index or 0
    generator = torch.cuda.default_generators[card]
    generator.graphsafe_set_state(generator.clone_state())
    try:
        torch._C._cuda_endAllocateToPool(card, pool)
        torch._C._cuda_releasePool(card, pool)
    except (RuntimeError, AttributeError, TypeError):
        pass  # the capture got as far by itself, or this PyTorch has other names for it


def _first_cause(error: BaseException) -> str:
    """One line. What ends a capture fails too, and hides the call that was not allowed."""
    while error.__context__ is not None:
        error = error.__context__
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
