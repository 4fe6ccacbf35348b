"""Chance that every Python repeats: hashes of a seed and words.

A generator would make each choice depend on all choices before it. A hash ties it to its own words, so a passage that
another Python's library lacks moves only itself.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, zip_longest
from typing import TypeVar

Item = TypeVar("Item")


def fraction(seed: int, *words: object) -> float:
    """Draw a number in [0, 1) for these words."""
    content = "\x1f".join(map(str, (seed, *words)))
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:6]) / 2**48


def pick(items: Sequence[Item], seed: int, *words: object) -> Item:
    """Draw one of some items for these words."""
    return items[int(fraction(seed, *words) * len(items))]


def shuffled(items: Iterable[Item], seed: int, words: Callable[[Item], object]) -> list[Item]:
    """Order items by the hash of what `words` says of each."""
    return sorted(items, key=lambda item: fraction(seed, words(item)))


def deal(piles: Iterable[Sequence[Item]], size: int) -> list[Item]:
    """Take one item of each pile in turn until there are `size`, so that no large pile crowds out a small one."""
    rounds = zip_longest(*([(item,) for item in pile] for pile in piles), fillvalue=())
    return list(islice((item for cards in rounds for card in cards for item in card), size))
