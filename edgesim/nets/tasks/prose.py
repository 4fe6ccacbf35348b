"""English in docstrings and comments: what is a sentence, and what is code, a table or a licence."""

import re
from collections.abc import Iterator

SHORTEST = 12
LONGEST = 60
"""Words in a passage."""

_WORD = re.compile(r"['\"(`*]*[A-Za-z][A-Za-z'-]*['\")`*.,;:!?]*")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z'\"(*`])")
_BOILERPLATE = re.compile(
    r"copyright|licen[cs]|warrant|merchantab|all rights reserved|liab(le|ility)|redistribut", re.I
)


def paragraphs(text: str) -> list[str]:
    """Cut text at blank or ruled lines, and put each paragraph on one line."""
    lines = [line if any(map(str.isalpha, line)) else "" for line in text.split("\n")]
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]


def is_prose(text: str) -> bool:
    """Whether three words in five are plain words, which they are not in code and tables."""
    words = text.split()
    plain = sum(_WORD.fullmatch(word) is not None for word in words)
    return text.isprintable() and plain >= 0.6 * len(words)


def passages(text: str) -> Iterator[str]:
    """Cut text into passages of whole sentences, each as short as `SHORTEST` allows."""
    words: list[str] = []
    for sentence in _sentences(text):
        words += sentence.split()
        if len(words) >= SHORTEST:
            if len(words) <= LONGEST:
                yield " ".join(words)
            words = []


def _sentences(text: str) -> Iterator[str]:
    for paragraph in paragraphs(text):
        if not _BOILERPLATE.search(paragraph):  # it is the same in every file
            yield from filter(is_prose, _SENTENCE_END.split(paragraph))
