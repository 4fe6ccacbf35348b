"""Whether a docstring belongs to a function."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from edgesim.nets.tasks.chance import deal, shuffled
from edgesim.nets.tasks.corpus import Corpus
from edgesim.nets.tasks.documents import split_documents
from edgesim.nets.tasks.pairs import Half, Pair, split_pairs
from edgesim.nets.tasks.source import Function
from edgesim.nets.tasks.task import Split, Task

CLASSES = ("different", "same")

SIZES = (2_400, 1_000, 1_000)
"""Pairs for train, dev and test; a function gives one that is right and one that is wrong."""


def build_signature(corpus: Corpus, seed: int, *, sizes: Sequence[int] = SIZES) -> Task:
    """Ask whether a signature and a summary are of one function; of those that are not, half are from one file.

    The summary has the function's name masked, and wrong summaries are of functions with another name: ``close(self)``
    fits the summary of many a ``close(self, wait)``.

    Parameters
    ----------
    corpus
        Whose functions.
    seed
        Chooses files, functions and pairs.
    sizes
        Pairs in train, dev and test, and so texts to encode: two for each function.
    """
    parts = split_documents(corpus, seed)
    train, dev, test = (
        _split([item for item in corpus.functions if parts[item.document] == part], size, seed)
        for part, size in enumerate(sizes)
    )
    return Task("signature", CLASSES, train, dev, test, corpus.sha256, seed)


def _split(functions: Iterable[Function], size: int, seed: int) -> Split:
    piles = defaultdict(list)
    for item in shuffled(functions, seed, lambda item: item.signature):
        piles[item.document].append(item)
    return split_pairs([_pair(item) for item in deal(piles.values(), size // 2)], seed)


def _pair(item: Function) -> Pair:
    return Half(item.signature, item.name, item.document), Half(item.summary, item.name, item.document)
