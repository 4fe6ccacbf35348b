"""The rising curve nearest to noisy measurements."""

import math
from collections.abc import Sequence


def rising(times: Sequence[float]) -> list[float]:
    """Return the never falling times that are nearest in squared logarithm; those that rise already stay as they are.

    Parameters
    ----------
    times
        Measured times in the order of their sizes, positive.

    Notes
    -----
    Source: pool-adjacent-violators, M. Ayer et al., Annals of Mathematical Statistics 26 (1955).
    """
    pools: list[tuple[float, list[float]]] = []
    for time in times:
        pool, members = time, [time]
        while pools and pools[-1][0] > pool:
            members = [*pools.pop()[1], *members]
            pool = math.exp(math.fsum(map(math.log, members)) / len(members))
        pools.append((pool, members))
    return [pool for pool, members in pools for _ in members]
