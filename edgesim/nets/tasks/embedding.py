"""Texts without a question, to see how far their embeddings move."""

from collections.abc import Sequence
from dataclasses import replace

from edgesim.nets.tasks.corpus import Corpus
from edgesim.nets.tasks.package import SIZES, build_package
from edgesim.nets.tasks.task import Task


def build_embedding(corpus: Corpus, seed: int, *, sizes: Sequence[int] = SIZES) -> Task:
    """Take the texts of the package task, so that both may share their encodings, and leave the labels out.

    Parameters
    ----------
    corpus, seed, sizes
        As for `build_package`.

    Raises
    ------
    ExecutionError
        As `build_package`.
    """
    task = build_package(corpus, seed, sizes=sizes)
    train, dev, test = (replace(split, labels=()) for split in (task.train, task.dev, task.test))
    return replace(task, name="embedding", classes=(), train=train, dev=dev, test=test)
