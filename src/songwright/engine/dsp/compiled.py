"""Compilation of the inner loops: numba, kept on disk where a folder can be written, in memory where none can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])

# `nnan` and `ninf` stay off: a loop must be able to see that its input is not a number.
_FAST_MATH = {"contract", "reassoc", "nsz", "arcp"}


def compiled(function: Loop) -> Loop:
    """Compile `function` on its first call, without the interpreter lock, and remember the machine code.

    numba refuses to decorate at all (RuntimeError) when neither the package's folder nor the user's cache folder can
    be written, as in a read-only container. Then the code is compiled anew by each process.
    """
    try:
        return cast(Loop, njit(function, cache=True, nogil=True, fastmath=_FAST_MATH))
    except RuntimeError:
        return cast(Loop, njit(function, nogil=True, fastmath=_FAST_MATH))
