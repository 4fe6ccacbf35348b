"""Which package of the standard library a passage is from."""

import re
from collections.abc import Sequence
from dataclasses import replace

from edgesim.errors import ExecutionError
from edgesim.nets.tasks.chance import deal, shuffled
from edgesim.nets.tasks.corpus import Corpus, first_of_each
from edgesim.nets.tasks.documents import split_documents
from edgesim.nets.tasks.source import MASK, Passage
from edgesim.nets.tasks.task import Split, Task, split_of

CLASSES = (
    "asyncio", "concurrent", "ctypes", "email", "encodings", "http", "importlib", "json", "logging",
    "multiprocessing", "re", "unittest", "urllib", "wsgiref", "xml",
)  # fmt: skip
"""The packages with at least three files and sixty passages, in every supported Python."""

SIZES = (2_400, 1_000, 1_000)
"""Passages for train, dev and test, where there are as many."""

_NAMES = "|".join(name for name in CLASSES if len(name) > 2)
# every word that holds a long name, such as JSONDecoder; of a short one the bare word, as "re" is in "result" too
_NAMED = re.compile(rf"\w*(?:{_NAMES})\w*|(?<![\w-])re(?![\w-])", re.IGNORECASE)


def build_package(corpus: Corpus, seed: int, *, sizes: Sequence[int] = SIZES) -> Task:
    """Ask for the package of a passage.

    The names of all packages are masked in all passages. Were only its own name masked, the passage would still say
    which packages it is not from; were passages with a name left out, the plainest ones would be missing.

    Parameters
    ----------
    corpus
        Whose passages.
    seed
        Chooses files and passages.
    sizes
        Of train, dev and test. No class has more than twice its fair part of them, so that the commonest answer is
        not a good one; small packages give what they have.

    Raises
    ------
    ExecutionError
        If this Python's library lacks one of the packages.
    """
    parts = split_documents(corpus, seed)
    known = [replace(item, text=mask_names(item.text)) for item in corpus.passages if item.package in CLASSES]
    passages = first_of_each(known, lambda item: item.text)  # masked, two may have become one
    train, dev, test = (
        _split([item for item in passages if parts[item.document] == part], size, seed)
        for part, size in enumerate(sizes)
    )
    return Task("package", CLASSES, train, dev, test, corpus.sha256, seed)


def mask_names(text: str) -> str:
    """Write `MASK` for every word that names one of the packages."""
    return _NAMED.sub(MASK, text)


def _split(passages: Sequence[Passage], size: int, seed: int) -> Split:
    most = 2 * size // len(CLASSES)
    piles = [
        shuffled((item for item in passages if item.package == name), seed, lambda item: item.text)[:most]
        for name in CLASSES
    ]
    for name, pile in zip(CLASSES, piles, strict=True):
        if not pile:
            raise ExecutionError(f"task package: needs passages of every package, got none of '{name}';"
                                 " use a Python with its whole standard library")  # fmt: skip
    return split_of(((item.text,), CLASSES.index(item.package)) for item in deal(piles, size))
