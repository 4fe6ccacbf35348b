"""What one Python file says in English: its passages, and the functions that it documents."""

import ast
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from edgesim.nets.tasks.prose import LONGEST, is_prose, paragraphs, passages

MASK = "it"
"""Stands for a name that would give an answer away: a word that every tokenizer knows and every sentence bears."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DOCUMENTED = (ast.Module, ast.ClassDef, *_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of a docstring or comment.

    Attributes
    ----------
    text
        On one line.
    document
        The file, relative to the standard library, such as ``json/decoder.py``.
    package
        The top package, such as ``json``; empty for a single module.
    """

    text: str
    document: str
    package: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function with a docstring.

    Attributes
    ----------
    name
        As it is called.
    signature
        Its first line without annotations, such as ``def loads(s, *, cls=None)``.
    summary
        The first paragraph of its docstring, the name masked.
    document
        The file, as in `Passage`.
    """

    name: str
    signature: str
    summary: str
    document: str


@dataclass(frozen=True, slots=True)
class Source:
    """Everything taken from one file."""

    passages: tuple[Passage, ...]
    functions: tuple[Function, ...]


def read_source(path: Path, document: str) -> Source:
    """Read a Python file.

    Parameters
    ----------
    path
        The file.
    document
        What passages and functions call it.
    """
    with tokenize.open(path) as file:
        source = file.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a docstring is its author's business
        nodes = list(ast.walk(ast.parse(source)))
    package = document.partition("/")[0] if "/" in document else ""
    texts = [*_docstrings(nodes), *_comments(source, nodes)]
    return Source(
        tuple(Passage(passage, document, package) for text in texts for passage in passages(text)),
        tuple(_functions(nodes, document)),
    )


def mask(text: str, name: str) -> str:
    """Write `MASK` for each whole word that is the name, in whatever case."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", MASK, text, flags=re.IGNORECASE)


def _docstrings(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, _DOCUMENTED):
            yield ast.get_docstring(node) or ""


def _comments(source: str, nodes: Sequence[ast.AST]) -> list[str]:
    """Return blocks of whole-line comments; `tokenize` would find them too, in twice the time for the whole corpus."""
    quoted = {
        line
        for node in nodes
        if isinstance(node, (ast.Constant, ast.JoinedStr))
        for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    lines = ["" if number in quoted else line.strip() for number, line in enumerate(source.split("\n"), 1)]
    blocks = groupby(lines, key=lambda line: line.startswith("#"))
    return ["\n".join(line.lstrip("#:! ") for line in block) for is_comment, block in blocks if is_comment]


def _functions(nodes: Sequence[ast.AST], document: str) -> Iterator[Function]:
    for node in nodes:
        if isinstance(node, _FUNCTIONS):
            summary = next(iter(paragraphs(ast.get_docstring(node) or "")), "")
            if 4 <= len(summary.split()) <= LONGEST and is_prose(summary):
                yield Function(node.name, _signature(node), mask(summary, node.name), document)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"def {node.name}({ast.unparse(node.args)})"
