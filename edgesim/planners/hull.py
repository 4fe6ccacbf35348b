"""The raises of a shard that a greedy choice may take one by one: its concave hull of worth over bytes."""

from collections.abc import Iterable


def raises(versions: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return bytes and worth by the byte of each raise from the smallest version up the upper concave hull.

    Parameters
    ----------
    versions
        Bytes and worth of each version, in any order. Worth by the byte falls from raise to raise, and is positive.
    """
    rising = sorted(versions)
    found, at = [], 0
    while rising[at + 1 :]:
        size, worth = rising[at]
        later = enumerate(rising[at + 1 :], at + 1)
        slope, after = max(((value - worth) / max(n_bytes - size, 1), index) for index, (n_bytes, value) in later)
        if slope <= 0:
            break
        found.append((rising[after][0] - size, slope))
        at = after
    return found
