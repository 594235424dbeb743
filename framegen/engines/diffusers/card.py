"""The project's own CUDA kernels over PyTorch's tensors, on the stream that is current: a captured graph has them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch

from framegen.ops import torch_temporal
from framegen.ops.cuda.launch import Kernels

log = logging.getLogger(__name__)


class Card:
    """Pictures and latents on one card. Each method equals the one of PyTorch that it stands for.

    ``dtypes``: of planes that it will be given; what is compiled and loaded now cannot fail in the midst of a frame.

    Raises ModelUnavailable, ImportError, RuntimeError: the ``cuda`` extra is missing, or the driver refuses.
    """

    def __init__(self, device: torch.device, *dtypes: torch.dtype) -> None:
        self._device = device
        self._kernels: dict[torch.dtype, Kernels] = {}
        for dtype in (torch.float32, *dtypes):
            self._of(dtype)

    def unpack(self, rgb: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """See :func:`framegen.engines.diffusers.net.unpack`."""
        count, height, width, channels = rgb.shape
        out = torch.empty(count, 3, height, width, dtype=dtype, device=rgb.device)
        for i in range(count):
            self._launch("unpack", dtype, width, height, (rgb[i], out[i]), (width, height, channels))
        return out

    def pack(self, picture: torch.Tensor) -> torch.Tensor:
        """See :func:`framegen.engines.diffusers.net.pack`."""
        picture = picture.contiguous()
        count, _, height, width = picture.shape
        out = torch.empty(count, height, width, 3, dtype=torch.uint8, device=picture.device)
        for i in range(count):
            self._launch("pack", picture.dtype, width, height, (picture[i], out[i]), (width, height))
        return out

    def fetch(self, latent: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """See :func:`framegen.ops.torch_temporal.fetch_cubic`."""
        latent, x, y = latent.contiguous(), x.contiguous(), y.contiguous()
        out = torch.empty_like(latent)
        count, channels, height, width = latent.shape
        for i in range(count):
            planes = (latent[i], x[i], y[i], out[i])
            self._launch("fetch_latent", torch.float32, width, height, planes, (channels, width, height))
        return out

    def blend(self, new: torch.Tensor, past: torch.Tensor, weight: torch.Tensor, slack: float) -> torch.Tensor:
        """See :func:`framegen.ops.torch_temporal.clamped_blend`."""
        new, past, weight = new.contiguous(), past.contiguous(), weight.contiguous()
        wider = (slack * torch_temporal.deviation(new)).contiguous()
        out = torch.empty_like(new)
        count, channels, height, width = new.shape
        for i in range(count):
            planes = (new[i], past[i], weight[i], wider[i], out[i])
            self._launch("clamped_blend", torch.float32, width, height, planes, (channels, width, height))
        return out

    def _of(self, dtype: torch.dtype) -> Kernels:
        if dtype not in self._kernels:
            major, minor = torch.cuda.get_device_capability(self._device)
            with torch.cuda.device(self._device):
                torch.zeros(1, device=self._device)  # makes the card's context current in this thread
                self._kernels[dtype] = Kernels(f"sm_{major}{minor}", str(dtype).removeprefix("torch."))
        return self._kernels[dtype]

    def _launch(
        self,
        name: str,
        dtype: torch.dtype,
        width: int,
        height: int,
        tensors: Sequence[torch.Tensor],
        numbers: Sequence[int],
    ) -> None:
        arguments = [tensor.data_ptr() for tensor in tensors] + list(numbers)
        kernels = self._of(dtype)
        with torch.cuda.device(self._device):
            stream = torch.cuda.current_stream(self._device).cuda_stream
            kernels.launch(name, width, height, arguments, stream)


def open_card(device: torch.device, *dtypes: torch.dtype) -> Card | None:
    """The kernels on this card; None where there is no CUDA, or no ``cuda`` extra: PyTorch does it all then.

    ``dtypes``: see :class:`Card`.
    """
    if device.type != "cuda":
        return None
    try:
        return Card(device, *dtypes)
    except Exception as error:  # of cuda-python, of the driver, of the folder that keeps what was compiled
        log.warning("The project's own CUDA kernels are not used: %s", error)
        return None
