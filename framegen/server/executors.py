"""Where jobs run: in the router's own thread, in a thread beside it, or in one thread per GPU.

Which is better was measured on two cores with the embedded model and a client sending 120 frames a second: with
``thread``, reading frames and joining their motion takes time from the model while it runs, and frames took twice as
long as with ``inline``, where that is done between two frames. A slow model, or one that runs on other hardware, is
better off with ``thread``.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from framegen.engines.specs import spec
from framegen.frame import How
from framegen.server.batching import BatchPolicy
from framegen.server.prompts import PromptQueue
from framegen.server.worker import Job, Learned, Make, Outcome, Prepare, Worker


class Executor(Protocol):
    """Runs jobs and tells when one is done. Used from the router's thread alone."""

    @property
    def idle(self) -> bool:
        """Whether :meth:`submit` may be called now, for a session that :meth:`takes` agrees to."""
        ...

    @property
    def busy(self) -> bool:
        """Whether any job is in work, or done and not collected."""
        ...

    def takes(self, session: str) -> bool:
        """Whether a job of this session may be submitted now."""
        ...

    def start(self, notify: Callable[[], None]) -> None:
        """``notify`` is called, from another thread, when :meth:`collect` has something that it had not before."""
        ...

    def submit(self, job: Job) -> None:
        """Run ``job``; only while :attr:`idle`."""
        ...

    def begin(self) -> None:
        """There is no more to submit for now: what was gathered for a common pass starts."""
        ...

    def collect(self) -> list[Outcome]:
        """What is done since the last call. Never blocks."""
        ...

    def forget(self, session: str) -> None:
        """The session is over."""
        ...

    def close(self, timeout_s: float) -> None:
        """Wait at most ``timeout_s`` for the job in work, then let go of it."""
        ...


