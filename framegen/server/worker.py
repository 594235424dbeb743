"""What is done with a session's settings and frames, in whatever thread an executor calls it.

Knows engines and each session's restyle state; knows no sockets, no scheduling.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from framegen import restyle
from framegen.config import Settings
from framegen.engines.base import AheadEngine, BatchEngine, Engine, ModelSpec, carries
from framegen.errors import FramegenError, ProtocolError, RestyleFailed, UnknownModel
from framegen.frame import Restyled
from framegen.wire import codec
from framegen.wire import messages as m
from framegen.wire.events import Job as FrameJob

Parts = list[bytes | memoryview]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepare:
    """Take settings in: the prompt is encoded here, off the frame path."""

    session: str
    settings: Settings


@dataclass(frozen=True)
class Make:
    """Restyle one frame. ``anew``: the session's history ends before it."""

    session: str
    frame: FrameJob
    anew: bool = False


@dataclass(frozen=True)
class Prepared:
    """Settings are taken in, or ``error`` says why they are not. Words: see ``engines.base.Conditioning``."""

    session: str
    settings: Settings
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    error: ProtocolError | None = None


@dataclass(frozen=True, eq=False)
class Made:
    """A picture, ready to be sent, or ``error``."""

    session: str
    frame: FrameJob
    result: Restyled | None = None
    parts: Parts | None = None
    error: ProtocolError | None = None


@dataclass(frozen=True)
class Learned:
    """The prompt of a session's settings was encoded beside the frames: the look may change to it now."""

    session: str
    settings: Settings


Job = Prepare | Make | Learned
Outcome = Prepared | Made


