"""Prompts to tensors, as each family's own pipeline does it. Off the frame path: see :class:`PromptCache`."""

from __future__ import annotations

import bisect
import inspect
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from framegen.engines.prompt import parts_of
from framegen.errors import ModelUnavailable

Tensors = dict[str, torch.Tensor]
"""``states`` ``[1, tokens, width]``; of SDXL ``pooled`` ``[1, 1280]``, of SANA ``mask`` ``[1, tokens]``; float32."""

GEMMA_TOKENS = 300


@dataclass(frozen=True)
class Encoding:
    """One prompt's tensors, and the words that were too many for the encoder."""

    tensors: Tensors
    cut: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Of its tensors."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())


class TextEncoder(Protocol):
    """What turns a prompt into tensors."""

    def encode(self, prompt: str) -> Encoding:
        """The tensors of a prompt, on the model's device. May take long."""
        ...


@dataclass
class RandomText:
    """Tensors of the true sizes that mean nothing but are always the same for a prompt."""

    tokens: int
    width: int
    pooled: int
    mask: bool
    device: torch.device

    def encode(self, prompt: str) -> Encoding:
        """See :class:`TextEncoder`."""
        generator = torch.Generator().manual_seed(zlib.crc32(prompt.encode()))
        tensors = {"states": torch.randn(1, self.tokens, self.width, generator=generator)}
        if self.pooled:
            tensors["pooled"] = torch.randn(1, self.pooled, generator=generator)
        if self.mask:
            tensors["mask"] = torch.ones(1, self.tokens)
        return Encoding({name: value.to(self.device) for name, value in tensors.items()})


@dataclass
class TextParts:
    """Tokenizers and text encoders, in the pipeline's order."""

    tokenizers: Sequence[Any]
    encoders: Sequence[Any]
    kind: str
    tokens: int = GEMMA_TOKENS
    instruct: bool = True

    @torch.inference_mode()
    def encode(self, prompt: str) -> Encoding:
        """The tensors of a prompt, on the encoders' device."""
        if self.kind == "gemma":
            return self._gemma(prompt)
        if self.kind == "clip pair":
            return self._pair(prompt)
        ids, cut = self._clip_ids(self.tokenizers[0], prompt)
        states = self.encoders[0](ids.to(self.encoders[0].device))[0]
        return Encoding({"states": states.float()}, cut)

    def _pair(self, prompt: str) -> Encoding:
        states, pooled = [], None
        cut: tuple[str, ...] = ()
        for tokenizer, encoder in zip(self.tokenizers, self.encoders, strict=True):
            ids, cut = self._clip_ids(tokenizer, prompt)
            out = encoder(ids.to(encoder.device), output_hidden_states=True)
            states.append(out.hidden_states[-2].float())
            pooled = out[0].float()
        assert pooled is not None
        return Encoding({"states": torch.cat(states, -1), "pooled": pooled}, cut)

    @staticmethod
    def _clip_ids(tokenizer: Any, prompt: str) -> tuple[torch.Tensor, tuple[str, ...]]:
        length = tokenizer.model_max_length
        ids = tokenizer(prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
        words = prompt.split()
        fit = bisect.bisect_right(
            range(len(words) + 1), length, key=lambda n: len(tokenizer(" ".join(words[:n])).input_ids)
        )
        return ids, tuple(words[fit - 1 :])

    def _gemma(self, prompt: str) -> Encoding:
        tokenizer, encoder = self.tokenizers[0], self.encoders[0]
        tokenizer.padding_side = "right"
        words, length = prompt.lower().strip(), self.tokens
        if self.instruct:
            before = "\n".join(_instruction())
            words, length = before + words, len(tokenizer.encode(before)) + self.tokens - 2
        given = tokenizer([words], padding="max_length", max_length=length, truncation=True, return_tensors="pt")
        mask = given.attention_mask.to(encoder.device)
        states = encoder(given.input_ids.to(encoder.device), attention_mask=mask)[0]
        chosen = [0, *range(states.shape[1] - self.tokens + 1, states.shape[1])]
        return Encoding({"states": states[:, chosen].float(), "mask": mask[:, chosen].float()})


def _instruction() -> list[str]:
    """The lines that SANA's prompts follow: the default of diffusers' own pipeline."""
    from diffusers import SanaSprintPipeline

    return list(inspect.signature(SanaSprintPipeline.__call__).parameters["complex_human_instruction"].default)


def mix(parts: Sequence[tuple[Tensors, float]]) -> Tensors:
    """The sum of tensors, each times its share. A token that any of them uses is used (``mask``)."""
    if len(parts) == 1:
        return parts[0][0]
    mixed: Tensors = {}
    for name in parts[0][0]:
        if name == "mask":
            mixed[name] = torch.stack([tensors[name] for tensors, share in parts if share > 0.0]).amax(0)
        else:
            mixed[name] = torch.stack([share * tensors[name] for tensors, share in parts]).sum(0)
    return mixed


class PromptCache:
    """Encoded prompts, the latest ``most``, of at most ``most_bytes`` together: they lie on the card (SANA's have 3 MB
    each). Safe from any thread: two that ask for one prompt encode it once."""

    def __init__(self, encode: Callable[[str], Encoding], most: int = 256, most_bytes: int = 128 << 20) -> None:
        self._encode, self._most, self._most_bytes = encode, most, most_bytes
        self._known: OrderedDict[str, Encoding] = OrderedDict()
        self._lock = threading.Lock()  # of the table, held for moments
        self._turn = threading.Lock()  # of the encoder, held while it runs
        self.encoded = 0
        """How often the encoder ran."""

    def __call__(self, prompt: str) -> Encoding:
        """The encoding of one prompt, without weights."""
        found = self._look_up(prompt)
        if found is not None:
            return found
        with self._turn:
            found = self._look_up(prompt)  # another thread may have been here first
            if found is not None:
                return found
            try:
                found = self._encode(prompt)
            except RuntimeError as error:
                raise ModelUnavailable(f"The text encoder failed: {error}") from error
            self.encoded += 1
        with self._lock:
            self._known[prompt] = found
            held = sum(encoding.bytes for encoding in self._known.values())
            while len(self._known) > 1 and (len(self._known) > self._most or held > self._most_bytes):
                held -= self._known.popitem(last=False)[1].bytes
        return found

    def _look_up(self, prompt: str) -> Encoding | None:
        with self._lock:
            found = self._known.get(prompt)
            if found is not None:
                self._known.move_to_end(prompt)
            return found

    def knows(self, prompt: str) -> bool:
        """Whether :meth:`blended` would not need the encoder."""
        return all(self._look_up(words) is not None for words, _ in parts_of(prompt))

    def blended(self, prompt: str) -> Encoding:
        """The encoding of a prompt that may hold several with weights (:func:`framegen.engines.prompt.parts_of`)."""
        parts = [(self(words), share) for words, share in parts_of(prompt)]
        cut = tuple(word for encoding, _ in parts for word in encoding.cut)
        return Encoding(mix([(encoding.tensors, share) for encoding, share in parts]), cut)
