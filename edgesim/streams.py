"""Where chance comes from: independent random generators, one for each purpose.

What one purpose draws never moves what another one draws, and nothing depends on the planner: two planners meet the
same users and the same disturbances (common random numbers), so that their results can be compared pairwise.

The bits are those of PCG64 and Philox, which numpy keeps for all versions (NEP 19, policy for stream compatibility);
distributions made of them may change with a version of numpy.
"""

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.random import Generator, SeedSequence

LARGEST = 2**64
"""Seeds, replications and numbers of inferences are below it."""


def stream(seed: int, replication: int, purpose: str) -> "Generator":
    """Return a generator for one purpose; equal arguments give equal draws, all others independent ones.

    Parameters
    ----------
    seed, replication
        The scenario's, or a disturbance's own, and which of its repetitions this is; from 0 to 2**64 - 1.
    purpose
        What is drawn, and for whom: ``keyboard/workload``.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    from numpy.random import PCG64, Generator

    return Generator(PCG64(_sequence(seed, replication, purpose)))


class Luck:
    """A generator for one purpose that starts afresh for each inference.

    What inference 7 draws depends neither on how many draws others took, nor on whether there were others.

    Parameters
    ----------
    seed, replication, purpose
        As of `stream`; a `Luck` and a `stream` of the same arguments are independent.
    """

    __slots__ = ("_bits", "_counter", "_fresh", "_generator")

    def __init__(self, seed: int, replication: int, purpose: str) -> None:
        from numpy.random import Generator, Philox

        self._bits = Philox(_sequence(seed, replication, f"{purpose} by number"))
        self._generator = Generator(self._bits)
        # numpy copies a state that is set; with lists in it, more than twice as fast as with arrays
        self._counter = [0, 0, 0, 0]
        key = self._bits.state["state"]["key"].tolist()
        state = {"counter": self._counter, "key": key}
        self._fresh: Any = {**self._bits.state, "state": state, "buffer": [0, 0, 0, 0]}

    def of(self, number: int) -> "Generator":
        """Return the generator for an inference, at its first draw; it is good until the next call.

        Parameters
        ----------
        number
            The number of the inference, from 0 to 2**64 - 1.
        """
        self._counter[1] = number  # the lowest word counts the inference's own draws, 2**66 of 64 bits
        self._bits.state = self._fresh
        return self._generator


def _sequence(seed: int, replication: int, purpose: str) -> "SeedSequence":
    """Hash all three; every number has its fixed place, so that no two triples are the same words."""
    from numpy.random import SeedSequence

    if not (0 <= seed < LARGEST and 0 <= replication < LARGEST):
        raise ValueError(f"a seed and a replication must be from 0 to 2**64 - 1, got {seed} and {replication}")
    words = seed.to_bytes(8, "little") + replication.to_bytes(8, "little") + hashlib.sha256(purpose.encode()).digest()
    return SeedSequence([int.from_bytes(words[at : at + 4], "little") for at in range(0, len(words), 4)])
