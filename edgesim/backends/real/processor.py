"""What the executor asks of a processor."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Activations = NDArray[np.float32]


class Processor(Protocol):
    """Executes one layer after another; each step returns when it has been done."""

    def warm_up(self) -> None:
        """Do everything once: kernels are compiled or loaded when they are first used."""

    def begin(self) -> None:
        """Take the first layer's input."""

    def unpack(self, layer: int, slices: Sequence[int], bits: Sequence[int], records: Sequence[memoryview]) -> None:
        """Verify and decompress the shards of one layer into the working buffer."""

    def copy(self, m: int) -> bool:
        """Bring the weights of m slices to where they are computed with; False where they are there already."""

    def compute(self, layer: int, slices: tuple[int, ...]) -> None:
        """Execute one layer."""

    def output(self) -> Activations:
        """Return the last layer's output, (T, H)."""
