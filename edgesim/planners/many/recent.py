"""What was made lately, for whoever asks for it again: bounded in number and memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")
_MOST = 4096


class Recent(Generic[Made]):
    """A cache that forgets what has not been asked for longest.

    Parameters
    ----------
    most_bytes
        Memory that all it keeps may take [B]; the newest is kept in any case.
    size_of
        Memory that one thing takes [B]; asked whenever it is, because it may grow.
    """

    def __init__(self, most_bytes: int, size_of: Callable[[Made], int]) -> None:
        self._most_bytes, self._size_of, self._used = most_bytes, size_of, 0
        self._kept: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is kept under a key, or make it."""
        made, size = self._kept.pop(key, (None, 0))
        made = make() if made is None else made
        self._kept[key] = made, self._size_of(made)
        self._used += self._kept[key][1] - size
        while len(self._kept) > 1 and (self._used > self._most_bytes or len(self._kept) > _MOST):
            self._used -= self._kept.popitem(last=False)[1][1]
        return made
