"""What every task is: texts, examples that point at them, and their labels."""

from collections.abc import Iterable
from dataclasses import dataclass

Row = tuple[tuple[str, ...], int]
"""The one or two texts of an example, and its label."""


@dataclass(frozen=True, slots=True)
class Split:
    """Examples over texts, each text once, so that an encoder meets it once.

    Attributes
    ----------
    texts
        What is encoded.
    items
        The places in `texts` of each example's one or two texts.
    labels
        The place in `Task.classes` of each example's answer; empty if the task has no answers.
    """

    texts: tuple[str, ...]
    items: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Three splits of one question, and the text they were made of.

    Attributes
    ----------
    name
        As `build_task` knows it.
    classes
        What the labels mean; empty if the task has none.
    train, dev, test
        Examples to fit a head on, to choose on, and to report.
    corpus_sha256
        Hash of the text that the examples were made of: results compare only where it is the same.
    seed
        Chose the splits and the pairs.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    dev: Split
    test: Split
    corpus_sha256: str
    seed: int


def split_of(rows: Iterable[Row]) -> Split:
    """Make a split of examples, their texts in the order of first use."""
    rows = list(rows)
    texts = tuple(dict.fromkeys(text for words, _ in rows for text in words))
    places = {text: place for place, text in enumerate(texts)}
    items = tuple(tuple(places[text] for text in words) for words, _ in rows)
    return Split(texts, items, tuple(label for _, label in rows))
