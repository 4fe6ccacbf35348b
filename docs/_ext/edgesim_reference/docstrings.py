"""Docstrings of numpy's style, taken apart."""

import inspect
import re
from typing import NamedTuple


class Docstring(NamedTuple):
    """What a docstring says: its first sentence, what follows, its parameters and its notes."""

    summary: str
    more: tuple[str, ...]
    parameters: dict[str, str]
    notes: tuple[str, ...]


def docstring_of(documented: object) -> Docstring:
    """Return what is said of a function, class or module."""
    text = inspect.getdoc(documented) or ""
    parts = re.split(r"^(\w+)\n-{3,}\n", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    summary, *more = _paragraphs(parts[0]) or [""]
    return Docstring(summary, tuple(more), _parameters(sections.get("Parameters", "")),
                     tuple(_paragraphs(sections.get("Notes", ""))))  # fmt: skip


def _paragraphs(text: str) -> list[str]:
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text) if each.strip()]


def _parameters(text: str) -> dict[str, str]:
    """Return the text of each parameter; several may share one."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", text.strip()):
        names, _, about = block.partition("\n")
        found |= dict.fromkeys(re.split(r",\s*", names.partition(" :")[0]), " ".join(about.split()))
    return found