class Worker:
    """Engines and the states of the sessions that use them. Not thread-safe: one executor, one worker."""

    def __init__(
        self,
        load_engine: Callable[[str], Engine],
        models: Sequence[str],
        clock_ns: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        """Load the first of ``models``, the default; the others are loaded when a session first asks for them.

        Args:
            load_engine: name -> engine. Raises ModelUnavailable.
            models: names that sessions may ask for.
            clock_ns: the server's monotonic clock.
        """
        self.models = tuple(models)
        self._load_engine = load_engine
        self._clock_ns = clock_ns
        self._engines: dict[str, Engine] = {self.models[0]: load_engine(self.models[0])}
        restyle.warm_up()
        self._states: dict[str, restyle.State] = {}
        self._refused: dict[str, tuple[Settings, Exception]] = {}
        self._forgetting = threading.Lock()

    @property
    def default_spec(self) -> ModelSpec:
        """Of the default model."""
        return self._engines[self.models[0]].spec

    @property
    def default_device(self) -> str:
        """What the default model runs on, for people."""
        return self._engines[self.models[0]].device

    def run(self, job: Job) -> Outcome | None:
        """Do ``job``. Never raises: what goes wrong is in the outcome; None: nobody is to hear of it."""
        if isinstance(job, Learned):
            self._change_look(job)
            return None
        return self._prepare(job) if isinstance(job, Prepare) else self._make(job)

    def run_many(self, jobs: Sequence[Make]) -> list[Made]:
        """Frames of different sessions: those of a model that can, in one pass of its network."""
        groups: dict[str, list[Make]] = {}
        for job in jobs:
            groups.setdefault(self.model_of(job.session), []).append(job)
        made: list[Made] = []
        for model, group in groups.items():
            engine = self._engines.get(model)
            if len(group) > 1 and isinstance(engine, BatchEngine):
                made += self._make_together(group, engine)
            else:
                made += [self._make(job) for job in group]
        return made

    def model_of(self, session: str) -> str:
        """The name of the model that makes a session's frames; empty where none of its settings took effect yet."""
        state = self._states.get(session)
        return "" if state is None else state.settings.model or self.models[0]

    def batches(self, model: str) -> bool:
        """Whether that model makes frames of several sessions in one pass."""
        return isinstance(self._engines.get(model), BatchEngine)

    def take_ahead(self, job: Prepare) -> Prepared | None:
        """Settings whose prompt is yet to be encoded: in force at once with the old look. None: they must wait, since
        there is no look yet, or no need to, since the prompt is known. Takes no time."""
        state = self._states.get(job.session)
        if state is None or state.settings.model != job.settings.model or not self.is_new(job):
            return None
        engine = self._engine(job.settings)
        assert isinstance(engine, AheadEngine)
        self._states[job.session] = state.with_settings(job.settings, state.conditioning, fade=False)
        understood, ignored = engine.words(job.settings)
        return Prepared(job.session, job.settings, understood, ignored)

    def is_new(self, job: Prepare) -> bool:
        """Whether a prompt must be encoded, and can be beside the frames."""
        engine = self._engines.get(job.settings.model or self.models[0])
        return isinstance(engine, AheadEngine) and not engine.knows(job.settings)

    def has_model(self, job: Prepare) -> bool:
        """Whether the model that settings ask for is loaded."""
        return (job.settings.model or self.models[0]) in self._engines

    def learn(self, job: Prepare) -> None:
        """Load the model where it is not, and encode the prompt, in a thread beside the one that makes frames.

        A model that cannot be loaded is told in the job's turn, and not tried again; a prompt that fails here fails
        again then.
        """
        try:
            engine = self._engine(job.settings)
        except Exception as error:
            self._refused[job.session] = job.settings, error
            return
        try:
            if isinstance(engine, AheadEngine):
                engine.condition(job.settings)
        except Exception:
            log.exception("The model failed on a prompt.")

    def _change_look(self, job: Learned) -> None:
        state = self._states.get(job.session)
        if state is None or state.settings != job.settings:
            return  # newer settings are on their way
        try:
            state = state.with_look(self._engine(job.settings).condition(job.settings))
        except Exception:
            log.exception("The model failed on the prompt of session %s; the old look stays.", job.session)
            return
        with self._forgetting:  # nobody hears of this job, so nobody would forget a session that ended meanwhile
            if job.session in self._states:
                self._states[job.session] = state

    def forget(self, session: str) -> None:
        """The session is over. May be called from another thread; a job of it that is under way ends in nothing."""
        with self._forgetting:
            self._states.pop(session, None)
            self._refused.pop(session, None)

    def _prepare(self, job: Prepare) -> Prepared:
        try:
            settings, refused = self._refused.get(job.session, (None, None))
            if refused is not None and settings == job.settings:
                del self._refused[job.session]
                raise refused
            engine = self._engine(job.settings)
            state = self._states.get(job.session)
            if state is None or state.settings.model != job.settings.model:
                state = restyle.start(job.settings, engine)
            else:
                state = state.with_settings(job.settings, engine.condition(job.settings))
        except ProtocolError as error:
            return Prepared(job.session, job.settings, error=error)
        except FramegenError as error:
            return Prepared(job.session, job.settings, error=UnknownModel(error.message, hint=error.hint))
        except Exception:
            log.exception("The model failed on new settings of session %s.", job.session)
            failed = RestyleFailed("The model failed on these settings; the old ones stay.")
            return Prepared(job.session, job.settings, error=failed)
        self._states[job.session] = state
        return Prepared(job.session, job.settings, state.conditioning.understood, state.conditioning.ignored)

    def _make(self, job: Make) -> Made:
        started_ns = self._clock_ns()
        try:
            state = self._state_for(job)
            engine = self._engine(state.settings)
            result, after = restyle.step(job.frame.frame, state, engine, auto_stride=_stride(engine))
        except Exception as error:
            return self._failed(job, error)
        return self._made(job, result, after, started_ns)

    def _make_together(self, jobs: Sequence[Make], engine: BatchEngine) -> list[Made]:
        started_ns = self._clock_ns()
        made: list[Made] = []
        ready: list[tuple[Make, restyle.State]] = []
        for job in jobs:
            try:
                ready.append((job, self._state_for(job)))
            except RestyleFailed as error:  # the session has ended since the job was given out
                made.append(self._failed(job, error))
        try:
            frames = [(job.frame.frame, state) for job, state in ready]
            outcomes = restyle.step_many(frames, engine, auto_stride=_stride(engine))
        except Exception as error:
            return made + [self._failed(job, error) for job, _ in ready]
        for (job, _), outcome in zip(ready, outcomes, strict=True):
            if isinstance(outcome, Exception):
                made.append(self._failed(job, outcome))
            else:
                made.append(self._made(job, *outcome, started_ns))
        return made

    def _state_for(self, job: Make) -> restyle.State:
        state = self._states.get(job.session)
        if state is None:
            raise RestyleFailed("The session's settings never took effect.", hint="Send other settings.")
        if job.anew:
            state = state.without_history()
            self._states[job.session] = state
        return state

    def _failed(self, job: Make, error: Exception) -> Made:
        if not isinstance(error, ProtocolError):
            log.error(
                "The model failed on frame %d of session %s.", job.frame.frame.frame_id, job.session, exc_info=error
            )
            error = RestyleFailed("The model failed on this frame.")
        return Made(job.session, job.frame, error=error)

    def _made(self, job: Make, result: Restyled, after: restyle.State, started_ns: int) -> Made:
        finished_ns = self._clock_ns()
        if job.session in self._states:
            self._states[job.session] = after
        try:
            result = replace(
                result,
                stamps_ns={
                    "received": job.frame.received_ns,
                    "started": started_ns,
                    "finished": finished_ns,
                    "sent": self._clock_ns(),
                },
            )
            parts = codec.encode(
                m.SendResult(result),
                color_codec=after.settings.output_codec,
                jpeg_quality=after.settings.jpeg_quality,
            )
        except Exception as error:
            return self._failed(job, error)
        return Made(job.session, job.frame, result, parts)

    def _engine(self, settings: Settings) -> Engine:
        name = settings.model or self.models[0]
        if name not in self._engines:
            self._engines[name] = self._load_engine(name)
        return self._engines[name]


def _stride(engine: Engine) -> int:
    """What a ``stride`` of 0 means."""
    return engine.stride if carries(engine) else 1
