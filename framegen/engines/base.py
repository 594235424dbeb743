"""What every model family offers: encode, denoise, decode.

``restyle.step`` knows only this. Between ``denoise`` and ``decode`` it blends the latent with
its reprojected history; an engine knows nothing of sessions, sockets or settings revisions.

All latents are channels-last float32 ``[h, w, c]`` with ``h = H / latent_scale``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, cast, runtime_checkable

from numpy.typing import NDArray

from framegen.config import Settings
from framegen.frame import F32, U8, Frame
from framegen.ops.anchors import Anchors
from framegen.ops.effects import NO_EFFECTS, Effects
from framegen.ops.photo import PLAIN, Photo


@dataclass(frozen=True)
class ModelSpec:
    """One row of ``framegen models``.

    Attributes:
        name: what settings and command line call it. ``title``: one line for people.
        family: the class that runs it. ``licence``: of the weights. ``commercial``: whether that licence
            allows commercial use. ``hardware``: what it needs, in words. ``extra``: the install extra.
        size_multiple: width and height at the model are multiples of this many pixels.
        latent_scale: pixels per latent cell. ``latent_channels``: channels of the latent.
        default_size: width, height in pixels that the model works at unless told otherwise.
        noise_channels: channels of the noise that ``denoise`` takes; 0: the family takes none, and none is made.
        index_channels: this many channels at the end of the latent are numbers of things: they are taken from the
            nearest cell and never blended, the others are reprojected bicubically, which keeps them sharp.
    """

    name: str
    title: str
    family: str
    licence: str
    commercial: bool
    hardware: str
    extra: str
    size_multiple: int
    latent_scale: int
    latent_channels: int
    default_size: tuple[int, int]
    noise_channels: int = 0
    index_channels: int = 0


@dataclass(frozen=True, eq=False)
class Conditioning:
    """A prompt, ready for the model; made off the frame path and cached.

    Attributes:
        prompt: the text it was made from.
        vector: the family's own tensors.
        understood: the words of the prompt that the model knows; ``ignored``: those it does not.
        sun_direction: unit vector in world space (+Y up) towards the sun that the prompt implies, or None
            (night, or a model that has no sun).
    """

    prompt: str
    vector: Any
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    sun_direction: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class History:
    """The previous latent, brought to this frame.

    Attributes:
        latent: ``[h, w, c]`` float32, reprojected.
        trust: ``[h, w]`` float32, 0..1.
    """

    latent: F32
    trust: F32


@dataclass(frozen=True, eq=False)
class Reuse:
    """Where the cells of a frame lie in the last latent, and what may be taken of it; planes ``[h, w]`` float32.

    Attributes:
        latent: the last one, as :meth:`WholeEngine.whole` gave it.
        x, y: columns and rows in it. trust: 0..1, times ``alpha`` the share of history in the start.
        weight: 0..1, share of clamped history in the result.
        carried: the network does not run: the result is the latent brought here, as :meth:`CarryEngine.carry` says.
    """

    latent: Any
    x: F32
    y: F32
    trust: F32
    weight: F32
    alpha: float
    carried: bool = False


class Engine(Protocol):
    """One loaded model on one device. Not thread-safe: one worker, one engine."""

    spec: ModelSpec
    device: str
    """For people: ``CPU (OpenVINO, int8)``."""
    last_model_ms: float
    """What the network alone took in the last ``denoise`` (and ``encode``, ``decode`` where they hold networks)."""

    def condition(self, settings: Settings) -> Conditioning:
        """Prompt -> tensors. May take long; never called on the frame path twice for one prompt."""
        ...

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        """The conditioning ``share`` of the way from a to b, 0..1: a prompt change is a short fade."""
        ...

    def encode(
        self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: tuple[float, float, float] | None
    ) -> Any:
        """What ``denoise`` and ``decode`` need of the frame, which has the model's size.

        May only begin the work: the time until ``denoise`` is spent on other things of the frame.
        """
        ...

    def denoise(self, encoded: Any, history: History | None, noise: NDArray[Any], alpha: float) -> F32:
        """The one step: a new array ``[h, w, c]`` float32, never a buffer that a later call overwrites.

        ``noise`` is ``[h, w, noise_channels]`` float32 of unit variance, anchored.
        """
        ...

    def decode(self, latent: F32, encoded: Any, anchors: Anchors | None = None) -> U8:
        """A new array ``[H, W, 3]`` uint8, sRGB-encoded.

        ``anchors``: where texture of what moves on its own is looked up; for engines that draw texture by place.
        """
        ...


@runtime_checkable
class AheadEngine(Engine, Protocol):
    """A model whose prompts take long to encode: :meth:`condition` may run in a thread beside the frames."""

    def knows(self, settings: Settings) -> bool:
        """Whether ``condition`` would return at once. From any thread; takes no time."""
        ...

    def words(self, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Understood and ignored words of a prompt that is not encoded yet."""
        ...


