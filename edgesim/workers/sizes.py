"""Which items go into the next batch: as many as take a given time, and after a worker's death half of them."""

from dataclasses import dataclass, field
from typing import Any

BATCH_S = 0.2
"""How long a batch should take: short enough to show progress and lose little, long enough to send it for nothing."""
_FASTEST_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the value of a call that ended its worker each time it was tried; `reason` says how."""

    reason: str


Outcome = tuple[float, Any] | Lost
"""How long a batch took [s] and its value, or how its process ended."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items one after the other, and how often a worker has died of them."""

    span: range
    deaths: int = 0

    @property
    def halves(self) -> "list[Batch]":
        """What to try next, after one more death."""
        middle = (len(self.span) + 1) // 2
        return [Batch(part, self.deaths + 1) for part in (self.span[:middle], self.span[middle:]) if part]


@dataclass(slots=True)
class Batches:
    """What is still to be done by some workers; the size of a batch follows the time that the last one took."""

    every: int
    seconds: float = BATCH_S
    begun: int = 0
    size: int = 1
    again: list[Batch] = field(default_factory=list)

    def take(self, workers: int) -> Batch | None:
        """Return the next batch for one of some workers; None when there is nothing to begin."""
        if self.again:
            return self.again.pop()
        rest = self.every - self.begun
        size = min(self.size, -(-rest // (2 * workers)))  # smaller towards the end, so that all end together
        self.begun += size
        return Batch(range(self.begun - size, self.begun)) if size else None

    def ended(self, batch: Batch, outcome: Outcome) -> list[tuple[range, Any]]:
        """Learn from what became of a batch; return its places with its value, or nothing if it is tried again."""
        if isinstance(outcome, Lost):
            return self._died(batch, outcome)
        seconds, value = outcome
        fitting = int(self.seconds * len(batch.span) / max(seconds, 1e-9))
        self.size = max(1, min(fitting, _FASTEST_GROWTH * len(batch.span)))
        return [(batch.span, value)]

    def _died(self, batch: Batch, lost: Lost) -> list[tuple[range, Lost]]:
        """Put a batch back in halves; give up an item that was alone, and not for the first time."""
        if len(batch.span) == 1 and batch.deaths:
            return [(batch.span, lost)]
        self.again += batch.halves
        return []
