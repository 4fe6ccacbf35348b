"""Tasks of the GLUE benchmark, from the folders that their authors publish.

Source: A. Wang et al., GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding,
ICLR 2019. GLUE keeps the labels of its test set to itself. So its dev set is the test split here, and a tenth of its
training set is the dev split.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgesim.errors import InputError, choose
from edgesim.nets.tasks.chance import shuffled
from edgesim.nets.tasks.tables import read_table, read_text, refuse
from edgesim.nets.tasks.task import Row, Task, split_of


@dataclass(frozen=True, slots=True)
class Format:
    """How a GLUE task writes its examples.

    Attributes
    ----------
    texts
        Columns of the one or two texts.
    label
        Column of the answer.
    classes
        What the answer means, by how it is written.
    """

    texts: tuple[str, ...]
    label: str
    classes: Mapping[str, str]


_ENTAILMENT = {"entailment": "entailment", "not_entailment": "not_entailment"}

FORMATS = {
    "qnli": Format(("question", "sentence"), "label", _ENTAILMENT),
    "qqp": Format(("question1", "question2"), "is_duplicate", {"0": "different", "1": "duplicate"}),
    "rte": Format(("sentence1", "sentence2"), "label", _ENTAILMENT),
    "sst-2": Format(("sentence",), "label", {"0": "negative", "1": "positive"}),
}
"""The tasks that can be read."""


def read_glue(folder: str | Path, name: str, seed: int) -> Task:
    """Read ``train.tsv`` and ``dev.tsv`` of a GLUE task.

    Parameters
    ----------
    folder
        Where they are.
    name
        One of `FORMATS`.
    seed
        Chooses which tenth of the first texts of ``train.tsv`` is the dev split: a question that stands in several
        examples goes with all of them.

    Raises
    ------
    InputError
        With the mistakes of a file by line, ten at most.
    """
    if name not in FORMATS:
        raise InputError(f"GLUE task: no such name, got '{name}'; {choose(name, FORMATS)}")
    paths = [Path(folder) / "train.tsv", Path(folder) / "dev.tsv"]
    contents = [read_text(path) for path in paths]
    rows, test = (_rows(path, content, FORMATS[name]) for path, content in zip(paths, contents, strict=True))
    firsts = shuffled({texts[0] for texts, _ in rows}, seed, str)
    if len(firsts) < 2:
        raise InputError(f"{paths[0]}: must have two different texts, got one; a part is kept for choosing")
    held = set(firsts[: max(1, len(firsts) // 10)])
    train, dev = ([row for row in rows if (row[0][0] in held) is is_held] for is_held in (False, True))
    classes = tuple(FORMATS[name].classes.values())
    sha256 = hashlib.sha256("\0".join(contents).encode()).hexdigest()
    return Task(f"glue:{name}", classes, split_of(train), split_of(dev), split_of(test), sha256, seed)


def _rows(path: Path, content: str, form: Format) -> list[Row]:
    examples = read_table(path, content, (*form.texts, form.label))
    known = ", ".join(form.classes)
    refuse([
        f"{path}:{line}: '{form.label}' must be a label, got '{cells[-1]}'; known: {known}"
        for line, cells in examples
        if cells[-1] not in form.classes
    ])  # fmt: skip
    labels = {written: label for label, written in enumerate(form.classes)}
    return [(cells[:-1], labels[cells[-1]]) for _, cells in examples]
