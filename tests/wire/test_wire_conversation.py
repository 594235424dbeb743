"""Both sides of a session talking over a queue, in every order that Hypothesis finds."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from framegen import Frame, Restyled, errors
from framegen.wire import events as e
from framegen.wire import messages as m
from framegen.wire.codec import decode, encode
from framegen.wire.peer import ClientPeer, ClientState, ServerPeer, SessionState

MS = 1_000_000
LIMITS = m.Limits(idle_timeout_ms=10_000, heartbeat_ms=1_000, max_pixels=16)


class Conversation(RuleBasedStateMachine):
    """Messages pass through the codec and two ordered queues, as over ZeroMQ."""

    def __init__(self):
        super().__init__()
        self.server = ServerPeer(limits=LIMITS, models=("embedded",), server_name="test")
        self.client = ClientPeer()
        self.up, self.down = deque(), deque()
        self.now_ns = 0
        self.frame_id = 0
        self.job = None
        self.sent, self.ended = [], []
        self.prompt = ""
        self.refusals = {}
        self.say(self.client.connect(0))

    def say(self, step):
        for message in step.send:
            self.up.append([bytes(part) for part in encode(message)])
        for event in step.events:
            if isinstance(event, e.ResultArrived):
                self.ended.append(event.result.frame_id)
            elif isinstance(event, (e.FrameSuperseded, e.FrameFailed)):
                self.ended.append(event.frame_id)
            elif isinstance(event, e.Disconnected):
                self.ended += event.lost
            elif isinstance(event, e.SettingsRefused):
                assert self.refusals.pop(event.request)
            elif isinstance(event, e.SettingsConfirmed):
                assert event.applied.request not in self.refusals
            # On a queue that loses nothing every frame has its answer before a newer one's result.
            assert not isinstance(event, e.FramesLost)

    def reply(self, step):
        for message in step.send:
            self.down.append([bytes(part) for part in encode(message)])

    @rule(data=st.data(), skip=st.integers(1, 3))
    def frame(self, data, skip):
        self.frame_id += skip
        reset, moves = data.draw(st.booleans()), data.draw(st.booleans())
        motion = np.zeros((4, 4, 2), np.float16) if moves else None
        frame = Frame(self.frame_id, np.zeros((4, 4, 3), np.uint8), motion_px=motion, reset=reset)
        if self.client.state is not ClientState.OPEN:
            try:
                self.client.send_frame(frame, self.now_ns)
            except errors.OutOfOrder:
                return
            raise AssertionError("a frame without a session")
        self.say(self.client.send_frame(frame, self.now_ns))
        self.sent.append(self.frame_id)

    @rule(bad=st.booleans())
    def broken_frame(self, bad):
        """A frame that decodes to an error: wrong length of its colour plane."""
        if self.client.state is not ClientState.OPEN:
            return
        self.frame_id += 1
        frame = Frame(self.frame_id, np.zeros((4, 4, 3), np.uint8))
        (message,) = self.client.send_frame(frame, self.now_ns).send
        header, color = encode(message)
        self.up.append([bytes(header), bytes(color)[:-1] if bad else bytes(color)])
        self.sent.append(self.frame_id)

    @rule(prompt=st.sampled_from(["dusk", "snow", "noon"]))
    def prompt_changes(self, prompt):
        self.prompt = prompt
        self.say(self.client.update_settings({"prompt": prompt})[1])

    @rule()
    def bad_settings(self):
        request, step = self.client.update_settings({"intensity": 7.0})
        self.refusals[request] = True
        self.say(step)

    @rule()
    def history_reset(self):
        if self.client.state is ClientState.OPEN:
            self.say(self.client.reset())

    @precondition(lambda self: self.up)
    @rule(count=st.integers(1, 6))
    def server_hears(self, count):
        for _ in range(min(count, len(self.up))):
            try:
                message = decode(self.up.popleft(), LIMITS)
            except errors.ProtocolError as error:
                self.reply(self.server.refuse(error, self.now_ns))
                continue
            before = self.server.session
            self.reply(self.server.receive(message, self.now_ns))
            if self.server.session != before:
                self.job = None

    @precondition(lambda self: self.down)
    @rule(count=st.integers(1, 6))
    def client_hears(self, count):
        for _ in range(min(count, len(self.down))):
            self.say(self.client.receive(decode(self.down.popleft()), self.now_ns))

    @rule()
    def worker_takes(self):
        job = self.server.take()
        if job is not None:
            assert job.session == self.server.session
            assert job.settings is self.server.settings
            self.job = job

    @precondition(lambda self: self.job is not None)
    @rule(fails=st.booleans())
    def worker_ends(self, fails):
        frame = self.job.frame
        if fails:
            self.reply(self.server.fail(self.job, errors.RestyleFailed("no")))
        else:
            self.reply(self.server.finish(self.job, Restyled(frame.frame_id, 0, frame.color)))
        self.job = None

    @rule(step_ms=st.sampled_from([1, 400, 1_500, 11_000]))
    def time_passes(self, step_ms):
        self.now_ns += step_ms * MS
        self.reply(self.server.tick(self.now_ns))
        self.say(self.client.tick(self.now_ns))

    @rule()
    def server_stops(self):
        self.reply(self.server.stop())

    @rule()
    def client_leaves(self):
        self.say(self.client.bye())

    @precondition(lambda self: self.client.state is ClientState.CLOSED)
    @rule()
    def client_comes_back(self):
        """As over a new connection: what was under way on the old one is gone."""
        self.up.clear()
        self.down.clear()
        self.say(self.client.connect(self.now_ns))

    @invariant()
    def every_frame_is_in_flight_or_ended_once(self):
        assert sorted([*self.client.in_flight, *self.ended]) == self.sent

    @invariant()
    def a_closed_session_holds_nothing(self):
        if self.server.state is not SessionState.OPEN:
            assert self.server.take() is None

    def teardown(self):
        """When both sides are heard to the end, nothing stays open and the settings agree."""
        if self.client.state is ClientState.CLOSED:
            self.client_comes_back()
        for _ in range(6):
            while self.up:
                self.server_hears(1)
            while self.server.take() or self.job:
                self.job = self.job or self.server._at_work
                if self.job:
                    self.worker_ends(False)
            while self.down:
                self.client_hears(1)
            if self.client.state is ClientState.CLOSED:
                self.client_comes_back()
        assert self.client.state is ClientState.OPEN
        assert not self.client.in_flight and not self.refusals
        assert self.server.settings.prompt == self.prompt
        assert self.client.settings_revision == self.server.settings.revision
        self.every_frame_is_in_flight_or_ended_once()


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
