"""Pairs that belong together, and as many that do not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from edgesim.nets.tasks.chance import pick, shuffled
from edgesim.nets.tasks.task import Split, split_of

_DRAWS = 64  # for a partner that is a stranger, and not taken yet


@dataclass(frozen=True, slots=True)
class Half:
    """One text of a pair.

    Attributes
    ----------
    text
        What is encoded.
    key
        Halves of equal keys may belong together, others never.
    family
        A half of another key, but the same family, makes a hard negative.
    """

    text: str
    key: str
    family: str


Pair = tuple[Half, Half]


def split_pairs(positives: Sequence[Pair], seed: int) -> Split:
    """Label pairs that belong together 1, set as many that do not (0) against them, and shuffle.

    Parameters
    ----------
    positives
        Pairs of equal keys.
    seed
        Draws the partners.
    """
    rows = [((left.text, right.text), 1) for left, right in positives]
    rows += [((left.text, right.text), 0) for left, right in _negatives(positives, seed)]
    return split_of(shuffled(rows, seed, lambda row: "\x1e".join(row[0])))


def _negatives(positives: Sequence[Pair], seed: int) -> list[Pair]:
    """Keep the left half of each pair and exchange the right one, for half of the pairs within its family.

    Every text is thus about as common among negatives as among positives: one text alone tells nothing.
    """
    families = defaultdict(list)
    for _, right in positives:
        families[right.family].append(right)
    everyone = [right for _, right in positives]
    hard: dict[frozenset[Half], Pair] = {}
    easy: dict[frozenset[Half], Pair] = {}
    for left, _ in positives:
        if len(hard) < len(positives) // 2:
            near = (right for right in _candidates(families[left.family], left, seed) if right.key != left.key)
            if _add(hard, left, near):
                continue
        far = (right for right in _candidates(everyone, left, seed) if right.family != left.family)
        _add(easy, left, (right for right in far if right.key != left.key))
    return [*hard.values(), *easy.values()]


def _candidates(rights: Sequence[Half], left: Half, seed: int) -> Iterator[Half]:
    return (pick(rights, seed, left.text, draw) for draw in range(_DRAWS))


def _add(pairs: dict[frozenset[Half], Pair], left: Half, rights: Iterable[Half]) -> bool:
    """Add the first pair that is not there yet, in whatever order of its halves."""
    for right in rights:
        if frozenset((left, right)) not in pairs:
            pairs[frozenset((left, right))] = left, right
            return True
    return False
