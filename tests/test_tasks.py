"""Texts and labels: the same everywhere, no file in two splits, no answer in the text, every mistake a sentence."""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from edgesim.errors import ExecutionError, InputError
from edgesim.nets.tasks import TASKS, Split, Task, build_task, read_corpus
from edgesim.nets.tasks.chance import deal
from edgesim.nets.tasks.corpus import Corpus
from edgesim.nets.tasks.documents import split_documents
from edgesim.nets.tasks.module import build_module
from edgesim.nets.tasks.package import build_package, mask_names
from edgesim.nets.tasks.prose import LONGEST, SHORTEST, passages
from edgesim.nets.tasks.signature import build_signature
from edgesim.nets.tasks.source import mask, read_source
from edgesim.nets.tasks.task import split_of

OWN = ("package", "module", "signature", "embedding")
PAIRS = ("module", "signature")

SOURCE = r'''# Copyright (c) 1999 by nobody at all, who grants the permission to copy it.
#
# The reader of this file keeps a list of the
# lines that it has seen until now.

"""Read things."""

NOT_A_COMMENT = """
# This line only looks like a comment, as it is within a string that goes on and on.
"""

def read(self, path: "Path", *, retries: int = 3) -> str:
    """Read the file again, or let read() fail.

    The pattern \d is no mistake of ours.

    >>> read(1, 2, 3)
    """

async def wait(): "Wait for it."
'''


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    """All tasks that need no files."""
    return {name: build_task(name) for name in OWN}


def splits(task: Task) -> tuple[Split, Split, Split]:
    """Return train, dev and test."""
    return task.train, task.dev, task.test


def homes(corpus: Corpus) -> dict[str, dict[str, str]]:
    """Say for each task which file its texts are from; a summary may stand in another file as a passage."""
    masked = {mask_names(item.text): item.document for item in reversed(corpus.passages) if item.package}
    signatures = {item.signature: item.document for item in corpus.functions}
    return {
        "package": masked,
        "module": {item.text: item.document for item in corpus.passages},
        "signature": signatures | {item.summary: item.document for item in corpus.functions},
        "embedding": masked,
    }


def sentences(task: Task) -> list[tuple[list[str], int]]:
    """Write every example out."""
    return [
        ([split.texts[place] for place in item], label)
        for split in splits(task)
        for item, label in zip(split.items, split.labels, strict=True)
    ]


def test_a_source_gives_its_prose_and_its_functions(tmp_path: Path) -> None:
    """Sentences of comments and docstrings are joined until they are long enough; code and licences are left out."""
    path = tmp_path / "thing.py"
    path.write_text(SOURCE, encoding="utf-8")
    source = read_source(path, "shelf/thing.py")
    assert [(item.text, item.package) for item in source.passages] == [
        ("Read the file again, or let read() fail. The pattern \\d is no mistake of ours.", "shelf"),
        ("The reader of this file keeps a list of the lines that it has seen until now.", "shelf"),
    ]
    assert [(item.name, item.signature, item.summary) for item in source.functions] == [
        ("read", "def read(self, path, *, retries=3)", "it the file again, or let it() fail."),
    ]


@pytest.mark.parametrize(("n_words", "n_passages"), [(SHORTEST - 1, 0), (SHORTEST, 1), (LONGEST, 1), (LONGEST + 1, 0)])
def test_a_passage_is_neither_short_nor_long(n_words: int, n_passages: int) -> None:
    """A sentence alone is a passage from twelve words to sixty."""
    assert len(list(passages("word " * n_words))) == n_passages


def test_a_long_text_is_cut_at_sentence_ends() -> None:
    """Every passage is whole sentences, and a tail that is too short is dropped."""
    sentence = "This sentence has eight words of plain English."
    assert list(passages(f"{sentence} " * 5)) == [f"{sentence} {sentence}"] * 2


def test_tables_code_and_control_characters_are_not_prose() -> None:
    """What no one would read aloud is no passage."""
    table = "0x00 0x01 " * 10
    code = "if (a[0] == b[1]) and not c: return d(e, f) + g.h[i] - 1 == 2 != 3"
    control = "plain words " * 10 + "\x00"
    assert [list(passages(text)) for text in (table, code, control)] == [[], [], []]


