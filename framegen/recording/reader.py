"""Reads a recording back: raw messages, decoded messages, or only the frames.

A file that was cut short (a crash, a full disk, a copy that stopped) is read as far as its last
whole chunk; :attr:`RecordingReader.problem` then says what is missing.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from framegen.errors import MediaError, ProtocolError
from framegen.frame import Frame
from framegen.recording.container import Bytes, unpack_parts
from framegen.recording.packing import unpack
from framegen.recording.writer import MESSAGE_ENCODING, PACKED_ENCODING, PROFILE, TO_SERVER
from framegen.wire import codec, header
from framegen.wire.messages import Limits, Message, SendFrame, SendResult, Superseded

_MAX_CHUNK_BYTES = 1 << 30
_DAMAGE = (ValueError, RuntimeError, OverflowError, MemoryError)
"""What damage is beside errors of its own: text that is not UTF-8, what lz4 raises, lengths beyond all bounds."""


@dataclass(frozen=True)
class Record:
    """One message as it passed.

    Attributes:
        time_ns: when, nanoseconds since 1970 (never smaller than the record before).
        direction: ``to_server`` or ``to_client``.
        peer: which client, counted from 0.
        parts: the ZeroMQ parts, read-only views.
    """

    time_ns: int
    direction: str
    peer: int
    parts: list[Bytes]


@dataclass(frozen=True)
class RecordingInfo:
    """What a recording holds.

    Attributes:
        frames: sent, by all clients. ``results``: pictures that came back.
        superseded: frames answered by a notice. ``messages``: of all kinds, both ways. ``peers``: clients.
        width, height: of the first frame, pixels. ``duration_s``: from the first message to the last.
        about: the texts the writer gave. ``problem``: empty, or what is wrong with the file.
    """

    path: Path
    frames: int
    results: int
    superseded: int
    messages: int
    peers: int
    width: int
    height: int
    duration_s: float
    about: dict[str, str] = field(default_factory=dict)
    problem: str = ""


class RecordingReader:
    """An open recording. Iterate :meth:`records`, :meth:`messages` or :meth:`frames`; each starts at the beginning.

    Raises MediaError if the file cannot be opened or is no recording of this program.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.about: dict[str, str] = {}
        self.problem = ""
        try:
            self._file: IO[bytes] = open(self.path, "rb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise MediaError(f"Cannot read {self.path}: {error.strerror}.") from error
        magic = self._file.read(8)
        if magic != b"\x89MCAP0\r\n":
            self._file.close()
            raise MediaError(f"{self.path} is not an MCAP file.", hint="'framegen record' makes one.")

    def records(self) -> Iterator[Record]:
        """Every message, both ways, in the order it passed."""
        from mcap.records import Channel, Header, Metadata
        from mcap.records import Message as McapMessage

        channels: dict[int, tuple[str, int, bool]] = {}
        self.problem = ""
        ours = False
        for record in self._mcap_records():
            if isinstance(record, McapMessage):
                channel = channels.get(record.channel_id)
                if channel is not None:
                    ours = True
                    direction, peer, packed = channel
                    parts: list[Bytes] = list(unpack_parts(record.data))
                    yield Record(record.log_time, direction, peer, [unpack(p) for p in parts] if packed else parts)
            elif isinstance(record, Channel):
                peer_text = record.metadata.get("peer", "")
                if record.message_encoding in (MESSAGE_ENCODING, PACKED_ENCODING) and peer_text.isdigit():
                    packed = record.message_encoding == PACKED_ENCODING
                    channels[record.id] = record.metadata.get("direction", ""), int(peer_text), packed
            elif isinstance(record, Metadata) and record.name == PROFILE:
                self.about = dict(record.metadata)
            elif isinstance(record, Header):
                ours = record.profile == PROFILE
        if not ours:
            raise MediaError(f"{self.path} holds no framegen messages.", hint="'framegen record' makes such a file.")

    def messages(self) -> Iterator[tuple[Record, Message]]:
        """Every message that this version can decode, with its record. What it cannot decode is passed over."""
        for record in self.records():
            try:
                yield record, codec.decode(record.parts)
            except ProtocolError:
                continue

    def frames(self, peer: int | None = None) -> Iterator[Frame]:
        """The frames that one client sent, all planes included; None: the first client that sent any."""
        for record, message in self.messages():
            if isinstance(message, SendFrame):
                peer = record.peer if peer is None else peer
                if record.peer == peer:
                    yield message.frame

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mcap_records(self) -> Iterator[Any]:
        """The file's records, chunks opened; stops at damage and says so in ``problem``."""
        from mcap.exceptions import McapError
        from mcap.records import Chunk, Footer
        from mcap.stream_reader import CRCValidationError, StreamReader, breakup_chunk
        from zstandard import ZstdError

        self._file.seek(0)
        stream = StreamReader(self._file, emit_chunks=True, record_size_limit=_MAX_CHUNK_BYTES)
        read = 0
        try:
            for record in stream.records:
                if isinstance(record, Chunk):
                    if record.uncompressed_size > _MAX_CHUNK_BYTES:
                        raise MediaError(f"{self.path} claims a chunk of {record.uncompressed_size} bytes.")
                    for inner in breakup_chunk(record, validate_crc=True):
                        read += 1
                        yield inner
                elif isinstance(record, Footer):
                    return
                else:
                    yield record
        except (*_DAMAGE, McapError, CRCValidationError, ZstdError, struct.error) as error:
            why = str(error) or type(error).__name__
            self.problem = f"{self.path.name} is damaged or was cut short after {read} whole records ({why})."
            return
        self.problem = f"{self.path.name} was cut short after {read} whole records."


def read_frames(path: str | os.PathLike[str], peer: int | None = None) -> Iterator[Frame]:
    """The frames of a recording, with every plane, one at a time.

    Args:
        path: an MCAP file made by ``framegen record``.
        peer: which client's; None: the first that sent any.

    Raises:
        MediaError: no such file, or not a recording.
    """
    with RecordingReader(path) as reader:
        yield from reader.frames(peer)


def check_frames(path: str | os.PathLike[str]) -> None:
    """Raises MediaError if there is no such file, it is not a recording, or it holds no frame that can be read."""
    with RecordingReader(path) as reader:
        if next(reader.frames(), None) is None:
            raise MediaError(f"{path} holds no frames.", hint=reader.problem)


def recording_info(path: str | os.PathLike[str]) -> RecordingInfo:
    """Count what a recording holds; reads the whole file, decodes only headers and the first frame.

    Raises MediaError if there is no such file, or it is not a recording.
    """
    frames = results = superseded = messages = 0
    first_ns = last_ns = 0
    size: tuple[int, int] | None = None
    peers: set[int] = set()
    with RecordingReader(path) as reader:
        for record in reader.records():
            first_ns = first_ns or record.time_ns
            last_ns = record.time_ns
            messages += 1
            peers.add(record.peer)
            if not record.parts:  # the format allows it; it is no message
                continue
            try:
                kind = header.unpack(memoryview(record.parts[0]), Limits()).get("type")
                if kind == SendFrame.type and record.direction == TO_SERVER:
                    frames += 1
                    if size is None:
                        message = codec.decode(record.parts)
                        if isinstance(message, SendFrame):
                            size = message.frame.width, message.frame.height
            except ProtocolError:
                continue
            results += kind == SendResult.type
            superseded += kind == Superseded.type
        width, height = size or (0, 0)
        return RecordingInfo(
            path=Path(path),
            frames=frames,
            results=results,
            superseded=superseded,
            messages=messages,
            peers=len(peers),
            width=width,
            height=height,
            duration_s=(last_ns - first_ns) / 1e9,
            about=reader.about,
            problem=reader.problem,
        )
