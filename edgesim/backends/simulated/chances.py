"""Where the chance of a session's disturbances comes from: each draws from a stream of its own."""

from collections.abc import Iterator
from itertools import repeat

from edgesim.chance import Chance, durations_ns
from edgesim.jitter import MEDIAN, Jitter
from edgesim.session import Board
from edgesim.speed import Interval
from edgesim.streams import Luck, stream

_BLOCK = 1024


def draws_ns(board: Board, seed: int | None, purpose: str, chance: Chance) -> Iterator[int]:
    """Return durations without end [ns].

    Parameters
    ----------
    board
        Has the seed of the scenario, and which replication this is.
    seed
        The disturbance's own, if it has one.
    purpose
        What is drawn, and for whom.
    chance
        The distribution.
    """
    return durations_ns(chance, stream(board.seed if seed is None else seed, board.replication, purpose))


def periods(off_ns: Iterator[int], on_ns: Iterator[int]) -> Iterator[Interval]:
    """Yield when something is on that is off and on in turn, off at time 0."""
    now = 0
    for off, on in zip(off_ns, on_ns, strict=False):
        start, now = now + off, now + off + on
        yield start, now


def luck_of(board: Board, jitter: Jitter | None, purpose: str) -> Luck | None:
    """Return what an app's inferences draw their luck from; None where nothing scatters.

    Parameters
    ----------
    board
        Has the seed of the scenario, and which replication this is.
    jitter
        May have a seed of its own.
    purpose
        What scatters, and whose: ``io_jitter/app``.
    """
    return None if jitter is None else Luck(_seed(board, jitter), board.replication, purpose)


def lucks(board: Board, jitter: Jitter | None, purpose: str) -> Iterator[float]:
    """Return luck without end, for who has no inferences: always the median's where nothing scatters."""
    return repeat(MEDIAN) if jitter is None else _lucks(board, jitter, purpose)


def _lucks(board: Board, jitter: Jitter, purpose: str) -> Iterator[float]:
    generator = stream(_seed(board, jitter), board.replication, purpose)
    while True:
        yield from generator.random(_BLOCK).tolist()


def _seed(board: Board, jitter: Jitter) -> int:
    return board.seed if jitter.seed is None else jitter.seed
