"""What a client can set for its session: :class:`Settings`, frozen, validated, revisioned.

An update is a plain mapping with only the keys that change (that is what travels on the
wire); :meth:`Settings.updated` gives the next revision or raises
:class:`~framegen.errors.InvalidSettings` and leaves nothing half applied.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from framegen.errors import InvalidSettings

MAX_PROMPT_CHARS = 2000
MAX_STRIDE = 8
SUN_RULES = ("auto", "light", "prompt")


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint such as ``Did you mean 'golden hour'?`` for a name that is not in ``names``."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return "Known: " + ", ".join(names) + "."


@dataclass(frozen=True)
class LabelSettings:
    """What the client says of one value of the frame's label plane.

    Attributes:
        name: what it is (``brick``, ``asphalt``, ``person`` ...).
        words: a prompt for this label alone; empty: the session's prompt.
        intensity: 0..1, multiplies the session's intensity on these pixels.
    """

    name: str
    words: str = ""
    intensity: float = 1.0


@dataclass(frozen=True)
class TemporalSettings:
    """Temporal latent reuse: each part can be switched off alone (see ``docs/temporal.md``).

    Attributes:
        reuse: the whole of it; False: every frame is made from nothing but itself.
        history_input: the reprojected latent is given to the model (``alpha`` is its share).
        anchored_noise: noise sticks to surfaces; False: fresh noise every frame.
        accumulate: blend with the clamped, reprojected latent after the step.
        skip: reuse the image when nothing moved and nothing changed.
        detect_cuts: find camera cuts that the engine did not flag.
        alpha: 0..1, share of trusted history in the start latent.
        max_age: frames over which accumulation grows; the cap of its weight is ``1 - 1 / max_age``.
        stride: the network runs on every stride-th frame, those between are drawn from its last latent; 0: as often as
            whoever runs it thinks right.
    """

    reuse: bool = True
    history_input: bool = True
    anchored_noise: bool = True
    accumulate: bool = True
    skip: bool = True
    detect_cuts: bool = True
    alpha: float = 0.6
    max_age: int = 8
    stride: int = 0


@dataclass(frozen=True)
class Settings:
    """Everything a session can set.

    Attributes:
        prompt: what the picture should look like, in words.
        negative_prompt: what it should not look like; models without one ignore it and say so.
        model: a name from the welcome's list; empty: the server's default.
        intensity: 0 returns the engine's frame, 1 the model's.
        strength: 0..1, how far the model may depart from the source.
        seed: of the noise.
        fade_s: seconds over which a change of look fades in, fast at first.
        sun: who rules the sun: ``light`` (the frame's light_direction), ``prompt``, or ``auto``
            (the frame's light when it carries one, else the prompt).
        output_width, output_height: pixels of the result; 0: the frame's own.
        output_codec: ``raw`` or ``jpeg``.
        jpeg_quality: 1..100.
        color_grid: send the local affine colour grid with each result.
        labels: label value (1..255) -> :class:`LabelSettings`.
        temporal: see :class:`TemporalSettings`.
        revision: grows by one with each accepted update; every result names it.
    """

    prompt: str = ""
    negative_prompt: str = ""
    model: str = ""
    intensity: float = 1.0
    strength: float = 0.5
    seed: int = 0
    fade_s: float = 0.3
    sun: Literal["auto", "light", "prompt"] = "auto"
    output_width: int = 0
    output_height: int = 0
    output_codec: str = "raw"
    jpeg_quality: int = 90
    color_grid: bool = False
    labels: Mapping[int, LabelSettings] = field(default_factory=dict)
    temporal: TemporalSettings = TemporalSettings()
    revision: int = 0

    def updated(self, changes: Mapping[str, Any]) -> Settings:
        """The next revision. ``changes`` holds plain values; ``temporal`` and ``labels`` may be partial.

        A label set to None is forgotten. Raises InvalidSettings and names the key.
        """
        values: dict[str, Any] = {}
        for key, value in changes.items():
            if key == "temporal":
                values[key] = _temporal(self.temporal, value)
            elif key == "labels":
                values[key] = _labels(self.labels, value)
            elif key in _CHECKS:
                values[key] = _CHECKS[key](key, value)
            else:
                raise InvalidSettings(f"Unknown setting '{key}'.", hint=nearest(str(key), SETTING_NAMES))
        return dataclasses.replace(self, **values, revision=self.revision + 1)

    def to_wire(self) -> dict[str, Any]:
        """Plain values of every key but ``revision``: ``Settings().updated(s.to_wire())`` equals ``s`` but for it."""
        plain = dataclasses.asdict(self)
        del plain["revision"]
        return plain


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidSettings(f"{key} must be text, not {type(value).__name__}.")
    if len(value) > MAX_PROMPT_CHARS:
        raise InvalidSettings(f"{key} has {len(value)} characters, at most {MAX_PROMPT_CHARS} are taken.")
    try:
        value.encode()
    except UnicodeEncodeError as error:  # half of a UTF-16 pair, as JSON of a browser can hold it: no UTF-8 can
        raise InvalidSettings(f"{key} holds half a character, at {error.start}.", hint="Text is UTF-8.") from error
    return value


def _share(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
        raise InvalidSettings(f"{key} must be a number from 0 to 1, not {value!r}.")
    return float(value)


def _number(low: float, high: float) -> Any:
    def check(key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise InvalidSettings(f"{key} must be a number from {low:g} to {high:g}, not {value!r}.")
        return float(value)

    return check


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidSettings(f"{key} must be true or false, not {value!r}.")
    return value


def _whole(low: int, high: int) -> Any:
    def check(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InvalidSettings(f"{key} must be a whole number from {low} to {high}, not {value!r}.")
        return value

    return check


def _one_of(*names: str) -> Any:
    def check(key: str, value: Any) -> str:
        if value not in names:
            raise InvalidSettings(f"{key} cannot be {value!r}.", hint=nearest(str(value), names))
        return str(value)

    return check


def _temporal(old: TemporalSettings, value: Any) -> TemporalSettings:
    if not isinstance(value, Mapping):
        raise InvalidSettings("temporal must be a map of switches.")
    values: dict[str, Any] = {}
    for key, item in value.items():
        if key == "alpha":
            values[key] = _share("temporal.alpha", item)
        elif key == "max_age":
            values[key] = _whole(1, 64)("temporal.max_age", item)
        elif key == "stride":
            values[key] = _whole(0, MAX_STRIDE)("temporal.stride", item)
        elif key in TEMPORAL_NAMES:
            values[key] = _flag(f"temporal.{key}", item)
        else:
            raise InvalidSettings(f"Unknown setting 'temporal.{key}'.", hint=nearest(str(key), TEMPORAL_NAMES))
    return dataclasses.replace(old, **values)


def _labels(old: Mapping[int, LabelSettings], value: Any) -> dict[int, LabelSettings]:
    if not isinstance(value, Mapping):
        raise InvalidSettings("labels must map label values to their settings.")
    labels = dict(old)
    for code, item in value.items():
        if isinstance(code, bool) or not isinstance(code, int) or not 1 <= code <= 255:
            raise InvalidSettings(
                f"A label must be a whole number from 1 to 255, not {code!r}.",
                hint="Map the label plane's number to its name.",
            )
        if item is None:
            labels.pop(code, None)
            continue
        if isinstance(item, str):
            item = {"name": item}
        if not isinstance(item, Mapping) or not set(item) <= {"name", "words", "intensity"}:
            raise InvalidSettings(f"labels[{code}] must be a name or a map of name, words, intensity.")
        base = dataclasses.asdict(labels.get(code, LabelSettings("")))
        base.update(item)
        labels[code] = LabelSettings(
            _text(f"labels[{code}].name", base["name"]),
            _text(f"labels[{code}].words", base["words"]),
            _share(f"labels[{code}].intensity", base["intensity"]),
        )
    return labels


_CHECKS: dict[str, Any] = {
    "prompt": _text,
    "negative_prompt": _text,
    "model": _text,
    "intensity": _share,
    "strength": _share,
    "seed": _whole(0, (1 << 32) - 1),
    "fade_s": _number(0.0, 60.0),
    "sun": _one_of(*SUN_RULES),
    "output_width": _whole(0, 16384),
    "output_height": _whole(0, 16384),
    "output_codec": _one_of("raw", "jpeg"),
    "jpeg_quality": _whole(1, 100),
    "color_grid": _flag,
}
SETTING_NAMES: tuple[str, ...] = (*_CHECKS, "labels", "temporal")
TEMPORAL_NAMES: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(TemporalSettings))
