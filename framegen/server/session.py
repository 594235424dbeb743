"""One client's session on the server: the peer's rules, and the settings that the model is still learning."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from framegen.config import Settings
from framegen.errors import ProtocolError
from framegen.server.chain import MotionChain
from framegen.wire import messages as m
from framegen.wire.header import MAX_ITEMS
from framegen.wire.peer import ServerPeer, error_message


class Route(NamedTuple):
    """How to reach a client: the endpoint's number, and the routing id on its ROUTER."""

    endpoint: int
    routing_id: bytes


class Update(NamedTuple):
    """One update that was found valid: its number, the revision it made, and what it changes."""

    request: int
    revision: int
    changes: Mapping[str, Any]


@dataclass
class Session:
    """What the hub keeps of one client.

    Attributes:
        route: where its messages come from and go to.
        connection: the connection that said hello. Another one under the same route is another client.
        peer: the rules of the session. chain: joins the motion of frames that it drops.
        fallback: the last settings that the model has taken in; before the first, those of the hello.
        taken_in: whether the model has taken any in.
        unanswered: updates that no preparation covers yet.
        in_work: updates that the preparation under way covers.
        apart: so many of those unanswered are prepared one by one, because the model refused them together.
        history_ends_at: the first frame with a larger id begins without history; None: no reset is open.
        last_frame_id: of the frames that came. complaints: errors that the client sent.
    """

    route: Route
    connection: bytes
    peer: ServerPeer
    chain: MotionChain
    fallback: Settings
    taken_in: bool = False
    unanswered: list[Update] = field(default_factory=list)
    in_work: list[Update] = field(default_factory=list)
    apart: int = 0
    history_ends_at: int | None = None
    last_frame_id: int = -1
    complaints: int = 0

    @property
    def key(self) -> str:
        """The server's own id of the session."""
        return self.peer.session

    def settings_changed(self, settings: Settings, request: int, changes: Mapping[str, Any]) -> None:
        """An update was found valid; it is answered once the model has taken it in."""
        self.unanswered.append(Update(request, settings.revision, changes))

    def begin_settings(self) -> Settings:
        """The settings to prepare now. Everything said so far is covered by the newest, but where :attr:`apart`."""
        if self.apart > 0:
            self.apart -= 1
            self.in_work, self.unanswered = self.unanswered[:1], self.unanswered[1:]
            (update,) = self.in_work
            return dataclasses.replace(self.fallback.updated(update.changes), revision=update.revision)
        self.in_work, self.unanswered = self.unanswered, []
        return self.peer.settings

    def settings_prepared(
        self, settings: Settings, understood: tuple[str, ...], ignored: tuple[str, ...]
    ) -> list[m.Message]:
        """Answers to the updates that ``settings`` cover; the words are those of the newest prompt, as many as an array
        of a header may hold: two prompts can have more, and a client could not read the answer."""
        self.fallback, self.taken_in = settings, True
        covered, self.in_work = self.in_work, []
        understood, ignored = understood[:MAX_ITEMS], ignored[:MAX_ITEMS]
        return [m.SettingsApplied(update.request, update.revision, understood, ignored) for update in covered]

    def settings_failed(self, settings: Settings, error: ProtocolError) -> list[m.Message]:
        """The model could not take ``settings`` in: back to the last that it could, or to those of the hello, or,
        where it was those that it could not, to none; and the updates that came since hold on top of that. Updates
        that were tried together are tried again one by one: only the one at fault is refused.
        """
        covered, self.in_work = self.in_work, []
        if len(covered) > 1:
            self.unanswered = covered + self.unanswered
            self.apart = len(covered)
            return []
        if not self.taken_in and _same(settings, self.fallback):
            self.fallback = self.peer.initial
        plain = error_message(error)
        answers = [dataclasses.replace(plain, request=update.request) for update in covered]
        # without any, it was the settings of the hello
        return (answers or [plain]) + self._build_again()

    def _build_again(self) -> list[m.Message]:
        """Settings in force from the fallback and the updates that are still to be tried; returns the refusals of those
        that make no sense without the one that failed."""
        settings, newest = self.fallback, self.peer.settings.revision
        kept: list[Update] = []
        refusals: list[m.Message] = []
        apart, self.apart = self.apart, 0
        for number, update in enumerate(self.unanswered):
            try:
                settings = self.peer.with_changes(settings, update.changes)
                kept.append(update)
                self.apart += number < apart
            except ProtocolError as error:
                refusals.append(dataclasses.replace(error_message(error), request=update.request))
        self.unanswered = kept
        self.peer.settings = dataclasses.replace(settings, revision=newest)
        return refusals

    def frame_came(self, frame_id: int) -> None:
        """A frame waits."""
        self.last_frame_id = frame_id

    def history_cleared(self) -> None:
        """The client asked for a reset: no frame after those it has sent knows them."""
        self.history_ends_at = self.last_frame_id

    def cut_failed(self, frame_id: int) -> None:
        """A frame that follows a cut gets no picture: the cut is before the next one."""
        self.history_ends_at = max(frame_id, -1 if self.history_ends_at is None else self.history_ends_at)

    def begins_anew(self, frame_id: int) -> bool:
        """Whether this frame, which is made now, is the first after a reset."""
        if self.history_ends_at is None or frame_id <= self.history_ends_at:
            return False
        self.history_ends_at = None
        return True


def _same(a: Settings, b: Settings) -> bool:
    """Equal but for the revision."""
    return dataclasses.replace(a, revision=0) == dataclasses.replace(b, revision=0)
