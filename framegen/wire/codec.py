"""Messages <-> ZeroMQ parts: a MessagePack header and, for frames and results, raw payloads behind it.

Neither copies pixels: what :func:`encode` returns are views of the message's arrays, and the arrays of a decoded
message are read-only views of its parts. Nothing here knows sessions (see :mod:`framegen.wire.peer`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Protocol

from framegen.config import nearest
from framegen.errors import MalformedMessage, MessageTooLarge, ProtocolError, UnknownMessageType
from framegen.wire import messages as m
from framegen.wire.header import INT64, UINT32, Fields, pack, tell_subject, unpack
from framegen.wire.planes import Part, frame_header, read_frame, read_result, result_header


class Memory(Protocol):
    """What a client shares with a server: :class:`framegen.sharing.Shared`."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """A copy of a range inside ``size``."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


Place = Callable[[Sequence[Part]], Sequence[tuple[int, int]] | None]
"""Lays parts down in shared memory and says where: (offset, length) of each; None: there is no room."""


def encode(
    message: m.Message, *, color_codec: str = "raw", jpeg_quality: int = 90, place: Place | None = None
) -> list[bytes | memoryview]:
    """The parts of one message.

    Args:
        message: any message of protocol 1.0.
        color_codec: ``raw`` or ``jpeg``, for the picture of a frame or result.
        jpeg_quality: 1..100.
        place: where a frame's payloads go instead of behind the header, if there is room.

    Returns:
        ``parts[0]`` is the header. The others are flat views of the message's arrays (of a copy where an array is not
        contiguous): leave those arrays as they are until the parts are sent.
    """
    payloads: list[Part] = []
    if isinstance(message, m.SendFrame):
        header, payloads = frame_header(message.frame, color_codec, jpeg_quality)
    elif isinstance(message, m.SendResult):
        header, payloads = result_header(message.result, color_codec, jpeg_quality)
    else:
        header = {f.name: _plain(f.name, getattr(message, f.name)) for f in fields(message)}
        if isinstance(message, m.Hello) and not message.memory:
            del header["memory"]
    if place is not None and isinstance(message, m.SendFrame) and (places := place(payloads)) is not None:
        header["memory"], payloads = [list(where) for where in places], []
    return [pack({"type": message.type, **header}), *payloads]


def decode(
    parts: Sequence[bytes | memoryview],
    limits: m.Limits = m.Limits(),  # noqa: B008 - frozen
    memory: Memory | None = None,
) -> m.Message:
    """The message of some parts, whoever sent them. ``memory``: what the session shares.

    Raises:
        ProtocolError: a subclass with a stable code, whatever the bytes are. Where the header could be read, the error
            carries the ``frame_id`` or ``request`` it is about.
    """
    if not parts:
        raise MalformedMessage(f"A message has 1 to {limits.max_parts} parts, not 0.")
    try:
        _check_size(parts, limits)
    except MessageTooLarge as error:
        _tell_whose(error, parts[0], limits)
        raise
    header = unpack(memoryview(parts[0]), limits)
    kind = header.get("type")
    if not isinstance(kind, str):
        if kind is None:
            raise MalformedMessage("The header has no 'type'.")
        raise MalformedMessage("The header's 'type' is not text.", hint="Text is MessagePack's str, not bin.")
    if kind not in _READERS:
        raise UnknownMessageType(
            f"There is no message '{kind[:40]}' in protocol {m.PROTOCOL_VERSION}.", hint=nearest(kind[:40], _READERS)
        )
    try:
        if kind == m.SendFrame.type and header.get("memory") is not None:
            parts = [parts[0], *_from_memory(header["memory"], limits, memory)]
        return _READERS[kind](Fields(header, kind), parts, limits)
    except ProtocolError as error:
        tell_subject(error, header)
        raise


def _check_size(parts: Sequence[bytes | memoryview], limits: m.Limits) -> None:
    if len(parts) > limits.max_parts:
        raise MessageTooLarge(f"A message has 1 to {limits.max_parts} parts, not {len(parts)}.")
    size = sum(memoryview(part).nbytes for part in parts)
    if size > limits.max_message_bytes:
        raise MessageTooLarge(f"The message has {size} bytes, at most {limits.max_message_bytes} are taken.")


def _tell_whose(error: ProtocolError, part: bytes | memoryview, limits: m.Limits) -> None:
    """Of a message that is too large: its header may be in order, and a frame without an answer is waited for."""
    with contextlib.suppress(ProtocolError):
        header = unpack(memoryview(part), limits)
        kind = header.get("type")
        if isinstance(kind, str) and kind in _READERS:
            tell_subject(error, header)


def without_offer(header: bytes | memoryview) -> bytes | None:
    """A hello's header without its offer of memory, for who stands between two peers and must see all they say.

    None: it is not such a header. Raises ProtocolError where it is none at all.
    """
    found = unpack(memoryview(header), m.Limits())
    if found.get("type") != m.Hello.type or "memory" not in found:
        return None
    return pack({key: value for key, value in found.items() if key != "memory"})


