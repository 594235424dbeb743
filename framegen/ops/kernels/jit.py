"""How kernels are compiled, and how arrays are brought to the one form that they are compiled for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import DTypeLike, NDArray

_F = TypeVar("_F", bound=Callable[..., Any])

_MAY = {"contract", "reassoc", "nsz", "arcp", "afn"}
"""Liberties with floating point. Never that NaN or infinity do not occur: the sky's depth is infinite."""


def kernel(function: _F) -> _F:
    """A function of arrays and numbers as machine code: without the interpreter's lock, cached on disk.

    The cache knows the function's own file alone: who changes a constant that it imports deletes ``__pycache__``.

    Division by zero gives infinity, as in NumPy; indices are not checked.
    """
    return cast(_F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=_MAY)(function))


def sealed(array: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """``array`` of this type, C-contiguous, aligned and read-only: a view of itself, if it is that but for the last.

    For large planes that a kernel only reads: those from the wire are read-only, and :func:`ready` would copy them.
    """
    view: NDArray[Any] = np.require(array, dtype, ("C", "A")).view()
    view.setflags(write=False)
    return view


def ready(array: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """``array`` as numba sees it best: of this type, C-contiguous, aligned and writable; itself, if it is that.

    Numba compiles a kernel anew for every combination of these properties that it meets.
    """
    if array.dtype == dtype and array.flags.carray:
        return array
    return np.require(array, dtype, ("C", "A", "W"))
