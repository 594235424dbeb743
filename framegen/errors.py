"""Every error that framegen raises or puts on the wire.

The tree::

    FramegenError
    ├── ConfigError                 a setting, preset or option that makes no sense
    │   └── WrongUsage              options of a command that do not go together
    ├── ProtocolError               something wrong in what a peer sent; one subclass per wire code
    │   ├── MalformedMessage        malformed_message
    │   ├── UnknownMessageType      unknown_message_type
    │   ├── MessageTooLarge         message_too_large
    │   ├── UnsupportedProtocol     unsupported_protocol
    │   ├── UnsupportedCodec        unsupported_codec
    │   ├── InvalidFrame            invalid_frame
    │   ├── InvalidSettings         invalid_settings
    │   ├── UnknownModel            unknown_model
    │   ├── UnknownSession          unknown_session
    │   ├── OutOfOrder              out_of_order
    │   ├── TooManySessions         too_many_sessions
    │   ├── Unauthorized            unauthorized
    │   ├── RestyleFailed           restyle_failed
    │   └── ServerStopping          server_stopping
    ├── ConnectionLost              the server is not there (any more)
    ├── NoPicture                   a frame that gets no picture: superseded, or not answered in time
    ├── ModelUnavailable            a model that cannot run here, with what to install or download
    └── MediaError                  a video, picture, depth or recording file that cannot be read or written

Each wire code is stable within a protocol major version (see ``protocol/SPEC.md``).
"""

from __future__ import annotations

from typing import ClassVar


class FramegenError(Exception):
    """Base of all errors of this package.

    Args:
        message: what is wrong, in one sentence.
        hint: what to do about it, in one sentence (may be empty).
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class ConfigError(FramegenError):
    """A setting, preset or option that makes no sense."""


class WrongUsage(ConfigError):
    """Options of a command that do not go together."""


class ConnectionLost(FramegenError):
    """The server is not there, or not there any more."""


class NoPicture(FramegenError):
    """A frame that gets no picture: a newer one displaced it, or the time to wait for it is over."""


class ModelUnavailable(FramegenError):
    """A model that cannot run on this machine as it is; the hint says what to install."""


class MediaError(FramegenError):
    """A video, picture, depth or recording file that cannot be read or written."""


class ProtocolError(FramegenError):
    """Something wrong in what a peer sent. ``code`` is stable and travels on the wire.

    ``frame_id`` and ``request`` say what it is about, where that is known; ``cut``: that frame follows a cut.
    """

    code: ClassVar[str] = "protocol_error"
    frame_id: int | None = None
    request: int | None = None
    cut: bool = False


class MalformedMessage(ProtocolError):
    """Not a message of this protocol: wrong parts, not MessagePack, wrong types, missing fields."""

    code = "malformed_message"


class UnknownMessageType(ProtocolError):
    """A well-formed header whose ``type`` this peer does not know."""

    code = "unknown_message_type"


class MessageTooLarge(ProtocolError):
    """More bytes, pixels, parts or header depth than the limits allow."""

    code = "message_too_large"


class UnsupportedProtocol(ProtocolError):
    """No protocol version in common."""

    code = "unsupported_protocol"


class UnsupportedCodec(ProtocolError):
    """A codec or pixel format that this peer does not have."""

    code = "unsupported_codec"


class InvalidFrame(ProtocolError):
    """A frame whose planes, sizes, camera or numbers contradict each other."""

    code = "invalid_frame"


class InvalidSettings(ProtocolError):
    """A settings message with an unknown key or a value out of range; nothing of it was applied."""

    code = "invalid_settings"


class UnknownModel(ProtocolError):
    """A model name that the server does not offer."""

    code = "unknown_model"


class UnknownSession(ProtocolError):
    """A message outside a session: say hello first (again, if the session expired)."""

    code = "unknown_session"


class OutOfOrder(ProtocolError):
    """A message that the session's state does not allow, or a frame id that does not grow."""

    code = "out_of_order"


class TooManySessions(ProtocolError):
    """The server has as many sessions as it allows."""

    code = "too_many_sessions"


class Unauthorized(ProtocolError):
    """The token is missing or wrong."""

    code = "unauthorized"


class RestyleFailed(ProtocolError):
    """The model failed on this frame; the session goes on with the next one."""

    code = "restyle_failed"


class ServerStopping(ProtocolError):
    """The server is shutting down; frames not answered yet will not be."""

    code = "server_stopping"


def protocol_error(code: str, message: str, hint: str = "") -> ProtocolError:
    """The error of a wire ``code``; an unknown code gives a plain :class:`ProtocolError`."""
    for cls in ProtocolError.__subclasses__():
        if cls.code == code:
            return cls(message, hint=hint)
    return ProtocolError(f"{code}: {message}", hint=hint)
