"""The one function of the product: ``image, state = step(frame, state, engine)``.

Pure in meaning: everything a session remembers is in :class:`State`, nothing in it is ever
written, the clock is passed in, and the same frames give the same bytes again. So a session can
be replayed, moved to another worker, or tested without a server.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from framegen.config import Settings
from framegen.draft import Done, Draft, asked, begin, choose_sun, complete, make
from framegen.engines.base import BatchEngine, Engine, makes_whole
from framegen.frame import Frame, How, Restyled
from framegen.ops.kernels import half, lift, temporal
from framegen.state import State, start

__all__ = ["Restyler", "State", "choose_sun", "start", "step", "step_many", "warm_up"]


def step(frame: Frame, state: State, engine: Engine, now_ns: int | None = None, auto_stride: int = 1) -> Done:
    """Restyle one frame.

    Args:
        frame: the engine's frame, of any size.
        state: the session before it; unchanged by this call.
        engine: the loaded model.
        now_ns: the clock that a fade runs by, nanoseconds; by default the frame's own timestamp.
        auto_stride: what a ``stride`` of 0 in the settings means; by default the network runs on every frame, since
            whoever calls this can wait.

    Returns:
        the result (``stamps_ns`` empty; the image is read-only) and the session after it.

    Raises:
        InvalidFrame: the frame's numbers contradict each other. The state can be used on.
    """
    draft = begin(frame, state, engine, now_ns, auto_stride)
    if not isinstance(draft, Draft):
        return draft
    if makes_whole(engine):
        made = engine.whole(*asked(draft))
        draft.watch.lap(_stage(draft))
    else:
        made = make(draft, engine)
    return complete(draft, engine, *made)


def step_many(
    frames: Sequence[tuple[Frame, State]], engine: BatchEngine, now_ns: int | None = None, auto_stride: int = 1
) -> list[Done | Exception]:
    """Restyle one frame of each of several sessions, those that can share a pass of the network in one.

    Each is what :func:`step` gives for it, to the rounding of the network; an error is that one's alone. Frames that
    the network does not see share a pass among themselves.
    """
    done: dict[int, Done | Exception] = {}
    waiting: dict[Hashable, dict[int, Draft]] = {}
    for i, (frame, state) in enumerate(frames):
        try:
            draft = begin(frame, state, engine, now_ns, auto_stride)
        except Exception as error:  # of this frame; the others go on
            done[i] = error
            continue
        if isinstance(draft, Draft):
            waiting.setdefault((draft.how, engine.batch_key(draft.encoded)), {})[i] = draft
        else:
            done[i] = draft
    for drafts in waiting.values():
        try:
            made = engine.whole_many([asked(draft) for draft in drafts.values()])
        except Exception as error:
            done |= dict.fromkeys(drafts, error)
            continue
        for (i, draft), one in zip(drafts.items(), made, strict=True):
            draft.watch.lap(_stage(draft))
            try:
                done[i] = complete(draft, engine, *one)
            except Exception as error:
                done[i] = error
    return [done[i] for i in range(len(frames))]


def _stage(draft: Draft) -> str:
    """Where the time belongs that an engine takes which makes frames in one go."""
    return "carry" if draft.how is How.REPROJECTED else "denoise"


class Restyler:
    """One engine and one session, without a server: for footage, measurements and a few lines of Python.

    >>> restyled = Restyler(engine, Settings(prompt="golden hour"))(frame)
    """

    def __init__(self, engine: Engine, settings: Settings | None = None) -> None:
        self.engine = engine
        self.state = start(settings or Settings(), engine)

    def begin(self, settings: Settings) -> None:
        """Forget the session and start a new one."""
        self.state = start(settings, self.engine)

    def update(self, settings: Settings) -> None:
        """New settings from the next frame on; a change of look is a short fade."""
        self.state = self.state.with_settings(settings, self.engine.condition(settings))

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        """See :func:`step`."""
        restyled, self.state = step(frame, self.state, self.engine, now_ns)
        return restyled


def warm_up() -> None:
    """Compile what :func:`step` needs beside the engine, or load it from disk, so that no frame waits for it."""
    for kernels in (temporal, half, lift):
        kernels.warm_up()