def test_the_corpus_has_no_text_twice() -> None:
    """Passages, signatures and summaries are distinct, also in lower case, and of the promised length."""
    corpus = read_corpus()
    for texts in (
        [item.text for item in corpus.passages],
        [item.signature for item in corpus.functions],
        [item.summary for item in corpus.functions],
    ):
        assert len(texts) > 1_000
        assert len({text.casefold() for text in texts}) == len(texts)
    assert all(SHORTEST <= len(item.text.split()) <= LONGEST for item in corpus.passages)


def test_the_corpus_is_of_this_python_and_of_no_tests() -> None:
    """Files are the standard library's own, and none is of a test suite or a part that may be absent."""
    corpus = read_corpus()
    found = {item.document for item in corpus.passages} | {item.document for item in corpus.functions}
    assert corpus.python == sys.version.split()[0]
    assert {"argparse.py", "json/decoder.py", "email/message.py"} <= found
    assert not {part for name in found for part in name.split("/")} & {"test", "tests", "tkinter", "idlelib", "lib2to3"}


def test_a_python_without_its_source_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled files alone have no comments."""
    monkeypatch.setattr(sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    with pytest.raises(ExecutionError, match="must have the source of the standard library, got no text; use"):
        read_corpus.__wrapped__()


def test_a_python_without_a_package_is_refused() -> None:
    """Where a class would be missing, accuracies would not compare."""
    corpus = read_corpus()
    without = replace(corpus, passages=tuple(item for item in corpus.passages if item.package != "email"))
    with pytest.raises(ExecutionError, match="got none of 'email'; use a Python with its whole standard library"):
        build_package(without, 0)


def test_tasks_do_not_depend_on_the_process(tasks: dict[str, Task]) -> None:
    """A process with another hash seed builds the same tasks, without a warning."""
    program = (
        "import hashlib; from edgesim.nets.tasks import build_task\n"
        f"print(hashlib.sha256(repr([build_task(name, 0) for name in {OWN}]).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    own = hashlib.sha256(repr([tasks[name] for name in OWN]).encode()).hexdigest()
    assert (done.stdout, done.stderr) == (f"{own}\n", "")


@pytest.mark.parametrize("name", OWN)
def test_the_seed_chooses(name: str, tasks: dict[str, Task]) -> None:
    """Another seed makes other splits of the same corpus; the same seed makes the same."""
    assert build_task(name, 0) == tasks[name]
    other = build_task(name, 1)
    assert other.test != tasks[name].test
    assert (other.seed, other.corpus_sha256) == (1, read_corpus().sha256)


@pytest.mark.parametrize("name", OWN)
def test_splits_share_no_text(name: str, tasks: dict[str, Task]) -> None:
    """No text is in two splits, nor twice in one; each is used."""
    texts = [text for split in splits(tasks[name]) for text in split.texts]
    assert len({text.casefold() for text in texts}) == len(texts)
    for split in splits(tasks[name]):
        assert {place for item in split.items for place in item} == set(range(len(split.texts)))


def test_splits_share_no_file(tasks: dict[str, Task]) -> None:
    """A file's texts are all in one split, and in the same one for every task."""
    home = homes(read_corpus())
    found = [
        {home[name][text] for name, task in tasks.items() for text in splits(task)[part].texts} for part in range(3)
    ]
    assert all(found)
    assert not (found[0] & found[1]) | (found[0] & found[2]) | (found[1] & found[2])


