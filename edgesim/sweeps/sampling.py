"""Two ways to the same answer: some points of every sweep are computed by both, and must not differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgesim.errors import EdgesimError

CHECKED = 100
"""How many points of a sweep are computed both ways, about; of a sweep with fewer all of them."""
_SPARSEST = 2000
"""At least every so many points one is."""
_MIX, _BITS = 0x9E3779B97F4A7C15, 64  # the golden ratio: neighbours are scattered, whatever the axes' lengths are


class EngineError(EdgesimError):
    """The recurrence and the simulation disagree: one of them is wrong, and so may be every row."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Which points are computed both ways: always the same ones of a sweep, in whatever batches it is done."""

    every: int

    @classmethod
    def of(cls, number: int) -> "Sample":
        """Return the sample of a sweep of so many points."""
        return cls(min(max(1, number // CHECKED), _SPARSEST))

    def has(self, index: int) -> bool:
        """Tell whether a point is in the sample."""
        mixed: int = index * _MIX % 2**_BITS >> _BITS // 2
        return mixed % self.every == self.every - 1


def compare_row(
    fast: Mapping[str, object],
    slow: Mapping[str, object],
    settings: Callable[[], Mapping[str, object]],
    planner: str,
) -> None:
    """Refuse a point whose two answers differ in anything.

    Raises
    ------
    EngineError
        With the first few differences, and how to make them again.
    """
    different = [name for name in {**fast, **slow} if fast.get(name) != slow.get(name)]
    if not different:
        return
    shown = "; ".join(f"{name} is {fast.get(name)} and {slow.get(name)}" for name in different[:4])
    where = ", ".join(f"{key}: {value}" for key, value in settings().items())
    raise EngineError(f"{planner} at {where}: the recurrence and the simulation disagree, {shown};"
                      " please report this, it is a mistake of edgesim or of the planner")  # fmt: skip
