"""Loops in numba, where it is installed."""

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def compiler() -> Callable[..., Any] | None:
    """Return numba's compiler, or None where numba is not installed."""
    try:
        from numba import njit
    except ImportError:
        return None

    def compile_and_keep(function: Callable[..., Any]) -> Any:  # noqa: ANN401  (numba's dispatcher has no type)
        try:
            return njit(cache=True, nogil=True)(function)
        except RuntimeError:  # nowhere to keep what was compiled
            return njit(nogil=True)(function)

    return compile_and_keep
