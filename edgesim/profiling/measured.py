"""What one part of a measurement found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edgesim.profiling.samples import Sample

Say = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Samples, and what to know about them.

    Parameters
    ----------
    samples
        In the order they were taken.
    method
        How, for a source: the middle of a sentence.
    details
        Everything that was noted beside the times.
    doubts
        What should make one doubt them.
    disturbances
        Why the machine was not quiet enough; each is a doubt, too.
    """

    samples: Sequence[Sample]
    method: str
    details: dict[str, Any]
    doubts: tuple[str, ...] = ()
    disturbances: tuple[str, ...] = ()


def silent(what: str, done: int, every: int) -> None:
    """Say nothing."""