@runtime_checkable
class WholeEngine(Engine, Protocol):
    """A model that keeps its latent on its own device and makes a frame in one go: on a GPU, one captured graph."""

    def whole(self, encoded: Any, reuse: Reuse | None, noise: NDArray[Any]) -> tuple[U8, Any]:
        """Fetch, ``denoise``, accumulate and ``decode``: the picture ``[H, W, 3]`` and the accumulated latent.

        A carried frame (only engines that are :class:`CarryEngine` too are given one): fetch, ``carry`` and ``decode``.
        The latent has a ``shape`` of ``(h, w, c)`` and is only ever given back in :class:`Reuse`.
        """
        ...


@runtime_checkable
class CarryEngine(Engine, Protocol):
    """A model that can draw a frame from the last one's latent: its network need not run on every frame.

    Attributes:
        stride: of how many frames its network should see one where a session leaves that open, so that this machine
            keeps pace with a game.
    """

    stride: int

    def carry(self, encoded: Any, history: History) -> F32:
        """In place of ``denoise``: a new latent ``[h, w, c]`` float32 from history alone."""
        ...


@runtime_checkable
class TimedEngine(Engine, Protocol):
    """A model in whose pictures something moves by the frames' clock, such as water, whatever else stands still."""

    def moves(self, encoded: Any) -> bool:
        """Whether a frame that shows nothing new but a later time has another picture."""
        ...


@runtime_checkable
class PhotoEngine(Engine, Protocol):
    """A model whose prompts say how pictures are photographed, which is done to results at their full size."""

    def photo(self, encoded: Any) -> Photo:
        """How the frame's result is to be photographed."""
        ...


@runtime_checkable
class RecallEngine(Engine, Protocol):
    """A model that keeps something of a session's frames besides the latent."""

    def recall(self, encoded: Any, kept: Any, passed_s: float) -> None:
        """Before ``denoise``: ``kept`` is what :meth:`keep` gave for the frame ``passed_s`` before."""
        ...

    def keep(self, encoded: Any) -> Any:
        """After ``decode``: what the next frame is to know. Nothing writes to it any more."""
        ...


def recall(engine: Engine, encoded: Any, kept: Any, passed_s: float) -> None:
    """See :meth:`RecallEngine.recall`; ``kept`` None: nothing is known."""
    if kept is not None and hasattr(engine, "recall"):
        cast(RecallEngine, engine).recall(encoded, kept, passed_s)


def kept_of(engine: Engine, encoded: Any) -> Any:
    """See :meth:`RecallEngine.keep`; None: it keeps nothing."""
    return cast(RecallEngine, engine).keep(encoded) if hasattr(engine, "keep") else None


@runtime_checkable
class EffectsEngine(Engine, Protocol):
    """A model whose prompts say what is seen in the sky and falls from it, which results have at their full size."""

    def effects(self, encoded: Any, latent: Any) -> Effects:
        """What the frame's result shows besides; ``latent`` is what its picture was decoded from."""
        ...


def effects_of(engine: Engine, encoded: Any, latent: Any) -> Effects:
    """See :meth:`EffectsEngine.effects`; the pictures of others stay as they are."""
    return cast(EffectsEngine, engine).effects(encoded, latent) if hasattr(engine, "effects") else NO_EFFECTS


def photo_of(engine: Engine, encoded: Any) -> Photo:
    """See :meth:`PhotoEngine.photo`; the pictures of others stay as they are."""
    return cast(PhotoEngine, engine).photo(encoded) if hasattr(engine, "photo") else PLAIN


def moves(engine: Engine, encoded: Any) -> bool:
    """See :meth:`TimedEngine.moves`; nothing moves in the pictures of others."""
    return hasattr(engine, "moves") and bool(engine.moves(encoded))


def carries(engine: Engine) -> TypeGuard[CarryEngine]:
    """Whether an engine is a :class:`CarryEngine`: as ``isinstance``, in a thousandth of the time."""
    return hasattr(engine, "carry")


def makes_whole(engine: Engine) -> TypeGuard[WholeEngine]:
    """Whether an engine is a :class:`WholeEngine`: as ``isinstance``, in a thousandth of the time."""
    return hasattr(engine, "whole")


@runtime_checkable
class BatchEngine(WholeEngine, Protocol):
    """A model that makes frames of several sessions in one pass of its network."""

    def batch_key(self, encoded: Any) -> Hashable:
        """Frames whose keys are equal can be made in one pass."""
        ...

    def whole_many(self, frames: Sequence[tuple[Any, Reuse | None, NDArray[Any]]]) -> list[tuple[U8, Any]]:
        """:meth:`whole` for each; either all of them are carried or none is."""
        ...