def _from_memory(places: Any, limits: m.Limits, memory: Memory | None) -> list[bytes]:
    """The payloads that a frame's header says lie in the session's memory. Checked before any is copied."""
    if memory is None:
        raise MalformedMessage("The frame lies in shared memory, and this session has none.")
    wrong = MalformedMessage("frame.memory must be an array of [offset, length] inside the session's memory.")
    if type(places) is not list or len(places) >= limits.max_parts:
        raise wrong
    for where in places:
        if type(where) is not list or len(where) != 2 or not all(type(n) is int and n >= 0 for n in where):
            raise wrong
        if sum(where) > memory.size:
            raise wrong
    size = sum(length for _, length in places)
    if size > limits.max_message_bytes:
        raise MessageTooLarge(f"The message has {size} bytes, at most {limits.max_message_bytes} are taken.")
    return [memory.read(offset, length) for offset, length in places]


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, m.Limits):
        return asdict(value)
    if name in ("settings", "changes"):
        return _settings_to_wire(value)
    return value


def _settings_to_wire(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of a header are text, so label values become their decimal digits."""
    plain = {key: dict(value) if isinstance(value, Mapping) else value for key, value in settings.items()}
    if isinstance(plain.get("labels"), dict):
        plain["labels"] = {
            str(int(code) if isinstance(code, int) else code): dict(item) if isinstance(item, Mapping) else item
            for code, item in plain["labels"].items()
        }
    return plain


def _settings_from_wire(settings: dict[str, Any]) -> dict[str, Any]:
    """Digits become label values again; other keys stay, and :meth:`Settings.updated` names them."""
    labels = settings.get("labels")
    if not isinstance(labels, dict):
        return settings
    return {**settings, "labels": {_label_value(key): item for key, item in labels.items()}}


def _label_value(key: str) -> int | str:
    return int(key) if key.isascii() and key.isdigit() and len(key) <= 3 and str(int(key)) == key else key


def _hello(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.Hello:
    return m.Hello(
        protocols=f.texts("protocols"),
        client=f.text("client", ""),
        codecs=f.texts("codecs", ("raw",)),
        capabilities=f.texts("capabilities", ()),
        settings=_settings_from_wire(f.mapping("settings", {})),
        memory=f.mapping("memory", {}),
    )


def _welcome(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.Welcome:
    taken = f.inner("limits")
    default = m.Limits()
    return m.Welcome(
        protocol=f.text("protocol"),
        server=f.text("server", ""),
        session=f.text("session"),
        models=f.texts("models"),
        codecs=f.texts("codecs", ("raw",)),
        capabilities=f.texts("capabilities", ()),
        limits=m.Limits(
            **{
                limit.name: taken.integer(limit.name, getattr(default, limit.name), within=(1, INT64[1]))
                for limit in fields(m.Limits)
            }
        ),
        settings=_settings_from_wire(f.mapping("settings")),
        settings_revision=f.integer("settings_revision", 0, within=UINT32),
    )


def _settings(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.UpdateSettings:
    return m.UpdateSettings(_settings_from_wire(f.mapping("changes")), f.integer("request", 0, within=UINT32))


def _settings_applied(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.SettingsApplied:
    return m.SettingsApplied(
        request=f.integer("request", within=UINT32),
        revision=f.integer("revision", within=UINT32),
        understood=f.texts("understood", ()),
        ignored=f.texts("ignored", ()),
    )


def _superseded(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.Superseded:
    return m.Superseded(f.integer("frame_id"), f.integer("timestamp_ns", within=INT64), f.integer("by_frame_id"))


def _pong(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.Pong:
    return m.Pong(*(f.integer(name, within=INT64) for name in ("sent_ns", "received_ns", "replied_ns")))


def _error(f: Fields, _parts: Sequence[Part], _limits: m.Limits) -> m.Error:
    return m.Error(
        code=f.text("code"),
        message=f.text("message", ""),
        hint=f.text("hint", ""),
        fatal=f.flag("fatal", False),
        frame_id=f.integer("frame_id", None),
        request=f.integer("request", None, within=UINT32),
    )


_READERS: dict[str, Callable[[Fields, Sequence[Part], m.Limits], m.Message]] = {
    "hello": _hello,
    "welcome": _welcome,
    "settings": _settings,
    "settings_applied": _settings_applied,
    "frame": lambda f, parts, limits: m.SendFrame(read_frame(f, parts, limits)),
    "result": lambda f, parts, limits: m.SendResult(read_result(f, parts, limits)),
    "superseded": _superseded,
    "reset": lambda _f, _parts, _limits: m.Reset(),
    "ping": lambda f, _parts, _limits: m.Ping(f.integer("sent_ns", within=INT64)),
    "pong": _pong,
    "error": _error,
    "bye": lambda f, _parts, _limits: m.Bye(f.text("reason", "")),
}
