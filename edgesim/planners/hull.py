"""The raises of a shard that a greedy choice may take one by one: its concave hull of worth over bytes."""

from collections.abc import Iterable


def raises(versions: Iterable[tuple[int, float]]) -> tuple[float, list[tuple[int, float]]]:
    """Return what the smallest version is worth, and the raises from it up the upper concave hull.

    Parameters
    ----------
    versions
        Bytes and worth of each version, in any order.

    Returns
    -------
    tuple
        Worth of the smallest, the best of equals; bytes and worth by the byte of each raise, the worth falling from
        raise to raise and positive.
    """
    best: dict[int, float] = {}
    for n_bytes, value in versions:
        best[n_bytes] = max(value, best.get(n_bytes, value))
    rising = sorted(best.items())
    found, at = [], 0
    while rising[at + 1 :]:
        size, worth = rising[at]
        later = enumerate(rising[at + 1 :], at + 1)
        slope, after = max(((value - worth) / (n_bytes - size), index) for index, (n_bytes, value) in later)
        if slope <= 0:
            break
        found.append((rising[after][0] - size, slope))
        at = after
    return rising[0][1], found
