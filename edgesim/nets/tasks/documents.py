"""Which file is for training, which for choosing, which for the report: no file is for two of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from edgesim.nets.tasks.chance import fraction
from edgesim.nets.tasks.corpus import Corpus

SHARES = (0.6, 0.2, 0.2)
"""Of the passages of each package, for train, dev and test."""

_DRAWS = 256  # of three files, one draw in seven serves all three splits


def split_documents(corpus: Corpus, seed: int) -> dict[str, int]:
    """Give each file to train (0), dev (1) or test (2), in each package by `SHARES`.

    Packages of fewer than three files, which cannot serve three splits, are divided together with the single modules.

    Parameters
    ----------
    corpus
        Whose files.
    seed
        Of several hundred divisions by chance, the one nearest to the shares is taken.
    """
    sizes = Counter(passage.document for passage in corpus.passages)
    members = defaultdict(list)
    for document in sizes:
        members[document.partition("/")[0]].append(document)
    groups = defaultdict(list, {"": [item.document for item in corpus.functions if item.document not in sizes]})
    for package, documents in members.items():
        groups[package if len(documents) >= 3 else ""] += documents
    parts: dict[str, int] = {}
    for documents in groups.values():
        parts |= _divide({document: sizes[document] for document in documents}, seed)
    return parts


def _divide(sizes: Mapping[str, int], seed: int) -> dict[str, int]:
    draws = ({document: _part(fraction(seed, draw, document)) for document in sizes} for draw in range(_DRAWS))
    return min(draws, key=lambda parts: _distance(sizes, parts))


def _part(chance: float) -> int:
    return (chance >= SHARES[0]) + (chance >= SHARES[0] + SHARES[1])


def _distance(sizes: Mapping[str, int], parts: Mapping[str, int]) -> tuple[int, float]:
    """Return how many splits have nothing, and how far the others are from their share."""
    counts = [0, 0, 0]
    for document, size in sizes.items():
        counts[parts[document]] += size
    total = sum(counts) or 1
    return counts.count(0), sum(abs(count / total - share) for count, share in zip(counts, SHARES, strict=True))
