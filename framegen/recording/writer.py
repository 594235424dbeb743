"""Writes a recording: protocol messages of one or several clients in an MCAP file.

The format is described in ``protocol/RECORDING.md``.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from framegen.claim import Taken, claim
from framegen.errors import MediaError
from framegen.recording.container import Bytes, pack_parts
from framegen.recording.packing import pack_message
from framegen.unfinished import UnfinishedFile

PROFILE = "framegen"
MESSAGE_ENCODING = "framegen-parts"
PACKED_ENCODING = "framegen-packed"
TO_SERVER = "to_server"
TO_CLIENT = "to_client"
Compression = Literal["none", "lz4", "zstd"]

_CHUNK_BYTES = 1 << 20


class RecordingWriter(UnfinishedFile):
    """An MCAP file being written, under the name ``<path>.part`` until :meth:`close`.

    Chunks are about a megabyte, so a file cut short by a crash loses at most the last one (and
    the ``.part`` can be read as far as it goes); the memory held is one chunk and one message.
    A ``.part`` that a crash left is kept, and the new one named ``<path>.2.part``.

    Args:
        path: the file to write. Raises MediaError if it exists and ``overwrite`` is False, or is being recorded.
        compression: of the chunks. ``lz4`` costs least while a game runs, ``zstd`` is smaller.
        packed: make every message small by :mod:`framegen.recording.packing`, for files that are shipped.
        chunk_bytes: of messages in a chunk; what a crash may cost.
        about: texts that say what this is (``title``, ``licence`` ...), kept as MCAP metadata.
        clock_ns: a monotonic clock in nanoseconds.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        compression: Compression = "lz4",
        overwrite: bool = False,
        packed: bool = False,
        chunk_bytes: int = _CHUNK_BYTES,
        about: Mapping[str, str] | None = None,
        protocol: str = "1.0",
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        from mcap.writer import CompressionType, Writer

        from framegen import __version__

        final = Path(path)
        if final.is_dir():
            raise MediaError(f"{final} is a folder.", hint="Name a file in it.")
        if final.exists() and not overwrite:
            raise MediaError(f"{final} exists.", hint="Choose another name or pass --overwrite.")
        if not final.parent.is_dir():
            raise MediaError(f"There is no folder {final.parent}.", hint="Make it first.")
        part = final.with_name(final.name + ".part")
        try:
            self._file, temporary = claim(part)
        except Taken as error:
            raise MediaError(f"{final} is being recorded already.", hint="Choose another name.") from error
        except OSError as error:
            raise MediaError(f"Cannot write {final}: {error.strerror}.") from error
        super().__init__(final, temporary, overwrite=overwrite)
        self._protocol = protocol
        self._packed = packed
        self._clock_ns = clock_ns
        self._epoch_ns = time.time_ns() - clock_ns()
        self._channels: dict[tuple[int, str], int] = {}
        self._counts: dict[int, int] = {}
        self._last_ns = 0
        self.messages = 0
        self.bytes = 0
        kinds = {"none": CompressionType.NONE, "lz4": CompressionType.LZ4, "zstd": CompressionType.ZSTD}
        self._writer: Any = Writer(self._file, chunk_size=chunk_bytes, compression=kinds[compression])
        self._guard(lambda: self._writer.start(PROFILE, f"framegen {__version__}"))
        texts = {"protocol": protocol, "written_by": f"framegen {__version__}", **(about or {})}
        self._guard(lambda: self._writer.add_metadata(PROFILE, texts))

    def write(self, direction: str, parts: Sequence[Bytes], *, peer: int = 0, at_ns: int | None = None) -> None:
        """Append one message.

        Args:
            direction: :data:`TO_SERVER` or :data:`TO_CLIENT`.
            parts: the ZeroMQ parts as they travelled.
            peer: which client, counted from 0.
            at_ns: when it passed, on the writer's monotonic clock; None: now.

        Raises:
            MediaError: the disk is full, or the file cannot be written for another reason.
        """
        channel = self._channel(peer, direction)
        # The clock that orders messages never runs backwards, though several threads may have read it.
        now = self._epoch_ns + (self._clock_ns() if at_ns is None else at_ns)
        now = self._last_ns = max(now, self._last_ns)
        sequence = self._counts[channel] = self._counts[channel] + 1
        data = pack_parts(pack_message(parts) if self._packed else parts)
        self._guard(lambda: self._writer.add_message(channel, now, data, now, sequence))
        self.messages += 1
        self.bytes += len(data)

    def _finish(self) -> None:
        self._guard(self._writer.finish)
        self._guard(self._file.close)

    def _let_go(self) -> None:
        self._file.close()

    def _channel(self, peer: int, direction: str) -> int:
        channel = self._channels.get((peer, direction))
        if channel is None:
            if direction not in (TO_SERVER, TO_CLIENT):
                raise ValueError(f"direction must be {TO_SERVER!r} or {TO_CLIENT!r}, not {direction!r}")
            facts = {"peer": str(peer), "direction": direction, "protocol": self._protocol}
            encoding = PACKED_ENCODING if self._packed else MESSAGE_ENCODING
            channel = int(self._writer.register_channel(f"{direction}/{peer}", encoding, 0, facts))
            self._channels[peer, direction] = channel
            self._counts[channel] = 0
        return channel

    def _guard(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            with contextlib.suppress(OSError):  # there is no room for what it still holds, either
                self._file.close()
            hint = f"What was written until then is in {self.temporary}."
            raise MediaError(f"Cannot write {self.path}: {error.strerror or error}.", hint=hint) from error
