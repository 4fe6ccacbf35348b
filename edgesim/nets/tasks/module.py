"""Whether two passages are from the same file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from edgesim.nets.tasks.chance import deal, shuffled
from edgesim.nets.tasks.corpus import Corpus
from edgesim.nets.tasks.documents import split_documents
from edgesim.nets.tasks.pairs import Half, Pair, split_pairs
from edgesim.nets.tasks.source import Passage
from edgesim.nets.tasks.task import Split, Task

CLASSES = ("different", "same")

SIZES = (2_400, 1_000, 1_000)
"""Pairs for train, dev and test."""

TEXTS = (1_500, 600, 600)
"""Passages at most that the pairs are made of, and so texts to encode."""

_EACH = 4  # passages of a file at least, as one alone makes no pair: few texts are of few files


def build_module(corpus: Corpus, seed: int, *, sizes: Sequence[int] = SIZES, texts: Sequence[int] = TEXTS) -> Task:
    """Ask whether two passages are from one file; of those that are not, half are from one package where possible.

    Parameters
    ----------
    corpus
        Whose passages.
    seed
        Chooses files, passages and pairs.
    sizes
        Pairs in train, dev and test.
    texts
        Passages at most in train, dev and test: about as many of each file.
    """
    parts = split_documents(corpus, seed)
    train, dev, test = (
        _split([item for item in corpus.passages if parts[item.document] == part], size, most, seed)
        for part, (size, most) in enumerate(zip(sizes, texts, strict=True))
    )
    return Task("module", CLASSES, train, dev, test, corpus.sha256, seed)


def _split(passages: Iterable[Passage], size: int, most: int, seed: int) -> Split:
    piles = defaultdict(list)
    for item in shuffled(passages, seed, lambda item: item.text):
        piles[item.document].append(Half(item.text, item.document, item.package or item.document))
    chosen = defaultdict(list)
    several = [halves for halves in piles.values() if len(halves) > 1]
    for half in deal(several[: most // _EACH], most):
        chosen[half.key].append(half)
    pairs = [pair for halves in chosen.values() for pair in combinations(halves, 2)]
    return split_pairs(_mixed(shuffled(pairs, seed, lambda pair: pair[0].text + pair[1].text), size // 2), seed)


def _mixed(pairs: Sequence[Pair], size: int) -> list[Pair]:
    """Take half of the pairs from packages of several files, as only they have hard negatives."""
    files = defaultdict(set)
    for left, _ in pairs:
        files[left.family].add(left.key)
    packages = [pair for pair in pairs if len(files[pair[0].family]) > 1]
    singles = [pair for pair in pairs if len(files[pair[0].family]) == 1]
    return deal([packages, singles], size)
