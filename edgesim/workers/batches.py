"""Which items go into the next batch: as many as take a given time, and after a worker's death half of them."""

from dataclasses import dataclass, field

BATCH_S = 0.2
"""How long a batch should take: short enough to show progress and lose little, long enough to send it for nothing."""
_FASTEST_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the value of a call that ended its worker each time it was tried; `reason` says how."""

    reason: str


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
    workers: int
    begun: int = 0
    size: int = 1
    again: list[Batch] = field(default_factory=list)

    def take(self) -> Batch | None:
        """Return the next batch; None when there is nothing to begin."""
        if self.again:
            return self.again.pop()
        rest = self.every - self.begun
        size = min(self.size, -(-rest // (2 * self.workers)))  # smaller towards the end, so that all end together
        self.begun += size
        return Batch(range(self.begun - size, self.begun)) if size else None

    def timed(self, batch: Batch, seconds: float) -> None:
        """Learn from how long a batch took."""
        fitting = int(BATCH_S * len(batch.span) / max(seconds, 1e-9))
        self.size = max(1, min(fitting, _FASTEST_GROWTH * len(batch.span)))

    def died(self, batch: Batch, reason: str) -> list[tuple[int, Lost]]:
        """Put a batch back in halves; give up an item that was alone, and not for the first time."""
        if len(batch.span) == 1 and batch.deaths:
            return [(batch.span[0], Lost(reason))]
        self.again += batch.halves
        return []
