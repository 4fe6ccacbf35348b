"""Numbers of points as ranges: what is left of a sweep takes little memory, however many points it has."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class Runs(Sequence[int]):
    """Rising numbers, kept as the first of each run without gaps.

    Parameters
    ----------
    chosen
        Whether each number from 0 is in it, (N,) bool.
    """

    __slots__ = ("_before", "_starts")

    def __init__(self, chosen: NDArray[np.bool_]) -> None:
        edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
        self._starts: NDArray[Any] = edges[::2]
        self._before: NDArray[Any] = np.concatenate([[0], np.cumsum(edges[1::2] - edges[::2])])
        """How many numbers are in the runs before each, and in all, (R + 1,)."""

    def __len__(self) -> int:
        return int(self._before[-1])

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else [self._at(place) for place in places]

    def _at(self, place: int) -> int:
        run = np.searchsorted(self._before, place, "right") - 1
        return int(self._starts[run] + place - self._before[run])

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.ranges)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        run = np.searchsorted(self._starts, number, "right") - 1
        return bool(run >= 0 and number < self._starts[run] + self._before[run + 1] - self._before[run])

    @property
    def ranges(self) -> Iterator[range]:
        """Each run without gaps."""
        for start, length in zip(self._starts.tolist(), np.diff(self._before).tolist(), strict=True):
            yield range(start, start + length)