@pytest.mark.parametrize("seed", range(5))
def test_every_package_is_divided_about_60_20_20(seed: int) -> None:
    """Large packages are near to the shares, small ones serve all three splits."""
    corpus = read_corpus()
    parts = split_documents(corpus, seed)
    for package in {item.package for item in corpus.passages}:
        mine = [item for item in corpus.passages if item.package == package]
        counts = Counter(parts[item.document] for item in mine)
        n_files = len({item.document for item in mine})
        assert n_files < 3 or set(counts) == {0, 1, 2}
        if n_files > 10 and len(mine) > 300:
            assert [counts[part] / len(mine) for part in range(3)] == pytest.approx([0.6, 0.2, 0.2], abs=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_every_package_is_in_every_split(seed: int) -> None:
    """No class is missing, and none has more than twice its fair part."""
    task = build_package(read_corpus(), seed)
    for split, size in zip(splits(task), (2_400, 1_000, 1_000), strict=True):
        counts = Counter(split.labels)
        assert set(counts) == set(range(len(task.classes)))
        assert max(counts.values()) <= 2 * size / len(task.classes)
        assert 0.6 * size < len(split.items) <= size


def test_a_passage_has_the_label_of_its_package(tasks: dict[str, Task]) -> None:
    """The label is the folder that the passage is from."""
    home = {text: name.split("/")[0] for text, name in homes(read_corpus())["package"].items()}
    task = tasks["package"]
    assert all(task.classes[label] == home[text] for (text,), label in sentences(task))


def test_no_passage_names_a_package(tasks: dict[str, Task]) -> None:
    """No word of a passage holds a package's name, in whatever case; "re" is masked where it stands alone."""
    task = tasks["package"]
    long = [name for name in task.classes if name != "re"]
    for (text,), _ in sentences(task):
        assert not [name for name in long if name in text.lower()]
        assert not re.search(r"(^|\s)re([\s.,]|$)", text)
    assert (
        mask_names("JSONDecoder in xml.sax, re.sub; a re-raised result") == "it in it.sax, it.sub; a re-raised result"
    )


@pytest.mark.parametrize("name", PAIRS)
def test_half_of_the_pairs_belong_together(name: str, tasks: dict[str, Task]) -> None:
    """Labels are balanced, in the promised numbers, and no pair is there twice, in whatever order."""
    for split, size in zip(splits(tasks[name]), (2_400, 1_000, 1_000), strict=True):
        assert Counter(split.labels) == {0: size // 2, 1: size // 2}
        assert len({frozenset(item) for item in split.items}) == size
        assert 0.3 < sum(split.labels[: size // 4]) / (size // 4) < 0.7


def test_the_same_module_is_the_same_file(tasks: dict[str, Task]) -> None:
    """Pairs are labelled by their files; about half of the negatives are from one package; texts are few."""
    home = homes(read_corpus())["module"]
    n_hard = 0
    for (left, right), label in sentences(tasks["module"]):
        assert (home[left] == home[right]) is bool(label)
        packages = {home[text].rpartition("/")[0].partition("/")[0] for text in (left, right)}
        n_hard += not label and len(packages) == 1 and packages != {""}
    assert 0.35 * 2_200 < n_hard <= 0.5 * 2_200
    for split, most in zip(splits(tasks["module"]), (1_500, 600, 600), strict=True):
        assert len(split.texts) <= most


def test_a_signature_has_its_own_summary(tasks: dict[str, Task]) -> None:
    """Positives are of one function, negatives of two with different names, half of them in one file."""
    functions = read_corpus().functions
    by_signature = {item.signature: item for item in functions}
    by_summary = {item.summary: item for item in functions}
    n_hard = 0
    for (left, right), label in sentences(tasks["signature"]):
        one, two = by_signature[left], by_summary[right]
        assert (one is two) is bool(label)
        assert label or one.name != two.name
        n_hard += not label and one.document == two.document
    assert n_hard == pytest.approx(0.5 * 2_200, rel=0.02)


def test_no_summary_names_its_function() -> None:
    """A function's name is no word of its summary, in whatever case; within longer words it stays."""
    for item in read_corpus().functions:
        assert item.name.lower() not in re.findall(r"\w+", item.summary.lower()) or item.name.lower() == "it"
    assert mask("Close it; close() encloses, close_all not", "close") == "it it; it() encloses, close_all not"


def test_no_text_alone_tells_the_answer(tasks: dict[str, Task]) -> None:
    """A text is in negatives about as often as in positives, so that only the pair has the answer."""
    for name in PAIRS:
        counts: dict[str, Counter[int]] = {}
        for texts, label in sentences(tasks[name]):
            for text in texts:
                counts.setdefault(text, Counter())[label] += 1
        best = sum(max(found[0], found[1]) for found in counts.values())
        # a classifier that learned every text by heart would be right this often; 0.5 would be perfect balance
        assert best / sum(found.total() for found in counts.values()) < 0.7


def test_embeddings_are_of_the_package_texts(tasks: dict[str, Task]) -> None:
    """The embedding task has the texts of the package task, and no labels."""
    task = tasks["embedding"]
    assert [split.texts for split in splits(task)] == [split.texts for split in splits(tasks["package"])]
    assert task.classes == ()
    assert [split.labels for split in splits(task)] == [(), (), ()]


def test_sizes_are_options() -> None:
    """Smaller tasks can be asked for."""
    corpus = read_corpus()
    small = (60, 30, 30)
    module = build_module(corpus, 0, sizes=small, texts=(40, 20, 20))
    for task in (build_package(corpus, 0, sizes=small), module, build_signature(corpus, 0, sizes=small)):
        assert tuple(len(split.items) for split in splits(task)) == small
    assert [len(split.texts) <= most for split, most in zip(splits(module), (40, 20, 20), strict=True)] == [True] * 3


def test_each_text_is_listed_once() -> None:
    """Examples point at their texts, which are in the order of first use."""
    assert split_of([(("b", "a"), 1), (("a", "c"), 0)]) == Split(("b", "a", "c"), ((0, 1), (1, 2)), (1, 0))


def test_dealing_serves_small_piles_first() -> None:
    """A short pile gives all it has before a long one gives the rest."""
    assert deal([[1, 2, 3, 4], [5], [6, 7]], 6) == [1, 5, 6, 2, 7, 3]
    assert deal([], 3) == []


def write_glue(folder: Path, header: str, train: str, dev: str) -> Path:
    """Write the two files of a GLUE folder."""
    for name, lines in (("train.tsv", train), ("dev.tsv", dev)):
        (folder / name).write_bytes(f"{header}\n{lines}".encode())
    return folder


@pytest.mark.parametrize(
    ("name", "table", "texts", "classes"),
    [
        ("sst-2", 'sentence\tlabel\na "fine film {}\t1', ('a "fine film {}',), ("negative", "positive")),
        ("rte", "index\tsentence1\tsentence2\tlabel\n9\tit is {}\tso\tnot_entailment", ("it is {}", "so"),
         ("entailment", "not_entailment")),
        ("qnli", "index\tquestion\tsentence\tlabel\n9\twhy {}\tso\tnot_entailment", ("why {}", "so"),
         ("entailment", "not_entailment")),
        ("qqp", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\twhy {}\thow\t1", ("why {}", "how"),
         ("different", "duplicate")),
    ],
)  # fmt: skip
def test_glue_folders_are_read(
    name: str, table: str, texts: tuple[str, ...], classes: tuple[str, ...], tmp_path: Path
) -> None:
    """Quotes have no meaning, a tenth of train is dev, GLUE's dev is test, and the seed chooses the tenth."""
    header, row = table.split("\n")
    train = "\n".join(row.format(number) for number in range(50))
    write_glue(tmp_path, header, train, row.format("dev") + "\r\n")
    task = build_task(f"glue:{name}", folder=tmp_path)
    assert (task.name, task.classes) == (f"glue:{name}", classes)
    assert [len(split.items) for split in splits(task)] == [45, 5, 1]
    assert sentences(task)[-1] == ([text.format("dev") for text in texts], 1)
    others = [build_task(f"glue:{name}", seed, tmp_path) for seed in (0, 1)]
    assert others[0] == task
    assert others[1].dev != task.dev
    assert others[1].corpus_sha256 == task.corpus_sha256


def test_a_glue_question_is_not_for_both_training_and_choosing(tmp_path: Path) -> None:
    """Examples with the same first text stay together."""
    rows = "\n".join(f"{number}\twhy {number % 4}\tso {number}\tentailment" for number in range(40))
    write_glue(tmp_path, "index\tquestion\tsentence\tlabel", rows, "0\twhy\tso\tentailment")
    task = build_task("glue:qnli", folder=tmp_path)
    questions = [{split.texts[item[0]] for item in split.items} for split in (task.train, task.dev)]
    assert [len(found) for found in questions] == [3, 1]
    assert not questions[0] & questions[1]


def test_a_glue_text_may_hold_any_other_line_separator(tmp_path: Path) -> None:
    """Only a line feed ends a line, and a byte order mark is no part of the first column's name."""
    write_glue(tmp_path, "\ufeffsentence\tlabel", "one\u2028more\x85line\t0\ntwo\t1", "three\t1")
    task = build_task("glue:sst-2", folder=tmp_path)
    assert set(task.train.texts + task.dev.texts) == {"one\u2028more\x85line", "two"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "dev.tsv: no such file; a GLUE folder has train.tsv and dev.tsv"),
        (b"", "dev.tsv: is empty; its first line must name the columns sentence, label"),
        (b"sentence\tlabel\n", "dev.tsv: must have examples, got only the line of column names"),
        (b"sentence\tlabels\na\t1\n", "dev.tsv:1: must have the column 'label'; did you mean 'labels'? "
                                      "known: labels, sentence"),
        (b"sentence\tlabel\na\t1\nb\n", "dev.tsv:3: must have 2 cells, got 1; mend or delete the line"),
        (b"sentence\tlabel\n\na\t1\t1\n", "dev.tsv:2: must have 2 cells, got 1; mend or delete the line\n"
                                          "FOLDER/dev.tsv:3: must have 2 cells, got 3; mend or delete the line"),
        (b"sentence\tlabel\na\t1\nb\t2\n", "dev.tsv:3: 'label' must be a label, got '2'; known: 0, 1"),
        (b"sentence\tlabel\na\xff\t1\n", "dev.tsv:2: is not UTF-8 text, got byte 0xff; save the file as UTF-8"),
    ],
)  # fmt: skip
def test_mistakes_in_a_glue_file_are_named_by_line(content: bytes | None, message: str, tmp_path: Path) -> None:
    """Every mistake is a sentence with the file and, where there is one, the line."""
    write_glue(tmp_path, "sentence\tlabel", "a\t0\nb\t1", "")
    (tmp_path / "dev.tsv").unlink()
    if content is not None:
        (tmp_path / "dev.tsv").write_bytes(content)
    with pytest.raises(InputError) as error:
        build_task("glue:sst-2", folder=tmp_path)
    assert str(error.value).replace(str(tmp_path), "FOLDER") == f"FOLDER/{message}"


def test_a_file_of_another_kind_has_few_sentences(tmp_path: Path) -> None:
    """Ten mistakes are told, and how many more there are."""
    write_glue(tmp_path, "sentence\tlabel", "a\n" * 15, "a\t1")
    with pytest.raises(InputError) as error:
        build_task("glue:sst-2", folder=tmp_path)
    assert str(error.value).splitlines()[9:] == [
        f"{tmp_path}/train.tsv:11: must have 2 cells, got 1; mend or delete the line", "and 5 more",
    ]  # fmt: skip


def test_a_glue_file_that_cannot_be_read_or_divided_is_refused(tmp_path: Path) -> None:
    """A folder in place of a file is a mistake, as is a single text, of which no part can be kept."""
    write_glue(tmp_path, "sentence\tlabel", "a\t0\na\t0", "b\t1")
    with pytest.raises(InputError, match=r"train\.tsv: must have two different texts, got one"):
        build_task("glue:sst-2", folder=tmp_path)
    (tmp_path / "train.tsv").unlink()
    (tmp_path / "train.tsv").mkdir()
    with pytest.raises(InputError, match=r"train\.tsv: cannot be read, Is a directory"):
        build_task("glue:sst-2", folder=tmp_path)
    with pytest.raises(InputError, match="cannot be read, the name has a NUL byte"):
        build_task("glue:sst-2", folder="a\0b")


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("packages", None, "task: no such name, got 'packages'; did you mean 'package'? known: embedding, glue:qnli"),
        ("glue:sst", None, "task: no such name, got 'glue:sst'; did you mean 'glue:sst-2'?"),
        ("glue:rte", None, "task glue:rte: needs a folder, got none; name the one with its train.tsv and dev.tsv"),
        ("module", "here", "task module: takes no folder, got 'here'; it is made of the standard library"),
    ],
)
def test_a_wrong_name_or_folder_is_a_sentence(name: str, folder: str | None, message: str) -> None:
    """The names of all tasks are told, the nearest first."""
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        build_task(name, folder=folder)
    assert set(OWN) < set(TASKS)
