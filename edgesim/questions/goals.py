"""What is asked of a plan, and in what way one falls short, in as many digits as show it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from edgesim.questions.quantity import SIZE
from edgesim.units import show_bytes, show_ns

if TYPE_CHECKING:
    from edgesim.questions.probes import Probe

QUALITIES = ("fidelity", "accuracy")
"""Figures of a plan: they change only where it is made again."""
_MOST = 20
"""No figure has more digits."""
_Pair = tuple[float, float]
"""What was found, and what is asked."""


class Digits(NamedTuple):
    """How many digits are shown: of times [ms], shares [%] and qualities after the point, of sizes in all."""

    time: int = 1
    in_time: int = 1
    fidelity: int = 4
    accuracy: int = 4
    size: int = 3

    def time_text(self, ns: int) -> str:
        """Write a time."""
        return show_ns(ns) if self.time <= Digits().time else f"{ns / 1e6:,.{self.time}f} ms"

    def share_text(self, share: float) -> str:
        """Write a share of inferences."""
        return f"{share:.{self.in_time}%}"

    def quality_text(self, name: str, value: float | None) -> str:
        """Write a quality."""
        return "unknown" if value is None else f"{value:.{getattr(self, name)}f}"

    def size_text(self, n_bytes: int) -> str:
        """Write a size."""
        return show_bytes(n_bytes) if self.size <= Digits().size else SIZE.text(_rounded(n_bytes, self.size))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of a plan; the target is the scenario's.

    Parameters
    ----------
    fidelity, accuracy
        At least this much; None does not matter.
    memory_bytes
        At most so much at the peak of all memory [B]; None does not matter.
    met
        So many of the app's inferences meet the target, as a share.
    """

    fidelity: float | None = None
    accuracy: float | None = None
    memory_bytes: int | None = None
    met: float = 1.0

    def shortfalls(self, probe: "Probe", digits: Digits | None = None) -> Iterator[str]:
        """Yield in what way an execution does not reach it, with as many digits as show that it does not."""
        digits = digits or self.digits([probe])
        if (probe.target_met_fraction or 0.0) < self.met:
            yield _missed(probe, digits)
        for name in QUALITIES:
            if getattr(self, name) is not None and getattr(probe, name) is None:
                yield f"{name} is unknown"
            elif poor := self._poor(probe, name):
                yield f"{name} {digits.quality_text(name, poor[0])}"
        if self._is_large(probe):
            yield f"peak {digits.size_text(probe.peak_memory_bytes or 0)}"

    def digits(self, probes: Iterable["Probe"]) -> Digits:
        """Return the fewest digits, the usual ones at least, that tell what falls short from what is asked."""
        done = [probe for probe in probes if probe.target_met_fraction is not None]
        missed = [probe for probe in done if (probe.target_met_fraction or 0.0) < self.met]
        late = [(probe.promised_ns / 1e6, (probe.target_latency_ns or 0) / 1e6) for probe in missed if probe.is_single]
        few = [(100 * (probe.target_met_fraction or 0.0), 100 * self.met) for probe in missed if not probe.is_single]
        poor = [[pair for probe in done if (pair := self._poor(probe, name))] for name in QUALITIES]
        large = [(probe.peak_memory_bytes or 0, self.memory_bytes or 0) for probe in done if self._is_large(probe)]
        least = Digits()
        points = (_fewest(pairs, _fixed, usual) for pairs, usual in zip((late, few, *poor), least[:-1], strict=True))
        return Digits._make([*points, _fewest(large, _rounded, least.size)])

    def _poor(self, probe: "Probe", name: str) -> _Pair | None:
        """Return a quality and what is asked, if it is known and less."""
        found, asked = getattr(probe, name), getattr(self, name)
        return (found, asked) if found is not None and asked is not None and found < asked else None

    def _is_large(self, probe: "Probe") -> bool:
        return self.memory_bytes is not None and (probe.peak_memory_bytes or 0) > self.memory_bytes


def _fewest(pairs: Sequence[_Pair], rounded: Callable[[float, int], float], least: int) -> int:
    """Return how many digits leave every figure on its side of what is asked."""
    return max((_enough(*pair, rounded, least) for pair in pairs), default=least)


def _enough(found: float, asked: float, rounded: Callable[[float, int], float], least: int) -> int:
    sides = ((digits, rounded(found, digits) - asked) for digits in range(least, _MOST))
    return next((digits for digits, side in sides if side * (found - asked) > 0), _MOST)


def _fixed(value: float, digits: int) -> float:
    return float(f"{value:.{digits}f}")


def _rounded(value: float, digits: int) -> int:
    """Round to so many digits in all."""
    unit: int = 10 ** max(0, len(str(round(value))) - digits)
    return (round(value) + unit // 2) // unit * unit


def _missed(probe: "Probe", digits: Digits) -> str:
    if not probe.is_single:
        return f"{digits.share_text(probe.target_met_fraction or 0.0)} in time"
    return f"takes {digits.time_text(probe.promised_ns)}{' a token' if probe.token_ns is not None else ''}"
