"""What the page shows at the moment, channel by channel: the newest of everything, and nothing older."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from framegen.frame import U8

JPEG_QUALITY = 86
MAX_WIDTH_PX = 1920
"""Wider frames are scaled down for the page; the figures still name their own size."""


@dataclass(frozen=True, eq=False)
class Pair:
    """An engine's frame and what became of it.

    Attributes:
        source, restyled: ``[H, W, 3 or 4]`` uint8 sRGB, or JPEG bytes.
        frame_id: of the frame. ``how``: see :class:`~framegen.frame.How`. ``model``: its name.
        size: width and height of the frame in pixels; taken from the pictures where they are arrays.
    """

    source: U8 | bytes
    restyled: U8 | bytes
    frame_id: int = 0
    how: str = "generated"
    model: str = ""
    size: tuple[int, int] | None = None

    def packed(self) -> bytes:
        """Header length (uint32, little-endian), header (JSON), source JPEG, restyled JPEG."""
        size = self.size
        if size is None and not isinstance(self.source, bytes):
            size = (self.source.shape[1], self.source.shape[0])
        pictures = [_jpeg(self.source), _jpeg(self.restyled)]
        header = {
            "frame_id": self.frame_id,
            "how": self.how,
            "model": self.model,
            "size": size,
            "bytes": [len(picture) for picture in pictures],
        }
        text = json.dumps(header).encode()
        return b"".join((struct.pack("<I", len(text)), text, *pictures))


def _jpeg(picture: U8 | bytes) -> bytes:
    if isinstance(picture, bytes):
        return picture
    bgr = np.ascontiguousarray(picture[..., 2::-1])
    height, width = bgr.shape[:2]
    if width > MAX_WIDTH_PX:
        scaled = (MAX_WIDTH_PX, max(1, round(height * MAX_WIDTH_PX / width)))
        bgr = np.asarray(cv2.resize(bgr, scaled, interpolation=cv2.INTER_AREA), np.uint8)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1])


@dataclass
class Channel:
    """One stream that pages can watch. ``topics``: name -> (version, plain values)."""

    title: str
    pair: Pair | None = None
    pair_version: int = 0
    packed: tuple[int, bytes] | None = None
    topics: dict[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)


class Board:
    """Thread-safe: hosts write, the page server reads. Every change has a higher version than all before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._channels: dict[str, Channel] = {}
        self._list_version = 0

    def pair(self, name: str, pair: Pair) -> None:
        """The newest pair of a channel; the one before is forgotten."""
        with self._lock:
            channel = self._channel(name)
            self._version += 1
            channel.pair, channel.pair_version = pair, self._version

    def topic(self, name: str, topic: str, values: Mapping[str, Any]) -> None:
        """The newest values of ``topic`` (``state``, ``settings``, ``figures``)."""
        with self._lock:
            channel = self._channel(name)
            if topic in channel.topics and channel.topics[topic][1] == values:
                return
            self._version += 1
            channel.topics[topic] = (self._version, dict(values))

    def name(self, name: str, title: str) -> None:
        """What people see a channel called."""
        with self._lock:
            self._channel(name).title = title
            self._version += 1
            self._list_version = self._version

    def drop(self, name: str) -> None:
        """A channel that is over."""
        with self._lock:
            if self._channels.pop(name, None) is not None:
                self._version += 1
                self._list_version = self._version

    def channels(self) -> tuple[int, list[dict[str, str]]]:
        """Version of the list, and each channel's name and title."""
        with self._lock:
            return self._list_version, [{"name": k, "title": c.title} for k, c in self._channels.items()]

    def first(self) -> str | None:
        """The channel that a page watches to begin with."""
        with self._lock:
            return next(iter(self._channels), None)

    def news(self, name: str, since: int) -> list[tuple[int, str, Mapping[str, Any]]]:
        """Topics of a channel with a version above ``since``: (version, topic, values), oldest first."""
        with self._lock:
            channel = self._channels.get(name)
            if channel is None:
                return []
            fresh = [(version, topic, values) for topic, (version, values) in channel.topics.items() if version > since]
        return sorted(fresh, key=lambda item: item[0])

    def pair_version(self, name: str) -> int:
        """Version of a channel's newest pair; 0 where there is none."""
        with self._lock:
            channel = self._channels.get(name)
            return 0 if channel is None else channel.pair_version

    def packed(self, name: str) -> tuple[int, bytes] | None:
        """Version and bytes of the newest pair, compressed once however many pages watch. Takes milliseconds."""
        with self._lock:
            channel = self._channels.get(name)
            if channel is None or channel.pair is None:
                return None
            pair, version = channel.pair, channel.pair_version
            if channel.packed is not None and channel.packed[0] == version:
                return channel.packed
        made = (version, pair.packed())
        with self._lock:
            channel.packed = made
        return made

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            self._channels[name] = Channel(name)
            self._version += 1
            self._list_version = self._version
        return self._channels[name]