class InlineExecutor:
    """Runs each job in the router's own thread: no hand-over, but nobody is heard while the model runs.

    Messages that come meanwhile wait in libzmq and are read after it: a frame's ``received`` stamp is when it was read.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._done: list[Outcome] = []

    @property
    def idle(self) -> bool:
        return not self._done

    @property
    def busy(self) -> bool:
        return bool(self._done)

    def takes(self, session: str) -> bool:
        return True

    def start(self, notify: Callable[[], None]) -> None:
        pass

    def submit(self, job: Job) -> None:
        outcome = self._worker.run(job)
        assert outcome is not None
        self._done.append(outcome)

    def begin(self) -> None:
        pass

    def collect(self) -> list[Outcome]:
        done, self._done = self._done, []
        return done

    def forget(self, session: str) -> None:
        self._worker.forget(session)

    def close(self, timeout_s: float) -> None:
        pass


class ThreadExecutor:
    """One thread beside the router's. The model runs outside the interpreter's lock, so sockets are served meanwhile:
    a frame that comes too late is named superseded at once, and pings measure the network, not the model.

    Frames of one model that wait at once are made in one pass of its network where it can and :class:`BatchPolicy`
    finds it worth while. Prompts that take long to encode are encoded in a second thread: no frame waits for them;
    their settings hold at once, and the look follows when it is there. A model that a session is the first to ask for
    is loaded in a third: that session waits, others are served meanwhile.
    """

    def __init__(self, worker: Worker, policies: Mapping[str, BatchPolicy] | None = None) -> None:
        self._worker = worker
        self._policies = dict(policies or {})
        # a job, and whether the router waits for its outcome
        self._jobs: queue.SimpleQueue[tuple[Sequence[Job], bool] | None] = queue.SimpleQueue()
        self._prompts, self._loads = PromptQueue(), PromptQueue()
        self._done: deque[tuple[Outcome | None, int]] = deque()
        self._gathered: list[Make] = []
        self._out = 0
        self._threads: list[threading.Thread] = []

    @property
    def idle(self) -> bool:
        gathered = self._gathered
        return self._out == 0 and (not gathered or len(gathered) < self._policy_of(gathered[0].session).largest())

    @property
    def busy(self) -> bool:
        return self._out > 0

    def takes(self, session: str) -> bool:
        # a frame of another model would only keep these waiting
        return not self._gathered or self._worker.model_of(session) == self._worker.model_of(self._gathered[0].session)

    def _policy_of(self, session: str) -> BatchPolicy:
        model = self._worker.model_of(session)
        if model not in self._policies:
            # both threads may come here first
            self._policies.setdefault(model, BatchPolicy(most=4 if self._worker.batches(model) else 1))
        return self._policies[model]

    def start(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        for work, name in (
            (self._work, "framegen-worker"),
            (partial(self._learn, self._prompts), "framegen-prompts"),
            (partial(self._learn, self._loads), "framegen-loading"),
        ):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, job: Job) -> None:
        if isinstance(job, Make):
            self._gathered.append(job)
            return
        self.begin()  # frames that were gathered came first: settings without end must not hold them back
        self._out += 1
        self._jobs.put(([job], True))

    def begin(self) -> None:
        if self._gathered and self._out == 0:
            jobs, self._gathered = self._gathered, []
            self._out += len(jobs)
            self._jobs.put((jobs, True))

    def collect(self) -> list[Outcome]:
        done: list[Outcome] = []
        while self._done:
            outcome, counted = self._done.popleft()
            self._out -= counted
            if outcome is not None:
                done.append(outcome)
        return done

    def forget(self, session: str) -> None:
        self._prompts.forget(session)
        self._loads.forget(session)
        self._worker.forget(session)

    def close(self, timeout_s: float) -> None:
        self._jobs.put(None)
        self._prompts.close()
        self._loads.close()
        until_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            jobs, counted = item
            frames = [job for job in jobs if isinstance(job, Make)]
            if frames:
                policy = self._policy_of(frames[0].session)  # who has it may leave meanwhile
                start_s = time.perf_counter()
                made = self._worker.run_many(frames)
                # what failed, or was the last picture again, says nothing of the network
                if all(one.result is not None and one.result.how is How.GENERATED for one in made):
                    policy.observe(len(frames), (time.perf_counter() - start_s) * 1e3)
                self._done.extend((one, 1) for one in made)
            else:
                (job,) = jobs
                self._done.append((self._settings(job, anew=counted), int(counted)))
            self._notify()

    def _settings(self, job: Job, anew: bool) -> Outcome | None:
        """Take settings in; those with a new prompt or a new model go to another thread, and come back from there."""
        if not (anew and isinstance(job, Prepare)):
            return self._worker.run(job)
        if not self._worker.has_model(job):
            self._loads.put(job, waiting=True)
            return None
        if not self._worker.is_new(job):
            return self._worker.run(job)
        outcome = self._worker.take_ahead(job)
        self._prompts.put(job, waiting=outcome is None)
        return outcome

    def _learn(self, waiting_jobs: PromptQueue) -> None:
        while (item := waiting_jobs.take()) is not None:
            job, waiting = item
            self._worker.learn(job)
            back: Job = job if waiting else Learned(job.session, job.settings)
            self._jobs.put(([back], False))


class GroupExecutor:
    """One thread and one worker per GPU. A session stays with the worker that it came to first: its latent is there.

    Args:
        members: one per GPU.
    """

    def __init__(self, members: Sequence[ThreadExecutor]) -> None:
        self._members = tuple(members)
        self._homes: dict[str, int] = {}

    @property
    def idle(self) -> bool:
        return any(member.idle for member in self._members)

    @property
    def busy(self) -> bool:
        return any(member.busy for member in self._members)

    def takes(self, session: str) -> bool:
        member = self._members[self.home(session)]
        return member.idle and member.takes(session)

    def home(self, session: str) -> int:
        """The worker of a session: of a new one, that with the fewest."""
        if session not in self._homes:
            counts = [0] * len(self._members)
            for home in self._homes.values():
                counts[home] += 1
            self._homes[session] = counts.index(min(counts))
        return self._homes[session]

    def start(self, notify: Callable[[], None]) -> None:
        for member in self._members:
            member.start(notify)

    def submit(self, job: Job) -> None:
        self._members[self.home(job.session)].submit(job)

    def begin(self) -> None:
        for member in self._members:
            member.begin()

    def collect(self) -> list[Outcome]:
        return [outcome for member in self._members for outcome in member.collect()]

    def forget(self, session: str) -> None:
        home = self._homes.pop(session, None)
        # a job that came back after its session's end is forgotten too, wherever it was
        for member in self._members if home is None else (self._members[home],):
            member.forget(session)

    def close(self, timeout_s: float) -> None:
        for member in self._members:
            member.close(timeout_s)


EXECUTORS: dict[str, Callable[[Worker], Executor]] = {"thread": ThreadExecutor, "inline": InlineExecutor}


def choose(name: str, workers: Sequence[Worker]) -> Executor:
    """The executor of that name; ``auto``: ``inline`` where nothing but the embedded model is offered, else ``thread``.
    Several workers, one for each GPU, always have a thread each."""
    if len(workers) > 1:
        return GroupExecutor([ThreadExecutor(worker) for worker in workers])
    if name == "auto":
        name = "inline" if _light(workers[0]) else "thread"
    return EXECUTORS[name](workers[0])


def _light(worker: Worker) -> bool:
    """Whether none of the models that are offered holds others up for long, when it is loaded or makes a frame."""
    return worker.default_spec.family == "embedded" and all(
        spec(name).family == "embedded" for name in worker.models[1:]
    )
